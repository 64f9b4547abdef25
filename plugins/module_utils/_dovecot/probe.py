# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running Dovecot, spoken to like a client: it greets, its TLS works, its sockets answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Callable, NamedTuple

from .listing import Port, Socket

_TIMEOUT = 10.0
# What a client says to go over to TLS (RFC 3501, RFC 2595, RFC 5804), and how the answer begins that allows it.
_START_TLS = {
    "imap-login": (b"a STARTTLS\r\n", b"a OK"),
    "pop3-login": (b"STLS\r\n", b"+OK"),
    "managesieve-login": (b"STARTTLS\r\n", b"OK"),
}
_GREETING = {"imap-login": b"* OK", "pop3-login": b"+OK", "managesieve-login": b"OK"}


class Findings(NamedTuple):
    """``broken``: what does not work. ``silent``: what took the connection and said nothing, as a full service does."""

    broken: list[str]
    silent: list[str]


def probe(ports: Sequence[Port], sockets: Sequence[Socket], *, address: str) -> Findings:
    """Try every port at ``address`` and every socket, for as long as a daemon may take to start (10 seconds each)."""
    findings = Findings([], [])
    for port in ports:
        if port.service in _START_TLS:
            _note(findings, f"{port.name} on port {port.number}", lambda port=port: _try_port(port, address))  # type: ignore[misc]
    for item in sockets:
        _note(findings, f"socket {item.path}", lambda item=item: _try_socket(item))  # type: ignore[misc]
    return findings


def _note(findings: Findings, name: str, attempt: Callable[[], None]) -> None:
    end = time.monotonic() + _TIMEOUT
    while True:
        try:
            attempt()
            return
        except socket.timeout:
            findings.silent.append(name)
            return
        except (OSError, ValueError) as error:
            if time.monotonic() > end:
                findings.broken.append(f"{name}: {error}")
                return
            time.sleep(0.2)


def _try_port(port: Port, address: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # Whether the handshake works is the question here; the certificate's names and chain are another module's.
    context.verify_mode = ssl.CERT_NONE
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(socket.create_connection((address, port.number), timeout=_TIMEOUT))
        greeting = _GREETING[port.service]
        if port.tls:
            _expect(stack.enter_context(context.wrap_socket(plain)), greeting)
            return
        _expect(plain, greeting)
        command, answer = _START_TLS[port.service]
        plain.sendall(command)
        _expect(plain, answer)
        stack.enter_context(context.wrap_socket(plain))


def _expect(connection: socket.socket, start: bytes) -> None:
    """Read until a line begins with ``start``; what follows on the same line is of no interest."""
    heard = b""
    while not any(line.startswith(start) for line in heard.split(b"\r\n")[:-1]):
        piece = connection.recv(4096)
        if not piece:
            raise ValueError(f"closed the connection after {heard.decode('ascii', 'replace')!r}")
        heard += piece
        if len(heard) > 65536:
            raise ValueError("does not stop talking")


def _try_socket(item: Socket) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_TIMEOUT)
        connection.connect(item.path)
        if item.service == "lmtp" and not connection.recv(512).startswith(b"220"):
            raise ValueError("does not greet")
