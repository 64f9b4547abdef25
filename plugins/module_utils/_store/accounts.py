# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts in the account store: SQL on a connection that is handed in."""

from __future__ import annotations

import collections
import sqlite3
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from .._mail.account import Stored
from . import locks
from .connect import delete_where, upsert

COLUMNS = (
    *("pwhash", "home", "status", "mailbox", "keep_copy", "allow_imap", "allow_pop3", "allow_smtp", "allow_sieve"),
    *("send_only", "receive_only", "quota_bytes", "max_message_bytes", "allow_nets", "full_name", "note", "autoreply"),
)
# What the inventory says, not what a lock makes of it.
_READ = ", ".join(COLUMNS).replace(
    "status", "COALESCE((SELECT l.status FROM account_lock l WHERE l.address = account.address), status)", 1
)
_CHUNK = 500  # below the number of variables that every SQLite takes in one statement


class Move(NamedTuple):
    """Mail that waits to be moved with its renamed account."""

    address: str
    from_path: str
    to_path: str


def read(connection: sqlite3.Connection, addresses: Collection[str] | None = None) -> dict[str, Stored]:
    """The accounts with these addresses (None: all), as far as they exist, by address."""
    result: dict[str, Stored] = {}
    asked = None if addresses is None else frozenset(addresses)
    for condition, values in _conditions(connection, addresses):
        forwards = _lists(
            connection, f"SELECT source, target FROM alias_target WHERE kind = 'forward'{condition[1]}", values
        )
        senders = _lists(connection, f"SELECT address, sender FROM sender_grant WHERE 1 = 1{condition[2]}", values)
        none: frozenset[str] = frozenset()
        for row in connection.execute(f"SELECT {_READ}, address FROM account WHERE 1 = 1{condition[0]}", values):
            address = row[-1]
            if asked is None or address in asked:
                # zip() stops before the address
                result[address] = Stored(
                    dict(zip(COLUMNS, row)), forwards.get(address, none), senders.get(address, none)
                )
    return result


def _conditions(
    connection: sqlite3.Connection, addresses: Collection[str] | None
) -> Iterable[tuple[tuple[str, str, str], list[str]]]:
    """Conditions for account, alias_target and sender_grant; one without any when that reads less in all."""
    if addresses is not None:
        total = connection.execute("SELECT count(*) FROM account").fetchone()[0]
        if len(addresses) * 4 < total:
            wanted = list(addresses)
            for start in range(0, len(wanted), _CHUNK):
                values = wanted[start : start + _CHUNK]
                marks = f"IN ({', '.join('?' * len(values))})"
                yield (f" AND address {marks}", f" AND source {marks}", f" AND address {marks}"), values
            return
    yield ("", "", ""), []


def _lists(connection: sqlite3.Connection, query: str, values: list[str]) -> dict[str, frozenset[str]]:
    found: dict[str, list[str]] = collections.defaultdict(list)
    for key, value in connection.execute(query, values):
        found[key].append(value)
    return {key: frozenset(items) for key, items in found.items()}


def addresses_in(connection: sqlite3.Connection, domains: Iterable[str]) -> set[str]:
    """The addresses of every account in these domains."""
    result: set[str] = set()
    for domain in domains:
        result.update(row[0] for row in connection.execute("SELECT address FROM account WHERE domain = ?", (domain,)))
    return result


def write(connection: sqlite3.Connection, before: dict[str, Stored], after: dict[str, Stored]) -> None:
    """Insert or update the accounts of ``after``; ``before`` has what is stored of them now."""
    upsert(connection, "account", "address", ((address, _row(address, item)) for address, item in after.items()))
    locks.keep(connection, after)
    none = Stored({}, frozenset(), frozenset())
    forwards = {address: item for address, item in after.items() if item[1] != before.get(address, none)[1]}
    senders = {address: item for address, item in after.items() if item[2] != before.get(address, none)[2]}
    connection.executemany(
        "DELETE FROM alias_target WHERE kind = 'forward' AND source = ?", [(address,) for address in forwards]
    )
    connection.executemany(
        "INSERT INTO alias_target (source, target, kind, domain) VALUES (?, ?, 'forward', ?)",
        [
            (address, to, address.partition("@")[2])
            for address, item in forwards.items()
            for to in sorted(item.forwards)
        ],
    )
    delete_where(connection, "sender_grant", "address", senders)
    connection.executemany(
        "INSERT INTO sender_grant (address, sender) VALUES (?, ?)",
        [(address, sender) for address, item in senders.items() for sender in sorted(item.senders)],
    )


def _row(address: str, item: Stored) -> dict[str, Any]:
    local_part, _at, domain = address.partition("@")
    return {"local_part": local_part, "domain": domain, **{name: item.columns[name] for name in COLUMNS}}


def delete(connection: sqlite3.Connection, addresses: Iterable[str]) -> None:
    """Delete accounts with their forwards and sender grants; their mail stays."""
    addresses = list(addresses)
    connection.executemany(
        "DELETE FROM alias_target WHERE kind = 'forward' AND source = ?", [(address,) for address in addresses]
    )
    delete_where(connection, "account", "address", addresses)
    delete_where(connection, "pending_move", "address", addresses)


def rename(connection: sqlite3.Connection, old: str, new: str) -> None:
    """Give an account a new address everywhere: forwards, aliases, sender grants and catch-alls follow.

    Where the new address is named beside the old one already, the two become one.
    """
    local_part, _at, domain = new.partition("@")
    for table, key, column in (("alias_target", "source", "target"), ("sender_grant", "address", "sender")):
        connection.execute(
            f"DELETE FROM {table} WHERE {column} = ? AND {key} IN (SELECT {key} FROM {table} WHERE {column} = ?)",
            (old, new),
        )
    connection.execute(
        "UPDATE account SET address = ?, local_part = ?, domain = ? WHERE address = ?", (new, local_part, domain, old)
    )
    connection.execute("UPDATE alias_target SET source = ?, domain = ? WHERE source = ?", (new, domain, old))
    connection.execute("UPDATE alias_target SET target = ? WHERE target = ?", (new, old))
    connection.execute("UPDATE sender_grant SET sender = ? WHERE sender = ?", (new, old))
    connection.execute("UPDATE domain SET catch_all = ? WHERE catch_all = ?", (new, old))


def forget_senders(connection: sqlite3.Connection, domain: str) -> None:
    """Take back every grant to send as an address of a domain that is no longer here."""
    connection.execute("DELETE FROM sender_grant WHERE sender LIKE ?", (f"%@{domain}",))


def is_home(connection: sqlite3.Connection, path: str) -> bool:
    """True when an account's mail is at ``path``."""
    return connection.execute("SELECT 1 FROM account WHERE home = ?", (path,)).fetchone() is not None


def set_home(connection: sqlite3.Connection, address: str, home: str) -> None:
    """Note where an account's mail is now."""
    connection.execute("UPDATE account SET home = ? WHERE address = ?", (home, address))


def plan_move(connection: sqlite3.Connection, move: Move) -> None:
    """Note that mail is to be moved; an earlier move of the same account that is not done yet is replaced."""
    upsert(
        connection, "pending_move", "address", [(move.address, {"from_path": move.from_path, "to_path": move.to_path})]
    )


def pending_moves(connection: sqlite3.Connection) -> list[Move]:
    """Moves that are noted and not done, as far as is known."""
    return [Move(*row) for row in connection.execute("SELECT address, from_path, to_path FROM pending_move")]


def forget_move(connection: sqlite3.Connection, address: str) -> None:
    """Take the note of a move away."""
    delete_where(connection, "pending_move", "address", [address])
