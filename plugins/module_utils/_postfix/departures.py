# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How mail leaves by a planned configuration: its next hops, the addresses it is sent from, the names in its EHLO."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .._errors import MailError
from . import main_cf, next_hop
from .listeners import SMTP_COMMANDS
from .master_cf import Service
from .next_hop import NextHop
from .part import Table

_SMTP_PORT = 25
_TRANSPORT_TABLES = ("transport_maps", "sender_dependent_default_transport_maps")
_HOP_TABLES = ("sender_dependent_relayhost_maps",)
_KEYED_BY_HOP = ("smtp_tls_policy_maps", "smtp_sasl_password_maps")
_BIND = ("smtp_bind_address", "smtp_bind_address6")


class Hop(NamedTuple):
    """A next hop over SMTP, and where it is written."""

    where: str
    hop: NextHop

    @property
    def port(self) -> int:
        return self.hop.port or _SMTP_PORT


class Greeting(NamedTuple):
    """A name that a client says in EHLO, and the addresses that it is bound to, if it is."""

    where: str
    name: str
    addresses: tuple[str, ...]


def hops(values: Mapping[str, str], services: Sequence[Service], tables: Sequence[Table]) -> list[Hop]:
    """The next hops that smtp(8) would be given; what cannot be read as one is left to Postfix."""
    agents = {service.name: service.command for service in services if service.type != "inet"}
    found = [Hop("relayhost", hop) for hop in _parsed(main_cf.words(values.get("relayhost", "")))]
    for where, value in transports(values, tables):
        with contextlib.suppress(MailError):
            name, hop = next_hop.parse_transport(value)
            if hop and agents.get(name, name) in ("smtp", "relay"):
                found.append(Hop(where, hop))
    for table in _named(values, tables, _HOP_TABLES):
        found += [Hop(f"table {table.name}: {key}", hop) for key, value in table.rows for hop in _parsed([value])]
    return found


def transports(values: Mapping[str, str], tables: Sequence[Table]) -> Iterator[tuple[str, str]]:
    """Where a value as in transport(5) is written, and the value."""
    for name in ("default_transport", "relay_transport"):
        if values.get(name) and "$" not in values[name]:
            yield name, values[name]
    for table in _named(values, tables, _TRANSPORT_TABLES):
        for key, value in table.rows:
            yield f"table {table.name}: {key}", value


def unknown_transports(
    values: Mapping[str, str], services: Sequence[Service], tables: Sequence[Table]
) -> list[MailError]:
    """Transports that master.cf does not have: mail for them would wait for ever."""
    known = {service.name for service in services if service.type != "inet"}
    found = [(where, value.partition(":")[0].strip()) for where, value in transports(values, tables)]
    return [
        MailError(f"master.cf has no service '{name}'", where=where, mend="Write smtp, or add that service.")
        for where, name in found
        if known and name and name not in known
    ]


def contradictions(values: Mapping[str, str], tables: Sequence[Table]) -> list[MailError]:
    """Next hops to which two tables give two TLS policies or two passwords: only the first would count."""
    found = []
    for parameter in _KEYED_BY_HOP:
        said: dict[str, tuple[str, str]] = {}
        for table in _named(values, tables, (parameter,)):
            for key, value in table.rows:
                name, other = said.setdefault(key, (table.name, value))
                if other != value:
                    what = f"table {name} says something else of {key}"
                    found.append(MailError(what, where=f"table {table.name}", mend="Say the same in both."))
    return found


def bound(values: Mapping[str, str], services: Sequence[Service]) -> list[tuple[str, str]]:
    """Where an address to send from is written, and the address."""
    found = [(name, values.get(name, "")) for name in _BIND]
    found += [
        (f"service {service.name}: {name}", value)
        for service in services
        for name, value in service.options
        if name in _BIND
    ]
    return [(where, value.strip("[]")) for where, value in found if value and "$" not in value]


def greetings(values: Mapping[str, str], services: Sequence[Service]) -> list[Greeting]:
    """The names in EHLO that other servers see; none where a relay host stands between."""
    if values.get("relayhost") or values.get("default_transport", "").startswith("error:"):
        return []
    usual = _greeting("main.cf", values)
    own = [
        _greeting(f"service {service.name}", {**values, **dict(service.options)})
        for service in services
        if service.command == "smtp" and {"smtp_helo_name", *_BIND} & set(dict(service.options))
    ]
    return [found for found in (usual, *own) if "." in found.name and "$" not in found.name]


def is_listening(hop: Hop, address: next_hop.Address, values: Mapping[str, str], services: Sequence[Service]) -> bool:
    """True when an SMTP service of this configuration answers at this address of this host, at the hop's port."""
    interfaces = re.split(r"[,\s]+", values.get("inet_interfaces", "all"))
    for service in services:
        if service.type != "inet" or service.command not in SMTP_COMMANDS or service.port != str(hop.port):
            continue
        for word in [service.host] if service.host else interfaces:
            found = next_hop.ip(word.strip("[]"))
            if found in (None, address) and (word not in ("loopback-only", "localhost") or address.is_loopback):
                return True
    return False


def serves(hop: Hop, services: Sequence[Service]) -> bool:
    """True when an SMTP service of this configuration has the hop's port; without one, mail cannot come back."""
    return any(
        service.type == "inet" and service.command in SMTP_COMMANDS and service.port == str(hop.port)
        for service in services
    )


def is_open(hop: Hop, services: Sequence[Service]) -> bool:
    """True when only DNS can tell whether a next hop is this host."""
    return not hop.hop.address and not hop.hop.is_loopback and serves(hop, services)


def loop(hop: Hop, reason: str) -> MailError:
    """The error for a next hop that is this host."""
    mend = "Write another server, or the port of a daemon that is not Postfix."
    return MailError(f"{hop.hop} leads back to this host ({reason})", where=hop.where, mend=mend)


def names_apart(greeting: Greeting, forward: Sequence[str], reverse: Mapping[str, Sequence[str]]) -> list[str]:
    """What receivers dislike about a greeting: ``forward`` are its addresses in DNS, ``reverse`` the names of those."""
    start = f"{greeting.where}: the name {greeting.name} in EHLO"
    if not forward:
        return [f"{start} does not resolve, so other servers may refuse mail or take it for spam."]
    told = []
    for address in greeting.addresses or forward:
        if address not in forward:
            told.append(f"{start} resolves to {', '.join(forward)}, not to {address}, from which mail is sent.")
        names = reverse.get(address)
        if names is not None and greeting.name not in names:
            other = f"is {', '.join(names)}" if names else "does not exist"
            told.append(f"{start} and the name of {address} differ: the latter {other}. Ask for a PTR record.")
    return told


def _greeting(where: str, values: Mapping[str, str]) -> Greeting:
    name = values.get("smtp_helo_name", "$myhostname")
    if name in ("$myhostname", "${myhostname}"):
        name = values.get("myhostname", "")
    return Greeting(where, name.lower(), tuple(values[name].strip("[]") for name in _BIND if values.get(name)))


def _named(values: Mapping[str, str], tables: Sequence[Table], parameters: Sequence[str]) -> list[Table]:
    """Those of the tables that these parameters name."""
    words = [word for name in parameters for word in main_cf.words(values.get(name, ""))]
    return [table for table in tables if any(word.endswith(f"/{table.name}") for word in words)]


def _parsed(texts: Sequence[str]) -> list[NextHop]:
    found = []
    for text in texts:
        with contextlib.suppress(MailError):
            found += [next_hop.parse(text)] if text and "$" not in text else []
    return found
