# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of the protocols: logging in, sending, taking leave, and what answers and errors say."""

from __future__ import annotations

import base64
import imaplib
import poplib
import re
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from .connect import NamedContext
from .judge import smtp_state
from .terms import Letter

HEADER = "X-Mail-Probe"


def explain(error: BaseException) -> str:
    """An exception in words that an administrator knows."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, (TimeoutError, socket.timeout)):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not verified: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {text(error.smtp_error)}"
    first = error.args[0] if error.args else ""
    return text(first) if isinstance(first, bytes) else str(error) or type(error).__name__


def one_line(text: str) -> str:
    """Printable, on one line, of bearable length."""
    flat = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()
    return flat if len(flat) <= 160 else f"{flat[:157]}..."


def log_in_imap(imap: imaplib.IMAP4, user: str, password: str) -> str:
    """LOGIN, or AUTHENTICATE where LOGIN cannot carry the characters. Raises imaplib.IMAP4.error when refused."""
    if (user + password).isascii():
        return text(imap.login(user, password)[1][0])
    return text(imap.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())[1][0])


def log_in_pop3(pop3: poplib.POP3, user: str, password: str) -> bytes:
    """USER and PASS. Raises poplib.error_proto when refused."""
    pop3.user(user)
    return pop3.pass_(password)


def trusting(server_name: str) -> NamedContext:
    """TLS with anybody, for questions that a bad certificate must not hide; no secret travels over it."""
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.server_name = server_name
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def authenticate(smtp: smtplib.SMTP, user: str, password: str) -> tuple[int, bytes]:
    if "PLAIN" not in str(smtp.esmtp_features.get("auth", "")).upper().split():
        return 503, b"AUTH PLAIN is not offered under TLS"
    return smtp.docmd("AUTH", f"PLAIN {plain(user, password)}")


def envelope(smtp: smtplib.SMTP, sender: str, recipient: str) -> tuple[int, bytes]:
    """MAIL and RCPT as written, since smtplib would tidy up odd addresses; the reply that decided."""
    code, text = smtp.docmd("MAIL", f"FROM:<{sender}>")
    if smtp_state(code) != "accepted":
        return code, text
    return smtp.docmd("RCPT", f"TO:<{recipient}>")


def compose(letter: Letter) -> bytes:
    """The message. Only the one that asks for a reply looks like a person's (RFC 3834)."""
    message = EmailMessage()
    message["From"] = letter.sender or "Mail probe <mailer-daemon@probe.invalid>"
    message["To"] = letter.recipient
    message["Date"] = formatdate()
    message["Subject"] = f"Mail probe {letter.token}"
    message["Message-ID"] = f"<{letter.token}@probe.invalid>"
    message[HEADER] = letter.token
    if not letter.reply_to:
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"A probe of the mail server wrote this and removes it again.\nToken: {letter.token}\n")
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def plain(user: str, password: str) -> str:
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def refusal(text: str) -> Any:
    """Servers that are out of order say so (RFC 5530, RFC 3206, RFC 5804)."""
    return "deferred" if re.search(r"UNAVAILABLE|SYS/TEMP|TRYLATER|INUSE|IN-USE", text, re.IGNORECASE) else "refused"


def leave(goodbye: Any) -> None:
    try:
        goodbye()
    except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto):
        return


def text(raw: Any) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, (bytes, bytearray)) else str(raw)
