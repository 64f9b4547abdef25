# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sums over logs that real daemons of Debian 11, 12 and 13 wrote, on which the same mail was sent."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._log import (
    facts,
    follow,
    line,
    logins,
    sums,
    when,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._log.line import Line
from ansible_collections.mailops.mailserver.plugins.module_utils._log.tally import Record, Tally

LOGS = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "logs"
RELEASES = ("debian11", "debian12", "debian13")
WRITTEN = 1795372000.0
ALICE, BOB = "alice@example.test", "bob@example.test"


def lines(name: str) -> Iterator[Line]:
    clock = when.Clock(WRITTEN)
    for text in (LOGS / name).read_text(encoding="utf-8").splitlines():
        found = line.from_file(text, clock)
        assert found is not None
        yield found


def added(name: str, *, login: str = "", wanted: dict[str, str] | None = None) -> dict[str, Any]:
    followed = follow.Follow(wanted, 100) if wanted else None
    result = sums.Sums(interval=3600, login=login, follow=followed)
    for each in lines(name):
        result.take(each)
    assert result.cut == 0
    return {**facts.facts(result, 0, lambda _pid: True), "messages": followed.facts() if followed else []}


def told(result: dict[str, Any], name: str, key: str, counted: str) -> dict[str, int]:
    return {entry[key]: entry[counted] for entry in result[name]}


@pytest.mark.parametrize("release", RELEASES)
def test_mail(release: str) -> None:
    result = added(f"{release}/dovecot.log")
    totals = result["totals"]
    assert {name: totals[name] for name in ("submitted", "received", "local")} == {
        "submitted": 15,
        "received": 8,
        "local": 3,
    }
    assert told(result, "senders", "login", "messages") == {ALICE: 14, BOB: 1}
    alice = result["senders"][0]
    domains = {entry["domain"]: entry for entry in alice["domains"]}
    assert alice["recipients"] == sum(entry["recipients"] for entry in domains.values())
    assert (domains["remote.test"]["messages"], domains["remote.test"]["waiting"]) == (3, 1)
    assert domains["elsewhere.invalid"]["bounced"] == 1
    assert alice["senders"][0]["sender"] == ALICE
    assert len(alice["clients"]) == 10 < alice["client_count"]
    assert told(result, "local_senders", "sender", "messages") == {
        "www-data@mx.example.test": 1,
        "root@example.test": 1,
        ALICE: 1,
    }
    assert {entry["dsn"] for entry in result["deferred"]} == {"4.7.1", "4.2.2", "4.7.0"}
    assert {"5.1.1", "5.4.4"} <= {entry["dsn"] for entry in result["bounced"]}
    kinds = {entry["kind"] for entry in result["rejected"]}
    assert {"greeting", "relay", "recipient", "sender_login"} <= kinds
    assert alice["rejected"] >= 1
    assert told(result, "limited", "what", "count") == {
        "auth command": 4,
        "errors": 3,
        "connection concurrency": 1,
        "connection": 1,
        "new tls session": 1,
        "message delivery request": 1,
    }
    assert result["sessions"] == []


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("server", ["dovecot", "courier"])
def test_logins(release: str, server: str) -> None:
    result = added(f"{release}/{server}.log")
    logins = {entry["account"]: entry["services"] for entry in result["logins"]}
    assert set(logins) == {ALICE, BOB}
    assert (logins[ALICE]["imap"], logins[BOB]["imap"]) == (1, 1)
    failed = told(result, "failed_accounts", "account", "failures")
    assert {"nobody": 1, "alice": 1}.items() <= failed.items()
    assert ALICE in failed
    assert any(account.startswith("x>, method=plain, rip=6.6.6.6") for account in failed)
    assert not any(entry["address"] == "6.6.6.6" for entry in result["failed_addresses"])
    assert (
        BOB not in failed
        or "imap" not in {entry["account"]: entry for entry in result["failed_accounts"]}[BOB]["services"]
    )


@pytest.mark.parametrize("release", RELEASES)
def test_one_login(release: str) -> None:
    result = added(f"{release}/dovecot.log", login="Bob@example.test")
    assert told(result, "senders", "login", "messages") == {BOB: 1}
    assert set(told(result, "logins", "account", "logins")) == {BOB}
    assert result["senders"][0]["domains"][0]["domain"] == "remote.test"
    assert result["senders"][0]["recipients"] == 4
    alice = added(f"{release}/dovecot.log", login=ALICE)["senders"][0]
    assert sum(client["messages"] for client in alice["clients"]) == alice["messages"] == 14
    assert (result["clients"], result["rejected"], result["local_senders"]) == ([], [], [])
    assert result["totals"]["received"] == 0


@pytest.mark.parametrize("release", RELEASES)
def test_a_message_is_followed(release: str) -> None:
    first, second = added(f"{release}/dovecot.log", wanted={"recipient": "fwd@example.test"})["messages"]
    assert (first["login"], first["state"], first["service"]) == (ALICE, "mixed", "submission")
    ends = {entry["recipient"]: (entry["status"], entry["mailbox"]) for entry in first["deliveries"]}
    assert ends == {BOB: ("sent", "saved mail to INBOX"), "nobody@elsewhere.invalid": ("bounced", "")}
    assert {entry["original"] for entry in first["deliveries"]} == {"fwd@example.test"}
    assert (second["parent"], second["state"]) == (first["queue_id"], "delivered")
    assert second["deliveries"][0]["recipient"] == ALICE


@pytest.mark.parametrize("release", RELEASES)
def test_mail_that_a_script_sends_on_is_followed(release: str) -> None:
    wanted = {"message_id": "redirected@client.example.net"}
    found = list(added(f"{release}/dovecot.log", wanted=wanted)["messages"])
    on = next(item for item in found if item["parent"])
    before = next(item for item in found if item["queue_id"] == on["parent"])
    assert "forwarded to <ok2@remote.test>" in before["deliveries"][0]["mailbox"]
    assert on["deliveries"][0]["recipient"] == "ok2@remote.test"


@pytest.mark.parametrize(
    ("wanted", "states"),
    [
        ({"sender": "str@example.org", "recipient": "x@example.com"}, ["refused"]),
        ({"message_id": "<FOUR@client.example.net>"}, ["deleted", "delivered"]),
        ({"queue_id": "NONE"}, []),
        ({"sender": BOB, "recipient": "no-one@example.test"}, []),
    ],
)
def test_what_is_followed(wanted: dict[str, str], states: list[str]) -> None:
    found = added("debian12/dovecot.log", wanted=wanted)["messages"]
    assert [item["state"] for item in found] == states


def test_only_the_latest_are_kept() -> None:
    followed = follow.Follow({"sender": ALICE}, 2)
    result = sums.Sums(interval=3600, follow=followed)
    for each in lines("debian12/dovecot.log"):
        result.take(each)
    assert len(followed.facts()) == 2
    assert followed.more > 10


def test_who_is_connected() -> None:
    result = sums.Sums(interval=3600)
    head = "postfix/submission/smtpd"
    for text in (
        "connect from unknown[192.0.2.7]",
        "ABCDEF1: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=Alice@example.test",
        "ABCDEF2: client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=Alice@example.test",
    ):
        result.take(Line(10.0, head, 7, text))
    result.take(Line(11.0, head, 8, "connect from unknown[192.0.2.8]"))
    result.take(Line(11.0, head, 9, "connect from unknown[192.0.2.9]"))
    result.take(Line(12.0, head, 9, "disconnect from unknown[192.0.2.9]"))
    result.take(
        Line(12.0, head, 7, "warning: Recipient address rate limit exceeded: 4 from unknown[192.0.2.7] for service x")
    )
    found = facts.facts(result, 0, lambda pid: pid != 5)
    assert [(item["pid"], item["login"], item["messages"]) for item in found["sessions"]] == [(7, ALICE, 2), (8, "", 0)]
    assert found["logins"][0]["services"] == {"smtp": 1}
    assert [(item["login"], item["what"]) for item in found["limited"]] == [(ALICE, "recipient address")]


def test_strangers_cannot_fill_the_memory() -> None:
    tally: Tally[Record] = Tally(Record, 100)
    for number in range(10000):
        tally.of(f"invented {number}").seen(number)
        tally.of("often").seen(number)
    assert len(tally.records) <= 100
    assert len(tally) >= 10000
    assert tally.top(1)[0][0] == "often"
    assert tally.of("often").count == 10000
    assert next(key for key, _record in tally.top(2)) == "often"


def test_what_leaves_the_queue_is_forgotten() -> None:
    result = sums.Sums(interval=3600)
    for number in range(1000):
        queue_id = f"{number:08X}"
        result.take(Line(1.0, "postfix/smtpd", 1, f"{queue_id}: client=a[192.0.2.1]"))
        result.take(Line(1.0, "postfix/qmgr", 1, f"{queue_id}: from=<a@b>, size=5, nrcpt=1 (queue active)"))
        result.take(Line(1.0, "postfix/qmgr", 1, f"{queue_id}: removed"))
    assert result.messages.open == {}
    assert result.volume.totals["received"] == 1000


def test_a_deferred_recipient_counts_once() -> None:
    result = sums.Sums(interval=3600)
    result.take(Line(1.0, "postfix/smtpd", 1, "ABCDEF1: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=a@b"))
    result.take(Line(1.0, "postfix/qmgr", 1, "ABCDEF1: from=<a@b>, size=5, nrcpt=1 (queue active)"))
    for status, said in (("deferred", "full"), ("deferred", "full"), ("sent", "ok")):
        end = f"relay=m[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status={status} ({said})"
        result.take(Line(2.0, "postfix/smtp", 1, f"ABCDEF1: to=<x@y>, {end}"))
        result.take(Line(2.0, "postfix/qmgr", 1, "ABCDEF1: from=<a@b>, size=5, nrcpt=1 (queue active)"))
    found = facts.facts(result, 0, lambda _pid: True)
    sender = found["senders"][0]
    assert (sender["messages"], sender["recipients"], sender["sent"], sender["waiting"]) == (1, 1, 1, 0)
    assert (found["totals"]["deferred"], found["totals"]["sent"], found["deferred"][0]["attempts"]) == (1, 1, 2)


def test_expired_mail_is_returned() -> None:
    result = sums.Sums(interval=3600)
    result.take(Line(1.0, "postfix/pickup", 1, "ABCDEF1: uid=33 from=<www-data>"))
    result.take(Line(1.0, "postfix/qmgr", 1, "ABCDEF1: from=<w@b>, size=5, nrcpt=1 (queue active)"))
    end = "relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to m[192.0.2.1]:25: timed out)"
    result.take(Line(2.0, "postfix/smtp", 1, f"ABCDEF1: to=<x@y>, {end}"))
    result.take(Line(3.0, "postfix/qmgr", 1, "ABCDEF1: from=<w@b>, status=expired, returned to sender"))
    result.take(Line(3.0, "postfix/qmgr", 1, "ABCDEF1: removed"))
    sender = facts.facts(result, 0, lambda _pid: True)["local_senders"][0]
    assert (sender["bounced"], sender["waiting"], sender["deleted"]) == (1, 0, 0)
    assert result.volume.totals["bounced"] == 1


def test_accounts_that_log_in_from_many_networks_come_first_however_seldom_they_do() -> None:
    found: Tally[logins.Account] = Tally(logins.Account, 10)
    for name, networks in (("one@example.test", 1), ("two@example.test", 2), ("far@example.test\x1b", 12)):
        account = found.of(name)
        account.seen(WRITTEN)
        for number in range(networks):
            account.networks.of(f"192.0.{number}.0/24").seen(WRITTEN)
    found.of("never@example.test").failures += 1
    result = sums.Sums(interval=3600)
    result.logins.accounts = found
    told_of = facts.facts(result, 1, lambda _pid: True)
    assert [(row["account"], row["networks"]) for row in told_of["many_networks"]] == [
        ("far@example.test\N{REPLACEMENT CHARACTER}", 12)
    ]
    assert len(told_of["many_networks"][0]["some_networks"]) == 10
    assert told_of["used"] == ["far@example.test\N{REPLACEMENT CHARACTER}", "one@example.test", "two@example.test"]
