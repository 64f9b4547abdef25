# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aliases and domain aliases in the account store, and the graph that they make with forwards and catch-alls."""

from __future__ import annotations

import collections
import sqlite3
from collections.abc import Iterable

from .._mail.graph import Graph
from .accounts import forget_senders
from .connect import delete_where


def read(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """Targets of every alias by its source; domain aliases as ``@name`` with one target ``@domain``."""
    found: dict[str, set[str]] = collections.defaultdict(set)
    for source, target in connection.execute("SELECT source, target FROM alias_target WHERE kind = 'alias'"):
        found[source].add(target)
    for name, target in connection.execute("SELECT name, target FROM domain_alias"):
        found[f"@{name}"].add(f"@{target}")
    return {source: frozenset(targets) for source, targets in found.items()}


def write(connection: sqlite3.Connection, source: str, targets: Iterable[str]) -> None:
    """Give an alias exactly these targets."""
    if source.startswith("@"):
        connection.execute(
            "INSERT INTO domain_alias (name, target) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET target = excluded.target",
            (source[1:], next(iter(targets))[1:]),
        )
        return
    delete_where(connection, "alias_target", "source", [source])
    connection.executemany(
        "INSERT INTO alias_target (source, target, kind, domain) VALUES (?, ?, 'alias', ?)",
        [(source, target, source.partition("@")[2]) for target in sorted(targets)],
    )


def delete(connection: sqlite3.Connection, source: str) -> None:
    """Delete an alias or a domain alias."""
    if source.startswith("@"):
        delete_where(connection, "domain_alias", "name", [source[1:]])
        forget_senders(connection, source[1:])
    else:
        delete_where(connection, "alias_target", "source", [source])


def graph(connection: sqlite3.Connection) -> Graph:
    """Every route that the store knows."""
    delimiter = connection.execute("SELECT value FROM meta WHERE name = 'recipient_delimiter'").fetchone()
    targets: dict[str, list[str]] = collections.defaultdict(list)
    for source, target in connection.execute("SELECT source, target FROM alias_target"):
        targets[source].append(target)
    return Graph(
        targets,
        {row[0] for row in connection.execute("SELECT address FROM account")},
        dict(connection.execute("SELECT name, catch_all FROM domain WHERE mail_service = 1")),
        dict(connection.execute("SELECT name, target FROM domain_alias")),
        delimiter[0] if delimiter else "+",
    )


def dangling(connection: sqlite3.Connection, addresses: Iterable[str]) -> list[str]:
    """Aliases and forwards that lead to one of ``addresses``, as ``source -> target``."""
    gone = set(addresses)
    rows = connection.execute("SELECT source, target FROM alias_target ORDER BY source, target")
    return [f"{source} -> {target}" for source, target in rows if target in gone]
