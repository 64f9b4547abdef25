# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What daemons say of sessions, in the words of those that were asked."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._session import words
from ansible_collections.mailops.mailserver.plugins.module_utils._session.words import Session

ALICE, BOB = "alice@lock.test", "bob@lock.test"
CLIENT = "4716C4106D2: client=mx.lock.test[10.89.1.93], sasl_method=PLAIN, sasl_username="


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("username\t#\tproto\t(pids)\t(ips)", f"{ALICE}\t2\timap\t(4216 4212)\t(10.89.1.91 2001:db8::7)"),
        ("username\t#\tservice\t(pids)\t(ips)", f"{ALICE}\t2\timap\t(4216 4212)\t(10.89.1.91 2001:db8::7)"),
    ],
)
def test_who_is_logged_in_to_dovecot(header: str, row: str) -> None:
    assert words.who(f"{header}\n{row}\n") == [
        Session(ALICE, "dovecot", "imap", ("10.89.1.91", "2001:db8::7"), (4216, 4212))
    ]


@pytest.mark.parametrize("text", ["", "\n", "username\t#\tproto\t(pids)\t(ips)\n"])
def test_nobody_is_logged_in(text: str) -> None:
    assert words.who(text) == []


@pytest.mark.parametrize(
    "head",
    [
        "1795371376.310021 mx.lock.test",
        "2026-11-22T18:16:16.310021+00:00 mx",
        "2026-11-22T18:16:16+00:00 mx",
    ],
)
def test_lines_of_each_log(head: str) -> None:
    (line,) = words.smtpd_lines([f"{head} postfix/submission/smtpd[4208]: {CLIENT}{BOB}"], 1795371400)
    assert (int(line.time), line.process, line.text) == (1795371376, 4208, f"{CLIENT}{BOB}")


def test_other_lines_are_passed_over() -> None:
    lines = [
        "",
        "-- Boot 123 --",
        "1795371376.3 mx postfix/smtp[42]: connect to mx.example.net[192.0.2.1]:25: Connection refused",
        "1795371376.3 mx dovecot[42]: imap-login: Login: user=<smtpd[4208]: connect from >",
        "1795371376.3 mx sshd[4208]: Invalid user postfix/smtpd[7]: connect from x",
    ]
    assert words.smtpd_lines(lines, 1795371400) == []


def told(*texts: str, begun: float = 100, time: float = 200, pid: int = 7) -> list[str]:
    lines = [words.Line(time, pid, text) for text in texts]
    return [session.account for session in words.smtp_sessions(lines, {7: begun})]


CONNECT, DISCONNECT = "connect from mx[10.89.1.93]", "disconnect from mx[10.89.1.93] ehlo=1 commands=1"


def test_a_process_serves_one_client_after_the_other() -> None:
    assert told(CONNECT) == []
    assert told(CONNECT, CLIENT + ALICE) == [ALICE]
    assert told(CONNECT, CLIENT + ALICE, CLIENT + ALICE) == [ALICE]
    assert told(CONNECT, CLIENT + ALICE, DISCONNECT) == []
    assert told(CONNECT, CLIENT + ALICE, DISCONNECT, CONNECT) == []
    assert told(CONNECT, CLIENT + ALICE, CONNECT, CLIENT + BOB) == [BOB]


def test_what_a_process_of_the_same_number_said_before_does_not_count() -> None:
    assert told(CLIENT + ALICE, begun=300) == []
    assert told(CLIENT + ALICE, pid=8) == []
    assert told(CLIENT + ALICE, begun=float("inf")) == []


@pytest.mark.parametrize(
    "text",
    [
        "4716C4106D2: client=mx[10.89.1.93]",
        f"NOQUEUE: reject: RCPT from mx[10.89.1.93]: 553; from=<x> helo=<client=a[1.2.3.4], sasl_username={ALICE}>",
        f"warning: mx[10.89.1.93]: SASL PLAIN authentication failed: x, sasl_username={ALICE}",
    ],
)
def test_other_words_name_nobody(text: str) -> None:
    assert told(CONNECT, text) == []


def test_the_client_of_a_session() -> None:
    text = f"3F2D01: client=unknown[2001:db8::7]:51234, sasl_method=LOGIN, sasl_username={ALICE.upper()}"
    (found,) = words.smtp_sessions([words.Line(200, 7, text)], {7: 100})
    assert found == Session(ALICE, "postfix", "smtp", ("2001:db8::7",), (7,))
