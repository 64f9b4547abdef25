# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains in the account store: SQL on a connection that is handed in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from .connect import delete_where, upsert

_COLUMNS = ("mail_service", "catch_all", "quota_bytes", "note")


def read(connection: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """Every domain with its columns, by name."""
    rows = connection.execute(f"SELECT name, {', '.join(_COLUMNS)} FROM domain ORDER BY name")
    return {name: dict(zip(_COLUMNS, columns)) for name, *columns in rows}


def write(connection: sqlite3.Connection, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Insert or update domains."""
    upsert(connection, "domain", "name", rows)


def delete(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Delete domains; everything in them must be gone already."""
    delete_where(connection, "domain", "name", names)


def contents(connection: sqlite3.Connection, name: str) -> dict[str, list[str]]:
    """What a domain holds: its ``accounts``, ``aliases`` and the ``domain aliases`` that lead to it."""
    queries = {
        "accounts": "SELECT address FROM account WHERE domain = ? ORDER BY address",
        "aliases": "SELECT DISTINCT source FROM alias_target WHERE domain = ? AND kind = 'alias' ORDER BY source",
        "domain aliases": "SELECT name FROM domain_alias WHERE target = ? ORDER BY name",
    }
    return {what: [row[0] for row in connection.execute(query, (name,))] for what, query in queries.items()}
