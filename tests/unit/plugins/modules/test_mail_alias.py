# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules mail_alias and mail_alias_info."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def with_alice(play: Any) -> Any:
    """The host with an account."""
    play.run("mail_account", name="alice@example.com")
    return play


def test_the_life_of_an_alias(with_alice: Any) -> None:
    play = with_alice
    options = {"name": "Sales@example.com", "to": ["alice@example.com", "Desk@elsewhere.example"]}
    before = play.tree()
    foretold = play.run("mail_alias", check=True, **options)
    assert play.tree() == before
    result = play.run("mail_alias", **options)
    assert result == foretold
    assert result["added"] == ["sales@example.com"]
    assert result["diff"][0]["after"] == "to: Desk@elsewhere.example\nto: alice@example.com\n"
    assert play.run("mail_alias", **options)["changed"] is False
    assert play.run("mail_alias", name="sales@example.com", to=["alice@example.com"])["modified"] == [
        "sales@example.com"
    ]
    play.run("mail_alias", name="@b.example", to=["@example.com"])
    assert play.run("mail_alias_info")["aliases"] == [
        {"name": "@b.example", "to": ["@example.com"]},
        {"name": "sales@example.com", "to": ["alice@example.com"]},
    ]
    for name in ("sales@example.com", "@b.example"):
        assert play.run("mail_alias", name=name, state="absent")["removed"] == [name]
        assert play.run("mail_alias", name=name, state="absent")["changed"] is False
    assert play.run("mail_alias_info")["aliases"] == []


def test_a_list_and_its_guard(with_alice: Any) -> None:
    entries = [{"name": f"s{number}@example.com", "to": ["alice@example.com"]} for number in range(5)]
    assert len(with_alice.run("mail_alias", aliases=entries)["added"]) == 5
    options = {"exclusive": True, "domains": ["EXAMPLE.com"]}
    result = with_alice.run("mail_alias", aliases=[], **options)
    assert result["msg"].startswith("exclusive: 5 of 5 aliases are not listed")
    assert with_alice.run("mail_alias", aliases=entries[:4], **options)["removed"] == ["s4@example.com"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of the following is required: name, aliases"),
        ({"name": "s@example.com", "aliases": []}, "parameters are mutually exclusive: name|aliases"),
        ({"aliases": [], "exclusive": True}, "exclusive is True but all of the following are missing: domains"),
        ({"name": "s@example.com"}, "alias s@example.com: has no target. Give at least one address in 'to'."),
        ({"name": "s", "to": ["a@b.example"]}, "alias s: address 's' is not a mail address"),
        (
            {"name": "s@example.com", "to": ["x@example.com"]},
            "address s@example.com: sends mail on to x@example.com, which",
        ),
        (
            {"name": "alice@example.com", "to": ["x@b.example"]},
            "alias alice@example.com: there is an account with this",
        ),
        (
            {"name": "s@other.example", "to": ["x@b.example"]},
            "alias s@other.example: domain other.example is not managed",
        ),
        (
            {"aliases": [{"name": "s@example.com", "too": []}]},
            "alias s@example.com: too: no such option. Did you mean 'to'?",
        ),
        ({"aliases": [], "exclusive": True, "domains": ["com"]}, "domain 'com': is not a domain name"),
    ],
)
def test_bad_input_fails_and_changes_nothing(with_alice: Any, options: dict[str, Any], message: str) -> None:
    before = with_alice.tree()
    result = with_alice.run("mail_alias", **options)
    assert result["failed"] is True
    assert result["msg"].startswith(message)
    assert with_alice.tree() == before
