# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SELECTs that mail daemons run against the account store.

The role templates get them through the ``dovecot_lookups`` filter and the tests run the very same text, so the query
that a daemon runs is the query that is tested. Variables are written in the daemon's own notation and are escaped by
the daemon's SQL driver (Dovecot manual: SQL authentication).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from .._errors import MailError

Syntax = Literal["2.3", "2.4"]

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z")


class DovecotLookups(NamedTuple):
    """The three queries of a Dovecot SQL directory."""

    password_query: str
    user_query: str
    iterate_query: str


class _Notation(NamedTuple):
    user: str
    protocol: str
    quota_field: str
    quota_value: str
    mail_size_field: str


_NOTATION: dict[str, _Notation] = {
    "2.3": _Notation("%u", "%s", "quota_rule", "'*:bytes=' || {bytes}", "quota_max_mail_size"),
    "2.4": _Notation("%{user}", "%{protocol}", "quota_storage_size", "{bytes} || 'B'", "quota_mail_size"),
}


def _is_user(user: str, default_domain: str) -> str:
    """The condition that picks the account of a login name.

    With a default domain, a bare name is that domain's account, but only while no other domain has the same name:
    a stranger's password must never be tried against the wrong mailbox.
    """
    full = f"a.address = lower('{user}')"
    return f"({full} OR {_is_short(user, default_domain)})" if default_domain else full


def _is_short(name: str, default_domain: str) -> str:
    """The condition that picks the default domain's account of a bare name. Raises MailError for a bad domain."""
    if not _DOMAIN.match(default_domain):
        raise MailError(
            f"'{default_domain}' is not a domain name",
            where="default domain for short login names",
            mend="Give one domain in lower case, such as example.com.",
        )
    return (
        f"(a.local_part = lower('{name}') AND a.domain = '{default_domain}' AND NOT EXISTS "
        "(SELECT 1 FROM account o WHERE o.local_part = a.local_part AND o.domain <> a.domain))"
    )


def dovecot(syntax: Syntax, *, default_domain: str = "") -> DovecotLookups:
    """Queries for Dovecot 2.3 or 2.4, each on one line.

    ``password_query`` finds only accounts that may log in with the protocol at hand. ``user_query`` also finds
    disabled accounts, because their mail is still delivered; delivery (``lmtp``) to suspended and send-only accounts is
    refused. Sizes are handed over in bytes; no field is returned where there is no limit.
    """
    notation = _NOTATION[syntax]
    quota_bytes = "COALESCE(a.quota_bytes, d.quota_bytes)"
    quota_value = notation.quota_value.format(bytes=quota_bytes)
    may_log_in = (
        f"CASE '{notation.protocol}' WHEN 'imap' THEN a.allow_imap WHEN 'pop3' THEN a.allow_pop3 "
        "WHEN 'smtp' THEN a.allow_smtp * (1 - a.receive_only) WHEN 'sieve' THEN a.allow_sieve ELSE 1 END = 1"
    )
    # Dovecot takes a connection from the host's own address for secure and would let it log in without TLS, also when
    # it is a proxy's. Postfix sees to TLS itself and never says "TLS" here.
    over_tls = f"('{notation.protocol}' NOT IN ('imap', 'pop3', 'sieve') OR '%{{secured}}' = 'TLS')"
    is_user = _is_user(notation.user, default_domain)
    return DovecotLookups(
        password_query=(
            "SELECT a.address AS user, a.pwhash AS password, NULLIF(a.allow_nets, '') AS allow_nets FROM account a "
            f"WHERE {is_user} AND a.status = 'active' AND a.mailbox = 1 AND {may_log_in} AND {over_tls}"
        ),
        user_query=(
            f"SELECT a.home AS home, CASE WHEN {quota_bytes} > 0 THEN {quota_value} END AS {notation.quota_field}, "
            "CASE WHEN a.max_message_bytes > 0 THEN a.max_message_bytes || 'B' END AS "
            f"{notation.mail_size_field} FROM account a JOIN domain d ON d.name = a.domain "
            f"WHERE {_is_user(notation.user, '')} AND a.mailbox = 1 AND ('{notation.protocol}' <> 'lmtp' OR "
            "(a.status <> 'suspended' AND a.send_only = 0))"
        ),
        iterate_query="SELECT address AS user FROM account WHERE mailbox = 1",
    )


class CourierLookups(NamedTuple):
    """The two queries of Courier's authsqlite module."""

    select_clause: str
    enumerate_clause: str


def courier(*, uid: int, gid: int, default_domain: str = "") -> CourierLookups:
    """Queries for authdaemond, each on one line; ``uid`` and ``gid`` are the mail owner's.

    The columns are those that authsqlite expects (authsqliterc): address, hash, plain password, uid, gid, home,
    Maildir, quota, name, options. Only IMAP and POP3 are answered. Courier cannot hand over the client's address, so
    that an account with networks of its own finds no door here: nobody gets in from elsewhere.
    """
    quota_bytes = "COALESCE(a.quota_bytes, d.quota_bytes)"
    whole = "$(local_part)' || '@' || '$(domain)"
    named = f"a.address = lower('{whole}')"
    if default_domain:
        named = f"({named} OR ('$(domain)' = '' AND {_is_short('$(local_part)', default_domain)}))"
    return CourierLookups(
        select_clause=(
            f"SELECT a.address, a.pwhash, '', {int(uid)}, {int(gid)}, a.home, '', "
            f"CASE WHEN {quota_bytes} > 0 THEN {quota_bytes} || 'S' ELSE '' END, a.full_name, "
            "'disableimap=' || (1 - a.allow_imap) || ',disablepop3=' || (1 - a.allow_pop3) "
            "FROM account a JOIN domain d ON d.name = a.domain "
            f"WHERE {named} AND a.status = 'active' AND a.mailbox = 1 AND a.allow_nets = '' AND "
            "CASE '$(service)' WHEN 'imap' THEN a.allow_imap WHEN 'pop3' THEN a.allow_pop3 ELSE 0 END = 1"
        ),
        enumerate_clause=(
            f"SELECT a.address, {int(uid)}, {int(gid)}, a.home, '', '' FROM account a "
            "WHERE a.status = 'active' AND a.mailbox = 1"
        ),
    )
