# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks of accounts in the account store: SQL on a connection that is handed in."""

from __future__ import annotations

import collections
import sqlite3
from collections.abc import Collection, Iterable
from typing import NamedTuple


class Lock(NamedTuple):
    """Why an account is locked, and since when (ISO 8601, UTC)."""

    reason: str
    since: str


def read(connection: sqlite3.Connection) -> dict[str, Lock]:
    """Every lock, by address."""
    rows = connection.execute("SELECT address, reason, since FROM account_lock ORDER BY address")
    return {address: Lock(*rest) for address, *rest in rows}


def add(connection: sqlite3.Connection, address: str, lock: Lock) -> None:
    """Lock an account, and note its password as stolen."""
    connection.execute(
        "INSERT INTO account_lock (address, status, reason, since) SELECT address, status, ?, ? FROM account "
        "WHERE address = ?",
        (lock.reason, lock.since, address),
    )
    connection.execute(
        "INSERT INTO stolen_password (address, pwhash) SELECT address, pwhash FROM account "
        "WHERE address = ? AND pwhash <> '!' ON CONFLICT DO NOTHING",
        (address,),
    )
    _shut(connection, [address])


def give_reason(connection: sqlite3.Connection, address: str, reason: str) -> None:
    """Write another reason down."""
    connection.execute("UPDATE account_lock SET reason = ? WHERE address = ?", (reason, address))


def remove(connection: sqlite3.Connection, address: str) -> None:
    """Give an account the status back that the inventory gave it."""
    connection.execute(
        "UPDATE account SET status = (SELECT l.status FROM account_lock l WHERE l.address = account.address) "
        "WHERE address = ?",
        (address,),
    )
    connection.execute("DELETE FROM account_lock WHERE address = ?", (address,))


def keep(connection: sqlite3.Connection, written: Collection[str]) -> None:
    """After these accounts were written with the status of an inventory: remember it, and keep the locked ones shut."""
    locked = [row[0] for row in connection.execute("SELECT address FROM account_lock") if row[0] in written]
    connection.executemany(
        "UPDATE account_lock SET status = (SELECT a.status FROM account a WHERE a.address = account_lock.address) "
        "WHERE address = ?",
        [(address,) for address in locked],
    )
    _shut(connection, locked)


def _shut(connection: sqlite3.Connection, addresses: Iterable[str]) -> None:
    connection.executemany(
        "UPDATE account SET status = 'disabled' WHERE address = ? AND status = 'active'",
        [(address,) for address in addresses],
    )


def stolen(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The hashes of passwords that somebody else knows, by address."""
    found: dict[str, list[str]] = collections.defaultdict(list)
    for address, pwhash in connection.execute("SELECT address, pwhash FROM stolen_password"):
        found[address].append(pwhash)
    return dict(found)


def forgive(connection: sqlite3.Connection, address: str, hashes: Iterable[str]) -> None:
    """Forget that these were noted as stolen."""
    connection.executemany(
        "DELETE FROM stolen_password WHERE address = ? AND pwhash = ?", [(address, pwhash) for pwhash in hashes]
    )
