# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks: what they do to an account, and that nothing but an unlock takes them away."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._session import end, look
from ansible_collections.mailops.mailserver.plugins.module_utils._session.words import Session
from ansible_collections.mailops.mailserver.plugins.module_utils._store import (
    accounts,
    apply_accounts,
    apply_locks,
    connect,
    export,
    locks,
    lookups,
    tables,
)

ALICE, BOB = "alice@example.com", "bob@example.com"
HASH = "$6$saltsalt$" + "a" * 86
OLD, NEW = "Correct-Horse-1", "Paper-Clip-33"
INVENTORY = ({"name": ALICE, "password": OLD}, {"name": BOB, "password": "Battery-Staple-2"})


@pytest.fixture
def host(host: Any) -> Any:
    host.accounts(*INVENTORY)
    return host


def lock(host: Any, *names: str, write: bool = True, reason: str = "spam", **options: Any) -> Outcome:
    options = {"lock": True, "keep_password": False, **options}
    with connect.opened(host.path, write=write) as store:
        return apply_locks.apply_locks(store, names, reason=reason, **options)


def unlock(host: Any, *names: str, **options: Any) -> Outcome:
    return lock(host, *names, lock=False, **options)


def status(host: Any, name: str = ALICE) -> str:
    """What daemons see."""
    return str(host.rows("SELECT status FROM account WHERE address = ?", name)[0][0])


def inventory_status(host: Any, name: str = ALICE) -> Any:
    with connect.opened(host.path, write=False) as store:
        return accounts.read(store.connection, [name])[name].columns["status"]


def test_a_lock_is_made_once_and_told(host: Any) -> None:
    outcome = lock(host, ALICE)
    assert outcome.changed
    assert outcome.facts["locked"] == [ALICE]
    (found,) = outcome.facts["locks"]
    assert (found["name"], found["reason"]) == (ALICE, "spam")
    assert found["since"].endswith("+00:00")
    assert "reason: spam" in outcome.diff[0]["after"]
    again = lock(host, ALICE)
    assert not again.changed
    assert (again.facts["unchanged"], again.facts["locks"]) == (1, [found])
    assert not lock(host, ALICE, reason="").changed
    assert (status(host), status(host, BOB)) == ("disabled", "active")


def test_another_reason_is_a_change_and_the_time_stays(host: Any) -> None:
    before = lock(host, ALICE).facts["locks"][0]
    after = lock(host, ALICE, reason="ticket 4711").facts["locks"][0]
    assert after == {**before, "reason": "ticket 4711"}


def test_check_mode_changes_nothing(host: Any) -> None:
    before = host.tree()
    assert lock(host, ALICE, write=False).changed
    assert host.tree() == before


def test_an_account_that_is_not_there_locks_none(host: Any) -> None:
    with pytest.raises(MailError, match=r"there is no account nobody@example\.com"):
        lock(host, ALICE, "nobody@example.com")
    assert status(host) == "active"


@pytest.mark.parametrize("wanted", ["active", "disabled", "suspended"])
def test_an_inventory_does_not_take_a_lock_away(host: Any, wanted: str) -> None:
    lock(host, ALICE)
    host.accounts(*({**entry, "status": wanted} for entry in INVENTORY))
    assert status(host) == ("disabled" if wanted == "active" else wanted)
    assert inventory_status(host) == wanted
    assert host.accounts(*({**entry, "status": wanted} for entry in INVENTORY)).facts["unchanged"] == 2
    unlock(host, ALICE, keep_password=True)
    assert status(host) == wanted


def asked(host: Any, query: str, name: str, protocol: str) -> int:
    """How many rows a daemon gets for a user."""
    local, _at, domain = name.partition("@")
    values = [("%u", name), ("%s", protocol), ("%{user}", name), ("%{protocol}", protocol), ("%{secured}", "TLS")]
    values += [("$(local_part)", local), ("$(domain)", domain), ("$(service)", protocol)]
    for variable, value in values:
        query = query.replace(variable, value)
    return len(host.rows(query))


@pytest.mark.parametrize(
    ("query", "protocols"),
    [
        (lookups.dovecot("2.3").password_query, ("imap", "pop3", "sieve", "smtp", "lmtp", "doveadm")),
        (lookups.dovecot("2.4").password_query, ("imap", "pop3", "sieve", "smtp", "lmtp", "doveadm")),
        (lookups.courier(uid=1, gid=1).select_clause, ("imap", "pop3")),
    ],
)
def test_every_reader_honours_a_lock(host: Any, query: str, protocols: tuple[str, ...]) -> None:
    lock(host, ALICE)
    assert {asked(host, query, ALICE, protocol) for protocol in protocols} == {0}
    assert {asked(host, query, BOB, protocol) for protocol in protocols} == {1}


def test_mail_still_arrives(host: Any) -> None:
    lock(host, ALICE)
    assert asked(host, lookups.dovecot("2.4").user_query, ALICE, "lmtp") == 1


def test_a_lock_goes_along_with_a_new_name_and_goes_with_its_account(host: Any) -> None:
    lock(host, ALICE)
    host.accounts({"name": "new@example.com", "rename_from": ALICE})
    assert status(host, "new@example.com") == "disabled"
    assert host.rows("SELECT address FROM account_lock") == [("new@example.com",)]
    host.accounts({"name": "new@example.com", "state": "absent"})
    assert host.rows("SELECT * FROM account_lock") == host.rows("SELECT * FROM stolen_password") == []


def test_the_stolen_password_does_not_open_the_account_again(host: Any) -> None:
    lock(host, ALICE)
    with pytest.raises(MailError, match="still has the password that it was locked with"):
        unlock(host, ALICE)
    assert status(host) == "disabled"
    host.accounts({"name": ALICE, "password": NEW})
    assert unlock(host, ALICE).facts["unlocked"] == [ALICE]
    assert not unlock(host, ALICE).changed
    hashed = host.rows("SELECT pwhash FROM account WHERE address = ?", ALICE)
    outcome = host.accounts(*INVENTORY)
    assert not outcome.changed
    assert [warning for warning in outcome.warnings if "noted as stolen" in warning and ALICE in warning]
    assert host.rows("SELECT pwhash FROM account WHERE address = ?", ALICE) == hashed


def test_a_stolen_password_in_an_inventory_is_not_hashed_again_in_each_run(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(host, ALICE)
    host.accounts({"name": ALICE, "password": NEW})
    host.accounts(*INVENTORY)
    monkeypatch.setattr(apply_accounts.crypt, "verify", lambda *_args: pytest.fail("hashed"))
    assert [warning for warning in host.accounts(*INVENTORY).warnings if "noted as stolen" in warning]


def test_the_hash_of_a_stolen_password_is_no_way_round(host: Any) -> None:
    stolen = host.rows("SELECT pwhash FROM account WHERE address = ?", ALICE)[0][0]
    lock(host, ALICE)
    host.accounts({"name": ALICE, "password": NEW})
    unlock(host, ALICE)
    assert not host.accounts({"name": ALICE, "password": stolen}).changed


def test_a_password_stolen_before_the_last_one_is_no_way_back(host: Any) -> None:
    lock(host, ALICE)
    host.accounts({"name": ALICE, "password": NEW})
    unlock(host, ALICE)
    lock(host, ALICE)
    outcome = host.accounts({"name": ALICE, "password": OLD})
    assert not outcome.changed
    assert [warning for warning in outcome.warnings if "noted as stolen" in warning]
    with pytest.raises(MailError, match="still has the password that it was locked with"):
        unlock(host, ALICE)


def test_a_false_alarm_is_forgiven(host: Any) -> None:
    lock(host, ALICE)
    unlock(host, ALICE, keep_password=True)
    host.accounts({"name": ALICE, "password": NEW})
    host.accounts({"name": ALICE, "password": OLD})
    with connect.opened(host.path, write=False) as store:
        assert locks.stolen(store.connection) == locks.read(store.connection) == {}


def test_a_false_alarm_does_not_bring_an_earlier_thief_back(host: Any) -> None:
    lock(host, ALICE)
    host.accounts({"name": ALICE, "password": NEW})
    unlock(host, ALICE)
    lock(host, ALICE)
    assert unlock(host, ALICE, keep_password=True).facts["unlocked"] == [ALICE]
    outcome = host.accounts(*INVENTORY)
    assert not outcome.changed
    assert [warning for warning in outcome.warnings if "noted as stolen" in warning]
    assert not host.accounts({"name": ALICE, "password": NEW}).changed


def test_who_has_got_a_new_password_needs_no_forgiveness(host: Any) -> None:
    lock(host, ALICE)
    host.accounts({"name": ALICE, "password": NEW})
    assert unlock(host, ALICE, keep_password=True).facts["unlocked"] == [ALICE]
    assert not host.accounts(*INVENTORY).changed


@pytest.mark.parametrize("given", ["active", "disabled", "suspended"])
def test_an_unlock_puts_everything_back(host: Any, given: str) -> None:
    entry = {**INVENTORY[0], "status": given, "sender_addresses": ["boss@example.com"], "forward_to": ["x@example.net"]}

    def everything() -> Any:
        with connect.opened(host.path, write=False) as store:
            return list(store.connection.iterdump()), tables.render(export.read(store.connection, "+"))

    host.accounts(entry)
    before = everything()
    lock(host, ALICE)
    assert everything() != before
    lock(host, ALICE, reason="again")
    unlock(host, ALICE, keep_password=True)
    assert everything() == before


def test_a_noted_password_can_be_allowed_later(host: Any) -> None:
    lock(host, ALICE)
    host.accounts({"name": ALICE, "password": NEW})
    unlock(host, ALICE)
    assert not host.accounts({"name": ALICE, "password": OLD}).changed
    assert unlock(host, ALICE, keep_password=True).changed
    assert not unlock(host, ALICE, keep_password=True).changed
    assert host.accounts({"name": ALICE, "password": OLD}).changed


def test_sessions_end_with_every_lock_also_with_a_second_one(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[set[str]] = []
    session = Session(ALICE, "dovecot", "imap", ("192.0.2.7",), (7,))

    def ended(names: set[str]) -> end.Ended:
        ends.append(names)
        return end.Ended([session], ["a warning"])

    monkeypatch.setattr(end, "end", ended)
    outcome = lock(host, ALICE)
    assert outcome.facts["ended"] == [session._asdict()]
    assert "a warning" in outcome.warnings
    assert lock(host, ALICE).changed
    lock(host, ALICE, write=False)
    unlock(host, ALICE, keep_password=True)
    assert ends == [{ALICE}, {ALICE}]


def test_a_full_disk_does_not_keep_the_sessions(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[Any] = []

    def fail(_store: Any) -> None:
        raise MailError("No space left on device", where="senders")

    monkeypatch.setattr(export, "publish", fail)
    monkeypatch.setattr(end, "end", lambda names: ends.append(names) or end.Ended([], []))
    with pytest.raises(MailError, match="No space left"):
        lock(host, ALICE)
    assert ends == [{ALICE}]
    assert status(host) == "disabled"


def test_who_was_logged_in_is_not_asked_for_without_need(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "sessions", lambda: pytest.fail("asked"))
    assert not host.accounts(*INVENTORY).changed


def test_thousands_are_locked_and_unlocked_in_a_moment(host: Any) -> None:
    names = [f"user{number}@example.com" for number in range(3000)]
    host.accounts(*({"name": name, "password": HASH} for name in names))
    begin = time.monotonic()
    assert len(lock(host, *names).facts["locked"]) == 3000
    assert len(unlock(host, *names, keep_password=True).facts["unlocked"]) == 3000
    assert time.monotonic() - begin < 10
