# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail moves with its account, whatever comes in between."""

from __future__ import annotations

import os
import pathlib
import pwd
import stat
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._store import accounts, connect, moves

NEW = "new@example.com"


@pytest.fixture
def store(host: Any) -> Iterator[connect.Store]:
    """A store in which an account waits for its mail to be moved from ``old`` to ``new``."""
    host.accounts({"name": NEW})
    (host.mail / "example.com").mkdir()
    with connect.opened(host.path, write=True) as opened:
        old, new = (str(host.mail / "example.com" / name) for name in ("old", "new"))
        accounts.set_home(opened.connection, NEW, old)
        accounts.plan_move(opened.connection, accounts.Move(NEW, old, new))
        opened.commit()
        opened.begin()
        yield opened


@pytest.fixture
def homes(host: Any) -> tuple[pathlib.Path, pathlib.Path]:
    """The old home and the new one."""
    return host.mail / "example.com" / "old", host.mail / "example.com" / "new"


def put(home: pathlib.Path, *names: str) -> None:
    for name in names:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(name)


def all_of(home: pathlib.Path) -> dict[str, str]:
    return {str(path.relative_to(home)): path.read_text() for path in home.rglob("*") if path.is_file()}


def home_of(store: connect.Store) -> str:
    return str(store.connection.execute("SELECT home FROM account").fetchone()[0])


def test_a_plain_move(store: connect.Store, homes: tuple[pathlib.Path, pathlib.Path]) -> None:
    put(homes[0], "Maildir/cur/1:2,S", "Maildir/.Sent/new/2", "Maildir/dovecot-uidlist", ".dovecot.sieve")
    before = all_of(homes[0])
    assert moves.finish(store) == []
    assert all_of(homes[1]) == before
    assert not homes[0].exists()
    assert home_of(store) == str(homes[1])
    assert moves.finish(store) == []


def test_an_account_that_never_got_mail(store: connect.Store, homes: tuple[pathlib.Path, pathlib.Path]) -> None:
    assert moves.finish(store) == []
    assert home_of(store) == str(homes[1])
    assert not homes[0].exists()
    assert not homes[1].exists()


def test_a_move_into_a_new_domain_directory(
    store: connect.Store, host: Any, homes: tuple[pathlib.Path, pathlib.Path]
) -> None:
    put(homes[0], "Maildir/new/1")
    target = host.mail / "b.example" / "new"
    accounts.plan_move(store.connection, accounts.Move(NEW, str(homes[0]), str(target)))
    moves.finish(store)
    assert all_of(target) == {"Maildir/new/1": "Maildir/new/1"}
    assert (host.mail / "b.example").stat().st_uid == host.mail.stat().st_uid


def test_mail_that_came_during_the_move_is_carried_over(
    store: connect.Store, homes: tuple[pathlib.Path, pathlib.Path]
) -> None:
    put(homes[1], "Maildir/new/1", "Maildir/cur/2:2,S", "Maildir/tmp/x", "Maildir/.Junk/new/3")
    put(homes[0], "Maildir/new/1", "Maildir/cur/4:2,S", "Maildir/.Junk/new/5", "Maildir/.Lists/new/6")
    put(
        homes[0],
        "Maildir/dovecot-uidlist",
        "Maildir/dovecot.index.log",
        "Maildir/.Junk/maildirfolder",
        "Maildir/subscriptions",
    )
    assert moves.finish(store) == []
    found = all_of(homes[1])
    assert sorted(found.values()) == sorted(
        [
            *("Maildir/new/1", "Maildir/cur/2:2,S", "Maildir/tmp/x", "Maildir/.Junk/new/3"),
            *("Maildir/new/1", "Maildir/cur/4:2,S", "Maildir/.Junk/new/5", "Maildir/.Lists/new/6"),
        ]
    )
    assert found["Maildir/new/4"] == "Maildir/cur/4:2,S"
    assert found["Maildir/.Junk/new/5"] == "Maildir/.Junk/new/5"
    assert found["Maildir/new/6"] == "Maildir/.Lists/new/6"
    assert not homes[0].exists()


def test_first_mail_that_came_during_the_move_is_carried_over(
    store: connect.Store, homes: tuple[pathlib.Path, pathlib.Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_over = moves._carry_over

    def deliver_first(old: str, new: str) -> None:
        put(homes[0], "Maildir/new/1")
        carry_over(old, new)

    monkeypatch.setattr(moves, "_carry_over", deliver_first)
    assert moves.finish(store) == []
    assert all_of(homes[1]) == {"Maildir/new/1": "Maildir/new/1"}
    assert not homes[0].exists()


def test_a_home_without_a_maildir_gets_the_whole_one(
    store: connect.Store, homes: tuple[pathlib.Path, pathlib.Path]
) -> None:
    put(homes[0], "Maildir/new/1", "Maildir/.Junk/cur/2:2,S")
    put(homes[1], "sieve/x.sieve")
    moves.finish(store)
    assert set(all_of(homes[1])) == {"Maildir/new/1", "Maildir/.Junk/cur/2:2,S", "sieve/x.sieve"}
    assert not homes[0].exists()


def test_a_delivery_that_is_going_on_is_left_and_named(
    store: connect.Store, homes: tuple[pathlib.Path, pathlib.Path]
) -> None:
    put(homes[1], "Maildir/new/1")
    put(homes[0], "Maildir/new/2", "Maildir/tmp/half", "Maildir/dovecot-uidlist")
    assert moves.finish(store) == [str(homes[0])]
    assert all_of(homes[0]) == {"Maildir/tmp/half": "Maildir/tmp/half"}
    assert set(all_of(homes[1])) == {"Maildir/new/1", "Maildir/new/2"}


def test_a_new_account_at_the_old_place_keeps_its_mail(
    store: connect.Store, host: Any, homes: tuple[pathlib.Path, pathlib.Path]
) -> None:
    put(homes[1], "Maildir/new/1")
    store.connection.execute(
        "INSERT INTO account (address, local_part, domain, home) VALUES ('old@example.com', 'old', 'example.com', ?)",
        (str(homes[0]),),
    )
    put(homes[0], "Maildir/new/2", "Maildir/dovecot-uidlist")
    assert moves.finish(store) == []
    assert set(all_of(homes[0])) == {"Maildir/new/2", "Maildir/dovecot-uidlist"}
    assert set(all_of(homes[1])) == {"Maildir/new/1"}


def test_no_link_is_followed(
    store: connect.Store, homes: tuple[pathlib.Path, pathlib.Path], tmp_path: pathlib.Path
) -> None:
    outside = tmp_path / "outside"
    put(outside, "Maildir/new/1", "Maildir/dovecot-uidlist")
    put(homes[1], "Maildir/new/2")
    homes[0].symlink_to(outside)
    assert moves.finish(store) == [str(homes[0])]
    assert set(all_of(outside)) == {"Maildir/new/1", "Maildir/dovecot-uidlist"}


def test_a_move_that_fails_leaves_the_account_where_its_mail_is(
    store: connect.Store, host: Any, homes: tuple[pathlib.Path, pathlib.Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(homes[0], "Maildir/new/1")

    def fail(*_args: Any) -> None:
        raise OSError(18, os.strerror(18))

    with monkeypatch.context() as patch:
        patch.setattr(moves.os, "rename", fail)
        with pytest.raises(MailError) as error:
            moves.finish(store)
    assert error.value.message == (
        f"{homes[0]}: a home cannot be made or moved: {os.strerror(18)}. No mail is lost. Mend the cause and run again."
    )
    assert home_of(store) == str(homes[0])
    assert len(accounts.pending_moves(store.connection)) == 1
    moves.finish(store)
    assert set(all_of(homes[1])) == {"Maildir/new/1"}


def test_check_mode_moves_nothing(host: Any, store: connect.Store, homes: tuple[pathlib.Path, pathlib.Path]) -> None:
    put(homes[0], "Maildir/new/1")
    assert moves.finish(store._replace(live=False)) == []
    assert homes[0].exists()
    assert len(accounts.pending_moves(store.connection)) == 1


def test_a_home_is_made_for_who_replies(tmp_path: pathlib.Path) -> None:
    owner = pwd.getpwuid(os.geteuid()).pw_name
    settings = connect.Settings(mail_directory=str(tmp_path / "vmail"), mail_owner=owner)
    home = tmp_path / "vmail" / "example.com" / "alice"
    for _again in range(2):
        moves.make_homes([str(home)], settings)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    (home / "Maildir").mkdir()
    with pytest.raises(MailError):
        moves.check_target(str(home))


def test_the_empty_home_of_a_former_account_is_no_hindrance(tmp_path: pathlib.Path) -> None:
    (tmp_path / "alice").mkdir()
    moves.check_target(str(tmp_path / "alice"))


def test_root_touches_no_home_with_its_own_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = pwd.getpwuid(os.geteuid())
    steps: list[tuple[str, int]] = []
    monkeypatch.setattr(moves.os, "geteuid", lambda: 0)
    monkeypatch.setattr(moves.os, "getegid", lambda: 0)
    monkeypatch.setattr(moves.os, "setegid", lambda gid: steps.append(("group", gid)))
    monkeypatch.setattr(moves.os, "seteuid", lambda uid: steps.append(("user", uid)))
    moves.purge([], connect.Settings(mail_owner=owner.pw_name))
    assert steps == [("group", owner.pw_gid), ("user", owner.pw_uid), ("user", 0), ("group", 0)]
