# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to name servers, resolvers and the zone's own, with an end in time; nothing is asked twice."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

from . import answer as _answer
from . import wire
from .answer import Answer, Server

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.resolver
except ImportError:  # modules that need it say so before they come here
    pass

_TRIES = 2
_PAYLOAD = 1232  # goes through every network without being cut to pieces
_CHAIN = 16
_SILENT = 3  # time-outs in a row, after which a zone's own server is not asked again


class Asker:
    """One run of questions. ``timeout`` is for each try, ``total`` for the whole run, both in seconds."""

    def __init__(self, *, timeout: float, total: float) -> None:
        self.asked = 0
        self._timeout = timeout
        self._end = time.monotonic() + total
        self._known: dict[tuple[Any, ...], Future[Answer]] = {}
        self._silent: dict[Server, int] = {}
        self._lock = threading.Lock()

    def resolve(self, servers: Sequence[Server], name: str, kind: str) -> Answer:
        """What the first of several resolvers says that says anything."""
        result = Answer(_answer.UNREACHABLE)
        for server in servers:
            result = self._once((server, name, kind, True))
            if result.known or result.status in (_answer.BOGUS, _answer.UNASKED):
                break
        return result

    def direct(self, server: Server, name: str, kind: str) -> Answer:
        """What one of the zone's own servers says by itself."""
        return self._once((server, name, kind, False))

    def _once(self, key: tuple[Server, str, str, bool]) -> Answer:
        """The answer; who asks the same at the same time waits for it."""
        key = (key[0], key[1].lower().rstrip("."), *key[2:])
        with self._lock:
            mine = key not in self._known
            future = self._known.setdefault(key, Future())
        if mine:
            try:
                future.set_result(self._ask(*key))
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def _ask(self, server: Server, name: str, kind: str, recursive: bool) -> Answer:
        try:
            query = dns.message.make_query(f"{name}.", kind, use_edns=0, payload=_PAYLOAD, want_dnssec=True)
        except dns.exception.DNSException:
            return Answer(_answer.NXDOMAIN)  # DNS cannot hold such a name
        query.flags = dns.flags.AD | (dns.flags.RD if recursive else 0)
        reply = self._exchange(server, query, recursive)
        if isinstance(reply, str):
            return Answer(reply)
        code = reply.rcode()
        if code == dns.rcode.SERVFAIL and recursive:
            query.flags |= dns.flags.CD
            unchecked = self._exchange(server, query, recursive)
            proved = not isinstance(unchecked, str) and unchecked.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
            return Answer(_answer.BOGUS if proved else _answer.SERVFAIL)
        if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return Answer(_answer.REFUSED if code == dns.rcode.REFUSED else _answer.SERVFAIL)
        if not recursive and not reply.flags & dns.flags.AA:
            return Answer(_answer.LAME)
        return _read(reply, dns.rdatatype.from_text(kind), code)

    def _exchange(self, server: Server, query: Any, recursive: bool) -> Any:
        """The reply, or the status that says why there is none."""
        status = _answer.TIMEOUT
        for _attempt in range(_TRIES):
            left = self._end - time.monotonic()
            if left <= 0:
                return _answer.UNASKED
            if not recursive and self._silent.get(server, 0) >= _SILENT:
                return _answer.TIMEOUT
            self.asked += 1
            try:
                return self._heard(server, query, min(self._timeout, left))
            except dns.exception.Timeout:
                self._silent[server] = self._silent.get(server, 0) + 1
            except ConnectionError:
                status = _answer.TIMEOUT  # nobody listens there
            except OSError:
                return _answer.UNREACHABLE
            except (dns.exception.DNSException, EOFError):
                status = _answer.SERVFAIL  # what came is no answer
        return status

    def _heard(self, server: Server, query: Any, timeout: float) -> Any:
        reply = wire.by_udp(query, server.address, server.port, timeout)
        if reply.flags & dns.flags.TC:
            reply = wire.by_tcp(query, server.address, server.port, timeout)
        self._silent[server] = 0
        return reply


def _read(reply: Any, kind: Any, code: Any) -> Answer:
    """The records of a reply, at the end of its CNAMEs."""
    owner, alias = reply.question[0].name, ""
    for step in range(_CHAIN):
        found = _set(reply, owner, kind)
        link = None if found is not None or kind == dns.rdatatype.CNAME else _set(reply, owner, dns.rdatatype.CNAME)
        if link is None or step == _CHAIN - 1:
            break
        owner = next(iter(link)).target
        alias = _plain(owner)
    rows = list(found) if found is not None else []
    status = _answer.OK if rows else _answer.NXDOMAIN if code == dns.rcode.NXDOMAIN else _answer.NODATA
    soa = dns.rdatatype.SOA
    zones = [part.name for part in (*reply.answer, *reply.authority) if part.rdtype == soa]
    return Answer(
        status,
        tuple(text(row) for row in rows),
        tuple(tuple(_text(string) for string in row.strings) for row in rows) if kind == dns.rdatatype.TXT else (),
        alias.rstrip("."),
        _plain(zones[0]).rstrip(".") if zones else "",
        bool(reply.flags & dns.flags.AD),
        any(part.rdtype == dns.rdatatype.RRSIG for part in reply.answer),
        _ttl(reply, found),
    )


def _ttl(reply: Any, found: Any) -> int:
    """The TTL of records; a resolver counts it down, and the one that was signed stays."""
    if found is None:
        return 0
    signed = [part for part in reply.answer if part.name == found.name and part.covers == found.rdtype]
    return int(max((row.original_ttl for part in signed for row in part), default=found.ttl))


def _set(reply: Any, owner: Any, kind: Any) -> Any:
    with contextlib.suppress(KeyError):
        return reply.find_rrset(reply.answer, owner, dns.rdataclass.IN, kind)
    return None


def text(row: Any) -> str:
    """A record's data as :mod:`record` has values."""
    kind = dns.rdatatype.to_text(row.rdtype)
    known = {
        "TXT": lambda: "".join(_text(string) for string in row.strings),
        "A": lambda: row.address,
        "AAAA": lambda: row.address,
        "TLSA": lambda: f"{row.usage} {row.selector} {row.mtype} {row.cert.hex()}",
        "MX": lambda: f"{row.preference} {_plain(row.exchange)}",
        "SRV": lambda: f"{row.priority} {row.weight} {row.port} {_plain(row.target)}",
        **dict.fromkeys(("CNAME", "PTR", "NS"), lambda: _plain(row.target)),
    }
    return str(known.get(kind, row.to_text)())


def _text(string: bytes) -> str:
    return string.decode("utf-8", "backslashreplace")


def _plain(name: Any) -> str:
    return str(name.to_text()).lower()


def host_resolvers() -> Iterator[str]:
    """The addresses of the resolvers that this host asks."""
    with contextlib.suppress(dns.resolver.NoResolverConfiguration):
        yield from dns.resolver.Resolver().nameservers
