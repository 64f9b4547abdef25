# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to the name server (RFC 1035), all at once and with an end: names that mail depends on.

The system's own functions read /etc/hosts first, where a host always finds itself, and may take half a minute.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import select
import socket
import struct
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .._errors import MailError
from . import files

A, PTR, MX, AAAA = 1, 12, 15, 28
TIMEOUT = 2.0

_PORT = 53
_RESPONSE = 0x8000
_RECURSIVE = 0x0100
_TRUNCATED = 0x0200
_NO_SUCH_NAME = 3
_STEPS = 150
_TOGETHER = 200


class Question(NamedTuple):
    """A name without its last dot, and the type of record that is asked for."""

    name: str
    kind: int


Answers = dict[Question, Sequence[str]]


def ask(questions: Iterable[Question], *, timeout: float = TIMEOUT, servers: Sequence[str] | None = None) -> Answers:
    """What the name servers say within ``timeout`` seconds.

    Addresses and names as text; for an MX those of the best preference. A question that got no answer is not in the
    result, one whose answer is that there is nothing has an empty one.
    """
    wanted = [question for question in dict.fromkeys(questions) if _fits(question.name)][:_TOGETHER]
    known = list(name_servers() if servers is None else servers)
    answers: Answers = {}
    if not wanted or not known:
        return answers
    deadline = time.monotonic() + timeout
    for turn in range(2):
        server = known[turn % len(known)]
        until = deadline if turn else time.monotonic() + timeout / 2
        left = [question for question in wanted if question not in answers]
        with contextlib.suppress(OSError):
            answers.update(_asked(left, server, until))
        if len(answers) == len(wanted):
            break
    return answers


def reverse(address: str) -> Question:
    """The question for the names of an address."""
    return Question(ipaddress.ip_address(address).reverse_pointer, PTR)


def name_servers(path: str = "/etc/resolv.conf") -> list[str]:
    """The addresses of the name servers that this host asks."""
    words = [line.split() for line in (files.read_text(path) or "").splitlines()]
    return [word[1] for word in words if len(word) > 1 and word[0] == "nameserver"][:3]


def _asked(questions: Sequence[Question], server: str, until: float) -> Answers:
    """The answers of one server to all questions, sent at once from one port."""
    first = int.from_bytes(os.urandom(2), "big")
    pending = {(first + number) & 0xFFFF: question for number, question in enumerate(questions)}
    answers: Answers = {}
    host, _percent, _zone = server.partition("%")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.connect(socket.getaddrinfo(server, _PORT, family, socket.SOCK_DGRAM)[0][4])
        for identity, question in pending.items():
            connection.send(query(identity, question))
        while pending:
            ready = select.select([connection], [], [], max(0.0, until - time.monotonic()))[0]
            if not ready:
                break
            message = connection.recv(65535)
            identity = int.from_bytes(message[:2], "big")
            if identity not in pending:
                continue
            with contextlib.suppress(MailError):
                found = read(message, pending[identity])
                question = pending.pop(identity)
                if found is not None:
                    answers[question] = found
    return answers


def _fits(name: str) -> bool:
    """True for a name that a message can hold."""
    return len(name) < 254 and all(0 < len(label) < 64 for label in name.split("."))


def query(identity: int, question: Question) -> bytes:
    """The message that asks a question."""
    labels = [label.encode("ascii", "replace") for label in question.name.split(".")]
    name = b"".join(bytes([len(label)]) + label for label in labels)
    return struct.pack("!6H", identity, _RECURSIVE, 1, 0, 0, 0) + name + struct.pack("!xHH", question.kind, 1)


def read(message: bytes, question: Question) -> list[str] | None:
    """The records of an answer; None when the server will not tell. Raises MailError for what is no answer."""
    try:
        _identity, flags, asked, answered, _authority, _more = struct.unpack_from("!6H", message)
        code = flags & 0xF
        if not flags & _RESPONSE:
            raise ValueError("a question")
        if code not in (0, _NO_SUCH_NAME) or (flags & _TRUNCATED and not answered):
            return None
        position = 12
        for _number in range(asked):
            position = _name(message, position)[1] + 4
        found = []
        for _number in range(answered):
            position = _name(message, position)[1]
            kind, _class, _ttl, length = struct.unpack_from("!HHIH", message, position)
            position += 10
            if kind == question.kind:
                found.append(_record(message, position, length, kind))
            position += length
    except (struct.error, IndexError, ValueError) as error:
        raise MailError("gives an answer that cannot be read", where="name server") from error
    best = min((preference for preference, _text in found), default=0)
    return [text for preference, text in found if preference == best]


def _record(message: bytes, position: int, length: int, kind: int) -> tuple[int, str]:
    """The preference of a record (0 but for an MX) and its text."""
    if kind in (A, AAAA):
        return 0, str(ipaddress.ip_address(message[position : position + length]))
    if kind == MX:
        return struct.unpack_from("!H", message, position)[0], _name(message, position + 2)[0]
    return 0, _name(message, position)[0]


def _name(message: bytes, position: int) -> tuple[str, int]:
    """A name in lower case and the place behind it; it may go on where a pointer leads."""
    labels: list[str] = []
    behind = 0
    for _step in range(_STEPS):
        size = message[position]
        if size >= 0xC0:
            behind = behind or position + 2
            position = struct.unpack_from("!H", message, position)[0] & 0x3FFF
        elif size == 0:
            return ".".join(labels), behind or position + 1
        else:
            labels.append(message[position + 1 : position + 1 + size].decode("ascii", "replace").lower())
            position += 1 + size
    raise ValueError("a name without an end")
