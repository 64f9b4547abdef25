# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts: read, plan, write, check, commit, export, end the sessions of who may no longer log in."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from .._errors import MailError
from .._host import crypt
from .._mail import account as _account
from .._mail import password as _password
from .._mail import removal as _removal
from .._outcome import Change, Outcome
from . import accounts, aliases, domains, locks, moves
from .apply import (
    Exclusive,
    Tally,
    check_routes,
    commit_and_export,
    end_sessions,
    require_domain,
    with_lower_case,
)
from .connect import Store
from .remembered import Remembered
from .schema import LOCKED_HASH

Accounts = dict[str, _account.Stored]


class _Hasher:
    """Settles hashes; a plaintext that matches what is stored is remembered and never hashed twice."""

    def __init__(self, scheme: str, stolen: Mapping[str, Sequence[str]]) -> None:
        self._scheme = scheme
        self._stolen = stolen
        self.remembered: Remembered | None = None
        self.refused: list[str] = []

    def __call__(self, address: str, password: _password.Password, stored: str) -> str:
        if self.remembered is None:
            self.remembered = Remembered()
        if not password.is_hash and self.remembered.knows(address, password.text, stored):
            return stored
        # The one it has now may be among them: until it gets another, that is no news.
        others = [pwhash for pwhash in self._stolen.get(address, ()) if pwhash != stored]
        if any(self._is(address, password, pwhash) for pwhash in others):
            self.refused.append(address)
            return stored
        if password.is_hash:
            return password.text
        result = stored if crypt.verify(password.text, stored) else crypt.new_hash(password.text, self._scheme)
        self.remembered.add(address, password.text, result)
        return result

    def _is(self, address: str, password: _password.Password, pwhash: str) -> bool:
        """Whether this is the password of a hash that was noted as stolen; an inventory may have it for long."""
        if password.is_hash or self.remembered is None:
            return password.text == pwhash
        found = self.remembered.knows(address, password.text, pwhash) or crypt.verify(password.text, pwhash)
        if found:
            self.remembered.add(address, password.text, pwhash)
        return found


def apply_accounts(
    store: Store, wanted: Sequence[_account.Wanted], *, rules: _account.Rules, exclusive: Exclusive, diff: bool
) -> Outcome:
    """Bring accounts to what is wanted. With ``diff`` the outcome's changes hold the text of both sides."""
    tally = Tally("account")
    _finish_moves(store, tally)
    addresses = {name for item in wanted for name in (item.address, item.rename_from) if name}
    stored = accounts.read(store.connection, addresses)
    renamed = _rename(store, wanted, stored, tally)
    hasher = _Hasher(rules.scheme, locks.stolen(store.connection))
    after = _plan(store, [item for item in wanted if item.present], stored, hasher, tally)
    tally.warnings += [
        f"account {name}: the password given is the one that was noted as stolen; the newer one stays. Write that one "
        "down instead, or allow the old one with mail_account_lock (keep_password)."
        for name in hasher.refused
    ]
    removed = _removals(store, wanted, stored, exclusive, tally)
    accounts.write(store.connection, stored, after)
    _check_senders(store, after)
    _note(tally, stored, after, removed, diff=diff, skip=renamed)
    accounts.delete(store.connection, removed)
    dangling = aliases.dangling(store.connection, removed) if removed else []
    tally.warnings += [f"{route}: the target was removed" for route in dangling]
    tally.warnings += [
        f"domain {name}: its catch_all {columns['catch_all']} was removed; unknown users are rejected from now on"
        for name, columns in domains.read(store.connection).items()
        if columns["catch_all"] in removed
    ]
    locked = [name for name, item in after.items() if name not in stored and _is_locked_out(item)]
    if locked:
        tally.warnings.append(
            f"nobody can log in without a password: {', '.join(locked[:5])}{', ...' * (len(locked) > 5)}"
        )
    routed = [address for address, item in after.items() if item.forwards != _forwards(stored.get(address))]
    if routed:
        check_routes(store, routed, tally)
    purged = _homes_to_purge(store, wanted, stored, tally)
    if store.live:
        replying = [item.columns["home"] for item in after.values() if item.columns["autoreply"]]
        moves.make_homes(replying, store.settings())
    exported = commit_and_export(store)
    end_sessions(store, [*renamed.values(), *_locked_out(stored, after, removed)], tally)
    if store.live:
        _finish_moves(store, tally)
        moves.purge(purged, store.settings())
        if hasher.remembered:
            hasher.remembered.save()
    return tally.outcome(exported)


def _finish_moves(store: Store, tally: Tally) -> None:
    for home in moves.finish(store):
        tally.warnings.append(f"{home}: this home of a renamed account still holds files that are no messages")


def _is_locked_out(account: _account.Stored) -> bool:
    return bool(account.columns["mailbox"]) and account.columns["pwhash"] == LOCKED_HASH


def _forwards(account: _account.Stored | None) -> frozenset[str]:
    return account.forwards if account else frozenset()


def _rename(store: Store, wanted: Sequence[_account.Wanted], stored: Accounts, tally: Tally) -> dict[str, str]:
    """Carry out renames in the store; ``stored`` then has the new addresses. The mail is moved after the commit.

    Returns the former address of each renamed account by the new one.
    """
    renamed = {}
    mail_directory = store.settings().mail_directory
    taken = aliases.read(store.connection) if any(item.rename_from for item in wanted) else {}
    for item in wanted:
        old, new = item.rename_from, item.address
        if not item.present or not old or old not in stored:
            continue
        if new in stored:
            raise MailError(
                f"exists already, and so does {old}",
                where=f"account {new}: rename_from",
                mend="Remove one of the two, or leave rename_from out. Nothing was changed.",
            )
        _require_no_alias(taken, new)
        home = os.path.join(mail_directory, *reversed(new.split("@")))
        moves.check_target(home)
        require_domain(store, new.partition("@")[2], domains.read(store.connection), f"account {new}", tally)
        accounts.rename(store.connection, old, new)
        account = stored.pop(old)
        accounts.plan_move(store.connection, accounts.Move(new, account.columns["home"], home))
        stored[new] = account
        renamed[new] = old
        tally.note("modified", new, f"name: {old}\n", f"name: {new}\n")
    return renamed


def _plan(store: Store, wanted: Sequence[_account.Wanted], stored: Accounts, hasher: _Hasher, tally: Tally) -> Accounts:
    """The accounts that are new or differ, as they shall be."""
    known_domains = set(domains.read(store.connection))
    taken = aliases.read(store.connection)
    mail_directory = store.settings().mail_directory
    result = {}
    for item in wanted:
        before = stored.get(item.address)
        local_part, _at, domain = item.address.partition("@")
        if before is None:
            require_domain(store, domain, known_domains, f"account {item.address}", tally)
            _require_no_alias(taken, item.address)
        lowered = item._replace(forwards=with_lower_case(item.forwards, known_domains)) if item.forwards else item
        after = _account.plan(before, lowered, home=f"{mail_directory}/{domain}/{local_part}", hasher=hasher)
        if after == before:
            tally.unchanged += not item.rename_from or item.address not in tally.names["modified"]
        else:
            result[item.address] = after
    return result


def _require_no_alias(taken: Collection[str], address: str) -> None:
    if address in taken:
        raise MailError(
            "there is an alias with this address",
            where=f"account {address}",
            mend="Remove the alias first. Nothing was changed.",
        )


def _removals(
    store: Store, wanted: Sequence[_account.Wanted], stored: Accounts, exclusive: Exclusive, tally: Tally
) -> list[str]:
    absent = {item.address for item in wanted if not item.present}
    removed = {address for address in absent if address in stored}
    tally.unchanged += len(absent) - len(removed)
    if exclusive.wanted:
        present = accounts.addresses_in(store.connection, exclusive.domains)
        listed = {item.address for item in wanted if item.present}
        extra = present - listed - removed
        _removal.check_share(extra, len(present), exclusive.max_removed_percent, what="accounts")
        stored.update(accounts.read(store.connection, extra))
        removed |= extra
    return sorted(removed)


def _check_senders(store: Store, after: Accounts) -> None:
    """An address of a domain that is not here would let a user, or an automatic reply, speak in a stranger's name."""
    used = [(sender, address, "sender_addresses") for address, item in after.items() for sender in sorted(item.senders)]
    for address, item in after.items():
        reply = _account.autoreply_of(item.columns["autoreply"])
        if reply and reply.sender:
            used.append((reply.sender, address, "autoreply"))
    if not used or not store.live:
        return
    here = set(domains.read(store.connection)) | set(aliases.graph(store.connection).domain_aliases)
    for sender, address, option in used:
        if sender.partition("@")[2] not in here:
            raise MailError(
                f"{sender} belongs to a domain that is not managed here",
                where=f"account {address}: {option}",
                mend="Add the domain with mail_domain first, or take the address out. Nothing was changed.",
            )


def _note(
    tally: Tally, stored: Accounts, after: Accounts, removed: Sequence[str], *, diff: bool, skip: Collection[str]
) -> None:
    for address, item in after.items():
        before = stored.get(address)
        kind = "modified" if before else "added"
        texts = _account.describe(before, item) if diff else ("", "")
        tally.note(kind, address, *texts)
        if address in skip:
            tally.names["modified"].remove(address)
    for address in removed:
        tally.note("removed", address, _account.describe(stored[address], None)[0] if diff else "", "")


def _homes_to_purge(store: Store, wanted: Sequence[_account.Wanted], stored: Accounts, tally: Tally) -> list[str]:
    """Where the mail lies that a task wants removed with its account, or later: a failed purge is made good."""
    mail_directory = store.settings().mail_directory
    homes = []
    for item in wanted:
        if item.present or not item.purge_mail:
            continue
        home = os.path.join(mail_directory, *reversed(item.address.split("@")))
        if item.address in stored:
            home = stored[item.address].columns["home"]
        if os.path.lexists(home) and not accounts.is_home(store.connection, home):
            homes.append(home)
            tally.changes.append(Change(f"mail {home}", "there\n", ""))
    return homes


def _locked_out(stored: Accounts, after: Accounts, removed: Sequence[str]) -> list[str]:
    """Who had a working login that a change took away: a new password, a lock, a switch turned off, or removal."""
    watched = ("pwhash", "status", "mailbox", "allow_imap", "allow_pop3", "allow_sieve", "allow_nets")
    result = list(removed)
    for address, item in after.items():
        before = stored.get(address)
        if before and any(before.columns[name] != item.columns[name] for name in watched):
            result.append(address)
    return result
