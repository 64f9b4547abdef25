# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening the account store: one writer at a time, and a private copy for check mode.

The store is an SQLite file in WAL mode, made before any daemon reads it and never replaced afterwards: daemons keep the
file open, and a reader of another journal mode would see lock errors.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import stat
import time
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._dovecot import logins
from .._errors import MailError
from .._host import commands, files
from . import schema

_BUSY_SECONDS = 30


class Settings(NamedTuple):
    """Where the store's surroundings are; kept in the store itself, so that every module finds the same."""

    mail_directory: str = "/var/vmail"
    mail_owner: str = "vmail"
    postfix_tables: str = "/etc/postfix/accounts"
    autoreply_directory: str = "/var/lib/mailautoreply"
    recipient_delimiter: str = "+"


def checked(settings: Settings) -> Settings:
    """The settings themselves. Raises MailError for a path that is not absolute or a delimiter that is no such sign."""
    for name in ("mail_directory", "postfix_tables", "autoreply_directory"):
        path = getattr(settings, name)
        if not os.path.isabs(path) or not path.isprintable():
            raise MailError(f"{path!r} is not an absolute path", where=name, mend="Begin it with a slash.")
    for character in settings.recipient_delimiter:
        if character.isalnum() or not character.isprintable() or character in ' .@"\\':
            raise MailError(
                f"{character!r} cannot separate an address extension",
                where="recipient_delimiter",
                mend="Choose signs such as + or -, or none.",
            )
    return settings


class Store(NamedTuple):
    """An open store. ``live`` is False for check mode's copy in memory, which is thrown away."""

    connection: sqlite3.Connection
    path: str
    live: bool
    exists: bool

    def settings(self) -> Settings:
        rows = dict(self.connection.execute("SELECT name, value FROM meta"))
        return Settings(**{name: rows[name] for name in Settings._fields if name in rows})

    def save_settings(self, settings: Settings) -> None:
        self.connection.executemany(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            settings._asdict().items(),
        )

    def commit(self) -> None:
        """End the run's one transaction. Raises MailError when the disk does not take it; nothing is changed then."""
        with _translated(self.path):
            self.connection.execute("COMMIT")

    def begin(self) -> None:
        """Begin a transaction that will write."""
        with _translated(self.path):
            self.connection.execute("BEGIN IMMEDIATE")


@contextlib.contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise MailError(
            f"the account store says: {error}",
            where=path,
            mend="Nothing was changed. Mend the cause (free space, rights, another writer) and run again.",
        ) from error


@contextlib.contextmanager
def opened(
    path: str, *, write: bool, create: bool = False, must_exist: bool = False, lock_timeout: float = 60
) -> Iterator[Store]:
    """Open the store in a transaction that is rolled back unless it is committed.

    With ``write`` the run is the only writer on this host until the end (it waits at most ``lock_timeout`` seconds for
    another one). Without, a copy in memory is handed out, an empty one when there is no store yet and ``must_exist`` is
    False. A store that is not there is created with ``write`` and ``create``, otherwise MailError is raised.
    """
    if not os.path.isabs(path):
        raise MailError("is not an absolute path", where=f"path {path!r}", mend="Begin it with a slash.")
    exists = os.path.exists(path)
    if not exists and (must_exist or (write and not create)):
        raise MailError(
            "there is no account store",
            where=path,
            mend="Create it with mail_store (role common does), or correct path.",
        )
    with contextlib.ExitStack() as stack:
        if write:
            _make_private(os.path.dirname(path))
            stack.enter_context(_only_writer(f"{path}.lock", lock_timeout))
            if not os.path.exists(path):
                _create(path)
            connection = _connect(path)
        else:
            connection = _copy(path)
        stack.callback(connection.close)
        stack.enter_context(_translated(path))
        if _bring_up(connection, path) and write:
            _tell_readers()
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        yield Store(connection, path, write, exists)


def _make_private(directory: str) -> None:
    """Make the store's directory, 0700. One that is there is never narrowed: it could be one that others live in."""
    if not os.path.lexists(directory):
        files.make_directory(directory, mode=0o700, uid=os.geteuid(), gid=os.getegid())
    found = os.lstat(directory)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise MailError(
            "is no private directory, and a store holds password hashes",
            where=directory,
            mend="Choose a path in a directory of its own, or give this one to root with mode 0700.",
        )


def _connect(path: str, options: str = "mode=rw") -> sqlite3.Connection:
    with _translated(path):
        uri = f"file:{urllib.parse.quote(path)}?{options}"  # SQLite itself never makes the file: it would be 0644
        connection = sqlite3.connect(uri, timeout=_BUSY_SECONDS, isolation_level=None, uri=True)
        connection.execute("PRAGMA synchronous = FULL")
        return connection


def _copy(path: str) -> sqlite3.Connection:
    """The store in memory, read without a trace.

    Opening it as usual makes and removes files beside it. While nobody has it open there are none, so it can be read as
    it lies, with the lock held so that no writer comes in. When one is at work the files are there, and nobody waits.
    """
    copy = sqlite3.connect(":memory:", isolation_level=None)
    if not os.path.exists(path):
        make_tables(copy)
        return copy
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(_only_writer(f"{path}.lock", 0))
            alone = not os.path.exists(f"{path}-wal")
        except MailError:
            alone = False
        source = _connect(path, "immutable=1" if alone else "mode=rw")
        with contextlib.closing(source), _translated(path):
            source.backup(copy)
    return copy


def make_tables(connection: sqlite3.Connection) -> None:
    """The tables of an empty store."""
    for statement in schema.TABLES:
        connection.execute(statement)
    connection.execute("INSERT INTO meta (name, value) VALUES ('version', ?)", (str(schema.VERSION),))


def _create(path: str) -> None:
    """Make the store whole under another name first, so that a killed run leaves nothing half-made behind."""
    with files.aside(path) as temporary:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection = _connect(temporary)
        with contextlib.closing(connection), _translated(path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            make_tables(connection)
            connection.execute("COMMIT")
        files.sync_file(temporary)
        files.move_into_place(temporary, path)


def _bring_up(connection: sqlite3.Connection, path: str) -> bool:
    """Lead an older store to this schema, in one transaction. True when there was something to do."""
    found = connection.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
    version = int(found[0]) if found and found[0].isdigit() else 0
    if not 0 < version <= schema.VERSION:
        raise MailError(
            f"has schema version {found[0] if found else 'none'}, and this collection works with {schema.VERSION}",
            where=path,
            mend="Nothing was changed. Use the release of the collection that wrote it, or a newer one.",
        )
    if version == schema.VERSION:
        return False
    connection.execute("BEGIN IMMEDIATE")
    for step in range(version + 1, schema.VERSION + 1):
        for statement in schema.STEPS[step]:
            connection.execute(statement)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'version'", (str(schema.VERSION),))
    connection.execute("COMMIT")
    return True


def _tell_readers() -> None:
    """Have Dovecot open the store anew: each of its workers would fail one lookup after a change of the schema."""
    doveadm = commands.find("doveadm")
    master = (files.read_text("/run/dovecot/master.pid") or "").strip()
    if doveadm and os.path.exists(f"/proc/{master or '-'}"):
        logins.wait_for_quiet(master)
        with contextlib.suppress(MailError):  # the store is led up, and what was asked for goes on
            commands.run([doveadm, "reload"], timeout=10)


@contextlib.contextmanager
def _only_writer(path: str, timeout: float) -> Iterator[None]:
    """Hold the lock file, so that a commit and the export that follows it belong to one run."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise MailError(f"cannot be locked: {error.strerror or error}", where=path) from error
    try:
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise MailError(
                        f"another run has held the account store for {timeout:g} seconds",
                        where=path,
                        mend="Nothing was changed. Wait for the other play to end, or raise lock_timeout.",
                    ) from error
                time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


def delete_where(connection: sqlite3.Connection, table: str, column: str, values: Iterable[str]) -> None:
    """Delete the rows of ``values``, one statement prepared for all."""
    connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(value,) for value in values])


def upsert(connection: sqlite3.Connection, table: str, key: str, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Insert or update ``(key value, columns)`` rows that all have the same columns."""
    rows = list(rows)
    if not rows:
        return
    names = list(rows[0][1])
    updates = ", ".join(f"{name} = excluded.{name}" for name in names)
    connection.executemany(
        f"INSERT INTO {table} ({key}, {', '.join(names)}) VALUES ({', '.join('?' * (len(names) + 1))}) "
        f"ON CONFLICT ({key}) DO UPDATE SET {updates}",
        [(value, *columns.values()) for value, columns in rows],
    )
