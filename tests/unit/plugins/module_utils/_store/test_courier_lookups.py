# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The queries that Courier's authdaemond runs, run for real against a store that the modules' own code wrote."""

from __future__ import annotations

import sqlite3
from typing import Any, Callable

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._store import domains, lookups

ALICE = "alice@example.com"
HASH = "$6$saltsalt$" + "a" * 86
HOME = "/var/vmail/example.com/alice"


def ask(connection: sqlite3.Connection, query: str, user: str = "", service: str = "imap") -> list[tuple[Any, ...]]:
    """Run a query as authdaemond does: the name split at its at sign, quotes doubled."""
    local, _at, domain = user.partition("@")
    for name, value in (("local_part", local), ("domain", domain), ("service", service)):
        query = query.replace(f"$({name})", value.replace("'", "''"))
    return connection.execute(query).fetchall()


def found(connection: sqlite3.Connection, user: str, service: str = "imap", **options: Any) -> list[tuple[Any, ...]]:
    return ask(connection, lookups.courier(uid=110, gid=120, **options).select_clause, user, service)


def test_an_account_is_handed_over_whole(connection: sqlite3.Connection, add_account: Callable[..., None]) -> None:
    add_account(ALICE, pwhash=HASH, home=HOME, full_name="Alice A.", quota_bytes=1048576)
    row = (ALICE, HASH, "", 110, 120, HOME, "", "1048576S", "Alice A.", "disableimap=0,disablepop3=0")
    assert found(connection, ALICE) == [row]


@pytest.mark.parametrize("service", ["imap", "pop3", "smtp", "esmtp", "login", ""])
@pytest.mark.parametrize("off", [None, "allow_imap", "allow_pop3"])
@pytest.mark.parametrize("status", ["active", "disabled", "suspended"])
def test_who_may_log_in(
    connection: sqlite3.Connection, add_account: Callable[..., None], status: str, off: str | None, service: str
) -> None:
    add_account(ALICE, pwhash=HASH, status=status, **({off: 0} if off else {}))
    may = status == "active" and service in ("imap", "pop3") and off != f"allow_{service}"
    assert [row[0] for row in found(connection, ALICE, service)] == ([ALICE] if may else [])


@pytest.mark.parametrize("columns", [{"mailbox": 0, "forwards": ("b@example.net",)}, {"allow_nets": "192.0.2.0/24"}])
def test_who_never_may(
    connection: sqlite3.Connection, add_account: Callable[..., None], columns: dict[str, Any]
) -> None:
    add_account(ALICE, pwhash=HASH, **columns)
    assert found(connection, ALICE) == found(connection, ALICE, "pop3") == []


@pytest.mark.parametrize(
    ("of_account", "of_domain", "quota"),
    [(None, 0, ""), (None, 3072, "3072S"), (0, 3072, ""), (2048, 0, "2048S"), (2**53 + 1024, 0, "9007199254742016S")],
)
def test_the_quota_is_the_accounts_or_the_domains(
    connection: sqlite3.Connection,
    add_account: Callable[..., None],
    of_account: int | None,
    of_domain: int,
    quota: str,
) -> None:
    add_account(ALICE, quota_bytes=of_account)
    columns = domains.read(connection)["example.com"]
    domains.write(connection, [("example.com", {**columns, "quota_bytes": of_domain})])
    assert found(connection, ALICE)[0][7] == quota


@pytest.mark.parametrize(
    "name",
    ["", "alice", "@example.com", "bob@example.com", "%", "_lice@example.com", "' OR '1'='1", "alice@example.com' --"],
)
def test_nobody_else_is_found(connection: sqlite3.Connection, add_account: Callable[..., None], name: str) -> None:
    add_account(ALICE, pwhash=HASH)
    assert found(connection, name) == []
    assert found(connection, name, default_domain="example.net") == []


def test_case_does_not_matter(connection: sqlite3.Connection, add_account: Callable[..., None]) -> None:
    add_account(ALICE)
    assert found(connection, "ALICE@Example.COM")[0][0] == ALICE


def test_a_short_name_is_the_default_domains_while_nobody_else_has_it(
    connection: sqlite3.Connection, add_account: Callable[..., None]
) -> None:
    for address in (ALICE, "bob@example.com", "bob@example.net", "carol@example.net"):
        add_account(address)
    shown = {name: found(connection, name, default_domain="example.com") for name in ("ALICE", "bob", "carol")}
    assert {name: [row[0] for row in rows] for name, rows in shown.items()} == {
        "ALICE": [ALICE],
        "bob": [],
        "carol": [],
    }


def test_a_default_domain_is_a_domain() -> None:
    with pytest.raises(MailError, match="is not a domain name"):
        lookups.courier(uid=1, gid=1, default_domain="x' --")


def test_active_accounts_with_a_mailbox_are_listed(
    connection: sqlite3.Connection, add_account: Callable[..., None]
) -> None:
    add_account(ALICE, home=HOME)
    add_account("bob@example.com", status="suspended")
    add_account("info@example.com", mailbox=0)
    assert ask(connection, lookups.courier(uid=1, gid=2).enumerate_clause) == [(ALICE, 1, 2, HOME, "", "")]


def test_a_lookup_reads_an_index(connection: sqlite3.Connection, add_account: Callable[..., None]) -> None:
    add_account(ALICE)
    plan = ask(connection, f"EXPLAIN QUERY PLAN {lookups.courier(uid=1, gid=1).select_clause}", ALICE)
    assert not [row for row in plan if str(row[3]).startswith("SCAN")]
