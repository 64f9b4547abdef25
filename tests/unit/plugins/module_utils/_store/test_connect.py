# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening, creating and locking the store."""

from __future__ import annotations

import fcntl
import os
import pathlib
import sqlite3
import stat
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands, files
from ansible_collections.mailops.mailserver.plugins.module_utils._store import connect, schema

pytestmark = pytest.mark.usefixtures("any_user")


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    """Where a store would be."""
    return str(tmp_path / "store" / "directory.sqlite")


def create(path: str) -> None:
    with connect.opened(path, write=True, create=True) as store:
        store.save_settings(connect.Settings(mail_owner="first"))
        store.commit()
        store.begin()


def owner(path: str) -> str:
    with connect.opened(path, write=False) as store:
        return store.settings().mail_owner


def tree(root: pathlib.Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in root.rglob("*")}


def test_a_store_is_created_private_and_in_wal_mode(path: str) -> None:
    old_mask = os.umask(0)
    try:
        create(path)
    finally:
        os.umask(old_mask)
    directory = os.path.dirname(path)
    assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
    assert sorted(os.listdir(directory)) == ["directory.sqlite", "directory.sqlite.lock"]
    assert {stat.S_IMODE(os.stat(os.path.join(directory, name)).st_mode) for name in os.listdir(directory)} == {0o600}
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("SELECT value FROM meta WHERE name = 'version'").fetchone() == (str(schema.VERSION),)
    connection.close()


@pytest.mark.parametrize("step", ["make_tables", "sync", "rename"])
def test_creation_is_all_or_nothing(path: str, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    if step == "make_tables":
        monkeypatch.setattr(connect, "make_tables", fail)
    else:
        monkeypatch.setattr(files, "sync_file" if step == "sync" else "move_into_place", fail)
    with pytest.raises(MailError, match=r"directory.sqlite: cannot be written: No space left on device"):
        create(path)
    assert os.listdir(os.path.dirname(path)) == ["directory.sqlite.lock"]
    monkeypatch.undo()
    create(path)
    assert owner(path) == "first"


@pytest.mark.parametrize("options", [{"write": True}, {"write": False, "must_exist": True}])
def test_a_store_that_is_not_there_is_named(path: str, tmp_path: pathlib.Path, options: dict[str, Any]) -> None:
    with pytest.raises(MailError) as error, connect.opened(path, **options):
        pass
    assert error.value.message == (
        f"{path}: there is no account store. Create it with mail_store (role common does), or correct path."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["", "directory.sqlite", "store/directory.sqlite", ":memory:"])
def test_a_path_is_absolute(path: str) -> None:
    with pytest.raises(MailError, match=r"is not an absolute path. Begin it with a slash."):
        create(path)


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o777])
def test_a_directory_that_is_open_is_refused_and_not_changed(path: str, mode: int) -> None:
    directory = os.path.dirname(path)
    os.mkdir(directory)
    os.chmod(directory, mode)
    with pytest.raises(MailError) as error:
        create(path)
    assert error.value.message.startswith(f"{directory}: is no private directory, and a store holds password hashes.")
    assert stat.S_IMODE(os.stat(directory).st_mode) == mode
    assert os.listdir(directory) == []


def test_a_directory_that_is_a_link_or_cannot_be_made_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "file").write_text("")
    for name in ("link", "file"):
        with pytest.raises(MailError, match=r"is no private directory"):
            create(str(tmp_path / name / "directory.sqlite"))
    with pytest.raises(MailError, match=r"cannot be made a directory"):
        create(str(tmp_path / "file" / "below" / "directory.sqlite"))


def test_check_mode_works_on_a_copy_and_changes_nothing(path: str, tmp_path: pathlib.Path) -> None:
    with connect.opened(path, write=False, create=True) as store:
        assert (store.live, store.exists) == (False, False)
        assert store.settings() == connect.Settings()
        store.save_settings(connect.Settings(mail_owner="dreamt"))
    assert list(tmp_path.iterdir()) == []
    create(path)
    before = tree(tmp_path)
    with connect.opened(path, write=False) as store:
        assert (store.live, store.exists) == (False, True)
        store.save_settings(connect.Settings(mail_owner="dreamt"))
        store.commit()
        store.begin()
        assert store.settings().mail_owner == "dreamt"
    assert tree(tmp_path) == before
    assert owner(path) == "first"


def test_check_mode_does_not_wait_for_a_writer(path: str) -> None:
    create(path)
    with connect.opened(path, write=True) as store:
        store.save_settings(connect.Settings(mail_owner="not yet"))
        assert owner(path) == "first"


@pytest.mark.parametrize("error", [MailError("x"), ValueError("x"), KeyboardInterrupt()])
def test_what_is_not_committed_is_rolled_back(path: str, error: BaseException) -> None:
    create(path)

    def run() -> None:
        with connect.opened(path, write=True) as store:
            store.save_settings(connect.Settings(mail_owner="second"))
            raise error

    with pytest.raises(type(error)):
        run()
    assert owner(path) == "first"
    with connect.opened(path, write=True) as store:
        store.save_settings(connect.Settings(mail_owner="third"))
    assert owner(path) == "first"


def test_one_writer_at_a_time(path: str) -> None:
    create(path)
    with open(f"{path}.lock", "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(MailError) as error, connect.opened(path, write=True, lock_timeout=0.2):
            pass
    assert error.value.message == (
        f"{path}.lock: another run has held the account store for 0.2 seconds. "
        "Nothing was changed. Wait for the other play to end, or raise lock_timeout."
    )
    with connect.opened(path, write=True, lock_timeout=0):
        pass


def test_a_lock_that_is_a_link_is_not_followed(path: str, tmp_path: pathlib.Path) -> None:
    create(path)
    os.unlink(f"{path}.lock")
    os.symlink(tmp_path / "elsewhere", f"{path}.lock")
    with pytest.raises(MailError, match=r"directory.sqlite.lock: cannot be locked: "), connect.opened(path, write=True):
        pass
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(("version", "shown"), [("3", "3"), ("0", "0"), ("1.0", "1.0"), ("x", "x"), (None, "none")])
@pytest.mark.parametrize("write", [True, False])
def test_a_schema_of_another_version_is_left_alone(path: str, version: str | None, shown: str, write: bool) -> None:
    create(path)
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM meta WHERE name = 'version'")
    if version is not None:
        connection.execute("INSERT INTO meta VALUES ('version', ?)", (version,))
    connection.commit()
    connection.close()
    with pytest.raises(MailError) as error, connect.opened(path, write=write):
        pass
    assert error.value.message.startswith(f"{path}: has schema version {shown}, and this collection works with 2.")
    assert "Nothing was changed." in error.value.message


@pytest.fixture
def older(path: str) -> str:
    """A store as the first release made it."""
    create(path)
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE account_lock; DROP TABLE stolen_password; UPDATE meta SET value = '1' WHERE name = 'version'"
    )
    connection.close()
    return path


def tables_of(path: str) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        connection.close()


def test_an_older_store_is_led_to_this_schema_and_readers_are_told(older: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = []
    monkeypatch.setattr(commands, "find", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(commands, "run", lambda argv, **_options: told.append(argv))
    monkeypatch.setattr(connect.files, "read_text", lambda _path: f"{os.getpid()}\n")
    monkeypatch.setattr(connect.logins, "wait_for_quiet", lambda master: told.append([master]))
    for _turn in range(2):
        with connect.opened(older, write=True) as store:
            assert store.settings().mail_owner == "first"
        assert told == [[str(os.getpid())], ["/usr/bin/doveadm", "reload"]]
    assert {"account_lock", "stolen_password"} <= tables_of(older)


def test_whoever_only_reads_leaves_an_older_store_as_it_is(older: str) -> None:
    with connect.opened(older, write=False) as store:
        assert store.connection.execute("SELECT count(*) FROM account_lock").fetchone() == (0,)
    assert "account_lock" not in tables_of(older)


def test_a_step_to_this_schema_is_all_or_nothing(older: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "STEPS", {2: (*schema.STEPS[2], "CREATE TABLE meta (x)")})
    with pytest.raises(MailError, match="table meta already exists"), connect.opened(older, write=True):
        pass
    assert "account_lock" not in tables_of(older)


@pytest.mark.parametrize("data", [b"", b"not a database, but long enough to look like a file with a header" * 20])
@pytest.mark.parametrize("write", [True, False])
def test_what_is_no_store_is_left_alone(path: str, data: bytes, write: bool) -> None:
    os.mkdir(os.path.dirname(path), 0o700)
    pathlib.Path(path).write_bytes(data)
    with pytest.raises(MailError) as error, connect.opened(path, write=write, create=True):
        pass
    assert error.value.message.startswith(f"{path}: the account store says: ")
    assert pathlib.Path(path).read_bytes() == data


def test_an_sql_error_is_told_in_words(path: str) -> None:
    create(path)
    message = r"the account store says: CHECK constraint failed.*Nothing was changed"
    with pytest.raises(MailError, match=message), connect.opened(path, write=True) as store:
        store.connection.execute("INSERT INTO domain (name) VALUES ('Example.com')")


def test_settings_are_kept(path: str) -> None:
    create(path)
    wanted = connect.Settings("/m", "o", "/t", "/a", "+-")
    with connect.opened(path, write=True) as store:
        store.save_settings(wanted)
        store.save_settings(wanted)
        store.commit()
        store.begin()
    with connect.opened(path, write=False) as store:
        assert store.settings() == wanted


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("INSERT INTO account (address, local_part, domain, home) VALUES ('A@b.c', 'A', 'b.c', '/')", "CHECK"),
        ("INSERT INTO account (address, local_part, domain, home) VALUES ('a@b.c', 'a', 'b.c', '/')", "FOREIGN KEY"),
        ("INSERT INTO domain_alias (name, target) VALUES ('a.b', 'b.c')", "FOREIGN KEY"),
        (
            "INSERT INTO alias_target (source, target, kind, domain) VALUES ('a@b.c', 'x', 'alias', 'b.c')",
            "FOREIGN KEY",
        ),
        ("INSERT INTO sender_grant (address, sender) VALUES ('a@b.c', 'x')", "FOREIGN KEY"),
    ],
)
def test_the_schema_keeps_its_rules(connection: sqlite3.Connection, statement: str, rule: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=rule):
        connection.execute(statement)
