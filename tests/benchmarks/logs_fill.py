# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write a log of mail as busy servers have it: python3 logs_fill.py LINES file|journal >LOG

Each fourteen lines are a message sent by one of a thousand accounts to one of five thousand domains, a stranger who is
refused, a login, and two that fail under names and from addresses that were never seen before. They lie in one day.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

OUTCOMES = (
    ("sent", "2.0.0", "250 2.0.0 Ok: queued as 4bABC{n}zzz"),
    ("deferred", "4.2.2", "host mx.{domain}[192.0.2.7] said: 452 4.2.2 <x@{domain}> full id={n} (in reply to RCPT TO)"),
    ("sent", "2.0.0", "250 ok"),
    ("bounced", "5.1.1", "host mx.{domain}[192.0.2.7] said: 550 5.1.1 <y@{domain}>: unknown (in reply to RCPT TO)"),
)
LINES = (
    ("postfix/submission/smtpd", "connect from c{n}.example.org[{address}]"),
    (
        "postfix/submission/smtpd",
        (
            "Anonymous TLS connection established from c{n}.example.org[{address}]: TLSv1.3 with cipher "
            "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature ECDSA (prime256v1)"
        ),
    ),
    (
        "postfix/submission/smtpd",
        "{id}: client=c{n}.example.org[{address}], sasl_method=PLAIN, sasl_username={user}",
    ),
    ("postfix/cleanup", "{id}: message-id=<{n}.abc@client.example.net>"),
    ("postfix/qmgr", "{id}: from=<{user}>, size={size}, nrcpt=1 (queue active)"),
    (
        "postfix/submission/smtpd",
        "disconnect from c{n}.example.org[{address}] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8",
    ),
    (
        "postfix/smtp",
        (
            "{id}: to=<p{n}@{domain}>, relay=mx.{domain}[192.0.2.7]:25, delay=0.8, delays=0.1/0/0.3/0.4, dsn={dsn}, "
            "status={status} ({said})"
        ),
    ),
    ("postfix/qmgr", "{id}: removed"),
    (
        "postfix/smtpd",
        (
            "NOQUEUE: reject: RCPT from unknown[203.0.113.{low}]: 550 5.1.1 <a{n}@example.com>: "
            "Recipient address rejected: User unknown in virtual mailbox table; "
            "from=<s{n}@{domain}> to=<a{n}@example.com> proto=ESMTP helo=<h{n}>"
        ),
    ),
    ("dovecot", "lmtp({user})<33><S{n}xyz>: msgid=<{n}.abc@client.example.net>: saved mail to INBOX"),
    (
        "dovecot",
        "imap-login: Logged in: user=<{user}>, method=PLAIN, rip={address}, lip=192.0.2.1, mpid=99, TLS, session=<abc>",
    ),
    (
        "dovecot",
        (
            "imap({user})<99><abc>: Disconnected: Logged out in=50 out=944 deleted=0 expunged=0 trashed=0 hdr_count=0 "
            "hdr_bytes=0 body_count=0 body_bytes=0"
        ),
    ),
    (
        "dovecot",
        (
            "imap-login: Login aborted: Connection closed (auth failed, 1 attempts in 2 secs) (auth_failed): "
            "user=<rnd{n}>, method=PLAIN, rip=10.{high}.{low}.9, lip=192.0.2.1, TLS: Connection closed, session=<1W5U>"
        ),
    ),
    (
        "postfix/submission/smtpd",
        (
            "warning: unknown[10.{high}.{low}.9]: SASL LOGIN authentication failed: "
            "(reason unavailable), sasl_username=x{n}"
        ),
    ),
)


def lines(count: int) -> Iterator[tuple[float, str, int, str]]:
    """Time, tag, process and message."""
    start, n = time.time() - 86000, 0
    for number in range(count):
        if number % len(LINES) == 0:
            n += 1
            status, dsn, said = OUTCOMES[n % len(OUTCOMES)]
            facts = {
                "n": n,
                "id": f"{0xA000000000 + n:X}",
                "user": f"user{n % 997}@example.com",
                "address": f"198.51.{n % 200}.{n % 250}",
                "domain": f"example{n % 5000}.net",
                "size": 500 + n % 9000,
                "dsn": dsn,
                "status": status,
                "high": n // 250 % 250,
                "low": n % 250,
            }
            facts["said"] = said.format(**facts)
        tag, text = LINES[number % len(LINES)]
        yield start + number * 86000 / count, tag, 1000 + n % 40, text.format(**facts)


def main() -> None:
    count, form = int(sys.argv[1]), sys.argv[2]
    for seconds, tag, pid, text in lines(count):
        if form == "file":
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
            sys.stdout.write(f"{stamp}.123456+00:00 mx {tag}[{pid}]: {text}\n")
        else:
            sys.stdout.write(
                f"__REALTIME_TIMESTAMP={int(seconds * 1e6)}\n__MONOTONIC_TIMESTAMP={int(seconds * 1e6)}\n"
                f"_BOOT_ID={'1' * 32}\n_UID=0\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER={tag}\nSYSLOG_PID={pid}\n"
                f"_PID={pid}\nMESSAGE={text}\n\n"
            )


if __name__ == "__main__":
    main()
