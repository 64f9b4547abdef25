# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stores for the tests of this room: real SQLite, in memory or in a temporary directory."""

from __future__ import annotations

import functools
import pathlib
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, Callable

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import account, alias, domain
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.password import Policy
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import (
    apply,
    apply_accounts,
    connect,
    remembered,
)

NOT_EXCLUSIVE = apply.Exclusive()
RULES = account.Rules(policy=Policy(enabled=False))


class Host:
    """A directory that stands for a host: its store, its tables, scripts and mail. No mail program is installed."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.path = str(root / "store" / "directory.sqlite")
        self.mail = root / "vmail"
        self.scripts = root / "autoreply"
        self.settings = connect.Settings(
            mail_directory=str(self.mail),
            mail_owner="no-such-user",
            postfix_tables=str(root / "tables"),
            autoreply_directory=str(self.scripts),
        )

    def create(self) -> None:
        """An empty store."""
        self.mail.mkdir()
        with connect.opened(self.path, write=True, create=True) as store:
            store.save_settings(self.settings)
            store.commit()
            store.begin()

    def domains(self, *entries: Mapping[str, Any], write: bool = True, **options: Any) -> Outcome:
        """What the module mail_domain does with a list."""
        options.setdefault("exclusive", NOT_EXCLUSIVE)
        options.setdefault("remove_contents", False)
        with connect.opened(self.path, write=write) as store:
            return apply.apply_domains(store, domain.parse_all(entries), **options)

    def accounts(
        self,
        *entries: Mapping[str, Any],
        write: bool = True,
        exclusive: apply.Exclusive = NOT_EXCLUSIVE,
        rules: account.Rules = RULES,
    ) -> Outcome:
        """What the module mail_account does with a list."""
        with connect.opened(self.path, write=write) as store:
            wanted = account.parse_all(entries, rules)
            return apply_accounts.apply_accounts(store, wanted, rules=rules, exclusive=exclusive, diff=True)

    def aliases(self, *entries: Mapping[str, Any], write: bool = True, **options: Any) -> Outcome:
        """What the module mail_alias does with a list."""
        options.setdefault("exclusive", NOT_EXCLUSIVE)
        with connect.opened(self.path, write=write) as store:
            return apply.apply_aliases(store, alias.parse_all(entries), **options)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a reader of the store finds."""
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def tree(self) -> dict[str, tuple[int, bytes]]:
        """Mode and content of everything on the host."""
        return {
            str(path.relative_to(self.root)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in sorted(self.root.rglob("*"))
        }


@pytest.fixture
def host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, any_user: None) -> Host:
    """A host with an empty store and the domain example.com."""
    monkeypatch.setattr(commands, "find", lambda _name: None)
    path = str(tmp_path / "run" / "verified")
    monkeypatch.setattr(apply_accounts, "Remembered", functools.partial(remembered.Remembered, path))
    made = Host(tmp_path / "host")
    made.root.mkdir()
    made.create()
    made.domains({"name": "example.com"})
    return made


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """An empty store in memory."""
    opened = sqlite3.connect(":memory:", isolation_level=None)
    opened.execute("PRAGMA foreign_keys = ON")
    connect.make_tables(opened)
    yield opened
    opened.close()


@pytest.fixture
def add_account(connection: sqlite3.Connection) -> Callable[..., None]:
    """Adds an account, and its domain, to the store in memory."""
    from ansible_collections.mailops.mailserver.plugins.module_utils._store import accounts, domains  # noqa: PLC0415

    def add(address: str, *, forwards: tuple[str, ...] = (), senders: tuple[str, ...] = (), **columns: Any) -> None:
        name = address.partition("@")[2]
        if name not in domains.read(connection):
            domains.write(connection, [(name, dict(domain.DEFAULTS))])
        given = {"pwhash": "!", "home": f"/var/vmail/{name}/{address}", **account.DEFAULTS, **columns}
        item = account.Stored(given, frozenset(forwards), frozenset(senders))
        accounts.write(connection, accounts.read(connection, [address]), {address: item})

    return add
