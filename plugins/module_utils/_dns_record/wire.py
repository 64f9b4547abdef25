# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One message to a name server and the reply to it, with one socket that is closed afterwards.

dnspython could do that, but some versions (Debian 13 has one) open an epoll for every wait and leave it to the garbage
collector to close it, so that thousands of questions meet the limit of open files. Messages are all that it makes here.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

try:
    import dns.exception
    import dns.message
    import dns.query
except ImportError:  # modules that need it say so before they come here
    pass

_LARGEST = 65535


def by_udp(query: Any, address: str, port: int, timeout: float) -> Any:
    """The reply, which may be cut. Raises DNSException or OSError; ``timeout`` is in seconds."""
    with _connected(socket.SOCK_DGRAM, address, port, timeout) as found:
        found.send(query.to_wire())
        return _reply(query, found.recv(_LARGEST))


def by_tcp(query: Any, address: str, port: int, timeout: float) -> Any:
    """The whole reply. Raises DNSException, OSError, or EOFError; ``timeout`` is in seconds, for all of it."""
    end = time.monotonic() + timeout
    with _connected(socket.SOCK_STREAM, address, port, timeout) as found:
        wire = query.to_wire()
        found.sendall(len(wire).to_bytes(2, "big") + wire)
        size = int.from_bytes(_read(found, 2, end), "big")
        return _reply(query, _read(found, size, end))


@contextlib.contextmanager
def _connected(kind: socket.SocketKind, address: str, port: int, timeout: float) -> Iterator[socket.socket]:
    """A socket that hears nobody else. Raises dnspython's Timeout for each wait that is too long."""
    family, *_rest, where = socket.getaddrinfo(address, port, type=kind, flags=socket.AI_NUMERICHOST)[0]
    with socket.socket(family, kind) as found:
        found.settimeout(timeout)
        try:
            found.connect(where)
            yield found
        except (socket.timeout, TimeoutError) as error:  # the same from Python 3.10 on
            raise dns.exception.Timeout from error


def _read(found: socket.socket, size: int, end: float) -> bytes:
    data = b""
    while len(data) < size:
        left = end - time.monotonic()
        if left <= 0:
            raise dns.exception.Timeout
        found.settimeout(left)
        part = found.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def _reply(query: Any, data: bytes) -> Any:
    """The message, whose signature is checked where the query has one."""
    reply = dns.message.from_wire(data, keyring=query.keyring, request_mac=query.mac)
    if not query.is_response(reply):
        raise dns.query.BadResponse
    return reply
