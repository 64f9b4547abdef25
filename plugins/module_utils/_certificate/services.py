# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The daemons that serve certificates: told of new ones, asked what they serve, and which files they name."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .._dovecot import daemon
from .._errors import MailError
from .._host import addresses, commands, files
from .._postfix.postconf import Postfix
from . import look
from .terms import Served

_PATIENCE = 15.0
_TIMEOUT = 10.0  # postscreen lets new clients wait for six seconds
_POSTFIX = "/etc/postfix"
_COURIER = "/etc/courier"

Chain = tuple[bytes, ...]
Seen = Mapping[tuple[str, str], Chain]


class Told(NamedTuple):
    """The daemons that were told to read their files again, and what they logged against something meanwhile."""

    names: Sequence[str] = ()
    words: Sequence[str] = ()


def reload() -> Told:
    """Let each daemon that runs read its files again; sessions go on. Courier reads its files for each connection.

    Raises MailError when a daemon does not take it. Words alone are no failure: clients of Dovecot that were just
    logging in leave some with every reload. What counts is what is served afterwards.
    """
    told, words = [], []
    if _postfix_runs():
        Postfix(_POSTFIX).activate(restart=False)
        told.append("postfix")
    if daemon.is_running():
        words = daemon.reload_or_start(running=True)
        if not daemon.is_running():
            raise MailError("; ".join(words) or "it ended", where="Dovecot does not reload")
        told.append("dovecot")
    return Told(told, words)


def running() -> list[str]:
    """The daemons that would be told."""
    return [*(["postfix"] if _postfix_runs() else []), *(["dovecot"] if daemon.is_running() else [])]


def _postfix_runs() -> bool:
    postconf = commands.find("postconf")
    if postconf is None:
        return False
    queue = commands.run([postconf, "-h", "queue_directory"]).stdout.strip()
    return bool(queue) and Postfix(_POSTFIX).is_running(queue)


def seen(address: str, ports: Mapping[str, int], names: Sequence[str]) -> dict[tuple[str, str], Chain]:
    """What is served, by service and name; only where something is."""
    if not names or not ports:
        return {}
    served = look.look(address or addresses.outward(), ports, names, timeout=_TIMEOUT)
    return {(item.service, item.name): item.chain for item in served if item.chain}


def await_chains(
    address: str, ports: Mapping[str, int], wanted: Mapping[tuple[str, str], Sequence[Chain]]
) -> list[tuple[str, str]]:
    """Look until every service and name of ``wanted`` serves one of its chains. Those that do not after 15 seconds."""
    end = time.monotonic() + _PATIENCE
    waiting = dict(wanted)
    while waiting:
        services = {service for service, _name in waiting}
        names = list(dict.fromkeys(name for _service, name in waiting))
        now = seen(address, {service: port for service, port in ports.items() if service in services}, names)
        waiting = {place: chains for place, chains in waiting.items() if now.get(place, ()) not in chains}
        if not waiting or time.monotonic() > end:
            break
        time.sleep(0.5)
    return list(waiting)


def everything(address: str, ports: Mapping[str, int], names: Sequence[str]) -> list[Served]:
    """What every port serves for every name; a port at which no daemon listens is passed over."""
    address = address or addresses.outward()
    heard = {service: port for service, port in ports.items() if _listens(address, port)}
    return look.look(address, heard, names) if heard else []


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), _TIMEOUT).close()
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
    return True


def users(paths: Sequence[str]) -> dict[str, list[str]]:
    """Those of ``paths`` (directories or files) that a configuration names, each with where it is named."""
    texts = {**_postfix_texts(), **_dovecot_texts(), **_courier_texts()}
    found: dict[str, list[str]] = {}
    for path in paths:
        named = re.compile(re.escape(path) + r"(?![\w.-])")
        where = [place for place, text in texts.items() if named.search(text)]
        if where:
            found[path] = where
    return found


def _postfix_texts() -> dict[str, str]:
    postconf = commands.find("postconf")
    if postconf is None or not os.path.exists(os.path.join(_POSTFIX, "main.cf")):
        return {}
    main = commands.run([postconf, "-nx"]).stdout
    texts = {"main.cf": main, "master.cf": commands.run([postconf, "-Mf"]).stdout}
    for path in re.findall(r"(?<!proxy):(/[^\s,]+)", "\n".join(re.findall(r"(?m)^tls_server_sni_maps.*", main))):
        texts[path] = files.read_text(path) or ""
    return texts


def _dovecot_texts() -> dict[str, str]:
    doveconf = commands.find("doveconf")
    return {} if doveconf is None else {"dovecot.conf": commands.run([doveconf, "-n"]).stdout}


def _courier_texts() -> dict[str, str]:
    texts = {}
    with contextlib.suppress(FileNotFoundError):
        for name in sorted(os.listdir(_COURIER)):
            path = os.path.join(_COURIER, name)
            if os.path.isfile(path) and not name.endswith(".pem"):
                texts[path] = files.read_text(path) or ""
    return texts
