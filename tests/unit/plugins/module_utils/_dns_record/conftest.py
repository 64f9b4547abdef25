# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name servers for the tests: one that is a table, and one that listens."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Callable

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import dns.update
import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.answer import Answer

Table = Mapping[tuple[str, str], Any]


class Zone:
    """Looks up in a table of (name, type): values, a status, or a whole answer. ``asked`` are the questions."""

    def __init__(self, table: Table) -> None:
        self.table = dict(table)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, name: str, kind: str) -> Answer:
        self.asked.append((name, kind))
        found = self.table.get((name, kind))
        if isinstance(found, Answer):
            return found
        if isinstance(found, str):
            return Answer(found)
        if found is None:
            return Answer("nodata" if any(owner == name for owner, _kind in self.table) else "nxdomain")
        return Answer("ok", tuple(found))


Reply = Callable[[Any], Any]


class Daemon:
    """A name server on 127.0.0.1 that gives what ``reply`` makes of a message: one, bytes, or None for silence."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.heard: list[Any] = []
        self.keyring: Any = None
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.tcp.getsockname()[1])
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def close(self) -> None:
        for listening in (self.udp, self.tcp):
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()

    def _answer(self, wire: bytes) -> bytes | None:
        message = dns.message.from_wire(wire, keyring=self.keyring)
        self.heard.append(message)
        found = self.reply(message)
        return found if found is None or isinstance(found, bytes) else found.to_wire()

    def _serve_udp(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, peer = self.udp.recvfrom(4096)
                if not wire:
                    return  # closed
                found = self._answer(wire)
                if found is not None:
                    self.udp.sendto(found, peer)

    def _serve_tcp(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _peer = self.tcp.accept()
                with connection, connection.makefile("rb") as stream:
                    size = int.from_bytes(stream.read(2), "big")
                    found = self._answer(stream.read(size))
                    if found is not None:
                        connection.sendall(len(found).to_bytes(2, "big") + found)


def response(message: Any, *rows: str, code: str = "NOERROR", flags: int = 0, authority: str = "") -> Any:
    """A response whose rows are lines of a zone file."""
    found = dns.message.make_response(message)
    found.flags |= flags
    found.set_rcode(dns.rcode.from_text(code))
    for row in rows:
        owner, ttl, _class, kind, value = row.split(None, 4)
        found.answer.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, value))
    if authority:
        owner, ttl, _class, kind, value = authority.split(None, 4)
        found.authority.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, value))
    return found


@pytest.fixture(name="daemon")
def fixture_daemon() -> Iterator[Callable[[Reply], Daemon]]:
    started: list[Daemon] = []

    def start(reply: Reply) -> Daemon:
        started.append(Daemon(reply))
        return started[-1]

    yield start
    for item in started:
        item.close()
