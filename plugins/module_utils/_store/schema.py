# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of the account store, in SQL that SQLite and PostgreSQL both take.

Addresses and domains are stored in lower case with A-labels. Switches are 0 or 1. Sizes are bytes; 0 is "no limit"
and NULL in ``account.quota_bytes`` is "as the domain says". ``account.pwhash`` is a bare crypt(5) string, and ``!``
(which matches no password in any daemon) when there is none.

``account.status`` is what daemons and exported tables go by. While an account is locked it is never ``active`` there,
and ``account_lock.status`` keeps the one that the inventory gives it. So a lock holds wherever a status is asked for,
and nothing that writes accounts takes it away.
"""

from __future__ import annotations

VERSION = 2

LOCKED_HASH = "!"

_LOCKS = (
    """CREATE TABLE account_lock (
        address TEXT PRIMARY KEY REFERENCES account (address) ON DELETE CASCADE ON UPDATE CASCADE,
        status TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        since TEXT NOT NULL)""",
    # Hashes of passwords that somebody else knows. An account does not get one of them back from an inventory.
    """CREATE TABLE stolen_password (
        address TEXT NOT NULL REFERENCES account (address) ON DELETE CASCADE ON UPDATE CASCADE,
        pwhash TEXT NOT NULL,
        PRIMARY KEY (address, pwhash))""",
)

# What leads a store to each version from the one before it.
STEPS = {2: _LOCKS}

TABLES = (
    """CREATE TABLE meta (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL)""",
    """CREATE TABLE domain (
        name TEXT PRIMARY KEY CHECK (name = lower(name)),
        mail_service INTEGER NOT NULL DEFAULT 1,
        catch_all TEXT NOT NULL DEFAULT 'reject',
        quota_bytes BIGINT NOT NULL DEFAULT 0,
        note TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE domain_alias (
        name TEXT PRIMARY KEY CHECK (name = lower(name)),
        target TEXT NOT NULL REFERENCES domain (name))""",
    """CREATE TABLE account (
        address TEXT PRIMARY KEY CHECK (address = lower(address)),
        local_part TEXT NOT NULL,
        domain TEXT NOT NULL REFERENCES domain (name),
        pwhash TEXT NOT NULL DEFAULT '!',
        status TEXT NOT NULL DEFAULT 'active',
        mailbox INTEGER NOT NULL DEFAULT 1,
        keep_copy INTEGER NOT NULL DEFAULT 1,
        allow_imap INTEGER NOT NULL DEFAULT 1,
        allow_pop3 INTEGER NOT NULL DEFAULT 1,
        allow_smtp INTEGER NOT NULL DEFAULT 1,
        allow_sieve INTEGER NOT NULL DEFAULT 1,
        send_only INTEGER NOT NULL DEFAULT 0,
        receive_only INTEGER NOT NULL DEFAULT 0,
        quota_bytes BIGINT,
        max_message_bytes BIGINT NOT NULL DEFAULT 0,
        allow_nets TEXT NOT NULL DEFAULT '',
        home TEXT NOT NULL,
        full_name TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        autoreply TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX account_by_domain ON account (domain)",
    "CREATE INDEX account_by_local_part ON account (local_part)",
    # One row per target; kind is 'alias' (source is not an account) or 'forward' (source is an account).
    """CREATE TABLE alias_target (
        source TEXT NOT NULL CHECK (source = lower(source)),
        target TEXT NOT NULL,
        kind TEXT NOT NULL,
        domain TEXT NOT NULL REFERENCES domain (name),
        PRIMARY KEY (source, target))""",
    "CREATE INDEX alias_by_domain ON alias_target (domain)",
    "CREATE INDEX alias_by_target ON alias_target (target)",
    """CREATE TABLE sender_grant (
        address TEXT NOT NULL REFERENCES account (address) ON DELETE CASCADE ON UPDATE CASCADE,
        sender TEXT NOT NULL,
        PRIMARY KEY (address, sender))""",
    # A rename that moves mail is written here first, so that an interrupted one is finished by the next run.
    """CREATE TABLE pending_move (
        address TEXT PRIMARY KEY,
        from_path TEXT NOT NULL,
        to_path TEXT NOT NULL)""",
    *_LOCKS,
)
