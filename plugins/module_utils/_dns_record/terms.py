# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the modules that ask name servers and update them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import lists, record
from .answer import Server


class Terms(NamedTuple):
    """What is asked.

    ``resolvers``: each by itself, the first also for all that follows from an answer; one may have several addresses.
    ``own_servers``: whether those of the zones are asked, at ``port``. ``names`` are those of the server's
    certificates, ``address_lists`` and ``domain_lists`` where addresses and domains should not be listed.
    """

    resolvers: Sequence[Sequence[Server]]
    own_servers: bool = True
    port: int = 53
    at_once: int = 32
    names: Sequence[str] = ()
    address_lists: Sequence[lists.Zone] = ()
    domain_lists: Sequence[lists.Zone] = ()


def need_library(is_there: bool) -> None:
    """Raises MailError without dnspython."""
    if not is_there:
        mend = "Install the package python3-dnspython there, or run the module on another host (delegate_to)."
        raise MailError("the Python library dnspython, version 2.0 or later, is not on this host", mend=mend)


def read(given: Mapping[str, Any], own: Sequence[str]) -> Terms:
    """What mail_dns_info is to ask; ``own`` are the host's resolvers. Raises MailError that names the option."""
    _positive(given, ("timeout", "total_time", "at_once", "port"))
    port = given["port"]
    resolvers = [[_server(text, port)] for text in given["resolvers"]]
    if not resolvers:
        resolvers = [[Server(address, 53, address) for address in own]]
    if not resolvers[0]:
        raise MailError("this host has no resolver", where="resolvers", mend="Name one.")
    return Terms(
        resolvers,
        own_servers=given["own_servers"],
        port=port,
        at_once=given["at_once"],
        names=given["certificate_names"],
        address_lists=[lists.of_addresses(record.name(text, where="address_lists")) for text in given["address_lists"]],
        domain_lists=[_list(item) for item in given["domain_lists"]],
    )


def _positive(given: Mapping[str, Any], options: Sequence[str]) -> None:
    for option in options:
        if not 0 < given[option] <= 65535:
            raise MailError(f"{given[option]} is out of range", where=option, mend="Write a number above 0.")


def _server(text: str, port: int) -> Server:
    address, at, own = text.partition("@")
    try:
        found = str(ipaddress.ip_address(address))
        number = int(own) if at else port
    except ValueError as error:
        mend = "Write 192.0.2.53, or 192.0.2.53@5353."
        raise MailError(f"'{text}' is no address", where="resolvers", mend=mend) from error
    if not 0 < number < 65536:
        raise MailError(f"{number} is no port", where="resolvers", mend="Write a number from 1 to 65535.")
    return Server(found, number, text)


def _list(item: Mapping[str, Any]) -> lists.Zone:
    return lists.Zone(*(record.name(item[key], where=f"domain_lists: {key}") for key in ("zone", "listed", "unlisted")))


class Place(NamedTuple):
    """Where mail_dns_record publishes: the primary server, and the zone if it is given."""

    server: str
    port: int
    zone: str
    timeout: float


def place(given: Mapping[str, Any]) -> Place:
    """The options of mail_dns_record that say where. Raises MailError that names the option."""
    _positive(given, ("timeout", "port"))
    try:
        server = str(ipaddress.ip_address(given["server"]))
    except ValueError as error:
        raise MailError(f"'{given['server']}' is no address", where="server", mend="Write 192.0.2.53.") from error
    zone = record.name(given["zone"], where="zone") if given["zone"] else ""
    return Place(server, given["port"], zone, given["timeout"])
