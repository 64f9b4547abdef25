# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.inventory import directory
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.plan import plan

DOMAINS: list[dict[str, Any]] = [
    {
        "name": "example.test",
        "alias_domains": ["alias.test"],
        "accounts": [
            {"name": "alice", "password": "a", "sender_addresses": ["team@example.test", "@brand.test"]},
            {"name": "bob", "password": "b", "autoreply": {"text": "away"}},
            {"name": "hashed", "password_hash": "$6$x$y"},
            {"name": "far", "password": "f", "forward_to": ["x@elsewhere.test"]},
            {"name": "near", "password": "n", "allowed_networks": ["192.0.2.0/24"]},
            {"name": "gone", "password": "g", "status": "disabled"},
            {"name": "recv", "password": "r", "receive_only": True},
        ],
        "aliases": [{"name": "sales", "to": ["alice", "bob"]}],
    },
    {"name": "catch.test", "catch_all": "alice@example.test"},
    {"name": "off.test", "mail_service": False},
]


def make(domains: Any = None, **options: Any) -> dict[str, Any]:
    book = directory(DOMAINS if domains is None else domains, today=date(2026, 11, 22))
    return plan(book, **{"limit": 20, "delimiter": "+-", **options})


def recipient(made: dict[str, Any], address: str) -> dict[str, Any]:
    return next(entry for entry in made["recipients"] if entry["address"] == address)


def account(made: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry for entry in made["accounts"] if entry["address"] == f"{name}@example.test")


@pytest.mark.parametrize(
    ("address", "mailboxes"),
    [
        ("alice@example.test", ["alice@example.test"]),
        ("alice+probe@example.test", ["alice@example.test"]),
        ("alice@alias.test", ["alice@example.test"]),
        ("sales@example.test", ["alice@example.test", "bob@example.test"]),
        ("no-such-user-probe@catch.test", ["alice@example.test"]),
    ],
)
def test_a_message_is_sent_where_all_copies_can_be_seen(address: str, mailboxes: list[str]) -> None:
    entry = recipient(make(), address)
    assert (entry["expect"], entry["mailboxes"], entry["why"]) == ("accepted", mailboxes, "")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("hashed@example.test", "hashed@example.test (cannot be read)"),
        ("near@example.test", "near@example.test (cannot be read)"),
        ("gone@example.test", "gone@example.test (cannot be read)"),
        ("far@example.test", "x@elsewhere.test (another server)"),
    ],
)
def test_no_message_goes_where_it_could_not_be_removed(address: str, why: str) -> None:
    entry = recipient(make(), address)
    assert (entry["expect"], entry["mailboxes"], entry["why"]) == ("accepted", [], why)


@pytest.mark.parametrize("address", ["no-such-user-probe@example.test", "no-such-user-probe@off.test"])
def test_mail_that_must_be_refused(address: str) -> None:
    assert recipient(make(), address)["expect"] == "refused"


def test_only_an_account_with_an_automatic_reply_is_asked_for_one() -> None:
    assert [entry["address"] for entry in make()["recipients"] if entry["reply"]] == ["bob@example.test"]


@pytest.mark.parametrize(
    ("name", "switches"),
    [
        ("alice", {"imap": True, "pop3": True, "smtp": True, "sieve": True, "readable": True}),
        ("gone", {"imap": False, "pop3": False, "smtp": False, "sieve": False, "readable": False}),
        ("recv", {"imap": True, "pop3": True, "smtp": False, "sieve": True, "readable": True}),
        ("near", {"imap": True, "pop3": True, "smtp": True, "sieve": True, "readable": False}),
    ],
)
def test_who_may_log_in_with_what(name: str, switches: dict[str, bool]) -> None:
    entry = account(make(), name)
    assert {key: entry[key] for key in switches} == switches


def test_senders_of_others_and_of_nobody_are_to_be_refused() -> None:
    entry = account(make(), "alice")
    assert entry["senders"] == ["team@example.test"]
    assert entry["not_senders"] == ["bob@example.test", "probe@example.net"]


def test_an_account_writes_from_alias_domains_as_well() -> None:
    made = make()
    assert account(made, "alice")["alias_domains"] == ["alias.test"]
    assert made["sender_domains"] == ["example.test", "alias.test"]


def test_the_short_name_logs_in_only_where_it_is_nobody_elses() -> None:
    assert account(make(default_domain="example.test"), "alice")["login_names"] == ["alice@example.test", "alice"]
    twice = [*DOMAINS, {"name": "other.test", "accounts": [{"name": "alice"}]}]
    assert account(make(twice, default_domain="example.test"), "alice")["login_names"] == ["alice@example.test"]


def test_without_plaintext_passwords_nobody_logs_in_and_nothing_is_sent() -> None:
    made = make([{"name": "example.test", "accounts": [{"name": "alice", "password_hash": "$6$x$y"}]}])
    assert made["accounts"] == []
    assert not any(entry["mailboxes"] for entry in made["recipients"])
    assert made["notes"] == ["1 accounts have no plaintext password here, so nobody can log in as them"]


def test_a_limit_keeps_two_plain_accounts_and_one_of_each_kind_and_says_what_it_left_out() -> None:
    crowd = [{"name": f"user{number}", "password": "p"} for number in range(50)]
    accounts = [*crowd, {"name": "gone", "password": "g", "status": "disabled"}]
    made = make([{"name": "example.test", "accounts": accounts}], limit=3)
    assert [entry["address"].split("@")[0] for entry in made["accounts"]] == ["user0", "user1", "gone"]
    assert "48 of 51 accounts to log in to are left out (limit 3)" in made["notes"]


def test_only_the_named_accounts_are_touched() -> None:
    made = make(only=["BOB@example.test"])
    assert [entry["address"] for entry in made["accounts"]] == ["bob@example.test"]
    assert {box for entry in made["recipients"] for box in entry["mailboxes"]} == {"bob@example.test"}
    with pytest.raises(MailError, match=r"the inventory has no account eve@example\.test"):
        make(only=["eve@example.test"])


def test_the_foreign_domain_is_foreign() -> None:
    made = make([{"name": "example.net", "alias_domains": ["example.org"]}])
    assert made["foreign_address"] == "probe@example.com"


def test_relaying_is_tried_in_a_domain_that_refuses_unknown_users() -> None:
    assert make()["relay_domain"] == "example.test"
    assert make([{"name": "catch.test", "catch_all": "discard"}])["relay_domain"] == ""
