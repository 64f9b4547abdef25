# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locking accounts that somebody else has got hold of, and giving them back."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from .._errors import MailError
from .._outcome import Outcome
from .._session.words import described
from . import accounts, locks
from .apply import Tally, commit_and_export, end_sessions
from .connect import Store


def apply_locks(store: Store, wanted: Sequence[str], *, lock: bool, reason: str, keep_password: bool) -> Outcome:
    """Lock these accounts, or unlock them. What was locked before keeps its reason unless another one is given."""
    stored = accounts.read(store.connection, wanted)
    missing = [address for address in wanted if address not in stored]
    if missing:
        raise MailError(
            f"there is no account {', '.join(missing)}",
            where=store.path,
            mend="Nothing was changed. mail_account_info lists the accounts.",
        )
    tally = Tally("lock")
    before, stolen = locks.read(store.connection), locks.stolen(store.connection)
    for address in wanted:
        if lock:
            _lock(store, address, before.get(address), reason, tally)
            continue
        current, known = stored[address].columns["pwhash"], stolen.get(address, [])
        # After a false alarm, what was stolen at another time stays noted.
        meant = [pwhash for pwhash in known if pwhash == current or address not in before]
        if keep_password:
            locks.forgive(store.connection, address, meant)
        elif address in before and meant:
            raise _still_known(address)
        _unlock(store, address, before.get(address), tally, forgiven=keep_password and bool(meant))
    try:
        exported = commit_and_export(store)
    finally:
        # Also where a table could not be written: Dovecot reads the store itself, and lets nobody in again.
        if lock:
            end_sessions(store, wanted, tally)
    outcome = tally.outcome(exported)
    after = locks.read(store.connection)
    facts: dict[str, Any] = {
        "locked": [*tally.names["added"], *tally.names["modified"]],
        "unlocked": tally.names["removed"],
        "unchanged": tally.unchanged,
        "locks": [{"name": name, **after[name]._asdict()} for name in wanted if name in after],
        "ended": [session._asdict() for session in tally.ended],
        "repaired": outcome.facts["repaired"],
    }
    return outcome._replace(facts=facts, changes=[*outcome.changes, *map(described, tally.ended)])


def _lock(store: Store, address: str, before: locks.Lock | None, reason: str, tally: Tally) -> None:
    if before and reason in ("", before.reason):
        tally.unchanged += 1
        return
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    after = locks.Lock(reason, before.since if before else now)
    if before:
        locks.give_reason(store.connection, address, reason)
    else:
        locks.add(store.connection, address, after)
    tally.note("modified" if before else "added", address, _text(before), _text(after))


def _still_known(address: str) -> MailError:
    return MailError(
        "still has the password that it was locked with",
        where=f"account {address}",
        mend="Give it a new one first, or set keep_password (lock_keep_password in the playbook) if nobody else knows "
        "it. Nothing was changed.",
    )


def _unlock(store: Store, address: str, before: locks.Lock | None, tally: Tally, *, forgiven: bool) -> None:
    if not before and not forgiven:
        tally.unchanged += 1
        return
    if before:
        locks.remove(store.connection, address)
    tally.note("removed", address, _text(before) + "noted passwords\n" * forgiven, "")


def _text(lock: locks.Lock | None) -> str:
    return f"since: {lock.since}\nreason: {lock.reason}\n" if lock else ""
