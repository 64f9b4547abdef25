# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The queries that Dovecot runs, run for real against a store that the modules' own code wrote."""

from __future__ import annotations

import re
import sqlite3
from typing import Any, Callable

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._store import domains, lookups

ALICE = "alice@example.com"
HASH = "$6$saltsalt$" + "a" * 86
SWITCHES = {"imap": "allow_imap", "pop3": "allow_pop3", "smtp": "allow_smtp", "sieve": "allow_sieve"}
PROTOCOLS = (*SWITCHES, "lmtp", "doveadm")

pytestmark = pytest.mark.parametrize("syntax", ["2.3", "2.4"])


def ask(
    connection: sqlite3.Connection, query: str, user: str = "", protocol: str = "imap", secured: str = "TLS"
) -> list[dict[str, Any]]:
    """Run a query as Dovecot does: variables replaced, with quotes doubled by its SQLite driver."""
    known = {"user": user, "protocol": protocol, "secured": secured}
    short = {"%u": "user", "%s": "protocol"}

    def value(match: re.Match[str]) -> str:
        name = short.get(match[0]) or match[0][2:-1]
        return known[name].replace("'", "''")

    cursor = connection.execute(re.sub(r"%\{\w+\}|%[us]", value, query))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor]


def password(connection: sqlite3.Connection, syntax: Any, user: str, protocol: str = "imap", **options: Any) -> Any:
    return ask(connection, lookups.dovecot(syntax, **options).password_query, user, protocol)


def user(connection: sqlite3.Connection, syntax: Any, name: str, protocol: str = "imap") -> Any:
    return ask(connection, lookups.dovecot(syntax).user_query, name, protocol)


@pytest.mark.parametrize("protocol", SWITCHES)
@pytest.mark.parametrize("off", [None, "receive_only", "send_only", *SWITCHES.values()])
@pytest.mark.parametrize("status", ["active", "disabled", "suspended"])
def test_who_may_log_in(
    connection: sqlite3.Connection,
    add_account: Callable[..., None],
    syntax: Any,
    status: str,
    off: str | None,
    protocol: str,
) -> None:
    turned = {} if off is None else {off: int(off in ("receive_only", "send_only"))}
    add_account(ALICE, pwhash=HASH, status=status, **turned)
    may = status == "active" and off != SWITCHES[protocol] and not (protocol == "smtp" and off == "receive_only")
    found = password(connection, syntax, ALICE, protocol)
    assert found == ([{"user": ALICE, "password": HASH, "allow_nets": None}] if may else [])


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("send_only", [0, 1])
@pytest.mark.parametrize("status", ["active", "disabled", "suspended"])
def test_where_mail_is_delivered(
    connection: sqlite3.Connection,
    add_account: Callable[..., None],
    syntax: Any,
    status: str,
    send_only: int,
    protocol: str,
) -> None:
    add_account(ALICE, status=status, send_only=send_only, home="/var/vmail/example.com/alice")
    refused = protocol == "lmtp" and (send_only or status == "suspended")
    found = user(connection, syntax, ALICE, protocol)
    assert [row["home"] for row in found] == ([] if refused else ["/var/vmail/example.com/alice"])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_address_without_a_mailbox_is_nobody(
    connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any, protocol: str
) -> None:
    add_account(ALICE, mailbox=0, forwards=("b@example.net",), pwhash=HASH)
    assert password(connection, syntax, ALICE, protocol) == []
    assert user(connection, syntax, ALICE, protocol) == []
    assert ask(connection, lookups.dovecot(syntax).iterate_query) == []


@pytest.mark.parametrize(("protocol", "may"), [("imap", False), ("pop3", False), ("sieve", False), ("smtp", True)])
def test_nobody_logs_in_without_tls(
    connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any, protocol: str, may: bool
) -> None:
    add_account(ALICE, pwhash=HASH)
    query = lookups.dovecot(syntax).password_query
    if "%{secured}" not in query:
        pytest.skip("the daemon sees to it")
    for secured in ("", "secured"):
        assert bool(ask(connection, query, ALICE, protocol, secured)) == may
    assert ask(connection, query, ALICE, protocol, "TLS")


def test_networks_are_handed_over(
    connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any
) -> None:
    add_account(ALICE, pwhash=HASH, allow_nets="192.0.2.0/24,2001:db8::/32")
    assert password(connection, syntax, ALICE)[0]["allow_nets"] == "192.0.2.0/24,2001:db8::/32"


@pytest.mark.parametrize("name", [ALICE, "ALICE@Example.COM"])
def test_case_does_not_matter(
    connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any, name: str
) -> None:
    add_account(ALICE, pwhash=HASH)
    assert password(connection, syntax, name)[0]["user"] == ALICE
    assert len(user(connection, syntax, name)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "",
        "alice",
        "@example.com",
        "bob@example.com",
        "alice@example.co",
        "alice@example.comx",
        "%",
        "_lice@example.com",
        "' OR '1'='1",
        "alice@example.com' --",
        "x' UNION SELECT address, pwhash, '' FROM account --",
        "alice@example.com\n",
    ],
)
def test_nobody_else_is_found(
    connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any, name: str
) -> None:
    add_account(ALICE, pwhash=HASH)
    assert password(connection, syntax, name) == []
    assert user(connection, syntax, name) == []
    assert password(connection, syntax, name or "nobody", default_domain="example.net") == []


@pytest.mark.parametrize(
    ("of_account", "of_domain", "size"),
    [
        (None, 0, None),
        (None, 3 * 1024**3, 3 * 1024**3),
        (0, 3 * 1024**3, None),
        (2 * 1024**3, 0, 2 * 1024**3),
        (500 * 1024**2, 3 * 1024**3, 500 * 1024**2),
        (2**53 + 1024, 0, 2**53 + 1024),
    ],
)
def test_the_quota_is_the_accounts_or_the_domains(
    connection: sqlite3.Connection,
    add_account: Callable[..., None],
    syntax: Any,
    of_account: int | None,
    of_domain: int,
    size: int | None,
) -> None:
    add_account(ALICE, quota_bytes=of_account, max_message_bytes=10240)
    columns = domains.read(connection)["example.com"]
    domains.write(connection, [("example.com", {**columns, "quota_bytes": of_domain})])
    found = user(connection, syntax, ALICE)[0]
    assert found.pop("home")
    rule = {"quota_rule": f"*:bytes={size}"} if syntax == "2.3" else {"quota_storage_size": f"{size}B"}
    mail_size = "quota_max_mail_size" if syntax == "2.3" else "quota_mail_size"
    assert found == {mail_size: "10240B", **(dict.fromkeys(rule) if size is None else rule)}


def test_no_limit_is_no_field(connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any) -> None:
    add_account(ALICE)
    found = user(connection, syntax, ALICE)[0]
    assert {value for name, value in found.items() if name != "home"} == {None}


def test_everybody_with_a_mailbox_is_listed(
    connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any
) -> None:
    add_account(ALICE)
    add_account("bob@example.net", status="suspended")
    add_account("info@example.com", mailbox=0)
    found = ask(connection, lookups.dovecot(syntax).iterate_query)
    assert sorted(row["user"] for row in found) == [ALICE, "bob@example.net"]


def test_a_short_name_is_the_default_domains_while_nobody_else_has_it(
    connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any
) -> None:
    add_account(ALICE, pwhash=HASH)
    add_account("bob@example.com", pwhash=HASH)
    add_account("bob@example.net", pwhash="$6$other$" + "b" * 86)
    add_account("carol@example.net", pwhash=HASH)

    def found(name: str) -> list[str]:
        return [row["user"] for row in password(connection, syntax, name, default_domain="example.com")]

    assert found("alice") == found("ALICE") == found(ALICE) == [ALICE]
    assert found("bob") == []
    assert found("carol") == []
    assert found("bob@example.net") == ["bob@example.net"]
    connection.execute("DELETE FROM account WHERE address = 'bob@example.net'")
    assert found("bob") == ["bob@example.com"]


def test_a_short_name_has_no_more_rights(
    connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any
) -> None:
    add_account(ALICE, pwhash=HASH, status="disabled")
    add_account("bob@example.com", pwhash=HASH, allow_imap=0)
    for name in ("alice", "bob"):
        assert password(connection, syntax, name, default_domain="example.com") == []


@pytest.mark.parametrize("domain", ["Example.com", "example.com'--", "a b", "@example.com", "example.com\n"])
def test_a_default_domain_is_a_domain(syntax: Any, domain: str) -> None:
    with pytest.raises(
        MailError, match=r"(?s)default domain for short login names: .* is not a domain name\. Give one"
    ):
        lookups.dovecot(syntax, default_domain=domain)


def test_each_query_is_one_line_without_what_a_configuration_file_would_read(syntax: Any) -> None:
    for query in lookups.dovecot(syntax, default_domain="example.com"):
        assert "\n" not in query
        assert "#" not in query
        assert '"' not in query
        assert "  " not in query


def test_a_lookup_reads_an_index(connection: sqlite3.Connection, add_account: Callable[..., None], syntax: Any) -> None:
    add_account(ALICE)
    found = lookups.dovecot(syntax)
    for query in (found.password_query, found.user_query):
        plan = ask(connection, f"EXPLAIN QUERY PLAN {query}", ALICE)
        assert not [row for row in plan if str(row["detail"]).startswith("SCAN")]
