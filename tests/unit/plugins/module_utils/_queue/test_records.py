# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of the queue, built from records as smtpd and cleanup write them."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._queue import layout, records
from ansible_collections.mailops.mailserver.plugins.module_utils._queue.message import Origin


def record(kind: str, data: bytes | str) -> bytes:
    """One record: its kind, its length in seven bits per byte, its data."""
    value = data.encode() if isinstance(data, str) else data
    length, written = len(value), b""
    while length > 127:
        written += bytes([length & 127 | 128])
        length >>= 7
    return kind.encode() + written + bytes([length]) + value


def file(*attributes: str, login: str = "alice@example.com") -> bytes:
    """The file of a message that was submitted."""
    parts = [
        record("C", "           3306             692               1               0            3306               0"),
        record("T", "1795371028 421523"),
        record("A", "create_time=1795371028"),
        record("A", "log_ident=68E723F424F"),
        record("A", "rewrite_context=local"),
        record("A", "sasl_method=PLAIN"),
        *([record("A", f"sasl_username={login}")] if login else []),
        record("S", "forged@example.org"),
        *(record("A", text) for text in attributes or ("log_client_address=192.0.2.7", "client_address=192.0.2.7")),
        record("A", "dsn_orig_rcpt=rfc822;x@remote.test"),
        record("O", "x@remote.test"),
        record("R", "x@remote.test"),
        record("M", ""),
        record("N", "Subject: sasl_username=nobody"),
        record("N", ""),
        record("L", "a long "),
        record("N", "line"),
        record("X", ""),
        record("R", "y@remote.test"),
        record("E", ""),
    ]
    return b"".join(parts)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (file(), Origin("alice@example.com", "192.0.2.7")),
        (file(login=""), Origin("", "192.0.2.7")),
        (
            file("log_client_address=2001:db8::7", "client_address=127.0.0.1"),
            Origin("alice@example.com", "2001:db8::7"),
        ),
        (file("client_address=192.0.2.9"), Origin("alice@example.com", "192.0.2.9")),
        (file("log_client_address=unknown", "client_address=unknown"), Origin("alice@example.com", "")),
        # Written by sendmail: nobody logged in.
        (record("T", "1 0") + record("S", "root@x") + record("R", "a@b.c") + record("M", ""), Origin()),
        # What a client says stands in one record and makes no other.
        (file(f"log_helo_name=A{chr(29)}sasl_username=bob@example.com", login=""), Origin()),
        (file(f"log_helo_name={'x' * 300}", "client_address=192.0.2.9", login=""), Origin("", "192.0.2.9")),
    ],
)
def test_who_handed_it_in(data: bytes, expected: Origin) -> None:
    assert records.origin(data) == expected


def test_more_has_to_be_read() -> None:
    whole = file()
    first = whole.index(b"client_address=192.0.2.7") - 20
    assert records.origin(whole[:first]) is None
    assert records.origin(b"") is None


def text(data: bytes) -> bytes:
    """The message in a file, and nothing else."""
    inside, found = False, b""
    for kind, value in records.walk(data):
        if kind in (records.CONTENT, records.EXTRACTED):
            inside = kind == records.CONTENT
        elif inside and kind in (records.TEXT, records.PART):
            found += value + b"\n" if kind == records.TEXT else value
    return found


def test_the_message() -> None:
    assert text(file()) == b"Subject: sasl_username=nobody\n\na long line\n"
    waiting = [value for kind, value in records.walk(file()) if kind == records.RECIPIENT]
    assert waiting == [b"x@remote.test", b"y@remote.test"]


def test_pointers_lead_to_what_a_milter_has_changed_and_back() -> None:
    start = record("C", " " * 95) + record("M", "") + record("N", "Subject: old")
    pointer = len(record("p", f"{0:15d}"))
    rest = record("N", "") + record("N", "body") + record("X", "") + record("p", f"{0:15d}") + record("E", "")
    back = len(start) + pointer
    there = back + len(rest)
    added = record("N", "X-Added: yes") + record("p", f"{back:15d}")
    data = start + record("p", f"{there:15d}") + rest + added
    assert text(data) == b"Subject: old\nX-Added: yes\n\nbody\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        file()[:-2],
        file()[:100],
        record("M", "") + b"N\x05abc",
        record("M", "") + b"N\xff\xff",
        record("p", f"{0:15d}"),
        record("p", "99999"),
    ],
)
def test_damaged_files(data: bytes) -> None:
    with pytest.raises(MailError, match="the file is damaged at byte"):
        list(records.walk(data))


def test_pointers_in_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_MOST_JUMPS", 10)
    data = record("M", "") + record("p", "2")
    with pytest.raises(MailError, match="lead round in a circle"):
        list(records.walk(data))


@pytest.mark.parametrize(
    ("queue", "name", "expected"),
    [
        ("hold", "2CD8E3F4B1B", "/q/hold/2CD8E3F4B1B"),
        ("deferred", "2CD8E3F4B1B", "/q/deferred/2/2CD8E3F4B1B"),
        # postconf(5): the microseconds of a long queue ID are four characters before the last "z", in base 52.
        ("deferred", "4f9D195432z1Yc9", "/q/deferred/A/4f9D195432z1Yc9"),
        ("deferred", "4f9D190000z1Yc9", "/q/deferred/0/4f9D190000z1Yc9"),
    ],
)
def test_where_a_file_lies(queue: str, name: str, expected: str) -> None:
    assert layout.Layout("/q", frozenset({"deferred", "defer"}), 1).path(queue, name) == expected


def test_deeper_directories() -> None:
    assert layout.Layout("/q", frozenset({"hold"}), 2).path("hold", "2CD8E3F") == "/q/hold/2/C/2CD8E3F"
