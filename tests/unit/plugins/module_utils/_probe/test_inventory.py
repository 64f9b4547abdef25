# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.inventory import Directory, directory

TODAY = date(2026, 11, 22)

DOMAINS: list[dict[str, Any]] = [
    {
        "name": "Example.test",
        "alias_domains": ["alias.test"],
        "accounts": [
            {"name": "alice", "password": "a"},
            {"name": "bob@example.test", "password": "b", "forward_to": ["alice"]},
            {"name": "moved", "forward_to": ["bob", "x@far.test"], "keep_copy": False},
            {"name": "info", "mailbox": False, "forward_to": ["alice"]},
            {"name": "susp", "password": "s", "status": "suspended"},
            {"name": "sender", "password": "s", "send_only": True},
        ],
        "aliases": [
            {"name": "all", "to": ["alice", "bob", "info"]},
            {"name": "round", "to": ["trip"]},
            {"name": "trip", "to": ["round", "alice"]},
            {"name": "half", "to": ["alice", "susp"]},
        ],
    },
    {"name": "catch.test", "catch_all": "alice@example.test"},
    {"name": "hole.test", "catch_all": "discard"},
    {"name": "off.test", "mail_service": False, "accounts": [{"name": "carol", "password": "c"}]},
    {"name": "bücher.test"},
]


@pytest.fixture
def book() -> Directory:
    return directory(DOMAINS, today=TODAY)


@pytest.mark.parametrize(
    ("address", "mailboxes"),
    [
        ("alice@example.test", {"alice@example.test"}),
        ("alice@alias.test", {"alice@example.test"}),
        ("bob@example.test", {"alice@example.test", "bob@example.test"}),
        ("info@example.test", {"alice@example.test"}),
        ("all@alias.test", {"alice@example.test", "bob@example.test"}),
        ("round@example.test", {"alice@example.test"}),
        ("nobody@catch.test", {"alice@example.test"}),
    ],
)
def test_mail_ends_in_mailboxes(book: Directory, address: str, mailboxes: set[str]) -> None:
    route = book.route(address)
    assert (set(route.mailboxes), route.elsewhere, route.refused) == (mailboxes, (), False)


@pytest.mark.parametrize(
    ("address", "elsewhere", "refused"),
    [
        ("moved@example.test", "x@far.test (another server)", False),
        ("nobody@example.test", "nobody@example.test (takes no mail)", True),
        ("susp@example.test", "susp@example.test (takes no mail)", True),
        ("sender@example.test", "sender@example.test (takes no mail)", True),
        ("half@example.test", "susp@example.test (takes no mail)", False),
        ("nobody@hole.test", "nobody@hole.test (discarded)", False),
        ("carol@off.test", "carol@off.test (another server)", False),
    ],
)
def test_mail_that_ends_elsewhere(book: Directory, address: str, elsewhere: str, refused: bool) -> None:
    route = book.route(address)
    assert (route.elsewhere, route.refused) == ((elsewhere,), refused)


def test_international_domains_are_written_as_they_travel(book: Directory) -> None:
    assert "xn--bcher-kva.test" in book.places


@pytest.mark.parametrize(
    ("autoreply", "on"),
    [
        (None, False),
        ({}, False),
        ({"text": "away"}, True),
        ({"text": "away", "from": "2026-11-22", "until": "2026-11-22"}, True),
        ({"text": "away", "from": "2026-11-23"}, False),
        ({"text": "away", "until": "2026-11-21"}, False),
        ({"text": "away", "until": date(2026, 11, 30)}, True),
    ],
)
def test_an_automatic_reply_has_its_days(autoreply: Any, on: bool) -> None:
    accounts = [{"name": "alice", "autoreply": autoreply}]
    book = directory([{"name": "example.test", "accounts": accounts}], today=TODAY)
    assert book.people["alice@example.test"].replies is on


@pytest.mark.parametrize(
    ("domains", "message"),
    [
        ("example.test", "mail_domains: this is not a list of mappings"),
        ([{"catch_all": "reject"}], "mail_domains: an entry has no name"),
        ([{"name": "example.test", "accounts": ["alice"]}], "example.test: accounts: this is not a list of mappings"),
        ([{"name": "ex..ämple"}], "this is not a domain name"),
    ],
)
def test_a_strange_inventory_is_named(domains: Any, message: str) -> None:
    with pytest.raises(MailError, match=message):
        directory(domains, today=TODAY)
