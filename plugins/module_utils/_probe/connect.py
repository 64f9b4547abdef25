# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to the server under probe: sockets, TLS and lines."""

from __future__ import annotations

import re
import socket
import ssl
import warnings
from typing import Any, NamedTuple

from .._errors import MailError

_LONGEST_LINE = 65536
_MOST_LINES = 500


class NamedContext(ssl.SSLContext):
    """A TLS context that always asks for one server name, whatever address was dialled."""

    server_name: str = ""

    def wrap_socket(self, *args: Any, **keywords: Any) -> ssl.SSLSocket:
        keywords["server_hostname"] = self.server_name
        return super().wrap_socket(*args, **keywords)


class Reach(NamedTuple):
    """How to get to the server. ``timeout`` is in seconds for each step; ``verified`` checks chain and name.

    ``address`` is an IP address, and so is ``source``, which packets to it leave from (empty if there is no way there).
    """

    address: str
    source: str
    timeout: float
    verified: NamedContext

    def dial(self, port: int, *, as_stranger: bool = False) -> socket.socket:
        """Connect. ``as_stranger`` leaves from loopback when the server has our own address.

        Dovecot takes a password in clear from its own address but not from loopback, since only equal addresses on both
        ends count as local (its manual: ssl), so this shows what others would see.
        """
        source = ("::1" if ":" in self.source else "127.0.0.1", 0)
        stranger = as_stranger and self.source == self.address
        return socket.create_connection((self.address, port), self.timeout, source if stranger else None)


def verifying(server_name: str, ca_pem: str) -> NamedContext:
    """A context that trusts the system's authorities and the certificates in ``ca_pem`` (PEM text, may be empty).

    Raises MailError when ``ca_pem`` holds no certificate.
    """
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.server_name = server_name
    context.load_default_certs()
    if ca_pem:
        try:
            context.load_verify_locations(cadata=ca_pem)
        except (ssl.SSLError, ValueError) as error:
            raise MailError(
                "no certificate can be read from it", where="CA certificates", mend="Give one or more PEM certificates."
            ) from error
    return context


def read_pem(path: str) -> str:
    """The text of a PEM file. Raises MailError when it cannot be read."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise MailError(str(error.strerror), where=path, mend="Give a readable PEM file.") from error


def outdated(server_name: str, version: str) -> NamedContext | None:
    """A context that speaks only the given old TLS version, without any verification; None if OpenSSL cannot."""
    wanted = {"TLSv1.1": ssl.TLSVersion.TLSv1_1, "TLSv1.2": ssl.TLSVersion.TLSv1_2}[version]
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.server_name = server_name
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = wanted
            context.maximum_version = wanted
        client = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=server_name)
        client.do_handshake()
    except ssl.SSLWantReadError:
        return context
    except (ssl.SSLError, ValueError):
        return None
    return None


def reach(address: str, *, timeout: float, verified: NamedContext) -> Reach:
    """Look up ``address`` and the way there; nothing is sent. Raises MailError for a name that has no address."""
    try:
        family, kind, number, _name, where = socket.getaddrinfo(address, 25, type=socket.SOCK_DGRAM)[0]
    except (OSError, UnicodeError) as error:
        raise MailError("it has no address", where=address, mend="Give an IP address or a name in DNS.") from error
    try:
        with socket.socket(family, kind, number) as way:
            way.connect(where)
            source = str(way.getsockname()[0])
    except OSError:
        source = ""
    return Reach(str(where[0]), source, timeout, verified)


class Lines:
    """A connection that sends and reads lines, and can turn to TLS half-way."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._file = connection.makefile("rb")

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self.connection.close()

    def secure(self, context: NamedContext) -> None:
        """Go on under TLS. What the server sent in clear and was not read is lost."""
        self._file.close()
        self.connection = context.wrap_socket(self.connection)
        self._file = self.connection.makefile("rb")

    def certificate(self) -> str:
        """TLS version and, where the certificate was verified, how long it lasts; in words."""
        if not isinstance(self.connection, ssl.SSLSocket):
            return "no TLS"
        certificate = self.connection.getpeercert() or {}
        lasts = f", valid until {certificate['notAfter']}" if "notAfter" in certificate else ""
        return f"{self.connection.version()}{lasts}"

    def send(self, *lines: str) -> None:
        """Send all lines at once, in one write."""
        self.connection.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def read(self) -> str:
        """One line without its end. Raises EOFError when the server closed the connection."""
        line = self._file.readline(_LONGEST_LINE)
        if not line:
            raise EOFError("the server closed the connection")
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def read_until(self, pattern: str) -> list[str]:
        """Lines up to and including the first that matches ``pattern`` (case does not count)."""
        lines: list[str] = []
        for _number in range(_MOST_LINES):
            lines.append(self.read())
            if re.match(pattern, lines[-1], re.IGNORECASE):
                return lines
        raise EOFError("the server does not stop talking")
