# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maildirs that Courier needs before the first login."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._store import maildirs

SETTINGS: Any = SimpleNamespace(mail_owner="vmail")


@contextlib.contextmanager
def themselves(_name: str) -> Iterator[bool]:
    yield True


@pytest.fixture
def publish(
    connection: sqlite3.Connection,
    add_account: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., list[str]]:
    config, unit = tmp_path / "authsqliterc", tmp_path / "courier-imap.service"
    unit.touch()
    monkeypatch.setattr(maildirs, "CONFIG", str(config))
    monkeypatch.setattr(maildirs, "UNITS", (str(unit),))
    monkeypatch.setattr(maildirs.rights, "as_named", themselves)
    add_account("alice@example.com", home=str(tmp_path / "alice"))
    add_account("info@example.com", home=str(tmp_path / "info"), mailbox=0)

    def run(*, live: bool = True, config_text: str = "SQLITE_DATABASE\t/store\n") -> list[str]:
        config.write_text(config_text)
        store: Any = SimpleNamespace(path="/store", live=live, connection=connection)
        made = maildirs.publish(store, SETTINGS)
        return [name.replace(str(tmp_path), "") for name in (*(change.name for change in made.changes), *made.warnings)]

    return run


def test_a_mailbox_gets_its_maildir_once(publish: Callable[..., list[str]], tmp_path: Path) -> None:
    assert publish() == ["mailbox /alice/Maildir"]
    assert sorted(os.listdir(tmp_path / "alice" / "Maildir")) == ["cur", "new", "tmp"]
    assert publish() == []
    assert not (tmp_path / "info").exists()


def test_a_store_that_is_not_live_only_says_so(publish: Callable[..., list[str]], tmp_path: Path) -> None:
    assert publish(live=False) == ["mailbox /alice/Maildir"]
    assert not (tmp_path / "alice").exists()


def test_without_courier_there_is_nothing_to_do(publish: Callable[..., list[str]], tmp_path: Path) -> None:
    assert publish(config_text="SQLITE_DATABASE\t/another\n") == []
    assert not (tmp_path / "alice").exists()


def test_a_misplaced_file_of_dovecot_goes(publish: Callable[..., list[str]], tmp_path: Path) -> None:
    publish()
    for folder in (tmp_path / "alice" / "Maildir", tmp_path / "alice" / "Maildir" / ".Sent"):
        folder.mkdir(exist_ok=True)
        (folder / "maildirfolder").touch()
    assert publish(live=False) == ["file /alice/Maildir/maildirfolder"]
    assert publish() == ["file /alice/Maildir/maildirfolder"]
    assert publish() == []
    assert (tmp_path / "alice" / "Maildir" / ".Sent" / "maildirfolder").exists()


def test_without_the_package_its_old_configuration_counts_for_nothing(
    publish: Callable[..., list[str]], tmp_path: Path
) -> None:
    (tmp_path / "courier-imap.service").unlink()
    assert publish() == []
    assert not (tmp_path / "alice").exists()


def test_one_that_cannot_be_made_is_a_warning(
    publish: Callable[..., list[str]], add_account: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "alice").touch()
    add_account("bob@example.com", home=str(tmp_path / "bob"))
    words = publish()
    assert words[0] == "mailbox /bob/Maildir"
    assert words[1].startswith("/alice/Maildir: cannot be made: ")
    assert len(words) == 2
