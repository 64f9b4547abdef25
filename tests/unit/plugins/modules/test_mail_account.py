# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules mail_account and mail_account_info. No password and no hash may leave them by any way."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._host import crypt

PASSWORD = "Correct-horse-9"
SECOND = "Battery-staple-8"
HASH = "$6$saltsalt$" + "h" * 86
WEAK = "Weakling7"


@pytest.fixture(autouse=True)
def _no_secret_is_said(fresh: Any) -> Any:
    yield
    said = "\n".join(fresh.said)
    assert said
    for secret in (PASSWORD, SECOND, HASH, WEAK, "h" * 20):
        assert secret not in said
    assert not re.search(r"\$(6|2b|y)\$[./0-9A-Za-z]", said)


def stored(play: Any, name: str = "alice@example.com") -> str:
    connection = sqlite3.connect(play.store)
    try:
        found = connection.execute("SELECT pwhash FROM account WHERE address = ?", (name,)).fetchone()
    finally:
        connection.close()
    return str(found[0])


def test_the_life_of_an_account(play: Any) -> None:
    options = {
        "name": "Alice@example.com",
        "password": PASSWORD,
        "quota": "2G",
        "allowed_networks": ["192.0.2.0/24"],
        "autoreply": {"text": "Away.", "from": "2026-12-21"},
        "full_name": "Alice Example",
        "pop3": False,
    }
    before = play.tree()
    foretold = play.run("mail_account", check=True, **options)
    assert play.tree() == before
    result = play.run("mail_account", **options)
    assert result == foretold
    assert (result["changed"], result["added"]) == (True, ["alice@example.com"])
    assert crypt.verify(PASSWORD, stored(play))
    assert "password: (set)\n" in result["diff"][0]["after"]
    before = play.tree()
    again = play.run("mail_account", **options)
    assert (again["changed"], again["unchanged"], again["diff"]) == (False, 1, [])
    assert play.tree() == before
    changed = play.run("mail_account", name="alice@example.com", password=SECOND, status="disabled")
    assert changed["modified"] == ["alice@example.com"]
    assert "status: disabled\n" in changed["diff"][0]["after"]
    assert "password: (changed)\n" in changed["diff"][0]["after"]
    assert crypt.verify(SECOND, stored(play))
    gone = {"name": "alice@example.com", "state": "absent"}
    foretold = play.run("mail_account", check=True, **gone)
    result = play.run("mail_account", **gone)
    assert result == foretold
    assert result["removed"] == ["alice@example.com"]
    assert play.run("mail_account", **gone)["changed"] is False
    assert play.run("mail_account_info")["accounts"] == []


def test_what_info_returns_can_be_given_back(play: Any) -> None:
    options = {
        "name": "alice@example.com",
        "password": HASH,
        "forward_to": ["x@elsewhere.example"],
        "sender_addresses": ["sales@example.com"],
        "autoreply": {"text": "Away.", "days": 3},
        "quota": "500M",
        "receive_only": True,
    }
    play.run("mail_account", **options)
    account = play.run("mail_account_info", name="alice@example.com")["accounts"][0]
    assert account["home"] == f"{play.root}/vmail/example.com/alice"
    assert account["password"] == "(set)"
    assert (account["password_scheme"], account["password_outdated"]) == ("sha512-crypt", False)
    for told_apart in ("home", "lock", "password", "password_scheme", "password_outdated"):
        account.pop(told_apart)
    assert {key: account[key] for key in ("forward_to", "sender_addresses", "quota", "receive_only")} == {
        key: options[key] for key in ("forward_to", "sender_addresses", "quota", "receive_only")
    }
    assert play.run("mail_account", **account, omitted_options="default")["changed"] is False
    assert play.run("mail_account", accounts=[account])["changed"] is False


def test_info_picks(play: Any) -> None:
    play.run("mail_domain", name="b.example")
    names = ["alice@example.com", "bob@example.com", "carol@b.example"]
    play.run("mail_account", accounts=[{"name": name} for name in names])

    def listed(**options: Any) -> list[str]:
        return [account["name"] for account in play.run("mail_account_info", **options)["accounts"]]

    assert listed() == ["alice@example.com", "bob@example.com", "carol@b.example"]
    assert listed(domain="B.example") == ["carol@b.example"]
    assert listed(name="Bob@example.com") == ["bob@example.com"]
    assert listed(name="bob@example.com", domain="b.example") == listed(name="no@example.com") == []
    assert listed(domain="none.example") == []


@pytest.mark.parametrize(
    ("given", "bare"),
    [(HASH, HASH), ("{SHA512-CRYPT}" + HASH, HASH), ("{BLF-CRYPT}$2b$10$" + "h" * 53, "$2b$10$" + "h" * 53)],
)
def test_a_hash_is_stored_and_compared_as_it_is(play: Any, given: str, bare: str) -> None:
    assert play.run("mail_account", name="alice@example.com", password=given)["changed"] is True
    assert stored(play) == bare
    assert play.run("mail_account", name="alice@example.com", password=given)["changed"] is False
    assert play.run("mail_account", accounts=[{"name": "alice@example.com", "password": given}])["changed"] is False


@pytest.mark.parametrize("scheme", ["sha512-crypt", "bcrypt", "yescrypt"])
def test_schemes(play: Any, scheme: str) -> None:
    play.run("mail_account", name="alice@example.com", password=PASSWORD, password_scheme=scheme)
    assert stored(play).startswith(crypt.PREFIXES[scheme].decode())
    assert play.run("mail_account", name="alice@example.com", password=PASSWORD)["changed"] is False


@pytest.mark.parametrize("as_list", [False, True])
def test_a_password_that_the_user_changed_stays(play: Any, as_list: bool) -> None:
    play.run("mail_account", name="alice@example.com", password=HASH)
    entry = {"name": "alice@example.com", "password": PASSWORD}
    options = {"accounts": [entry]} if as_list else entry
    assert play.run("mail_account", **options, update_password="on_create")["changed"] is False
    assert stored(play) == HASH
    assert play.run("mail_account", **options)["changed"] is True


def test_a_list_and_its_guard(play: Any) -> None:
    entries = [{"name": f"u{number}@example.com", "password": HASH} for number in range(5)]
    entries[0]["password"] = PASSWORD
    before = play.tree()
    foretold = play.run("mail_account", check=True, accounts=entries)
    assert play.tree() == before
    result = play.run("mail_account", accounts=entries)
    assert result == foretold
    assert len(result["added"]) == 5
    options = {"exclusive": True, "domains": ["example.com"]}
    result = play.run("mail_account", accounts=[], **options)
    assert result["msg"].startswith("exclusive: 5 of 5 accounts are not listed and would be removed (u0@example.com")
    assert play.run("mail_account", accounts=entries[:4], **options)["removed"] == ["u4@example.com"]
    result = play.run("mail_account", accounts=[], **options, max_removed_percent=100)
    assert len(result["removed"]) == 4


def test_an_empty_dictionary_and_an_empty_list_clear(play: Any) -> None:
    play.run(
        "mail_account",
        name="alice@example.com",
        autoreply={"text": "Away."},
        forward_to=["x@elsewhere.example"],
        allowed_networks=["192.0.2.0/24"],
    )
    result = play.run("mail_account", name="alice@example.com")
    assert result["changed"] is False
    play.run("mail_account", name="alice@example.com", autoreply={}, forward_to=[], allowed_networks=[])
    account = play.run("mail_account_info")["accounts"][0]
    assert (account["autoreply"], account["forward_to"], account["allowed_networks"]) == ({}, [], [])


def test_a_rename(play: Any) -> None:
    play.run("mail_account", name="alice@example.com", password=HASH)
    home = play.root / "vmail" / "example.com" / "alice"
    (home / "Maildir" / "cur").mkdir(parents=True)
    (home / "Maildir" / "cur" / "1:2,S").write_text("mail")
    options = {"name": "a.smith@example.com", "rename_from": "alice@example.com"}
    before = play.tree()
    foretold = play.run("mail_account", check=True, **options)
    assert play.tree() == before
    result = play.run("mail_account", **options)
    assert result == foretold
    assert result["modified"] == ["a.smith@example.com"]
    assert (home.with_name("a.smith") / "Maildir" / "cur" / "1:2,S").read_text() == "mail"
    assert stored(play, "a.smith@example.com") == HASH
    assert play.run("mail_account", **options)["changed"] is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of the following is required: name, accounts"),
        ({"name": "a@example.com", "accounts": []}, "parameters are mutually exclusive: name|accounts"),
        ({"accounts": [], "exclusive": True}, "exclusive is True but all of the following are missing: domains"),
        (
            {"name": "a@example.com", "password": WEAK},
            "account a@example.com: password: is too weak: it needs a symbol.",
        ),
        (
            {"accounts": [{"name": "a@example.com", "password": WEAK}]},
            "account a@example.com: password: is too weak: it needs a symbol. Choose a stronger one",
        ),
        (
            {"accounts": [{"name": "a@example.com", "pasword": PASSWORD}]},
            "account a@example.com: pasword: no such option. Did you mean 'password'?",
        ),
        ({"accounts": [{"password": PASSWORD}]}, "address None: is not a mail address"),
        (
            {"accounts": [{"name": "a@example.com", "password": [PASSWORD]}]},
            "account a@example.com: password: is empty or",
        ),
        ({"name": "a@example.com", "password": f"{PASSWORD}\n"}, "account a@example.com: password: holds a line break"),
        ({"name": "a@example.com", "password": f"{PASSWORD}\0"}, "account a@example.com: password: holds a line break"),
        (
            {"name": "a@example.com", "password": HASH[:-1]},
            "account a@example.com: password: looks like a hash but is not",
        ),
        (
            {"name": "a@example.com", "password": PASSWORD, "password_policy": {"min_length": 16}},
            "account a@example.com: password: is too weak: it needs at least 16 characters.",
        ),
        (
            {"name": "a@example.com", "password_policy": {"min_length": 0}},
            "password_policy: min_length: 0 is not a number",
        ),
        ({"name": "a@example.com", "password_policy": {"min_lenght": 9}}, "Unsupported parameters for"),
        ({"name": "a@example.com", "mailbox": False}, "account a@example.com: has no mailbox and nowhere to send"),
        ({"name": "a@other.example"}, "account a@other.example: domain other.example is not managed here."),
        ({"name": "a@example.com", "autoreply": {"subject": "x"}}, "account a@example.com: autoreply: has no text."),
        ({"name": "a@example.com", "quota": "1"}, "account a@example.com: quota: '1' is not a size."),
        ({"name": "a+b@example.com"}, "address 'a+b@example.com': is not a usable mail name."),
    ],
)
def test_bad_input_fails_and_changes_nothing(play: Any, options: dict[str, Any], message: str) -> None:
    before = play.tree()
    result = play.run("mail_account", **options)
    assert result["failed"] is True
    assert result["msg"].startswith(message)
    assert play.tree() == before


def test_the_policy_can_be_switched_off(play: Any) -> None:
    result = play.run("mail_account", name="alice@example.com", password=WEAK, password_policy={"enabled": False})
    assert result["changed"] is True


def test_check_mode_on_a_host_that_has_nothing(fresh: Any) -> None:
    result = fresh.run("mail_account", check=True, name="alice@example.com", password=PASSWORD)
    assert result["added"] == ["alice@example.com"]
    assert fresh.warnings == ["domain example.com is not there yet; a real run needs it to be added first"]
    assert fresh.tree() == {}


def test_nothing_of_a_call_is_logged(play: Any) -> None:
    play.said.clear()
    play.run(
        "mail_account",
        accounts=[{"name": "alice@example.com", "password": PASSWORD, "note": "a private note"}],
        diff=False,
    )
    assert "a private note" not in "\n".join(play.said)
