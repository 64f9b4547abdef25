# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the queue: who handed a message in, and its text.

A file is a row of records: a letter for the kind, the length in seven bits per byte, the data. The kinds are named in
Postfix's own ``rec_type.h``; postcat(1) shows them.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Union

from .._errors import MailError
from .message import Origin

Data = Union[bytes, mmap.mmap]

# Lines of the message, and their beginnings where they are long; recipients that still wait; where the message begins,
# and where it is over.
TEXT, PART, RECIPIENT, CONTENT, EXTRACTED = "N", "L", "R", "M", "X"

_ATTRIBUTE, _POINTER, _END = ord("A"), ord("p"), ord("E")
_AFTER_ORIGIN = (ord(RECIPIENT), ord("O"), ord(CONTENT))
_WANTED = (b"sasl_username=", b"log_client_address=", b"client_address=")
_MOST_JUMPS = 1_000_000


def origin(data: bytes) -> Origin | None:
    """Who handed in the message whose file begins with ``data``; None when more of it must be read.

    A proxy or filter in front of Postfix may have told whose client it serves (XFORWARD): that one counts.
    """
    found: dict[bytes, bytes] = {}
    place, end = 0, len(data)
    while place + 1 < end:
        kind, length = data[place], data[place + 1]
        place += 2
        if length > 127:
            length, place = _long(data, place - 1)
        if place + length > end:
            return None
        if kind == _ATTRIBUTE:
            if data.startswith(_WANTED, place):
                name, _sign, value = data[place : place + length].partition(b"=")
                found[name] = value
                if name == b"client_address":
                    break
        elif kind in _AFTER_ORIGIN:
            break
        place += length
    else:
        return None
    client = found.get(b"log_client_address") or found.get(b"client_address", b"")
    return Origin(_text(found.get(b"sasl_username", b"")), "" if client == b"unknown" else _text(client))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _long(data: Data, place: int) -> tuple[int, int]:
    """A length of more than one byte that begins at ``place``, and where the data begins."""
    length = shift = 0
    while place < len(data):
        byte = data[place]
        place += 1
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return length, place
    raise _damaged(place)


def _damaged(place: int) -> MailError:
    return MailError(f"the file is damaged at byte {place}", where="queue file")


def walk(data: Data) -> Iterator[tuple[str, bytes]]:
    """All records of a file up to its end, in the order in which they count: kind and data.

    What milters have changed is written at the end of the file; pointers lead there and back. Raises MailError when the
    file is damaged.
    """
    place = jumps = 0
    while True:
        kind, value, place = _record(data, place)
        if kind == _POINTER and value.strip().isdigit():
            jumps += 1
            place = int(value) or place
            if jumps > _MOST_JUMPS:
                raise MailError("its pointers lead round in a circle", where="queue file")
            continue
        yield chr(kind), value
        if kind == _END:
            return


def _record(data: Data, place: int) -> tuple[int, bytes, int]:
    """The record at ``place``: its kind, its data, and where the next one begins."""
    if place >= len(data):
        raise _damaged(place)
    length, begin = _long(data, place + 1)
    if begin + length > len(data):
        raise _damaged(place)
    return data[place], data[begin : begin + length], begin + length
