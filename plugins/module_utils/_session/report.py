# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was done about a stolen account, and what is to be looked at, as lines for a terminal and a letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._log.text import clean

_MOST = 20  # lines of a kind; the modules return all
NOTHING = "Nothing was left to do."
FORETOLD = "Check mode: nothing was done. This would be; sessions that would end are not named."


def lines(found: Mapping[str, Any]) -> list[str]:
    """The lines. ``found`` has the results of the modules that were run; what was not asked for is left out.

    ``lock``: mail_account_lock. ``held``, ``deleted``, ``released``: results of postfix_queue. ``accounts``: those of
    mail_account_info. ``scripts``: those of mail_sieve_info. ``logs``: results of mail_log_info for one login each.
    ``stopped``: mail_sieve. ``password``: mail_account. ``check``: whether all this was foretold in check mode.
    """
    said = [
        *([FORETOLD] if found.get("check") and is_changed(found) else []),
        *_locks(found.get("lock") or {}),
        *_sessions(found.get("lock") or {}),
        *_queue("held", found.get("held") or []),
        *_planted(found.get("accounts") or [], found.get("scripts") or []),
        *_stopped(found.get("stopped") or {}),
        *(line for result in found.get("logs") or [] for line in _reached(result)),
        *(line for word in ("released", "deleted") for line in _queue(word, found.get(word) or [])),
        *(["New password: set."] if (found.get("password") or {}).get("changed") else []),
    ]
    return said if is_changed(found) else [*said, NOTHING]


def is_changed(found: Mapping[str, Any]) -> bool:
    """Whether anything was done."""
    results = [found.get(word) or {} for word in ("lock", "stopped", "password")]
    for word in ("held", "released", "deleted"):
        results += found.get(word) or []
    return any(result.get("changed") for result in results)


def _locks(result: Mapping[str, Any]) -> Iterator[str]:
    fresh = result.get("locked") or []
    for lock in result.get("locks") or []:
        word = "locked" if lock["name"] in fresh else "was locked before"
        yield clean(f"{lock['name']}: {word}, since {lock['since']}{': ' * bool(lock['reason'])}{lock['reason']}")
    for name in result.get("unlocked") or []:
        yield clean(f"{name}: unlocked")


def _sessions(result: Mapping[str, Any]) -> Iterator[str]:
    for session in result.get("ended") or []:
        clients = " ".join(session["clients"]) or "an unknown address"
        yield clean(f"Ended: {session['service']} of {session['account']} from {clients}")


def _queue(word: str, results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    done = sum(result.get("done") or 0 for result in results)
    if done:
        yield f"Mail in the queue {word}: {done}"
        for result in results:
            totals = result.get("totals") or {}
            for domain in (totals.get("recipient_domains") or [])[:_MOST]:
                yield clean(f"  to {domain['name']}: {domain['recipients']} recipients")


def _planted(accounts: Sequence[Mapping[str, Any]], scripts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for account in accounts:
        name = account["name"]
        if account.get("forward_to"):
            yield clean(f"Look at {name}: forwards to {', '.join(account['forward_to'])}")
        if account.get("sender_addresses"):
            yield clean(f"Look at {name}: may send as {', '.join(account['sender_addresses'])}")
        if account.get("autoreply"):
            yield clean(f"Look at {name}: replies by itself: {account['autoreply'].get('subject', '')}")
    for script in scripts:
        words = [
            "runs" if script["active"] else "is part of the one that runs" if script["included"] else "does not run",
            f"changed {script['changed']}",
            *([f"sends mail on to {', '.join(script['redirects'])}"] if script["redirects"] else []),
            *(["replies"] if script["replies"] else []),
            *(["throws mail away"] if script["discards"] else []),
        ]
        yield clean(f"Look at {script['account']}: script {script['path'].rpartition('/')[2]}: {', '.join(words)}")


def _stopped(result: Mapping[str, Any]) -> Iterator[str]:
    """With the name of the one that ran, so that it can be chosen again."""
    former = result.get("former") or {}
    for name in result.get("modified") or []:
        yield clean(f"No script of {name} runs any more; {former.get(name) or 'another one'} did")


def _reached(result: Mapping[str, Any]) -> Iterator[str]:
    if result.get("msg"):
        yield clean(f"The logs could not be read: {result['msg']}")
    for sender in result.get("senders") or []:
        yield clean(
            f"Sent by {sender['login']}: {sender['messages']} messages to {sender['recipients']} recipients, "
            f"{sender['first']} to {sender['last']}: {sender['sent']} delivered, {sender['waiting']} waiting, "
            f"{sender['bounced']} returned, {sender['deleted']} deleted"
        )
        for domain in sender["domains"][:_MOST]:
            yield clean(f"  to {domain['domain']}: {domain['recipients']} recipients")
        for client in sender["clients"][:_MOST]:
            yield clean(f"  from {client['address']} ({client['name']}): {client['messages']} messages")
    for login in result.get("logins") or []:
        for place in login["addresses"][:_MOST]:
            times = f"{place['logins']} times, {place['first']} to {place['last']}"
            yield clean(f"Logged in as {login['account']} from {place['address']}: {times}")
