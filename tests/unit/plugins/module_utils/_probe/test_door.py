# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door against servers that answer from a script, on loopback."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.connect import (
    Reach,
    outdated,
    reach,
    read_pem,
    verifying,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.door import Door
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.terms import SERVICES, Answer

Script = list[tuple[str, str]]

POSTFIX: Script = [
    (r"EHLO", "250-mx.example.test\r\n250-SIZE 1000\r\n250 HELP"),
    (r"MAIL .*SIZE=1001", "552 5.3.4 too big"),
    (r"MAIL", "250 ok"),
    (r"RCPT TO:<bob@example.test>", "250 ok"),
    (r"RCPT TO:<later@", "451 4.3.0 later"),
    (r"RCPT", "554 5.7.1 Relay access denied"),
    (r"(VRFY|EXPN)", "502 5.5.1 disabled"),
    (r"AUTH", "530 5.7.0 Must issue a STARTTLS command first"),
    (r"QUIT", "221 bye"),
]


@contextmanager
def serving(service: str, greeting: str, script: Script) -> Iterator[Door]:
    """A server that greets and answers each line by the first pattern that fits; nothing fits: silence."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(f"{greeting}\r\n".encode())
            for raw in self.rfile:
                line = raw.decode().strip()
                for pattern, answer in script:
                    if re.match(pattern, line, re.IGNORECASE):
                        self.wfile.write(f"{answer}\r\n".encode())
                        break

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield Door(way(), {service: server.server_address[1]})
        finally:
            server.shutdown()


def way() -> Reach:
    return reach("127.0.0.1", timeout=0.5, verified=verifying("mx.example.test", ""))


def smtp(action: str, changes: Script = (), **arguments: Any) -> Answer:  # type: ignore[assignment]
    with serving("smtp", "220 mx ESMTP", [*changes, *POSTFIX]) as door:
        return door.ask(action, "smtp", arguments)


@pytest.mark.parametrize(
    ("recipient", "answer"),
    [
        ("bob@example.test", Answer("accepted", "250 ok")),
        ("later@example.test", Answer("deferred", "451 4.3.0 later")),
        ("x@example.net", Answer("refused", "554 5.7.1 Relay access denied")),
        ('"x@example.net"@example.test', Answer("refused", "554 5.7.1 Relay access denied")),
    ],
)
def test_recipients_are_named_as_they_are(recipient: str, answer: Answer) -> None:
    assert smtp("recipient", sender="", recipient=recipient) == answer


def test_a_refused_sender_is_a_refusal() -> None:
    answer = smtp("recipient", [("MAIL", "553 5.7.1 not owned")], sender="a@b", recipient="bob@example.test")
    assert answer == Answer("refused", "553 5.7.1 not owned")


@pytest.mark.parametrize(
    ("action", "arguments", "changes", "state"),
    [
        ("banner", {}, [], "accepted"),
        ("offers_auth", {"encrypted": False}, [], "refused"),
        ("offers_auth", {"encrypted": False}, [("EHLO", "250-mx\r\n250 AUTH PLAIN LOGIN")], "accepted"),
        ("clear_login", {}, [], "refused"),
        ("clear_login", {}, [("AUTH", "535 5.7.8 authentication failed")], "accepted"),
        ("tells", {"verb": "VRFY", "address": "bob@t", "nobody": "no@t"}, [], "refused"),
        ("tells", {"verb": "VRFY", "address": "bob@t", "nobody": "no@t"}, [("VRFY", "252 perhaps")], "refused"),
        ("tells", {"verb": "VRFY", "address": "bob@t", "nobody": "no@t"}, [("VRFY", "250 bob@t")], "accepted"),
        ("tells", {"verb": "VRFY", "address": "bob@t", "nobody": "no@t"}, [("VRFY bob", "252 ok")], "accepted"),
        ("oversized", {"sender": ""}, [], "refused"),
        ("oversized", {"sender": ""}, [("MAIL", "250 ok")], "accepted"),
        ("oversized", {"sender": ""}, [("EHLO", "250 mx")], "accepted"),
        ("encrypt", {}, [("STARTTLS", "502 5.5.1 no TLS")], "refused"),
        ("older_tls", {"version": "TLSv1.1"}, [("STARTTLS", "502 5.5.1 no TLS")], "broken"),
        ("answers_injected", {}, [("STARTTLS", "454 4.7.0 TLS not available")], "refused"),
        ("encrypt", {}, [("STARTTLS", "220 go"), (".*", "no TLS either")], "broken"),
        ("login", {"user": "u", "password": "p"}, [("STARTTLS", "502 no")], "broken"),
    ],
)
def test_smtp_questions(action: str, arguments: dict[str, Any], changes: Script, state: str) -> None:
    assert smtp(action, changes, **arguments).state == state


@pytest.mark.parametrize(
    ("service", "greeting", "script", "state"),
    [
        ("imap", "* OK hi", [("c1", "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nc1 OK"), ("c2", "c2 NO")], "refused"),
        ("imap", "* OK hi", [("c1", "c1 OK"), ("c2", "c2 NO [PRIVACYREQUIRED] use TLS")], "refused"),
        ("imap", "* OK hi", [("c1", "c1 OK"), ("c2", "c2 NO [AUTHENTICATIONFAILED] no")], "accepted"),
        ("pop3", "+OK hi", [("USER", "-ERR [AUTH] not without TLS")], "refused"),
        ("pop3", "+OK hi", [("USER", "+OK"), ("PASS", "-ERR [AUTH] failed")], "accepted"),
        ("sieve", "OK", [("AUTH", 'NO (ENCRYPT-NEEDED) "no"')], "refused"),
        ("sieve", "OK", [("AUTH", 'NO "Authentication failed."')], "accepted"),
    ],
)
def test_whether_a_password_would_be_taken_in_clear(service: str, greeting: str, script: Script, state: str) -> None:
    with serving(service, greeting, script) as door:
        assert door.ask("clear_login", service, {}).state == state


@pytest.mark.parametrize(
    ("greeting", "state"), [("220 mx", "accepted"), ("421 too busy", "broken"), ("554 go away", "broken")]
)
def test_a_greeting_must_be_a_welcome(greeting: str, state: str) -> None:
    with serving("smtp", greeting, POSTFIX) as door:
        assert door.ask("banner", "smtp", {}).state == state


@pytest.mark.parametrize("action", ["banner", "encrypt", "clear_login"])
def test_where_nothing_listens(action: str) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        door = Door(way(), {"imap": held.getsockname()[1]})
        assert door.ask(action, "imap", {}) == Answer("broken", "connection refused")


def test_a_server_that_hangs_is_given_up() -> None:
    with serving("smtp", "220-wait", []) as door:
        assert door.ask("banner", "smtp", {}) == Answer("broken", "no answer in time")


def test_an_old_tls_version_can_be_asked_for_or_not_at_all() -> None:
    for version in ("TLSv1.1", "TLSv1.2"):
        assert outdated("mx.example.test", version) is None or SERVICES


def test_bad_options_are_named(tmp_path: Any) -> None:
    with pytest.raises(MailError, match="CA certificates: no certificate"):
        verifying("mx.example.test", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    with pytest.raises(MailError, match="No such file"):
        read_pem(str(tmp_path / "none.pem"))
    with pytest.raises(MailError, match="it has no address"):
        reach("no such name", timeout=1, verified=verifying("x", ""))
