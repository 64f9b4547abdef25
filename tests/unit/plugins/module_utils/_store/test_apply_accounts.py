# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts: from what is wanted to what is stored, and what follows from it on the host."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands, crypt, files
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.account import Rules
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.password import Policy
from ansible_collections.mailops.mailserver.plugins.module_utils._session import end
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply, moves

HASH = "$6$saltsalt$" + "a" * 86
ALICE = {"name": "alice@example.com", "password": HASH}
BOB = {"name": "bob@example.com"}
PASSWORD = "Correct-horse-9"


def names(outcome: Any) -> dict[str, Any]:
    return {key: value for key, value in outcome.facts.items() if value and key != "repaired"}


def column(host: Any, name: str, address: str = "alice@example.com") -> Any:
    return host.rows(f"SELECT {name} FROM account WHERE address = ?", address)[0][0]


def mailbox(host: Any, address: str, *messages: str) -> pathlib.Path:
    """Make the Maildir of an account as a delivery would."""
    home = pathlib.Path(host.rows("SELECT home FROM account WHERE address = ?", address)[0][0])
    for folder in ("new", "cur", "tmp"):
        (home / "Maildir" / folder).mkdir(parents=True)
    for message in messages:
        (home / "Maildir" / "cur" / message).write_text(message)
    return home


def test_accounts_are_added_changed_and_removed(host: Any) -> None:
    outcome = host.accounts(ALICE, {**BOB, "quota": "1G"})
    assert names(outcome) == {"added": ["alice@example.com", "bob@example.com"]}
    assert column(host, "home") == str(host.mail / "example.com" / "alice")
    assert names(host.accounts(ALICE, BOB)) == {"unchanged": 2}
    outcome = host.accounts({**BOB, "status": "disabled"})
    assert names(outcome) == {"modified": ["bob@example.com"]}
    assert column(host, "quota_bytes", "bob@example.com") == 1024**3
    outcome = host.accounts({**BOB, "state": "absent"}, ALICE)
    assert names(outcome) == {"removed": ["bob@example.com"], "unchanged": 1}
    assert names(host.accounts({**BOB, "state": "absent"}, ALICE)) == {"unchanged": 2}
    assert host.rows("SELECT address FROM account") == [("alice@example.com",)]


def test_many_accounts_are_one_call(host: Any) -> None:
    entries = [{"name": f"u{number}@example.com", "forward_to": ["x@elsewhere.example"]} for number in range(2500)]
    assert len(host.accounts(*entries).facts["added"]) == 2500
    assert host.accounts(*entries).facts["unchanged"] == 2500
    assert names(host.accounts(*entries[:600])) == {"unchanged": 600}
    assert host.rows("SELECT count(*) FROM alias_target") == [(2500,)]


def test_lists_are_replaced_kept_and_emptied(host: Any) -> None:
    host.accounts(
        BOB, {**ALICE, "forward_to": ["BOB@example.com", "C@Elsewhere.example"], "sender_addresses": ["s@example.com"]}
    )
    assert host.rows("SELECT target, kind, domain FROM alias_target ORDER BY target") == [
        ("C@elsewhere.example", "forward", "example.com"),
        ("bob@example.com", "forward", "example.com"),
    ]
    assert host.accounts(ALICE).changed is False
    assert host.accounts({**ALICE, "forward_to": ["bob@example.com", "C@elsewhere.example"]}).changed is False
    assert host.accounts({**ALICE, "forward_to": ["bob@example.com"]}).changed is True
    host.accounts({**ALICE, "forward_to": [], "sender_addresses": []})
    assert host.rows("SELECT * FROM alias_target") == host.rows("SELECT * FROM sender_grant") == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": "x@other.example"}, "account x@other.example: domain other.example is not managed here. Add it with"),
        (
            {"name": "s@example.com"},
            "account s@example.com: there is an alias with this address. Remove the alias first.",
        ),
        (
            {"name": "s@example.com", "rename_from": "alice@example.com"},
            "account s@example.com: there is an alias with this address. Remove the alias first.",
        ),
        (
            {"name": "bob@example.com", "rename_from": "alice@example.com"},
            "account bob@example.com: rename_from: exists already, and so does alice@example.com.",
        ),
        (
            {"name": "alice@other.example", "rename_from": "alice@example.com"},
            "account alice@other.example: domain other.example is not managed here",
        ),
        ({**ALICE, "forward_to": ["gone@example.com"]}, "address alice@example.com: sends mail on to gone@example.com"),
        (
            {**ALICE, "forward_to": ["s@example.com"]},
            "address alice@example.com: mail would run in a loop: alice@example.com -> s@example.com -> alice@ex",
        ),
        (
            {**ALICE, "sender_addresses": ["ceo@other.example"]},
            "account alice@example.com: sender_addresses: ceo@other.example belongs to a domain that is not",
        ),
        (
            {**ALICE, "autoreply": {"text": "x", "sender": "ceo@other.example"}},
            "account alice@example.com: autoreply: ceo@other.example belongs to a domain that is not managed here.",
        ),
        ({**ALICE, "mailbox": False}, "account alice@example.com: has no mailbox and nowhere to send its mail on to."),
    ],
)
def test_what_is_wrong_undoes_the_whole_call(host: Any, entry: dict[str, Any], message: str) -> None:
    host.accounts(ALICE, BOB)
    host.aliases({"name": "s@example.com", "to": ["alice@example.com"]})
    before = host.tree()
    with pytest.raises(MailError) as error:
        host.accounts({"name": "fine@example.com"}, entry)
    assert error.value.message.startswith(message)
    assert error.value.mend
    assert host.tree() == before


def test_a_password_is_verified_and_never_salted_anew(host: Any) -> None:
    rules = Rules(policy=Policy())
    assert names(host.accounts({**BOB, "password": PASSWORD}, rules=rules)) == {"added": ["bob@example.com"]}
    stored = column(host, "pwhash", "bob@example.com")
    assert crypt.verify(PASSWORD, stored)
    for scheme in ("sha512-crypt", "bcrypt"):
        outcome = host.accounts({**BOB, "password": PASSWORD}, rules=rules._replace(scheme=scheme))
        assert outcome.changed is False
    assert names(host.accounts({**BOB, "password": f"{PASSWORD}x"}, rules=rules)) == {"modified": ["bob@example.com"]}
    assert not crypt.verify(PASSWORD, column(host, "pwhash", "bob@example.com"))
    outcome = host.accounts({**BOB, "password": PASSWORD, "update_password": "on_create"}, rules=rules)
    assert outcome.changed is False


def test_what_was_verified_once_is_not_hashed_again(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host.accounts({**BOB, "password": PASSWORD})
    monkeypatch.setattr(crypt, "verify", lambda *_args: pytest.fail("was hashed again"))
    assert host.accounts({**BOB, "password": PASSWORD}).changed is False


def test_check_mode_remembers_nothing(host: Any, tmp_path: pathlib.Path) -> None:
    assert names(host.accounts({**BOB, "password": PASSWORD}, write=False)) == {"added": ["bob@example.com"]}
    assert not (tmp_path / "run").exists()


def test_no_secret_is_in_an_outcome(host: Any) -> None:
    outcomes = [
        host.accounts({**BOB, "password": PASSWORD}),
        host.accounts({**BOB, "password": HASH}),
        host.accounts(ALICE),
    ]
    outcomes.append(host.accounts({**BOB, "state": "absent"}))
    assert "password: (set)\n" in outcomes[0].changes[0].after
    assert "password: (changed)\n" in outcomes[1].changes[0].after
    assert PASSWORD not in str(outcomes)
    assert "$6$" not in str(outcomes)


def test_exclusive_accounts_and_the_guard(host: Any) -> None:
    host.domains({"name": "b.example"})
    entries = [{"name": f"u{number}@example.com"} for number in range(5)]
    host.accounts(*entries, {"name": "x@b.example"})
    within = apply.Exclusive(True, ["example.com"])
    with pytest.raises(MailError, match=r"exclusive: 5 of 5 accounts are not listed"):
        host.accounts(exclusive=within)
    outcome = host.accounts(*entries[:4], exclusive=within)
    assert names(outcome) == {"removed": ["u4@example.com"], "unchanged": 4}
    absent = {"name": "u0@example.com", "state": "absent"}
    assert names(host.accounts(absent, *entries[1:4], exclusive=within)) == {
        "removed": ["u0@example.com"],
        "unchanged": 3,
    }
    outcome = host.accounts(exclusive=within._replace(max_removed_percent=100))
    assert outcome.facts["removed"] == ["u1@example.com", "u2@example.com", "u3@example.com"]
    assert host.rows("SELECT address FROM account") == [("x@b.example",)]


def test_who_led_to_a_removed_account_is_named(host: Any) -> None:
    host.accounts(ALICE, {**BOB, "forward_to": ["alice@example.com"]})
    host.aliases({"name": "s@example.com", "to": ["alice@example.com"]})
    outcome = host.accounts({**ALICE, "state": "absent"})
    assert outcome.warnings == [
        "bob@example.com -> alice@example.com: the target was removed",
        "s@example.com -> alice@example.com: the target was removed",
    ]


@pytest.mark.parametrize("purge", [False, True])
def test_mail_stays_unless_it_is_purged(host: Any, purge: bool) -> None:
    host.accounts(ALICE, BOB)
    home = mailbox(host, "alice@example.com", "1")
    other = mailbox(host, "bob@example.com", "2")
    gone = {**ALICE, "state": "absent", "purge_mail": purge}
    foretold = host.accounts(gone, write=False)
    assert home.exists()
    outcome = host.accounts(gone)
    assert (outcome.changes, names(outcome)) == (foretold.changes, {"removed": ["alice@example.com"]})
    assert home.exists() == (not purge)
    assert other.exists()
    assert host.accounts(gone).changed is False
    if not purge:
        host.accounts(ALICE)
        assert (home / "Maildir" / "cur" / "1").exists()


def test_mail_that_is_purged_later_is_a_change(host: Any) -> None:
    host.accounts(ALICE)
    home = mailbox(host, "alice@example.com", "1")
    host.accounts({**ALICE, "state": "absent"})
    gone = {**ALICE, "state": "absent", "purge_mail": True}
    for write in (False, True):
        outcome = host.accounts(gone, write=write)
        assert [change.name for change in outcome.changes] == [f"mail {home}"]
    assert not home.exists()
    assert host.accounts(gone).changed is False


def test_a_link_is_not_followed_when_mail_is_purged(host: Any, tmp_path: pathlib.Path) -> None:
    host.accounts(ALICE)
    (tmp_path / "precious").mkdir()
    (host.mail / "example.com").mkdir()
    (host.mail / "example.com" / "alice").symlink_to(tmp_path / "precious")
    with pytest.raises(MailError, match=r"lies outside"):
        host.accounts({**ALICE, "state": "absent", "purge_mail": True})
    assert (tmp_path / "precious").exists()


def test_a_rename_takes_everything_along(host: Any) -> None:
    host.accounts({**ALICE, "quota": "1G", "forward_to": ["x@elsewhere.example"]})
    host.accounts({**BOB, "forward_to": ["alice@example.com"], "sender_addresses": ["alice@example.com"]})
    host.accounts({**ALICE, "sender_addresses": ["press@example.com"]})
    host.aliases({"name": "s@example.com", "to": ["alice@example.com"]})
    host.domains({"name": "example.com", "catch_all": "alice@example.com"})
    home = mailbox(host, "alice@example.com", "1:2,S")
    entry = {"name": "alice.smith@example.com", "rename_from": "alice@example.com"}
    foretold = host.accounts(entry, write=False)
    outcome = host.accounts(entry)
    assert foretold == outcome
    assert names(outcome) == {"modified": ["alice.smith@example.com"]}
    assert outcome.changes[0].before == "name: alice@example.com\n"
    new_home = home.with_name("alice.smith")
    assert column(host, "home", "alice.smith@example.com") == str(new_home)
    assert (new_home / "Maildir" / "cur" / "1:2,S").exists()
    assert not home.exists()
    assert column(host, "quota_bytes", "alice.smith@example.com") == 1024**3
    assert host.rows("SELECT local_part FROM account WHERE address LIKE 'alice%'") == [("alice.smith",)]
    assert host.rows("SELECT source, target FROM alias_target ORDER BY source") == [
        ("alice.smith@example.com", "x@elsewhere.example"),
        ("bob@example.com", "alice.smith@example.com"),
        ("s@example.com", "alice.smith@example.com"),
    ]
    assert host.rows("SELECT address, sender FROM sender_grant ORDER BY address") == [
        ("alice.smith@example.com", "press@example.com"),
        ("bob@example.com", "alice.smith@example.com"),
    ]
    assert host.rows("SELECT catch_all FROM domain") == [("alice.smith@example.com",)]
    assert host.rows("SELECT * FROM pending_move") == []
    again = host.accounts(entry)
    assert (again.changed, names(again)) == (False, {"unchanged": 1})


def test_a_rename_and_a_change_are_one_modification(host: Any) -> None:
    host.accounts(ALICE)
    entry = {"name": "a.smith@example.com", "rename_from": "alice@example.com", "note": "married"}
    outcome = host.accounts(entry)
    assert names(outcome) == {"modified": ["a.smith@example.com"]}
    assert len(outcome.changes) == 2
    assert column(host, "note", "a.smith@example.com") == "married"


def test_where_both_names_are_used_the_rename_makes_them_one(host: Any) -> None:
    host.domains({"name": "example.com", "catch_all": "discard"})
    host.accounts(ALICE, {**BOB, "sender_addresses": ["alice@example.com", "new@example.com"]})
    host.aliases({"name": "s@example.com", "to": ["alice@example.com", "new@example.com"]})
    host.accounts({"name": "new@example.com", "rename_from": "alice@example.com"})
    assert host.rows("SELECT source, target FROM alias_target") == [("s@example.com", "new@example.com")]
    assert host.rows("SELECT address, sender FROM sender_grant") == [("bob@example.com", "new@example.com")]


def test_a_rename_of_nobody_is_a_new_account(host: Any) -> None:
    outcome = host.accounts({"name": "new@example.com", "rename_from": "never@example.com"})
    assert names(outcome) == {"added": ["new@example.com"]}


def test_mail_is_not_moved_onto_mail(host: Any) -> None:
    host.accounts(ALICE)
    (host.mail / "example.com" / "new" / "Maildir").mkdir(parents=True)
    before = host.tree()
    for write in (False, True):
        with pytest.raises(
            MailError, match=r"example.com/new: there is mail of a former account already. Move it away"
        ):
            host.accounts({"name": "new@example.com", "rename_from": "alice@example.com"}, write=write)
    assert host.tree() == before


class Crash(BaseException):
    """A run that is killed."""


@pytest.mark.parametrize("step", range(10))
def test_a_rename_that_is_killed_at_any_step_loses_nothing(
    host: Any, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    host.accounts(ALICE)
    home = mailbox(host, "alice@example.com", "1:2,S", "2:2,")
    (home / "Maildir" / ".Sent" / "cur").mkdir(parents=True)
    (home / "Maildir" / ".Sent" / "cur" / "3:2,S").write_text("3:2,S")
    left = [step]

    def dying(call: Any) -> Any:
        def stepping(*args: Any, **options: Any) -> Any:
            if left[0] == 0:
                raise Crash
            left[0] -= 1
            result = call(*args, **options)
            if left[0] == 0:
                raise Crash
            left[0] -= 1
            return result

        return stepping

    with monkeypatch.context() as patch:
        for room, name in ((moves.os, "rename"), (moves, "_commit"), (moves, "_carry_over"), (files, "sync_directory")):
            patch.setattr(room, name, dying(getattr(room, name)))
        entry = {"name": "new@example.com", "rename_from": "alice@example.com"}
        with pytest.raises(Crash):
            host.accounts(entry)
    # What Dovecot does between two runs: it delivers to the home that the store names.
    current = pathlib.Path(column(host, "home", "new@example.com")) / "Maildir" / "new"
    current.mkdir(parents=True, exist_ok=True)
    (current / "4").write_text("4")
    host.accounts({"name": "new@example.com", "rename_from": "alice@example.com"})
    new_home = home.with_name("new")
    assert column(host, "home", "new@example.com") == str(new_home)
    found = {path.read_text() for path in new_home.rglob("*") if path.is_file()}
    assert found == {"1:2,S", "2:2,", "3:2,S", "4"}
    assert not home.exists()
    assert host.rows("SELECT * FROM pending_move") == []


def test_sessions_end_where_a_login_was_taken_away(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kicked: list[str] = []

    def run(argv: list[str], **_options: Any) -> commands.Result:
        if argv == ["/usr/bin/doveadm", "-f", "tab", "who"]:
            names = ("alice", "bob", "rob", "stranger")
            rows = "".join(f"{name}@example.com\t1\timap\t(7)\t(::1)\n" for name in names)
            return commands.Result(0, f"username\t#\tproto\t(pids)\t(ips)\n{rows}", "")
        if argv[1] != "auth":
            assert argv[:2] == ["/usr/bin/doveadm", "kick"]
            kicked.append(argv[2])
        return commands.Result(0, "", "")

    def after(*entries: dict[str, Any], write: bool = True) -> list[str]:
        kicked.clear()
        host.accounts(*entries, write=write)
        return list(kicked)

    monkeypatch.setattr(commands, "find", lambda name: "/usr/bin/doveadm" if name == "doveadm" else None)
    monkeypatch.setattr(commands, "run", run)
    monkeypatch.setattr(os.path, "exists", lambda path, real=os.path.exists: path == "/run/dovecot/anvil" or real(path))
    monkeypatch.setattr(end, "_ROUNDS", 1)
    assert after(ALICE, BOB) == []
    assert after({**ALICE, "note": "x", "quota": "1G"}) == []
    assert after({**ALICE, "status": "disabled"}, write=False) == []
    assert after({**ALICE, "status": "disabled"}) == ["alice@example.com"]
    assert after({**ALICE, "status": "disabled"}) == []
    assert after({**BOB, "password": HASH}) == ["bob@example.com"]
    assert after({**BOB, "imap": False}) == ["bob@example.com"]
    assert after({"name": "rob@example.com", "rename_from": "bob@example.com"}) == ["bob@example.com"]
    assert after({**ALICE, "state": "absent"}) == ["alice@example.com"]
    kicked.clear()
    host.domains({"name": "example.com", "state": "absent"}, remove_contents=True)
    assert kicked == ["rob@example.com"]


def test_sessions_that_cannot_be_ended_are_a_warning(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_argv: list[str], **_options: Any) -> commands.Result:
        raise MailError("did not end within 10 seconds", where="doveadm")

    host.accounts(ALICE, BOB)
    monkeypatch.setattr(commands, "find", lambda name: "/usr/bin/doveadm" if name == "doveadm" else None)
    monkeypatch.setattr(commands, "run", run)
    monkeypatch.setattr(os.path, "exists", lambda path, real=os.path.exists: path == "/run/dovecot/anvil" or real(path))
    outcome = host.accounts({**ALICE, "status": "disabled"}, {**BOB, "status": "disabled"})
    assert names(outcome) == {"modified": ["alice@example.com", "bob@example.com"]}
    assert outcome.warnings == ["open sessions may not have been ended: doveadm: did not end within 10 seconds"]


def test_check_mode_changes_nothing_and_foretells_the_same(host: Any) -> None:
    host.accounts(ALICE, BOB)
    host.accounts({**ALICE, "autoreply": {"text": "Away."}})
    mailbox(host, "alice@example.com", "1")
    entries = [
        {"name": "carol@example.com", "password": HASH, "autoreply": {"text": "x"}},
        {**ALICE, "note": "n", "autoreply": {}},
        {"name": "robert@example.com", "rename_from": "bob@example.com"},
    ]
    before = host.tree()
    foretold = host.accounts(*entries, write=False)
    assert host.tree() == before
    outcome = host.accounts(*entries)
    assert foretold == outcome
    assert names(outcome) == {
        "added": ["carol@example.com"],
        "modified": ["robert@example.com", "alice@example.com"],
    }
