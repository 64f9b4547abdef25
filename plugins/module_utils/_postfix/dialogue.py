# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SMTP client that asks a service whether it can do its work, and sends nothing."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Sequence
from typing import BinaryIO, Callable

from .._errors import MailError
from . import verdict

TIMEOUT = 60


class EndedError(Exception):
    """The server has ended the session because of its own limits, such as the number of errors."""


class Dialogue:
    """One SMTP session on a connected socket. Every command raises MailError for a reply that shows a fault."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.stream: BinaryIO = connection.makefile("rb")
        self.keywords: set[str] = set()

    def greeting(self) -> int:
        return self._reply("the connection")

    def ehlo(self, name: str = "localhost") -> None:
        self.command(f"EHLO {name}")

    def command(self, line: str) -> int:
        """Send one command and give the code of its reply. Raises EndedError when there is no more to be said."""
        try:
            self.connection.sendall(line.encode("ascii") + b"\r\n")
        except BrokenPipeError:
            pass  # what the server said before it hung up is still there to be read
        except OSError as error:
            raise MailError(f"no answer to {line.split(maxsplit=1)[0]}: {error.strerror or error}") from error
        code = self._reply(line.split(maxsplit=1)[0])
        if code == 421:
            raise EndedError
        return code

    def secure(self) -> None:
        """Begin TLS. The certificate is not judged: a self-signed one is fine here."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            self.connection = context.wrap_socket(self.connection)
        except OSError as error:
            raise MailError(f"TLS does not come about: {error.strerror or error}") from error
        self.stream = self.connection.makefile("rb")

    def _reply(self, command: str) -> int:
        lines = []
        try:
            while True:
                line = self.stream.readline(4096).decode("ascii", "replace").rstrip("\r\n")
                lines.append(line)
                if not re.match(r"\d{3}-", line):
                    break
        except OSError as error:
            lines = [f"000 {error.strerror or error}"]
        code = int(lines[-1][:3]) if re.match(r"\d{3}", lines[-1]) else 0
        fault = verdict.of_reply(command, code, lines[-1][4:] or "the connection was closed")
        if fault:
            raise fault
        if command == "EHLO":
            self.keywords = {line[4:].split()[0].upper() for line in lines if line[4:].strip()}
        return code


def speak(
    connect: Callable[[], socket.socket],
    *,
    wrapped: bool,
    offers_tls: bool,
    recipients: Sequence[str],
    senders: Sequence[str] = ("",),
    visitor: str = "",
    helo: str = "localhost",
) -> dict[str, int]:
    """Hold one session up to RCPT and leave. Raises MailError for what shows that the service cannot work.

    ``visitor`` are XCLIENT attributes that make the session that of somebody else, whose name in EHLO is ``helo``. Each
    further sender is tried with the first recipient. Gives the best code for each recipient; none when the visitor is
    not let in, or cannot be had (a service without IPv6 knows no IPv6 address).
    """
    try:
        connection = connect()
    except OSError as error:
        raise MailError(f"cannot be reached: {error.strerror or error}") from error
    codes: dict[str, int] = {}
    with connection, contextlib.suppress(EndedError):
        connection.settimeout(TIMEOUT)
        session = Dialogue(connection)
        if wrapped:
            session.secure()
        if session.greeting() >= 400:
            return codes
        session.ehlo()
        if offers_tls:
            _start_tls(session)
        if visitor:
            if "XCLIENT" not in session.keywords or session.command(f"XCLIENT {visitor}") >= 400:
                return codes
            session.ehlo(helo)
        for sender in senders:
            _name(session, sender, recipients[:1] if codes else recipients, codes)
        session.command("QUIT")
    return codes


def _name(session: Dialogue, sender: str, recipients: Sequence[str], codes: dict[str, int]) -> None:
    """Name a sender and recipients, note the codes where they are better than before, and take it all back."""
    session.command(f"MAIL FROM:<{sender}>")
    for recipient in recipients:
        code = session.command(f"RCPT TO:<{recipient}>")
        codes[recipient] = min(code, codes.get(recipient, code))
    session.command("RSET")


def _start_tls(session: Dialogue) -> None:
    if "STARTTLS" not in session.keywords:
        raise MailError("does not offer STARTTLS")
    session.command("STARTTLS")
    session.secure()
    session.ehlo()
