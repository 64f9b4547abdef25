# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to a name server: here one that lives in a thread."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._host import resolver
from ansible_collections.mailops.mailserver.plugins.module_utils._host.resolver import AAAA, MX, PTR, A, Question

POINTER = b"\xc0\x0c"  # to the name that was asked for


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def record(kind: str | int, data: bytes) -> bytes:
    return POINTER + struct.pack("!HHIH", KINDS.get(str(kind), kind), 1, 60, len(data)) + data


KINDS = {A: 1, "SOA": 6, PTR: 12, MX: 15, AAAA: 28}
PROVED: set[str] = set()
ZONE = {
    ("mx.example", A): [record(A, bytes([192, 0, 2, 1])), record(A, bytes([192, 0, 2, 2]))],
    ("mx.example", AAAA): [],
    ("www.example", A): [record(5, name("mx.example")), record(A, bytes([192, 0, 2, 1]))],
    ("example", MX): [
        record(MX, struct.pack("!H", 20) + name("second.example")),
        record(MX, struct.pack("!H", 10) + b"\x02mx" + POINTER),
    ],
    ("1.2.0.192.in-addr.arpa", PTR): [record(PTR, name("MX.example"))],
    ("", "SOA"): [record("SOA", name("a") + name("b") + struct.pack("!5I", 1, 2, 3, 4, 5))],
    ("broken.example", A): [POINTER + b"\0\1\0\1"],
}


def answer(message: bytes) -> bytes | None:
    """The answer to a question; a name that the zone lacks does not exist, ``silent.*`` and ``servfail.*`` are ill."""
    position, labels = 12, []
    while message[position]:
        labels.append(message[position + 1 : position + 1 + message[position]].decode())
        position += 1 + message[position]
    number = struct.unpack_from("!H", message, position + 1)[0]
    asked, kind = ".".join(labels), next(name for name, value in KINDS.items() if value == number)
    labels = labels or [""]
    if labels[0] == "silent":
        return None
    records = ZONE.get((asked, kind))
    code = 2 if labels[0] == "servfail" else 3 if records is None else 0
    code |= 0x20 if asked in PROVED else 0
    head = message[:2] + struct.pack("!5H", 0x8180 | code, 1, len(records or ()), 0, 0)
    return head + message[12 : position + 5] + b"".join(records or ())


@pytest.fixture(name="server", autouse=True)
def fixture_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        monkeypatch.setattr(resolver, "_PORT", listening.getsockname()[1])

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    message, peer = listening.recvfrom(4096)
                    if not message:
                        return
                    heard.append(message)
                    reply = answer(message)
                    if reply:
                        listening.sendto(b"\0\0" + reply[2:], peer)  # a stranger's answer, first
                        listening.sendto(reply, peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield heard
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", listening.getsockname())
        thread.join(5)


def ask(*questions: Question, timeout: float = 2.0) -> resolver.Answers:
    return resolver.ask(questions, timeout=timeout, servers=["127.0.0.1"])


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        (Question("mx.example", A), ["192.0.2.1", "192.0.2.2"]),
        (Question("mx.example", AAAA), []),
        (Question("www.example", A), ["192.0.2.1"]),
        (Question("nowhere.example", A), []),
        (Question("example", MX), ["mx.example"]),
        (resolver.reverse("192.0.2.1"), ["mx.example"]),
    ],
)
def test_answers(question: Question, wanted: list[str]) -> None:
    assert ask(question) == {question: wanted}


def test_many_at_once() -> None:
    questions = [Question(f"n{number}.example", kind) for number in range(50) for kind in (A, AAAA)]
    assert ask(*questions, *questions) == {question: [] for question in questions}


def test_a_refusal_is_not_waited_for() -> None:
    begun = time.monotonic()
    assert ask(Question("servfail.example", A), Question("mx.example", AAAA)) == {Question("mx.example", AAAA): []}
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("host", ["silent.example", "broken.example"])
def test_no_answer_is_no_answer(host: str) -> None:
    begun = time.monotonic()
    assert ask(Question(host, A), Question("mx.example", AAAA), timeout=0.4) == {Question("mx.example", AAAA): []}
    assert time.monotonic() - begun < 1


def test_nobody_is_asked_without_a_question(server: list[bytes]) -> None:
    assert ask() == {}
    assert resolver.ask([Question("mx.example", A)], servers=[]) == {}
    assert server == []


@pytest.mark.parametrize("text", ["", "a..b", "x" * 64, ".".join(["x"] * 128)])
def test_names_that_dns_cannot_hold_are_not_asked(text: str, server: list[bytes]) -> None:
    assert ask(Question(text, A)) == {}
    assert server == []


def test_without_the_library_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, server: list[bytes]) -> None:
    monkeypatch.setitem(sys.modules, "dns.resolver", None)
    assert not resolver.is_possible()
    assert ask(Question("mx.example", A)) == {}
    assert server == []


def test_a_resolver_says_whether_it_proves_what_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not resolver.validates(servers=["127.0.0.1"])
    monkeypatch.setattr(sys.modules[__name__], "PROVED", {""})
    assert resolver.validates(servers=["127.0.0.1"])


def test_nobody_to_ask_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not resolver.validates(servers=[])
    monkeypatch.setattr(resolver, "is_possible", lambda: False)
    assert resolver.servers() == []
