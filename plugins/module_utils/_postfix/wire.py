# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix's places on the network: whether they can be listened on, and whether what listens there works."""

from __future__ import annotations

import functools
import socket
import time
from collections.abc import Iterable

from .._errors import MailError
from . import dialogue
from .listeners import Listener
from .postconf import Postfix


def number(port: str) -> int:
    """The number of a port that may be given by its name in services(5)."""
    return int(port) if port.isdigit() else socket.getservbyname(port, "tcp")


def refused(address: str, port: int) -> MailError | None:
    """The fault of an address or port that cannot be listened on; port 0 asks for the address alone."""
    where = f"address {address}" + (f" port {port}" if port else "")
    try:
        family, kind, protocol, _name, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        return MailError("is not known", where=where, mend="Use an address of this host, or 'all' or 'loopback-only'.")
    try:
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(target)
    except OSError as error:
        return MailError(f"cannot be listened on ({error.strerror})", where=where)
    return None


def prove(heard: Iterable[Listener], postfix: Postfix, *, since: float, told: str) -> None:
    """Speak to every SMTP service of the running Postfix.

    Raises MailError with Postfix's own words since ``since`` (epoch seconds) when one of them cannot do its work.
    """
    for listener in heard:
        if listener.proxied:
            continue
        place = (listener.host, number(listener.port))
        try:
            dialogue.speak(
                functools.partial(socket.create_connection, place, dialogue.TIMEOUT),
                wrapped=listener.wrapped,
                offers_tls=listener.offers_tls,
                recipients=("postmaster", "probe@mail-probe.invalid"),
            )
        except MailError as error:
            time.sleep(0.5)
            words = "; ".join(postfix.words(since))
            said = f"{error.what} (Postfix: {words})" if words else error.what
            raise MailError(said, where=f"service {listener.service.name} on {listener.host}", mend=told) from error
