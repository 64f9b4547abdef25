# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules mail_account_lock, mail_session and mail_sieve_info, and what others tell of a lock."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

ALICE = "alice@example.com"


@pytest.fixture
def play(play: Any) -> Any:
    play.run("mail_account", name=ALICE, password="Correct-Horse-1")
    return play


def info(play: Any) -> dict[str, Any]:
    """What mail_account_info tells of the one account."""
    found: dict[str, Any] = play.run("mail_account_info")["accounts"][0]
    return found


def test_a_lock_from_beginning_to_end(play: Any) -> None:
    before = play.tree()
    assert play.run("mail_account_lock", accounts=[ALICE], check=True)["locked"] == [ALICE]
    assert play.tree() == before
    result = play.run("mail_account_lock", accounts=["Alice@Example.com", ALICE], reason="ticket 4711")
    assert (result["changed"], result["locked"], result["unlocked"], result["ended"]) == (True, [ALICE], [], [])
    assert result["diff"][0]["after"].endswith("reason: ticket 4711\n")
    again = play.run("mail_account_lock", accounts=[ALICE])
    assert (again["changed"], again["unchanged"]) == (False, 1)
    assert again["locks"] == result["locks"]
    assert (info(play)["lock"]["reason"], info(play)["status"]) == ("ticket 4711", "active")
    assert play.run("mail_account_lock", accounts=[ALICE], state="unlocked")["msg"].startswith(
        f"account {ALICE}: still"
    )
    play.run("mail_account", name=ALICE, password="Paper-Clip-33")
    assert play.run("mail_account_lock", accounts=[ALICE], state="unlocked")["unlocked"] == [ALICE]
    assert info(play)["lock"] == {}


def test_each_run_of_the_store_names_what_is_locked(play: Any) -> None:
    play.run("mail_account_lock", accounts=[ALICE], reason="spam")
    result = play.create()
    assert (result["changed"], result["locked"]) == (False, [ALICE])
    assert [text for text in play.warnings if text.startswith(f"account {ALICE} is locked since ") and "spam" in text]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"accounts": ["bob@example.com"]}, "there is no account bob@example.com"),
        ({"accounts": ["bob"]}, "address 'bob': is not a mail address"),
        ({"accounts": [ALICE], "reason": "two\nlines"}, "reason: is not one line"),
        ({"accounts": [ALICE], "state": "gone"}, "value of state must be one of"),
        ({"accounts": [ALICE], "path": "/no/such/store"}, "there is no account store"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_bad_input_changes_nothing(play: Any, options: dict[str, Any], message: str, check: bool) -> None:
    before = play.tree()
    assert message in play.run("mail_account_lock", check=check, **options)["msg"]
    assert play.tree() == before


def test_scripts_are_told(play: Any) -> None:
    home = pathlib.Path(info(play)["home"])
    (home / "sieve").mkdir(parents=True)
    (home / "sieve" / "x.sieve").write_text('redirect "collector@example.net";')
    (script,) = play.run("mail_sieve_info", accounts=[ALICE])["scripts"]
    assert (script["account"], script["active"], script["redirects"]) == (ALICE, False, ["collector@example.net"])
    assert play.run("mail_sieve_info")["scripts"] == [script]
    for check in (True, False):
        assert play.run("mail_sieve", accounts=[ALICE], active="x", check=check)["modified"] == [ALICE]
    assert play.run("mail_sieve_info")["scripts"][0]["active"]
    assert play.run("mail_sieve", accounts=[ALICE], active="x")["changed"] is False
    assert "no such Sieve script" in play.run("mail_sieve", accounts=[ALICE], active="y")["msg"]
    assert play.run("mail_sieve", accounts=[ALICE])["changed"] is True
    assert not play.run("mail_sieve_info")["scripts"][0]["active"]
    assert "there is no account bob@example.com" in play.run("mail_sieve_info", accounts=["bob@example.com"])["msg"]
