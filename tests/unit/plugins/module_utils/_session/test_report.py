# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of a stolen account."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._session import report

ALICE = "alice@lock.test"
LOCK = {"name": ALICE, "reason": "spam", "since": "2026-11-22T18:25:00+00:00"}
ENDED = {"account": ALICE, "server": "dovecot", "service": "imap", "clients": ["192.0.2.7"], "processes": [7]}
FRESH = {"changed": True, "locked": [ALICE], "unlocked": [], "locks": [LOCK], "ended": [ENDED]}
AGAIN = {"changed": False, "locked": [], "unlocked": [], "locks": [LOCK], "ended": []}
QUEUE = {
    "changed": True,
    "done": 12,
    "totals": {"recipient_domains": [{"name": "far.test", "messages": 12, "recipients": 14}]},
}
NO_QUEUE: dict[str, Any] = {"changed": False, "done": 0, "totals": {}}
SCRIPT = {
    "account": ALICE,
    "path": "/var/vmail/lock.test/alice/sieve/x.sieve",
    "active": True,
    "included": False,
    "changed": "2026-11-22T03:14:00+00:00",
    "redirects": ["thief@example.net"],
    "replies": True,
    "discards": True,
}
TIMES = {"first": "2026-11-22T01:00:00Z", "last": "2026-11-22T02:00:00Z"}
PERIOD = "2026-11-22T01:00:00Z to 2026-11-22T02:00:00Z"
SCRIPT_DOES = "runs, changed 2026-11-22T03:14:00+00:00, sends mail on to thief@example.net, replies, throws mail away"
LOG = {
    "changed": False,
    "senders": [
        {
            **dict.fromkeys(("waiting", "bounced"), 0),
            **TIMES,
            "login": ALICE,
            "messages": 12,
            "recipients": 14,
            "sent": 3,
            "deleted": 11,
            "domains": [{"domain": "far.test", "recipients": 14}],
            "clients": [{"address": "192.0.2.7", "name": "unknown", "messages": 12}],
        }
    ],
    "logins": [{"account": ALICE, "addresses": [{"address": "192.0.2.7", "logins": 3, **TIMES}]}],
}


def test_a_whole_story() -> None:
    account = {"name": ALICE, "forward_to": ["x@example.net"], "sender_addresses": ["ceo@lock.test"]}
    found = {
        "lock": FRESH,
        "held": [QUEUE],
        "deleted": [QUEUE],
        "logs": [LOG],
        "scripts": [SCRIPT],
        "stopped": {"changed": True, "modified": [ALICE], "former": {ALICE: "x"}},
        "accounts": [{**account, "autoreply": {"subject": "Buy!"}}],
        "password": {"changed": True},
    }
    assert report.lines(found) == [
        f"{ALICE}: locked, since 2026-11-22T18:25:00+00:00: spam",
        f"Ended: imap of {ALICE} from 192.0.2.7",
        "Mail in the queue held: 12",
        "  to far.test: 14 recipients",
        f"Look at {ALICE}: forwards to x@example.net",
        f"Look at {ALICE}: may send as ceo@lock.test",
        f"Look at {ALICE}: replies by itself: Buy!",
        f"Look at {ALICE}: script x.sieve: {SCRIPT_DOES}",
        f"No script of {ALICE} runs any more; x did",
        f"Sent by {ALICE}: 12 messages to 14 recipients, {PERIOD}: 3 delivered, 0 waiting, 0 returned, 11 deleted",
        "  to far.test: 14 recipients",
        "  from 192.0.2.7 (unknown): 12 messages",
        f"Logged in as {ALICE} from 192.0.2.7: 3 times, {PERIOD}",
        "Mail in the queue deleted: 12",
        "  to far.test: 14 recipients",
        "New password: set.",
    ]


def test_a_second_time_nothing_is_left() -> None:
    found = {"lock": AGAIN, "held": [NO_QUEUE], "deleted": [], "password": {}}
    assert report.lines(found) == [f"{ALICE}: was locked before, since {LOCK['since']}: spam", report.NOTHING]


def test_what_is_foretold_is_not_told_as_done() -> None:
    assert report.lines({"lock": {**FRESH, "ended": []}, "check": True})[0] == report.FORETOLD
    assert report.FORETOLD not in report.lines({"lock": AGAIN, "check": True})


def test_a_script_that_another_one_includes_runs() -> None:
    (line, _last) = report.lines({"scripts": [{**SCRIPT, "active": False, "included": True}]})
    assert "script x.sieve: is part of the one that runs, " in line


def test_an_unlock() -> None:
    found = {"lock": {"changed": True, "locked": [], "unlocked": [ALICE], "locks": []}, "released": [QUEUE]}
    assert report.lines(found)[:2] == [f"{ALICE}: unlocked", "Mail in the queue released: 12"]


def test_logs_that_cannot_be_read_are_told() -> None:
    assert report.lines({"lock": FRESH, "logs": [{"msg": "no log"}]})[-1] == "The logs could not be read: no log"


@pytest.mark.parametrize("found", [{}, {"lock": {}, "held": [{}], "logs": [{}], "password": None}])
def test_what_was_not_done_is_not_told(found: dict[str, Any]) -> None:
    assert report.lines(found) == [report.NOTHING]


def test_what_strangers_chose_does_no_harm() -> None:
    script = {**SCRIPT, "redirects": ["a\x1b[2J@example.net\nSubject: x"]}
    (line, _last) = report.lines({"scripts": [script]})
    assert "\x1b" not in line
    assert "\n" not in line
