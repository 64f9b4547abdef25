# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts one after the other: looked at, planned, carried out, and written down."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._outcome import Change, Outcome
from .._store import accounts as stored
from .._store import connect
from . import account, back, book, judge, look, names, survey, terms, to_courier, to_dovecot, write
from .account import Account
from .folder import Found, Work, shown, summary
from .terms import Page, Terms


class Planned(NamedTuple):
    """What is to be done for an account, with both texts of a diff; ``moves`` are old and new names of folders."""

    works: Sequence[Work]
    moves: Sequence[tuple[str, str]]
    oddities: Sequence[str]
    folders: int = 0
    messages: int = 0
    before: str = ""
    after: str = ""


def from_store(path: str, directory: str) -> list[Account]:
    """Every account that has a mailbox. Raises MailError, also when there is no such user as owns the mail."""
    with connect.opened(path, write=False, must_exist=True) as store:
        owner = store.settings().mail_owner
        found = stored.read(store.connection)
    try:
        user = pwd.getpwnam(owner)
    except KeyError as error:
        raise MailError(f"there is no user {owner}", where=path, mend="Let role common make the mail owner.") from error
    entries = [
        {"address": address, "home": item.columns["home"], "uid": user.pw_uid, "gid": user.pw_gid}
        for address, item in sorted(found.items())
        if item.columns.get("home") and item.columns.get("mailbox", 1)
    ]
    return account.parse(entries, directory)


def migrate(items: Sequence[Account], given: Terms) -> Outcome:
    """One phase for all accounts. Raises MailError before anything is written when an account cannot be worked on."""
    if given.phase == terms.SURVEY:
        return survey.survey(items, given.now, lambda found: _convert(found, given, lambda _name: 0))
    if given.check_mode and not os.path.isdir(given.state):
        return _all(items, given)
    with book.only_run(given.state):
        return _all(items, given)


def _all(items: Sequence[Account], given: Terms) -> Outcome:
    given = given._replace(serves=book.serves(given.state))
    pages = {item.maildir: terms.regarded(book.read(given.state, item.maildir), given) for item in items}
    judge.check(items, given, pages)
    facts, changes = [], []
    began = time.monotonic()
    for item in items:
        fact, change = _one(item, given, pages[item.maildir])
        facts.append(fact)
        changes += [change] if change else []
    oddities = sum(len(fact["oddities"]) for fact in facts)
    warnings = [f"Oddities were found ({oddities}); see accounts[].oddities."] if oddities else []
    totals = {key: sum(fact[key] for fact in facts) for key in ("folders", "messages", "changed_files", "renamed")}
    return Outcome(changes, {"accounts": facts, **totals, "seconds": round(time.monotonic() - began, 2)}, warnings)


def _one(item: Account, given: Terms, page: Page) -> tuple[dict[str, Any], Change | None]:
    if terms.settled(page, given):
        return _fact(item, page.phase, Planned((), (), ())), None
    with look.opened(item) as maildir:
        plan = _plan(maildir, given, page) if maildir is not None else None
        inode = os.fstat(maildir).st_ino if maildir is not None else 0
    if plan is None:  # it stays open, so that it is converted once it has mail
        return _fact(item, "", Planned((), (), [survey.ABSENT])), None
    reached = terms.reached(page, given)
    if reached.phase:
        reached = reached._replace(inode=inode, moves=plan.moves if given.phase == terms.FINISH else reached.moves)
    if not given.check_mode:
        _do(item, given, plan, page, reached)
    before, after = plan.before, plan.after
    if (page.to, page.phase) != (reached.to, reached.phase):
        before, after = f"{before}phase: {page.phase or 'none'}\n", f"{after}phase: {reached.phase or 'none'}\n"
    return _fact(item, reached.phase, plan), Change(item.address, before, after) if before != after else None


def _plan(maildir: int, given: Terms, page: Page) -> Planned:
    folders, oddities = look.folders(maildir, given.now)
    works, messages, before, after = [], 0, "", ""
    for name in folders:
        found = look.folder(maildir, name)
        if found is None:
            continue
        messages += len(found.cur)
        work = _work(maildir, found, given, page)
        oddities += [f"{shown(name)}: {text}" for text in (*found.oddities, *work.oddities)]
        if work.anything:
            works.append(work)
            old, new = _described(found, work)
            before, after = before + old, after + new
    moves, oddities = _moves(folders, given, page, oddities)
    if given.phase != terms.CONVERT:
        after += "".join(f"{shown(old)} is called {shown(new)} on disk\n" for old, new in moves)
    return Planned(works, moves, oddities, len(folders), messages, before, after)


def _work(maildir: int, found: Found, given: Terms, page: Page) -> Work:
    if given.phase != terms.UNDO:
        return _convert(found, given, lambda name: look.measure(maildir, found.name, name))
    if page.to == terms.COURIER:
        return Work(found.name, {})
    return back.folder(found, renamed=page.phase != terms.CONVERTED)


def _convert(found: Found, given: Terms, measure: to_courier.Measure) -> Work:
    whole = given.phase == terms.FINISH
    if given.to == terms.DOVECOT:
        return to_dovecot.folder(found, whole=whole, code=given.code)
    return to_courier.folder(found, whole=whole, code=given.code, uidl_format=given.uidl_format, measure=measure)


def _moves(
    folders: Sequence[str], given: Terms, page: Page, oddities: list[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Folders to be renamed: those that an interrupted run wrote down, and all others that need it."""
    if given.phase == terms.UNDO:
        return back.moves(page.moves), oddities
    begun = list(page.moves) if page.phase == terms.FINISHING else []
    known = {name for move in begun for name in move}
    codes = (names.UTF8, given.code) if given.to == terms.DOVECOT else (given.code, names.UTF8)
    moves, odd = account.folder_moves([name for name in folders if name not in known], before=codes[0], after=codes[1])
    return [*begun, *moves], [*oddities, *odd]


def _do(item: Account, given: Terms, plan: Planned, page: Page, reached: Page) -> None:
    """In an order that lets the next run go on wherever this one is killed."""
    final = given.phase != terms.CONVERT
    if given.phase == terms.FINISH:
        book.write(given.state, item.maildir, reached._replace(phase=terms.FINISHING))
    with look.opened(item) as maildir:
        if maildir is not None:
            for work in plan.works:
                write.carry_out(maildir, work)
            if final and plan.moves:
                write.move_folders(maildir, plan.moves)
    if reached != page:
        book.write(given.state, item.maildir, reached)


def _described(found: Found, work: Work) -> tuple[str, str]:
    """What a diff tells: files by their lengths and digests, and how many names change."""
    before, after = "", ""
    for path, text in work.write.items():
        name = f"{shown(work.name)}/{path}"
        before += summary(name, found.files.get(path))
        after += summary(name, text)
    before += "".join(f"{shown(work.name)}/{path}\n" for path in work.remove)
    after += f"{shown(work.name)}: {len(work.rename)} messages renamed\n" if work.rename else ""
    after += f"{shown(work.name)}: {len(work.settle)} messages from new to cur\n" if work.settle else ""
    return before, after


def _fact(item: Account, phase: str, plan: Planned) -> dict[str, Any]:
    return {
        "address": item.address,
        "maildir": item.maildir,
        "phase": phase,
        "folders": plan.folders,
        "messages": plan.messages,
        "changed_files": sum(len(work.write) + len(work.remove) for work in plan.works),
        "renamed": sum(len(work.rename) for work in plan.works),
        "oddities": list(plan.oddities),
    }
