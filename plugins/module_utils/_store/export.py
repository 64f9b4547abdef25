# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publishing what mail daemons read besides the store itself: Postfix tables and Sieve scripts of automatic replies.

Every run compares the whole text with what is on disk, so that a run that was killed between commit and export is made
good by the next one. A table and its text have the same modification time exactly when they belong together.
"""

from __future__ import annotations

import collections
import contextlib
import grp
import os
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from .._errors import MailError
from .._host import commands, files
from .._mail import account as _account
from .._mail import autoreply as _autoreply
from .._outcome import Change
from .._postfix import postconf
from . import maildirs, tables
from .connect import Settings, Store

_IN_PLACE = ("domains", "senders", "locked")


class Exported(NamedTuple):
    """What an export repaired or would publish, and how Postfix is to name the tables (empty: Postfix is not there).

    ``warnings`` name what could not be had, while everything else was.
    """

    changes: list[Change]
    table_type: str
    warnings: list[str]


def publish(store: Store) -> Exported:
    """Bring tables and scripts up to the store's state; with a store that is not live only say what would change."""
    settings = store.settings()
    source = read(store.connection, settings.recipient_delimiter)
    changes = _publish_scripts(store, settings, source)
    kind = postconf.table_type()
    if kind:
        changes += _publish_tables(store, settings, kind, tables.render(source))
    made = maildirs.publish(store, settings)
    return Exported([*changes, *made.changes], kind, made.warnings)


def read(connection: sqlite3.Connection, delimiter: str) -> tables.Source:
    """What the tables are made from."""
    targets: dict[str, list[str]] = collections.defaultdict(list)
    for start, target in connection.execute("SELECT source, target FROM alias_target"):
        targets[start].append(target)
    return tables.Source(
        dict(connection.execute("SELECT name, catch_all FROM domain WHERE mail_service = 1")),
        dict(connection.execute("SELECT name, target FROM domain_alias")),
        list(
            map(
                tables.AccountRow._make,
                connection.execute(
                    "SELECT address, domain, status, mailbox, keep_copy, send_only FROM account ORDER BY address"
                ),
            )
        ),
        targets,
        connection.execute("SELECT address, sender FROM sender_grant").fetchall(),
        delimiter,
    )


def _publish_tables(store: Store, settings: Settings, kind: str, texts: dict[str, str]) -> list[Change]:
    directory = settings.postfix_tables
    changes = []
    if store.live:
        files.make_directory(directory, mode=0o755)
    for name, text in texts.items():
        path = os.path.join(directory, name)
        before = files.read_text(path)
        if before == text and _belong_together(path, f"{path}.{kind}"):
            continue
        changes.append(Change(f"table {path}", before or "", text))
        if store.live:
            _publish_table(path, kind, text)
    return changes


def _belong_together(text_path: str, table_path: str) -> bool:
    try:
        return os.stat(text_path).st_mtime_ns == os.stat(table_path).st_mtime_ns
    except FileNotFoundError:
        return False


def _publish_table(path: str, kind: str, text: str) -> None:
    """Build the table aside, read it back, and put first it and then its text in place.

    Most Postfix daemons notice the replaced file when they take up new work. trivial-rewrite(8), which decides whether
    a domain is ours, serves long connections and looks only now and then, so a new domain would be refused for a while;
    and smtpd(8) would let a client go on that has logged in before its account was locked. They read LMDB live, where
    an update is one transaction: these tables are updated in place once they are known to fit.
    """
    table = f"{path}.{kind}"
    with files.aside(path) as text_aside, contextlib.ExitStack() as cleanup:
        table_aside = f"{text_aside}.{kind}"
        asides = (table_aside, f"{table_aside}-lock")
        for leftover in asides:
            cleanup.callback(_unlink, leftover)
        files.write_new(text_aside, text.encode(), mode=0o644)
        _build(kind, text_aside, text, table)
        if kind == "lmdb" and os.path.basename(path) in _IN_PLACE and os.path.exists(table):
            # First of all: once text and table belong together, no run looks for what a killed one has left.
            for leftover in asides:
                _unlink(leftover)
            files.move_into_place(text_aside, path)
            _build(kind, path, text, table)
            _stamp(path, table)
            return
        os.chmod(table_aside, 0o644)
        _stamp(text_aside, table_aside)
        files.move_into_place(table_aside, table)
        files.move_into_place(text_aside, path)


def _build(kind: str, source: str, text: str, table: str) -> None:
    """Make a table from ``source``. LMDB reports success on a full disk, so only what reads back is believed."""
    postmap = commands.find("postmap") or "postmap"
    built = commands.run([postmap, f"{kind}:{source}"])
    back = commands.run([postmap, "-s", f"{kind}:{source}"])
    if sorted(back.stdout.splitlines()) != text.splitlines() or built.status:
        said = (built.stderr or back.stderr).strip() or "what was written does not read back (is the disk full?)"
        raise MailError(
            f"the table cannot be built: {said}",
            where=table,
            mend="The old table was left in place and the store is right; mend the cause and run again.",
        )
    files.sync_file(f"{source}.{kind}")


def _stamp(text_path: str, table_path: str) -> None:
    """Give a text its table's modification time, the sign that they belong together."""
    time = os.stat(table_path).st_mtime_ns
    os.utime(text_path, ns=(time, time))


def _unlink(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _publish_scripts(store: Store, settings: Settings, source: tables.Source) -> list[Change]:
    """One Sieve script for each account with an automatic reply; our scripts for others are removed."""
    directory = settings.autoreply_directory
    wanted = {f"{address}.sieve": text for address, text in _scripts(store.connection, source)}
    present = {name: files.read_foreign(os.path.join(directory, name)) for name in _script_names(directory)}
    group = _group(settings.mail_owner)
    changes = []
    if store.live and wanted:
        # The mail owner compiles scripts on first use and keeps the result beside them.
        files.make_directory(directory, mode=0o770, gid=group)
    for name in sorted({*present, *wanted}):
        path = os.path.join(directory, name)
        before, text = present.get(name), wanted.get(name)
        if before == text or (text is None and not (before or "").startswith(_autoreply.HEADER)):
            continue
        changes.append(Change(f"autoreply {path}", before or "", text or ""))
        if store.live and text is not None:
            files.publish(path, text.encode(), mode=0o640, gid=group)
        elif store.live:
            _unlink(path)
            _unlink(f"{path[: -len('.sieve')]}.svbin")
    return changes


def _scripts(connection: sqlite3.Connection, source: tables.Source) -> Iterable[tuple[str, str]]:
    rows = connection.execute("SELECT address, autoreply FROM account WHERE autoreply <> '' AND mailbox = 1").fetchall()
    if not rows:
        return
    reached = collections.defaultdict(set)
    for start, targets in source.targets.items():
        for target in targets:
            reached[target].add(start)
    for address, column in rows:
        reply = _account.autoreply_of(column)
        if reply:
            local, _at, domain = address.partition("@")
            aliases = {f"{local}@{alias}" for alias, real in source.domain_aliases.items() if real == domain}
            yield address, _autoreply.render(reply, address=address, addresses=reached[address] | aliases)


def _script_names(directory: str) -> list[str]:
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    return [name for name in names if name.endswith(".sieve") and not name.startswith(".")]


def _group(name: str) -> int:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return 0
