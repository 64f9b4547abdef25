# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines as Postfix 3.5, 3.7 and 3.10 write them, and hostile ones."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._queue import message, totals
from ansible_collections.mailops.mailserver.plugins.module_utils._queue.message import Origin, Recipient

DEFERRED = (
    b'{"queue_name": "deferred", "queue_id": "2CD8E3F4B1B", "arrival_time": 1795370766, "message_size": 3300, '
    b'"forced_expire": false, "sender": "alice@q.test", "recipients": [{"address": "y@other.test", "delay_reason": '
    b'"connect to 127.0.0.1[127.0.0.1]:9: Connection refused"}, {"address": "x@remote.test"}]}'
)
BOUNCE = (
    b'{"queue_name": "hold", "queue_id": "50EE13F4099", "arrival_time": 1795371028, "message_size": 240, '
    b'"sender": "MAILER-DAEMON", "recipients": [{"address": "c@Remote.test"}]}'
)


def test_a_line() -> None:
    found = message.parse(DEFERRED)
    assert (found.id, found.queue, found.arrived, found.size) == ("2CD8E3F4B1B", "deferred", 1795370766, 3300)
    assert found.sender == "alice@q.test"
    assert found.recipients[1] == Recipient("x@remote.test", "")
    assert found.recipients[0].reason.endswith("Connection refused")
    assert message.head(DEFERRED) == ("deferred", "2CD8E3F4B1B")


def test_the_sender_of_a_bounce_is_empty() -> None:
    found = message.parse(BOUNCE)
    assert found.sender == ""
    assert message.described(found)["sender"] == "<>"


@pytest.mark.parametrize("line", [b"", b"{}", b"mail system is down", b'{"queue_name": 1}', b"[]"])
def test_what_is_no_line(line: bytes) -> None:
    for read in (message.head, message.parse):
        with pytest.raises(MailError, match="a line is no message"):
            read(line)


def test_strangers_cannot_write_on_a_terminal() -> None:
    hostile = "\x1b[2Jroot@\u202eexample\u2028.com\n" + "x" * 1000
    line = {**json.loads(BOUNCE), "sender": hostile, "recipients": [{"address": hostile, "delay_reason": hostile}]}
    shown = message.described(message.parse(json.dumps(line).encode()))
    for text in (shown["sender"], shown["recipients"][0]["address"], shown["recipients"][0]["reason"]):
        assert text.startswith("?[2Jroot@?example?.com?x")
        assert text.isprintable()
        assert len(text) <= 300


def test_few_recipients_are_shown_and_all_are_counted() -> None:
    many = [{"address": f"r{number}@remote.test"} for number in range(1000)]
    found = message.parse(json.dumps({**json.loads(BOUNCE), "recipients": many}).encode())
    shown = message.described(found)
    assert (shown["recipient_count"], len(shown["recipients"])) == (1000, 20)
    assert message.digest(found).domains == (("remote.test", 1000),)


def test_sums() -> None:
    said = "host mx said: 450 4.2.0 <{}>: Greylisted"
    first = message.parse(DEFERRED)._replace(
        origin=Origin("alice@q.test", "192.0.2.7"),
        recipients=(
            Recipient("a@one.test", said.format("a@one.test")),
            Recipient("b@one.test", said.format("b@one.test")),
        ),
    )
    sums = totals.Totals.of(map(message.digest, [first, message.parse(BOUNCE)]))
    facts = sums.facts(10)
    assert (facts["messages"], facts["recipients"], facts["size"]) == (2, 3, 3540)
    assert facts["oldest"] == "2026-11-22T18:06:06Z"
    assert facts["logins"] == [
        {"name": "alice@q.test", "messages": 1, "recipients": 2},
        {"name": "(none)", "messages": 1, "recipients": 1},
    ]
    assert facts["recipient_domains"][0] == {"name": "one.test", "messages": 1, "recipients": 2}
    assert facts["reasons"] == [
        {"name": "host mx said: 450 4.2.0 <...>: Greylisted", "messages": 1, "recipients": 2},
    ]
    assert [row["name"] for row in sums.facts(1)["senders"]] == ["alice@q.test"]
    words = totals.lines(facts, first="Two.")
    assert words[:2] == ["Two.", "2 messages to 3 recipients, 3.5 KB, the oldest of 2026-11-22T18:06:06Z"]
    assert "login             1 message to 2 recipients         alice@q.test" in words


def test_no_messages_make_one_line() -> None:
    assert totals.lines(totals.Totals().facts(5), first="None.") == ["None."]


def test_tables_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "_MOST_KEYS", 3)
    tally = totals.Tally()
    for number in range(10):
        tally.add(f"k{number}", 1)
    assert tally.top(9)[0] == {"name": "(others)", "messages": 7, "recipients": 7}
    assert len(tally.top(9)) == 4
