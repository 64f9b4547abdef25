# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at many accounts: several at once, written down under a name, and compared with earlier looks."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .._errors import MailError
from .._outcome import Change, Outcome
from . import client, programs, record, view
from . import look as disk
from .account import Account
from .client import Depth, Server, Sessions
from .run import from_store
from .view import View

_NAMED = 5


class Entry(NamedTuple):
    """An account with the way to speak with it."""

    address: str
    sessions: Sessions
    there: bool = True


class Places(NamedTuple):
    """Where records are: that of this look, and those that it is compared with. Empty for none."""

    name: str
    compare_to: str
    digests_from: str
    accounts_of: str


def run(params: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Look at every account, keep what was seen under a name, and compare it with earlier looks."""
    began = time.monotonic()
    named = {field: params[field] for field in Places._fields}
    places = Places(
        **{key: record.place(params["state_directory"], name) if name else "" for key, name in named.items()}
    )
    entries = _by_login(params) if params["via"] == "login" else _by_programs(params, places)
    chosen = [entries[index] for index in view.spread(range(len(entries)), params["account_sample"])]
    if places.name and not check_mode:
        record.make(places.name)
    one = functools.partial(_one, params=params, places=places, check_mode=check_mode)
    facts, changes = [], []
    for fact, new in _all(one, chosen, params["workers"]):
        facts.append(fact)
        if new:
            changes.append(Change(params["name"], "", f"what clients of {fact['address']} see\n"))
    if places.name and not params["accounts"] and not check_mode:
        record.forget_others(places.name, [fact["address"] for fact in facts if fact["there"]])
    totals = {key: sum(fact[key] for fact in facts) for key in ("folders", "messages", "uidls", "digests", "arrived")}
    same = not any(fact["differences"] for fact in facts)
    seconds = round(time.monotonic() - began, 2)
    return Outcome(changes, {"accounts": facts, "candidates": len(entries), "same": same, "seconds": seconds, **totals})


def _by_login(params: Mapping[str, Any]) -> list[Entry]:
    server = Server(**{field: params[field] for field in Server._fields})
    server.check()
    entries = []
    for account in params["accounts"]:
        address = account["address"]
        if not account["password"]:
            raise MailError("has no password", where=address, mend="Give it, or look via programs.")
        imap = functools.partial(client.imap_login, server, address, account["password"])
        pop3 = functools.partial(client.pop3_login, server, address, account["password"])
        entries.append(Entry(address, Sessions(imap if server.imap_port else None, pop3 if server.pop3_port else None)))
    return entries


def _by_programs(params: Mapping[str, Any], places: Places) -> list[Entry]:
    stored = {item.address: item for item in from_store(params["path"], params["maildir"])}
    chosen = [account["address"] for account in params["accounts"] or ()] or sorted(stored)
    unknown = [address for address in chosen if address not in stored]
    if unknown:
        raise MailError("is not an account with a mailbox", where=unknown[0], mend="Look into the account store.")
    known = places.accounts_of or places.compare_to
    if known and not params["accounts"]:
        chosen = record.kept(known, chosen)
    server = _server(params)
    return [_started(stored[address], server, params) for address in chosen]


def _server(params: Mapping[str, Any]) -> programs.Programs:
    if params["server"] == "courier":
        return programs.Courier(params["courier_directory"])
    return programs.Dovecot(sizes=params["digests"])


def _started(item: Account, server: programs.Programs, params: Mapping[str, Any]) -> Entry:
    imap = functools.partial(programs.imap, server, item, params["timeout"])
    pop3 = functools.partial(programs.pop3, server, item, params["timeout"])
    unsettled: frozenset[str] = frozenset()
    with disk.opened(item) as maildir:
        there = maildir is not None
        if maildir is not None and params["server"] == "courier":
            unsettled = programs.unsettled(maildir)
    sessions = Sessions(imap if params["imap_port"] else None, pop3 if params["pop3_port"] else None, unsettled)
    return Entry(item.address, sessions, there)


def _all(
    one: Callable[[Entry], tuple[dict[str, Any], bool]], entries: Sequence[Entry], workers: int
) -> list[tuple[dict[str, Any], bool]]:
    """What comes of every account. Raises MailError that names the first of those that could not be looked at."""
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        futures = [pool.submit(one, entry) for entry in entries]
    errors = [error for error in (future.exception() for future in futures) if error is not None]
    for error in errors:
        if not isinstance(error, MailError) or len(errors) == 1:
            raise error
    if errors:
        more = f" (and {len(errors) - _NAMED} more)" if len(errors) > _NAMED else ""
        told = "; ".join(f"{error.where}: {error.what}" for error in errors[:_NAMED] if isinstance(error, MailError))
        raise MailError(told + more, where="These could not be looked at", mend="Nothing was changed.")
    return [future.result() for future in futures]


def _one(entry: Entry, *, params: Mapping[str, Any], places: Places, check_mode: bool) -> tuple[dict[str, Any], bool]:
    """What is told of an account, and whether something new was written down."""
    before = record.read(places.compare_to, entry.address) if places.compare_to else None
    read = record.read(places.digests_from, entry.address) if places.digests_from else None
    fact: dict[str, Any] = {"address": entry.address, "there": entry.there, "differences": [], "arrived": 0}
    if not entry.there:
        gone = ["the Maildir is gone"] if before or read else []
        return {**fact, **_counted(View({}, [], [])), "differences": gone}, False
    seen = client.look(entry.sessions, entry.address, Depth(params["digests"], params["sample"], read or before))
    if before:
        found = view.differences(before, seen, ordered=params["server"] != "courier")
        fact.update(differences=found, arrived=view.arrived(before, seen))
    if read:
        fact["differences"] += [text for text in view.contents(read, seen) if text not in fact["differences"]]
    new = bool(places.name) and record.keep(places.name, entry.address, seen, check_mode=check_mode)
    return {**fact, **_counted(seen)}, new


def _counted(seen: View) -> dict[str, int]:
    messages = [message for folder in seen.folders.values() for message in folder.messages.values()]
    digests = sum(bool(message.digest) for message in messages)
    return {"folders": len(seen.folders), "messages": len(messages), "uidls": len(seen.uidls), "digests": digests}
