# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host and the name servers say of the way that mail would leave by a planned configuration."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping, Sequence

from .._errors import MailError
from .._host import addresses, resolver
from .._host.addresses import Own
from .._host.resolver import AAAA, MX, A, Answers, Question
from . import departures, main_cf, next_hop, verdict
from .departures import Greeting, Hop
from .master_cf import Service
from .part import Table


def faults(
    values: Mapping[str, str],
    services: Sequence[Service],
    tables: Sequence[Table],
    *,
    ask_dns: bool = True,
) -> verdict.Verdict:
    """Judge where mail is handed to and what it is sent from; ``values`` are those of main.cf.

    Faults are addresses that this host does not have, next hops that lead back to it, transports that do not exist and
    authorities without a file; what DNS says of names in EHLO is worth a note.
    """
    values = {"myhostname": socket.gethostname(), **values}
    own = _with_proxies(addresses.own(), values)
    found = [*_strange(values, services, own), *departures.unknown_transports(values, services, tables)]
    found += [*departures.contradictions(values, tables), *_authorities(services)]
    hops = list(dict.fromkeys(departures.hops(values, services, tables)))
    mine = {hop: reason for hop in hops for reason in [_by_itself(hop, values, services, own)] if reason}
    found += [departures.loop(hop, reason) for hop, reason in mine.items()]
    if not ask_dns:
        return verdict.Verdict(found)
    away = [hop for hop in hops if hop not in mine and departures.is_open(hop, services)]
    greetings = departures.greetings(values, services)
    answers = _ask(away, greetings)
    loops, notes = _by_dns(away, answers, values, services, own)
    return verdict.Verdict([*found, *loops], [*notes, *_names(greetings, answers), *_doubts(values)])


def _with_proxies(own: Own, values: Mapping[str, str]) -> Own:
    """The host's addresses and those under which a proxy in front of it is reached."""
    words = main_cf.words(values.get("proxy_interfaces", ""))
    proxies = [found for found in map(next_hop.ip, words) if found]
    return Own((*own.networks, *(addresses.network(found) for found in proxies))) if own.networks else own


def _strange(values: Mapping[str, str], services: Sequence[Service], own: Own) -> list[MailError]:
    """Addresses to send from that are not here: Postfix would send from another one."""
    found = [(where, text, next_hop.ip(text)) for where, text in departures.bound(values, services)]
    return [
        MailError(f"{text} is not an address of this host", where=where, mend="Bring it up first, or take another.")
        for where, text, address in found
        if own.networks and address and address not in own
    ]


def _authorities(services: Sequence[Service]) -> list[MailError]:
    """Authorities of single services that have no file: Postfix would trust nobody there."""
    named = [
        (f"service {service.name}: {name}", value)
        for service in services
        for name, value in service.options
        if name == "smtp_tls_CAfile"
    ]
    return [
        MailError(f"there is no file {path}", where=where, mend="Bring the file to the host first.")
        for where, path in named
        if path.startswith("/") and "$" not in path and not os.path.isfile(path)
    ]


def _doubts(values: Mapping[str, str]) -> list[str]:
    """What speaks against believing the resolver where DANE depends on it (RFC 7672, section 2.1)."""
    if values.get("smtp_dns_support_level") != "dnssec":
        return []
    away = [server for server in resolver.servers() if not ipaddress.ip_address(server).is_loopback]
    if away:
        mend = "Run a validating resolver such as unbound here and name 127.0.0.1 in /etc/resolv.conf."
        return [
            f"DANE: whoever is between this host and its resolver {away[0]} can forge what DNSSEC would prove. {mend}"
        ]
    if resolver.is_possible() and not resolver.validates():
        return ["DANE: the resolver of this host proves nothing about the root of DNS, so it may not validate DNSSEC."]
    return []


def _by_itself(hop: Hop, values: Mapping[str, str], services: Sequence[Service], own: Own) -> str:
    """Why a next hop is this host, as far as that can be told without asking anybody."""
    address = hop.hop.address
    if address:
        return "an address of its own" if _is_here(hop, address, values, services, own) else ""
    if hop.hop.host in next_hop.LOOPBACK_NAMES:
        local = next_hop.ip("127.0.0.1")
        return "its loopback name" if local and departures.is_listening(hop, local, values, services) else ""
    same = hop.hop.host == values["myhostname"].lower() and not hop.hop.mx
    return "its own name" if same and departures.serves(hop, services) else ""


def _is_here(
    hop: Hop, address: next_hop.Address, values: Mapping[str, str], services: Sequence[Service], own: Own
) -> bool:
    return (address in own or address.is_loopback) and departures.is_listening(hop, address, values, services)


def _ask(hops: Sequence[Hop], greetings: Sequence[Greeting]) -> Answers:
    """Everything that has to be known, in two rounds; the second one only when somebody answers."""
    names = {hop.hop.host for hop in hops} | {greeting.name for greeting in greetings}
    first = [Question(name, kind) for name in sorted(names) for kind in (A, AAAA)]
    first += [Question(hop.hop.host, MX) for hop in hops if hop.hop.mx]
    first += [resolver.reverse(address) for greeting in greetings for address in greeting.addresses]
    answers = resolver.ask(first)
    exchangers = [name for question, found in answers.items() if question.kind == MX for name in found if name]
    second = [Question(name, kind) for name in exchangers for kind in (A, AAAA)]
    for greeting in greetings:
        second += [resolver.reverse(address) for address in _addresses(greeting.name, answers) or ()]
    answers.update(resolver.ask(question for question in second if question not in answers))
    return answers


def _addresses(name: str, answers: Answers) -> list[str] | None:
    """The addresses of a name; None when no server told them all."""
    found = [answers.get(Question(name, kind)) for kind in (A, AAAA)]
    known = [address for part in found if part is not None for address in part]
    return None if None in found and not known else known


def _by_dns(
    hops: Sequence[Hop], answers: Answers, values: Mapping[str, str], services: Sequence[Service], own: Own
) -> tuple[list[MailError], list[str]]:
    """Next hops whose name leads to this host, and notes on those that DNS does not know."""
    loops, notes, silent = [], [], []
    native = "native" in values.get("smtp_host_lookup", "")
    for hop in hops:
        exchangers = answers.get(Question(hop.hop.host, MX)) if hop.hop.mx else ()
        known = [_addresses(name, answers) for name in exchangers or (hop.hop.host,)]
        told = [found for part in known if part for found in map(next_hop.ip, part) if found]
        here = [address for address in told if _is_here(hop, address, values, services, own)]
        if here:
            loops.append(departures.loop(hop, f"{hop.hop.host} is {here[0]}"))
        elif None in known or exchangers is None:
            silent.append(hop.hop.host)
        elif not told and not native:
            notes.append(f"{hop.where}: {hop.hop.host} does not resolve, so mail for it has to wait.")
    if silent:
        some = ", ".join(list(dict.fromkeys(silent))[:3])
        notes.append(f"No name server told whether {some} would lead back to this host.")
    return loops, notes


def _names(greetings: Sequence[Greeting], answers: Answers) -> list[str]:
    """What is wrong with the names in EHLO, as far as name servers answered."""
    reverse = {
        address: answers[resolver.reverse(address)]
        for greeting in greetings
        for address in (*greeting.addresses, *(_addresses(greeting.name, answers) or ()))
        if resolver.reverse(address) in answers
    }
    told = []
    for greeting in greetings:
        forward = _addresses(greeting.name, answers)
        told += departures.names_apart(greeting, forward, reverse) if forward is not None else []
    return list(dict.fromkeys(told))
