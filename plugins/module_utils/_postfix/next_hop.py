# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Next hops of outgoing mail: as an administrator writes them and as they stand in Postfix's files (transport(5))."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, NamedTuple, Union

from .._errors import MailError
from .._mail import address, values
from .master_cf import WELL_KNOWN_PORTS

LOOPBACK_NAMES = frozenset(("localhost", "localhost.localdomain", "ip6-localhost"))

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_BRACKETS = re.compile(r"\[(?P<host>[^\[\]]+)\](?::(?P<port>[^:\s]+))?\Z")
_BARE = re.compile(r"(?P<host>[^:\[\]\s/]+)(?::(?P<port>[^:\s]+))?\Z")

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


class NextHop(NamedTuple):
    """A server that mail is handed to. ``host`` has no brackets; ``mx`` means the mail exchangers of that name.

    Without a ``port`` the transport's own counts (25 for smtp).
    """

    host: str
    port: int | None = None
    mx: bool = False

    def __str__(self) -> str:
        """As Postfix reads it: ``[relay.example]:587``, ``[2001:db8::1]``, or ``example.org`` for its MX."""
        host = self.host if self.mx else f"[{self.host}]"
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def address(self) -> Address | None:
        """The host when it is an IP address."""
        return ip(self.host)

    @property
    def is_loopback(self) -> bool:
        """True for the host itself, by the names and addresses that never leave it."""
        return self.address.is_loopback if self.address else self.host in LOOPBACK_NAMES


def of(host: Any, port: Any, mx: Any, *, where: str, option: str = "next_hop") -> NextHop:
    """The next hop of an administrator's words. Raises MailError that names the option below ``where``."""
    text = host if isinstance(host, str) else ""
    if text.startswith("[") or (re.search(r":\w+\Z", text) and not ip(text)):
        raise MailError(
            f"{host!r} is more than a host",
            where=f"{where}: {option}",
            mend="Write the name or the address alone, the port in port, and mx: true when its MX is meant.",
        )
    with_mx = bool(values.switch(mx)) if mx is not None else False
    hop = NextHop(_host(text, where=f"{where}: {option}"), _port(port, where=f"{where}: port"), with_mx)
    if hop.mx and (hop.address or hop.is_loopback):
        raise MailError(f"{hop.host} has no MX", where=f"{where}: mx", mend="Take mx away.")
    return hop


def parse(value: str) -> NextHop:
    """What stands in relayhost, in a sender table or behind the transport's name. Raises MailError for what is none."""
    text = re.sub(r"\Ainet:", "", value.strip())
    found = _BRACKETS.match(text) or _BARE.match(text)
    if not found:
        raise MailError(f"{value!r} is not a next hop", mend="Write [host]:port, or domain:port for its MX.")
    host = re.sub(r"\Aipv6:", "", found.group("host"), flags=re.IGNORECASE)
    port = found.group("port")
    name = _host(host, where=f"next hop {value!r}")
    number = _port(WELL_KNOWN_PORTS.get(port, port), where=f"next hop {value!r}") if port else None
    return NextHop(name, number, not text.startswith("[") and ip(name) is None)


def parse_transport(value: str) -> tuple[str, NextHop | None]:
    """The transport's name and its next hop, of a value as in transport(5); None when mail goes on by itself."""
    transport, _colon, rest = value.strip().partition(":")
    if not rest or transport in ("error", "retry", "discard", "local", "virtual") or rest.startswith("unix:"):
        return transport, None
    return transport, parse(rest)


def ip(text: str) -> Address | None:
    """``text`` as an IP address, or None."""
    try:
        return ipaddress.ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def _host(text: str, *, where: str) -> str:
    found = ip(text)
    if found:
        return str(found)
    name = text.lower()
    if _LABEL.match(name) and not name.isdigit():
        return name
    try:
        return address.domain_name(text)
    except MailError as error:
        raise MailError(
            f"{text!r} is neither a host name nor an IP address", where=where, mend="Write relay.example.net."
        ) from error


def _port(value: Any, *, where: str) -> int | None:
    if value is None or value == "":
        return None
    text = "" if isinstance(value, bool) else str(value)
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise MailError(f"{value!r} is not a port", where=where, mend="Write a number from 1 to 65535.")
    return int(text)
