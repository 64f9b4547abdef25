# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who needs records: the server, and the mail domains with their alias domains, judged."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._certificate.names import covers, ip, normal
from .._errors import MailError
from .._mail.address import domain_name
from .._mail.values import switch
from .._postfix import outgoing
from . import options, record
from .options import Options

_PRIVATE = [
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]


class Server(NamedTuple):
    """What is common to all domains; ``certificates`` are as module mail_certificate_info gives them."""

    hostname: str
    addresses: tuple[str, ...]
    certificates: Sequence[Mapping[str, Any]] = ()
    ports: frozenset[int] = frozenset()

    def tlsa(self, host: str) -> list[str]:
        """The TLSA data of the certificates that clients of ``host`` are served, and of those that wait to be."""
        named = [item for item in self.certificates if covers(item.get("names") or (), host)]
        chosen = named or [item for item in self.certificates if item.get("default")]
        found = [one.get("tlsa") for item in chosen[:1] for one in (item, *(item.get("also") or ()))]
        found += [text for item in chosen[:1] for text in item.get("next_tlsa") or ()]
        return list(dict.fromkeys(text.lower() for text in found if text))


def server(
    hostname: str, addresses: Sequence[str], *, certificates: Sequence[Mapping[str, Any]], ports: Iterable[Any]
) -> Server:
    """The server, judged. Raises MailError."""
    found = [] if isinstance(addresses, str) else [_address(item) for item in addresses]
    if not found:
        mend = "Write the addresses that the internet sees, such as [192.0.2.25, 2001:db8::25]."
        raise MailError("is not a list of addresses", where="addresses", mend=mend)
    name = record.name(hostname, where="hostname")
    return Server(name, tuple(found), certificates, frozenset(_port(port) for port in ports))


def _port(item: Any) -> int:
    try:
        return int(item)
    except (TypeError, ValueError) as error:
        raise MailError(f"'{item}' is no port", where="ports", mend="Write numbers such as 993.") from error


def _address(item: Any) -> str:
    try:
        return str(ipaddress.ip_address(item))
    except ValueError as error:
        mend = "Write an address such as 192.0.2.25."
        raise MailError(f"'{item}' is no address", where="addresses", mend=mend) from error


def is_private(text: str) -> bool:
    """Whether an address is of a network behind NAT (RFC 1918, RFC 6598, RFC 4193)."""
    address = ipaddress.ip_address(text)
    return any(address in network for network in _PRIVATE)


class Domain(NamedTuple):
    """One mail domain, judged."""

    name: str
    options: Options
    receives: bool
    is_alias: bool = False
    server_names: tuple[str, ...] = ()
    outgoing: outgoing.Exit = outgoing.Exit()

    @property
    def exchanges(self) -> tuple[str, ...] | None:
        """The hosts that take its mail; None for the server itself."""
        return self.options.mx if self.receives or self.options.mx is not None else ()


def check(entries: Iterable[Mapping[str, Any]], general: Mapping[str, Any]) -> None:
    """Judge what an inventory says of records. Raises MailError that names the domain and the word."""
    if not isinstance(general, Mapping):
        raise MailError("is not a dictionary", where="mail_dns", mend="Write options such as dmarc: {p: none}.")
    options.read(general, where="mail_dns")
    for entry in entries:
        for _domain in read(entry, general):
            continue


def read(entry: Mapping[str, Any], general: Mapping[str, Any]) -> Iterator[Domain]:
    """A domain of the inventory, and its alias domains; nothing for one that is absent. Raises MailError."""
    name = domain_name(entry.get("name"))
    if entry.get("state") == "absent":
        return
    where = f"domain {name}: dns"
    own = entry.get("dns")
    read = options.read(options.merge(general, {} if own is None else own, where=where), where=where)
    names = tuple(normal(host) for host in entry.get("server_names") or () if not ip(host))
    receives = bool(switch(entry.get("mail_service", True)))
    leaving = outgoing.of_domain(entry)
    yield Domain(name, read, receives, False, names, leaving)
    for other in entry.get("alias_domains") or ():
        yield Domain(domain_name(other), read, receives, True, names, leaving)
