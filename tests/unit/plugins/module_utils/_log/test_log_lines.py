# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of the daemons, and what strangers may write into them."""

from __future__ import annotations

import os
import pathlib
import random
import time

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._log import (
    courier,
    dovecot,
    events,
    facts,
    follow,
    line,
    logins,
    postfix,
    reasons,
    sums,
    text,
    when,
)

LOGS = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "logs"
FAKE = '"a>, relay=x[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (b"@remote.test'


def read(program: str, told: str) -> events.Event | None:
    reader = postfix.reader(f"postfix/{program}")
    assert reader is not None
    return reader(line.Line(0, "", 5, told))


@pytest.mark.parametrize(
    ("program", "told", "event"),
    [
        (
            "smtpd",
            "07DDD412077: client=mx.example.org[2001:db8::7], sasl_method=PLAIN, sasl_username=alice@example.com",
            events.Accepted("07DDD412077", 5, "", "2001:db8::7", "mx.example.org", "alice@example.com"),
        ),
        (
            "submission/smtpd",
            "4bABCd1234zxcv: client=unknown[192.0.2.1]:4711, sasl_method=LOGIN, sasl_username=a b, sasl_sender=x@y",
            events.Accepted("4bABCd1234zxcv", 5, "submission", "192.0.2.1", "unknown", "a b"),
        ),
        ("smtpd", "connect from unknown[192.0.2.1]", events.Connected(5, "", "192.0.2.1", "unknown")),
        ("smtpd", "disconnect from unknown[192.0.2.1] ehlo=1 quit=1 commands=2", events.Disconnected(5)),
        (
            "smtpd",
            (
                "warning: unknown[192.0.2.1]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=x, "
                "sasl_username=bob@example.com"
            ),
            events.LoginFailed("smtp", "x, sasl_username=bob@example.com", "192.0.2.1", 1),
        ),
        (
            "smtpd",
            "warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
            events.LoginFailed("smtp", "", "192.0.2.1", 1),
        ),
        (
            "smtpd",
            "warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: aborted, sasl_username=(unavailable)",
            events.LoginFailed("smtp", "", "192.0.2.1", 1),
        ),
        (
            "submission/smtpd",
            "warning: AUTH command rate limit exceeded: 4 from unknown[192.0.2.9] for service submission",
            events.Exceeded(5, "192.0.2.9", "auth command"),
        ),
        (
            "smtpd",
            "NOQUEUE: too many errors after UNKNOWN from unknown[192.0.2.9]",
            events.Exceeded(5, "192.0.2.9", "errors"),
        ),
        (
            "smtpd",
            "too many errors after DATA (0 bytes) from unknown[192.0.2.9]",
            events.Exceeded(5, "192.0.2.9", "errors"),
        ),
        (
            "postscreen",
            (
                "NOQUEUE: reject: RCPT from [192.0.2.9]:4711: 550 5.7.1 Service unavailable; client [192.0.2.9] "
                "blocked using bl.example.net; from=<a@example.org>, to=<b@example.com>, proto=ESMTP, helo=<m.example>"
            ),
            events.Rejected(
                "",
                5,
                "RCPT",
                "192.0.2.9",
                "550 5.7.1",
                "Service unavailable; client [192.0.2.9] blocked using bl.example.net",
                "a@example.org",
                "b@example.com",
                "",
            ),
        ),
        (
            "cleanup",
            (
                "0ABCDEF: milter-reject: END-OF-MESSAGE from unknown[192.0.2.9]: 5.7.1 Refused by DMARC; "
                "from=<a@example.org> to=<b@example.com> proto=ESMTP helo=<x>"
            ),
            events.Rejected(
                "0ABCDEF",
                0,
                "END-OF-MESSAGE",
                "192.0.2.9",
                "5.7.1",
                "Refused by DMARC",
                "a@example.org",
                "b@example.com",
                "",
            ),
        ),
        (
            "smtp",
            (
                f"5CDCC4120CC: to=<{FAKE}>, relay=none, delay=0.05, delays=0/0/0.04/0, dsn=4.4.1, status=deferred "
                "(connect to mx[192.0.2.1]:25: Connection refused)"
            ),
            events.Delivery(
                "5CDCC4120CC",
                "smtp",
                FAKE,
                "",
                "none",
                "4.4.1",
                "deferred",
                "connect to mx[192.0.2.1]:25: Connection refused",
            ),
        ),
        (
            "qmgr",
            '5E0414120D5: from=<"q>, size=1, nrcpt=99 (queue active)<"@example.org>, size=444, nrcpt=1 (queue active)',
            events.Queued("5E0414120D5", '"q>, size=1, nrcpt=99 (queue active)<"@example.org', 444, 1),
        ),
        (
            "qmgr",
            "5E0414120D5: from=<a@example.org>, status=expired, returned to sender",
            events.Expired("5E0414120D5"),
        ),
        ("qmgr", "5E0414120D5: removed", events.Removed("5E0414120D5", deleted=False)),
        ("qmgr", "5E0414120D5: from=<a@exam", events.Cut()),
        ("postsuper", "5E0414120D5: removed", events.Removed("5E0414120D5", deleted=True)),
        ("postsuper", "5E0414120D5: placed on hold", events.Marked("5E0414120D5", "placed on hold")),
        ("smtp", "5E0414120D5: to=<a@example.org>, relay=mx[19", events.Cut()),
        (
            "bounce",
            "2E61241: sender non-delivery notification: 386F541",
            events.Notified("2E61241", "non-delivery", "386F541"),
        ),
        ("pickup", "2E6124120D6: uid=33 from=<www-data>", events.Submitted("2E6124120D6", 33, "www-data")),
        ("master", "daemon started", None),
    ],
)
def test_postfix(program: str, told: str, event: events.Event | None) -> None:
    assert read(program, told) == event


def test_a_login_is_not_taken_from_the_greeting_or_an_address() -> None:
    start = "NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 554 5.7.1 <x@example.com>: Relay access denied; "
    hidden = '"; from=<a> to=<b> proto=x helo=<y> sasl_username=bob"@example.org'
    found = read("smtpd", f"{start}from=<{hidden}> to=<x@example.com> proto=ESMTP helo=<y>")
    assert isinstance(found, events.Rejected)
    assert (found.sender, found.recipient, found.login) == (hidden, "x@example.com", "")


def test_a_long_reply_is_cut_off() -> None:
    said = "x" * 1500
    found = read(
        "smtp",
        f"ABCDEF1: to=<a@b>, relay=m[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced ({said}",
    )
    assert isinstance(found, events.Delivery)
    assert found.text == said


EVIL = "x>, method=PLAIN, rip=6.6.6.6, lip=1.1.1.1, ?[31m<b>"


@pytest.mark.parametrize(
    ("told", "event"),
    [
        (
            "imap-login: Logged in: user=<alice@example.com>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, mpid=1, TLS",
            events.Login("imap", "alice@example.com", "192.0.2.7"),
        ),
        (
            "managesieve-login: Login: user=<alice@example.com>, method=PLAIN, rip=::1, lip=::1, mpid=4282, TLS",
            events.Login("sieve", "alice@example.com", "::1"),
        ),
        (
            (
                "imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 10 secs) (auth_failed): "
                f"user=<{EVIL}>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, TLS: Connection closed, session=<x>"
            ),
            events.LoginFailed("imap", EVIL, "192.0.2.7", 3),
        ),
        (
            (
                "pop3-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<info>, method=PLAIN, "
                "rip=192.0.2.7, lip=192.0.2.1, TLS, session=<x>"
            ),
            events.LoginFailed("pop3", "info", "192.0.2.7", 1),
        ),
        ("imap-login: Login aborted: Connection closed (no auth attempts in 0 secs): user=<>, rip=::1, lip=::1", None),
        (
            "lmtp(bob@example.com)<3543><EdsvCKQvA2vXDQAA1oUInw:R2>: msgid=<a@b>: saved mail to INBOX",
            events.Stored("bob@example.com", "EdsvCKQvA2vXDQAA1oUInw:R2", "msgid=<a@b>: saved mail to INBOX"),
        ),
        ("lmtp(3543): Connect from local", None),
    ],
)
def test_dovecot(told: str, event: events.Event | None) -> None:
    assert dovecot.read(told) == event


@pytest.mark.parametrize(
    ("told", "event"),
    [
        (
            "LOGIN, user=bob@example.com, ip=[::ffff:192.0.2.7], port=[52059], protocol=IMAP, starttls=1",
            events.Login("imap", "bob@example.com", "192.0.2.7"),
        ),
        (
            "LOGIN FAILED, user=x, ip=[6.6.6.6], port=[1], ip=[::ffff:192.0.2.7], port=[44197]",
            events.LoginFailed("imap", "x, ip=[6.6.6.6], port=[1]", "192.0.2.7", 1),
        ),
        ("LOGIN FAILED, method=PLAIN, ip=[2001:db8::7]", events.LoginFailed("imap", "", "2001:db8::7", 1)),
        ("LOGOUT, user=bob@example.com, ip=[::ffff:192.0.2.7]", None),
        ("LOGIN, user=bo", events.Cut()),
    ],
)
def test_courier(told: str, event: events.Event | None) -> None:
    assert courier.read("imapd-ssl", told) == event


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


NEW_YEAR = 1798761600.0  # 2027-01-01


@pytest.mark.parametrize(
    ("written", "tag", "pid", "told", "seconds"),
    [
        ("Jan  1 00:00:05 mx postfix/smtpd[12]: hello", "postfix/smtpd", 12, "hello", 5),
        ("Dec 31 23:59:59 mx imapd: LOGIN", "imapd", 0, "LOGIN", -1),
        ("Dec 31 23:59:59 imap-login: Info: Login: user=<a>", "dovecot", 0, "imap-login: Login: user=<a>", -1),
        ("2027-01-01T01:00:00.250000+01:00 mx dovecot[1]: a: b", "dovecot", 1, "a: b", 0),
        ("2027-01-01T00:00:09+0000 mx dovecot[1]: a: b", "dovecot", 1, "a: b", 9),
        ("2027-01-01 00:00:01 lmtp(a@b)<1><x>: Info: msgid=<>: x", "dovecot", 0, "lmtp(a@b)<1><x>: msgid=<>: x", 1),
        ("\0\0\0Jan  1 00:00:05 mx postfix/qmgr[12]: after a crash", "postfix/qmgr", 12, "after a crash", 5),
    ],
)
def test_lines_of_files(written: str, tag: str, pid: int, told: str, seconds: float) -> None:
    assert line.from_file(written, when.Clock(NEW_YEAR + 10)) == line.Line(NEW_YEAR + seconds, tag, pid, told)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x" * 70000,
        "Foo  1 00:00:05 mx a: b",
        "Jan 44 00:00:05 mx",
        "2026-13-01T00:00:00Z mx a: b",
        "\x1b[31m",
        "Jan  1 00:0",
    ],
)
def test_damaged_lines(written: str) -> None:
    assert line.from_file(written, when.Clock(NEW_YEAR)) is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{}",
        "[1]",
        '{"MESSAGE": null, "__REALTIME_TIMESTAMP": "x"}',
        '{"MESSAGE": [300], "__REALTIME_TIMESTAMP": "1"}',
    ],
)
def test_damaged_entries_of_the_journal(written: str) -> None:
    assert line.from_journal(written, {0}) is None


def test_entries_of_the_journal() -> None:
    plain = '{"__REALTIME_TIMESTAMP": "1500000", "SYSLOG_IDENTIFIER": "postfix/smtpd", '
    plain += '"_UID": "%s", "_PID": "7", "MESSAGE": %s}'
    assert line.from_journal(plain % (0, '"a\\nb"'), {0}) == line.Line(1.5, "postfix/smtpd", 7, "a\nb")
    assert line.from_journal(plain % (0, "[97, 255, 98]"), {0}) == line.Line(1.5, "postfix/smtpd", 7, "a\ufffdb")
    assert line.from_journal(plain % (33, '"forged"'), {0}) == line.Line(1.5, "", 7, "forged")


def test_moments() -> None:
    assert when.moment("since", "24h", NEW_YEAR) == NEW_YEAR - 86400
    assert when.moment("since", "2027-01-01", 0) == NEW_YEAR
    assert when.moment("since", "2027-01-01 01:00:00+01:00", 0) == NEW_YEAR
    assert when.written(NEW_YEAR) == "2027-01-01T00:00:00Z"
    for wrong in ("", "24", "h", "-1h", "tomorrow", "2027-02-30", "9999999h"):
        with pytest.raises(MailError, match=r"since: .* is no time\. Write"):
            when.moment("since", wrong, 0)


def test_texts_are_made_harmless() -> None:
    assert text.clean("日本 <b>") == "日本 <b>"
    assert text.clean("a\x1b[31m\nb\u202ec\u2028\udcff") == "a\ufffd[31m\ufffdb\ufffdc\ufffd\ufffd"
    assert text.clean("x" * 400) == "x" * 299 + "…"


@pytest.mark.parametrize(
    ("told", "general"),
    [
        (
            "host mx.b.test[192.0.2.1] said: 452 4.2.2 <a@b.test> full (in reply to RCPT)",
            "452 4.2.2 <…> full (in reply to RCPT)",
        ),
        ("connect to mx.b.test[2001:db8::1]:25: Connection refused", "Connection refused"),
        ("451 4.7.1 see https://b.test/why?id=ABC for 10.1.2.3", "451 4.7.1 see https://… for …"),
    ],
)
def test_reasons_are_generalized(told: str, general: str) -> None:
    assert reasons.general(told) == general


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("<…>: Relay access denied", "relay"),
        ("Error: too much mail from …", "limit"),
        ("<…>: Recipient address rejected: Mailbox is full", "quota"),
        ("<…>: Sender address rejected: not owned by user …", "sender_login"),
        ("Service unavailable; client [192.0.2.9] blocked using bl.example.net", "blocklist"),
        ("<…>: Client host rejected: Access denied", "client"),
        ("what else", "other"),
    ],
)
def test_kinds_of_refusals(told: str, kind: str) -> None:
    assert reasons.kind(told) == kind


def test_networks() -> None:
    assert [
        logins.network(address) for address in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8:7:8::9", "::1", "x")
    ] == [
        "192.0.2.0/24",
        "192.0.2.0/24",
        "2001:db8:7::/48",
        "::/48",
        "x",
    ]


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("postfix/smtpd", "NOQUEUE: reject: RCPT from a[192.0.2.1]: 550 5.1.1 " + "; from=<" * 8000),
        ("postfix/smtpd", "NOQUEUE: reject: RCPT from a[192.0.2.1]: 550 5.1.1 " + "; from=<a> to=<b> proto=x" * 2500),
        ("postfix/smtpd", "warning: " + "a[" * 30000),
        ("postfix/smtpd", "ABCDEF1: client=" + "a[" * 30000),
        ("postfix/smtp", 'ABCDEF1: to=<"' + '"a' * 30000),
        ("postfix/smtp", "ABCDEF1: to=<a>, relay=x, delay=1, delays=1, dsn=2.0.0, status=deferred (" + "a@<" * 20000),
        ("dovecot", "imap-login: " + "(auth failed, 1 attempts: " * 2500 + "user=<" * 2500),
        ("imapd", "LOGIN, user=" + ", ip=[" * 9000),
    ],
)
def test_no_line_takes_long(tag: str, told: str) -> None:
    """Users of the host can write lines of any length into the file of a syslog daemon."""
    result, start = sums.Sums(interval=3600), time.monotonic()
    result.take(line.Line(1, tag, 1, told))
    assert time.monotonic() - start < 1


def test_no_line_ends_the_reading() -> None:
    """Lines that daemons wrote, damaged at random."""
    wheel = random.Random(7)
    known = [text for path in sorted(LOGS.rglob("*.log")) for text in path.read_text(encoding="utf-8").splitlines()]
    put = [
        "<",
        ">",
        '"',
        "\\",
        "(",
        ")",
        "[",
        "]",
        ", ",
        ": ",
        "=",
        "\x1b",
        "\0",
        "user=<",
        "; from=<",
        "9" * 400,
        "nan",
    ]
    result = sums.Sums(interval=3600, follow=follow.Follow({"sender": "alice@example.test"}, 9))
    for _number in range(20000):
        told = wheel.choice(known)
        at = wheel.randrange(len(told) + 1)
        told = told[:at] + wheel.choice(put) + told[at + wheel.randrange(5) :]
        found = line.from_file(
            told[: wheel.randrange(500, 900) if wheel.random() < 0.5 else at + 9], when.Clock(NEW_YEAR)
        )
        if found is not None:
            result.take(found)
    assert result.cut > 100
    assert r"\x1b" not in str(facts.facts(result, 0, lambda _pid: True))
