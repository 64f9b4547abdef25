# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door: asks a server by SMTP, IMAP, POP3 and ManageSieve and brings its answers back, without judging them."""

from __future__ import annotations

import imaplib
import poplib
import re
import smtplib
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from . import talk
from .connect import Lines, NamedContext, Reach, outdated
from .judge import smtp_state
from .terms import SERVICES, Answer, Letter, Service

_INVENTED = ("nobody-probe", "invented")
_PRIVACY = re.compile(r"PRIVACYREQUIRED|ENCRYPT|TLS|SSL|SECURE|DISALLOWED|DISABLED", re.IGNORECASE)
_END = {"smtp": r"\d{3}( |$)", "pop3": r"(\+OK|-ERR)", "sieve": r"(OK|NO|BYE)\b", "imap": r"\* (OK|BYE|PREAUTH)"}
_STARTTLS = {
    "smtp": ("STARTTLS", r"\d{3}( |$)", "220"),
    "imap": ("s1 STARTTLS", r"s1 ", "s1 OK"),
    "pop3": ("STLS", r"(\+OK|-ERR)", "+OK"),
    "sieve": ("STARTTLS", r"(OK|NO|BYE)\b", "OK"),
}
# A command to smuggle in behind STARTTLS, a harmless one to ask under TLS, and what only the smuggled one brings.
_SMUGGLED = {
    "smtp": ("XPROBE", "QUIT", r"\d{3}( |$)", r"[45]"),
    "imap": ("x1 NOOP", "x2 LOGOUT", r"x\d ", r"x1 "),
    "pop3": ("XPROBE", "QUIT", r"(\+OK|-ERR)", r"-ERR"),
    "sieve": ('NOOP "x1"', 'NOOP "x2"', r"(OK|NO|BYE)\b.*(x\d|NOOP)|BYE", r".*x1"),
}


class Door:
    """Every public method asks one question of one service and gives an Answer; none raises for what a server does."""

    def __init__(self, reach: Reach, ports: Mapping[str, int]) -> None:
        self.reach = reach
        self.ports = ports
        self.helo = f"[IPv6:{reach.source}]" if ":" in reach.source else f"[{reach.source or '127.0.0.1'}]"

    def ask(self, action: str, service: str, arguments: Mapping[str, Any]) -> Answer:
        """Call one of the methods below; whatever goes wrong on the way is a broken answer."""
        try:
            answer = getattr(self, action)(SERVICES[service], **arguments)
        except Exception as error:  # pylint: disable=broad-except  # a server may break its protocol in any way
            answer = Answer("broken", talk.explain(error))
        return Answer(answer.state, talk.one_line(answer.text))

    def banner(self, service: Service) -> Answer:
        """The greeting, under TLS where the port wants that (any certificate will do here)."""
        with self._lines(service) as lines:
            greeting = lines.read_until(_END[service.protocol])
        text = greeting[-1] if service.protocol != "sieve" else greeting[0]
        return Answer("broken" if text[:3].isdigit() and text[0] != "2" else "accepted", text)

    def encrypt(self, service: Service) -> Answer:
        """Turn to TLS with verification of chain and name."""
        with self._lines(service, self.reach.verified) as lines:
            if not service.implicit:
                refused = self._start_tls(service, lines, self.reach.verified)
                if refused:
                    return Answer("refused", refused)
            return Answer("accepted", lines.certificate())

    def older_tls(self, service: Service, version: str) -> Answer:
        """Try a handshake with nothing newer than ``version``."""
        context = outdated(self.reach.verified.server_name, version)
        if context is None:
            return Answer("unable", f"the OpenSSL of this side cannot speak {version}")
        connected = False
        try:
            with Lines(self.reach.dial(self.ports[service.name])) as lines:
                connected = True
                if service.implicit:
                    lines.secure(context)
                elif self._start_tls(service, lines, context, greeted=False):
                    return Answer("broken", "STARTTLS is not offered")
                return Answer("accepted", lines.certificate())
        except socket.timeout:
            raise
        except (OSError, EOFError) as error:
            if not connected:
                raise
            return Answer("refused", talk.explain(error))

    def answers_injected(self, service: Service) -> Answer:
        """Send a command in the same breath as STARTTLS and see whether it is answered under TLS."""
        smuggled, innocent, end, betrayal = _SMUGGLED[service.protocol]
        command, _end, done = _STARTTLS[service.protocol]
        with self._lines(service) as lines:
            self._greet(service, lines)
            lines.send(command, smuggled)
            first = lines.read_until(_STARTTLS[service.protocol][1])[-1]
            if not first.upper().startswith(done.upper()):
                return Answer("refused", first)
            try:
                lines.secure(talk.trusting(self.reach.verified.server_name))
                lines.send(innocent)
                answer = lines.read_until(end)[-1]
            except (OSError, EOFError) as error:
                return Answer("refused", f"the server gave up: {talk.explain(error)}")
        return Answer("accepted" if re.match(betrayal, answer, re.IGNORECASE) else "refused", answer)

    def offers_auth(self, service: Service, encrypted: bool) -> Answer:
        """Whether EHLO lists AUTH."""
        with self._smtp(service, encrypted=encrypted) as smtp:
            methods = str(smtp.esmtp_features.get("auth", "")).strip()
            return Answer("accepted", f"AUTH {methods}") if smtp.has_extn("auth") else Answer("refused", "no AUTH")

    def clear_login(self, service: Service) -> Answer:
        """Whether the server would judge a password sent in clear; the one sent here is invented."""
        with Lines(self.reach.dial(self.ports[service.name], as_stranger=True)) as lines:
            self._greet(service, lines)
            return getattr(self, f"_clear_{service.protocol}")(lines)

    def login(self, service: Service, user: str, password: str) -> Answer:
        """Log in under TLS."""
        return getattr(self, f"_login_{service.protocol}")(service, user, password)

    def recipient(self, service: Service, sender: str, recipient: str, user: str = "", password: str = "") -> Answer:
        """Name sender and recipient and go away without sending. Submission turns to TLS, port 25 stays in clear."""
        with self._smtp(service, encrypted=service.name != "smtp") as smtp:
            if user:
                code, text = talk.authenticate(smtp, user, password)
                if smtp_state(code) != "accepted":
                    return Answer("broken", f"login as {user}: {code} {talk.text(text)}")
            code, text = talk.envelope(smtp, sender, recipient)
            return Answer(smtp_state(code), f"{code} {talk.text(text)}")

    def tells(self, service: Service, verb: str, address: str, nobody: str) -> Answer:
        """VRFY or EXPN; 252 for everybody tells nothing (RFC 5321, 3.5.3), unless ``nobody`` gets another answer."""
        with self._smtp(service, encrypted=False) as smtp:
            code, text = smtp.docmd(verb, address)
            other = smtp.docmd(verb, nobody)[0]
        answer = f"{code} {talk.text(text)}" + (f", but {other} for {nobody}" if other != code else "")
        return Answer("accepted" if code in (250, 251) or other != code else "refused", answer)

    def oversized(self, service: Service, sender: str) -> Answer:
        """Announce a message one byte larger than EHLO allows (RFC 1870)."""
        with self._smtp(service, encrypted=False) as smtp:
            limit = str(smtp.esmtp_features.get("size", "")).strip()
            if not limit.isdigit() or int(limit) == 0:
                return Answer("accepted", "no limit is announced")
            code, text = smtp.docmd("MAIL", f"FROM:<{sender}> SIZE={int(limit) + 1}")
            return Answer(smtp_state(code), f"{code} {talk.text(text)}, limit {limit} bytes")

    def send(self, letter: Letter) -> Answer:
        """Hand in one letter."""
        return self.ask("_send", letter.service, {"letter": letter})

    def _send(self, service: Service, letter: Letter) -> Answer:
        with self._smtp(service, encrypted=service.name != "smtp") as smtp:
            if letter.login:
                code, text = talk.authenticate(smtp, letter.login.address, letter.login.password)
                if smtp_state(code) != "accepted":
                    return Answer("broken", f"login as {letter.login.address}: {code} {talk.text(text)}")
            code, text = talk.envelope(smtp, letter.sender, letter.recipient)
            if smtp_state(code) == "accepted":
                code, text = smtp.data(talk.compose(letter))
            return Answer(smtp_state(code), f"{code} {talk.text(text)}")

    def imap(self, service: Service) -> imaplib.IMAP4:
        """An IMAP connection under TLS, not logged in."""
        port, timeout = self.ports[service.name], self.reach.timeout
        if service.implicit:
            return imaplib.IMAP4_SSL(self.reach.address, port, ssl_context=self.reach.verified, timeout=timeout)
        imap = imaplib.IMAP4(self.reach.address, port, timeout=timeout)
        imap.starttls(self.reach.verified)
        return imap

    def pop3(self, service: Service) -> poplib.POP3:
        """A POP3 connection under TLS, not logged in."""
        port, timeout = self.ports[service.name], self.reach.timeout
        if service.implicit:
            return poplib.POP3_SSL(self.reach.address, port, context=self.reach.verified, timeout=timeout)
        pop3 = poplib.POP3(self.reach.address, port, timeout=timeout)
        pop3.stls(self.reach.verified)
        return pop3

    @contextmanager
    def _lines(self, service: Service, context: NamedContext | None = None) -> Iterator[Lines]:
        with Lines(self.reach.dial(self.ports[service.name])) as lines:
            if service.implicit:
                lines.secure(context or talk.trusting(self.reach.verified.server_name))
            yield lines

    @contextmanager
    def _smtp(self, service: Service, *, encrypted: bool) -> Iterator[smtplib.SMTP]:
        port, timeout = self.ports[service.name], self.reach.timeout
        smtp: smtplib.SMTP
        if service.implicit:
            smtp = smtplib.SMTP_SSL(self.reach.address, port, self.helo, timeout=timeout, context=self.reach.verified)
        else:
            smtp = smtplib.SMTP(self.reach.address, port, self.helo, timeout=timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            if encrypted and not service.implicit:
                smtp.starttls(context=self.reach.verified)
                smtp.ehlo_or_helo_if_needed()
            yield smtp
        finally:
            talk.leave(smtp.quit)
            smtp.close()

    def _greet(self, service: Service, lines: Lines) -> None:
        lines.read_until(_END[service.protocol])
        if service.protocol == "smtp":
            lines.send(f"EHLO {self.helo}")
            lines.read_until(_END["smtp"])

    def _start_tls(self, service: Service, lines: Lines, context: NamedContext, *, greeted: bool = False) -> str:
        """Turn to TLS; the server's words if it does not want to, else nothing."""
        if not greeted:
            self._greet(service, lines)
        command, end, done = _STARTTLS[service.protocol]
        lines.send(command)
        answer = lines.read_until(end)[-1]
        if not answer.upper().startswith(done.upper()):
            return answer
        lines.secure(context)
        return ""

    def _clear_smtp(self, lines: Lines) -> Answer:
        lines.send(f"AUTH PLAIN {talk.plain(*_INVENTED)}")
        text = lines.read_until(_END["smtp"])[-1]
        judged = text[:3] in ("235", "334", "454", "535")
        return Answer("accepted" if judged else "refused", text)

    def _clear_imap(self, lines: Lines) -> Answer:
        lines.send("c1 CAPABILITY")
        can = " ".join(lines.read_until(r"c1 ")).upper()
        user, password = _INVENTED
        lines.send(f"c2 LOGIN {user} {password}")
        text = lines.read_until(r"(c2|\* BYE) ?")[-1]
        closed = "LOGINDISABLED" in can and "AUTH=PLAIN" not in can
        return Answer("refused" if closed or _PRIVACY.search(text) else "accepted", text)

    def _clear_pop3(self, lines: Lines) -> Answer:
        user, password = _INVENTED
        lines.send(f"USER {user}")
        text = lines.read()
        if text.startswith("+OK"):
            lines.send(f"PASS {password}")
            text = lines.read()
            return Answer("refused" if _PRIVACY.search(text) else "accepted", text)
        return Answer("refused", text)

    def _clear_sieve(self, lines: Lines) -> Answer:
        lines.send(f'AUTHENTICATE "PLAIN" "{talk.plain(*_INVENTED)}"')
        text = lines.read_until(_END["sieve"])[-1]
        return Answer("refused" if _PRIVACY.search(text) else "accepted", text)

    def _login_smtp(self, service: Service, user: str, password: str) -> Answer:
        with self._smtp(service, encrypted=True) as smtp:
            code, text = talk.authenticate(smtp, user, password)
            state = smtp_state(code)
            return Answer("broken" if code == 503 else state, f"{code} {talk.text(text)}")

    def _login_imap(self, service: Service, user: str, password: str) -> Answer:
        imap = self.imap(service)
        try:
            return Answer("accepted", talk.log_in_imap(imap, user, password))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            return Answer(talk.refusal(str(error)), talk.explain(error))
        finally:
            talk.leave(imap.logout)

    def _login_pop3(self, service: Service, user: str, password: str) -> Answer:
        pop3 = self.pop3(service)
        try:
            return Answer("accepted", talk.text(talk.log_in_pop3(pop3, user, password)))
        except poplib.error_proto as error:
            return Answer(talk.refusal(str(error)), talk.explain(error))
        finally:
            talk.leave(pop3.quit)
            pop3.close()

    def _login_sieve(self, service: Service, user: str, password: str) -> Answer:
        with self._lines(service) as lines:
            refused = self._start_tls(service, lines, self.reach.verified)
            if refused:
                return Answer("broken", refused)
            lines.read_until(_END["sieve"])
            lines.send(f'AUTHENTICATE "PLAIN" "{talk.plain(user, password)}"')
            text = lines.read_until(_END["sieve"])[-1]
            return Answer("accepted" if text.upper().startswith("OK") else talk.refusal(text), text)
