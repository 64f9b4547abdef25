# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to the name server, all at once and with an end: names that mail depends on.

The system's own functions read /etc/hosts first, where a host always finds itself, and may take half a minute.
"""

from __future__ import annotations

import concurrent.futures
import functools
import importlib
import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

A, PTR, MX, AAAA = "A", "PTR", "MX", "AAAA"
TIMEOUT = 2.0

_PORT = 53
_AT_ONCE = 32


class Question(NamedTuple):
    """A name without its last dot, and the type of record that is asked for."""

    name: str
    kind: str


Answers = dict[Question, Sequence[str]]


def is_possible() -> bool:
    """True when the library that asks, dnspython 2 (Debian's python3-dnspython), is on this host."""
    try:
        importlib.import_module("dns.resolver")
    except ImportError:
        return False
    return True


def ask(questions: Iterable[Question], *, timeout: float = TIMEOUT, servers: Sequence[str] | None = None) -> Answers:
    """What the name servers say within ``timeout`` seconds; without dnspython, nothing.

    Addresses and names as text; for an MX those of the best preference. A question that got no answer is not in the
    result, one whose answer is that there is nothing has an empty one.
    """
    wanted = [question for question in dict.fromkeys(questions) if question.name]
    resolver = _resolver(timeout, servers) if wanted else None
    if resolver is None:
        return {}
    with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(functools.partial(_answer, resolver), wanted))
    return {question: answer for question, answer in zip(wanted, found) if answer is not None}


def servers() -> list[str]:
    """The addresses of the name servers that this host asks; without dnspython, none."""
    resolver = _resolver(TIMEOUT, None)
    return list(resolver.nameservers) if resolver else []


def validates(*, timeout: float = TIMEOUT, servers: Sequence[str] | None = None) -> bool:
    """True when they say that they have proved what they tell of the root of DNS (RFC 4035, section 3.2.3)."""
    resolver = _resolver(timeout, servers)
    if resolver is None:
        return False
    flags = importlib.import_module("dns.flags")
    resolver.use_edns(0, flags.DO, 1232)
    resolver.flags = flags.RD | flags.AD
    try:
        answer = resolver.resolve(".", "SOA")
    except importlib.import_module("dns.exception").DNSException:
        return False
    return bool(answer.response.flags & flags.AD)


def _resolver(timeout: float, servers: Sequence[str] | None) -> Any:
    """Who asks ``servers``, or those of the host; None when there is nobody to ask, or no library to ask with."""
    if not is_possible():
        return None
    dns = importlib.import_module("dns.resolver")
    try:
        resolver = dns.Resolver(configure=servers is None)
    except dns.NoResolverConfiguration:
        return None
    if servers is not None:
        resolver.nameservers = list(servers)
    resolver.port = _PORT
    resolver.timeout, resolver.lifetime = timeout / 2, timeout
    return resolver if resolver.nameservers else None


def reverse(address: str) -> Question:
    """The question for the names of an address."""
    return Question(ipaddress.ip_address(address).reverse_pointer, PTR)


def _answer(resolver: Any, question: Question) -> list[str] | None:
    """The records as text, or None when no server could tell."""
    dns = importlib.import_module("dns.resolver")
    failure = importlib.import_module("dns.exception").DNSException
    try:
        found = list(resolver.resolve(f"{question.name}.", question.kind, raise_on_no_answer=False))
    except dns.NXDOMAIN:
        return []
    except failure:
        return None
    if question.kind == MX:
        best = min((record.preference for record in found), default=0)
        return [_plain(record.exchange) for record in found if record.preference == best]
    return [_plain(record.target) if question.kind == PTR else record.address for record in found]


def _plain(name: Any) -> str:
    return str(name).rstrip(".").lower()
