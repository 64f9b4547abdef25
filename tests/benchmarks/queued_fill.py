# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fills a queue with messages that wait for another try, as smtpd, cleanup and a failed delivery leave them there.

    python3 queued_fill.py COUNT [QUEUE_DIRECTORY]

Every second message is stolen@bench.test's, as login and as sender. Files are written as they are, because handing in
100,000 messages takes minutes. Postfix has to be stopped meanwhile, or to keep deferred mail waiting.
"""

from __future__ import annotations

import os
import pwd
import sys
import time

BODY = ["Subject: bench", "From: <{sender}>", "", *["A line of a message that nobody wants." for _line in range(20)]]


def record(kind: str, text: str) -> bytes:
    """One record of a queue file: its type, its length in seven bits per byte, its data."""
    data, length, written = text.encode(), len(text.encode()), b""
    while True:
        written += bytes([length & 127 | (128 if length > 127 else 0)])
        length >>= 7
        if not length:
            return kind.encode() + written + data


def message(number: int, name: str, now: int) -> bytes:
    """A whole queue file."""
    stolen = number % 2 == 0
    sender = "stolen@bench.test" if stolen else f"user{number % 50}@bench.test"
    recipients = [f"r{number}@d{number % 200}.remote.test", f"s{number}@d{number % 7}.other.test"]
    attributes = {"log_ident": name, "rewrite_context": "local", "sasl_method": "PLAIN", "sasl_username": sender}
    client = f"192.0.2.{number % 250 + 1}"
    later = {
        "log_client_name": "unknown",
        "log_client_address": client,
        "log_client_port": "40000",
        "log_message_origin": f"unknown[{client}]",
        "log_helo_name": "pc.example",
        "log_protocol_name": "ESMTPSA",
        "client_name": "unknown",
        "reverse_client_name": "unknown",
        "client_address": client,
        "client_port": "40000",
        "server_address": "192.0.2.254",
        "server_port": "587",
        "helo_name": "pc.example",
        "protocol_name": "ESMTPSA",
        "client_address_type": "2",
    }
    envelope = record("T", f"{now} 000000") + record("A", f"create_time={now}")
    envelope += b"".join(record("A", f"{key}={value}") for key, value in attributes.items())
    envelope += record("S", sender)
    envelope += b"".join(record("A", f"{key}={value}") for key, value in later.items())
    for address in recipients:
        envelope += record("A", f"dsn_orig_rcpt=rfc822;{address}") + record("O", address) + record("R", address)
    content = b"".join(record("N", line.format(sender=sender)) for line in BODY)
    offset = 2 + 6 * 16 - 1 + len(envelope) + 2
    size = " ".join(f"{value:15d}" for value in (len(content), offset, len(recipients), 0, len(content), 0))
    return record("C", size) + envelope + record("M", "") + content + record("X", "") + record("E", "")


def reason(number: int) -> bytes:
    """What a failed delivery notes of the first recipient (bounce(8))."""
    fields = {
        "original_recipient": f"r{number}@d{number % 200}.remote.test",
        "recipient": f"r{number}@d{number % 200}.remote.test",
        "dsn_orig_rcpt": f"rfc822;r{number}@d{number % 200}.remote.test",
        "status": "4.4.1",
        "action": "delayed",
        "reason": f"connect to mx.d{number % 20}.remote.test[192.0.2.9]:25: Connection timed out",
    }
    first = f"<{fields['recipient']}>: {fields['reason']}\n"
    return (first + "".join(f"{key}={value}\n" for key, value in fields.items()) + "\n").encode()


def main() -> None:
    count, queue = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "/var/spool/postfix"
    owner, now = pwd.getpwnam("postfix"), int(time.time())
    for number in range(count):
        name = f"{number % 999983:05X}{number:06X}"
        for directory, data, mode in (
            ("deferred", message(number, name, now), 0o700),
            ("defer", reason(number), 0o600),
        ):
            path = f"{queue}/{directory}/{name[0]}"
            os.makedirs(path, mode=0o700, exist_ok=True)
            os.chown(path, owner.pw_uid, owner.pw_gid)
            with open(f"{path}/{name}", "wb") as handle:
                os.fchmod(handle.fileno(), mode)
                os.fchown(handle.fileno(), owner.pw_uid, owner.pw_gid)
                handle.write(data)
            if directory == "deferred":
                os.utime(f"{path}/{name}", (now, now + 86400))


if __name__ == "__main__":
    main()
