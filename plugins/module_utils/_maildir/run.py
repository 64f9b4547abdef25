# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts one after the other: looked at, planned, carried out, and written down."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._outcome import Change, Outcome
from .._store import accounts as stored
from .._store import connect
from . import account, back, book, look, names, survey, to_courier, to_dovecot, write
from .account import Account
from .book import Page
from .folder import Found, Work, shown, summary

DOVECOT, COURIER = "dovecot", "courier"
_NAMED = 5


class Terms(NamedTuple):
    """What holds for all accounts. ``code`` is how Dovecot writes folder names on disk; Courier writes UTF-8."""

    phase: str
    to: str
    code: str
    uidl_format: str
    state: str
    check_mode: bool

    @property
    def now(self) -> str:
        """How folder names are written by the server that serves still."""
        return names.UTF8 if (self.to == DOVECOT) != (self.phase == "undo") else self.code


class Planned(NamedTuple):
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


def migrate(items: Sequence[Account], terms: Terms) -> Outcome:
    """One phase for all accounts. Raises MailError before anything is written when an account cannot be worked on."""
    if terms.phase == "survey":
        return survey.survey(items, terms.now, lambda found: _convert(found, terms, lambda _name: 0))
    if terms.check_mode and not os.path.isdir(terms.state):
        return _all(items, terms)
    with book.only_run(terms.state):
        return _all(items, terms)


def _all(items: Sequence[Account], terms: Terms) -> Outcome:
    pages = {item.maildir: book.read(terms.state, item.maildir) for item in items}
    _check(items, terms, pages)
    facts, changes = [], []
    began = time.monotonic()
    for item in items:
        fact, change = _one(item, terms, pages[item.maildir])
        facts.append(fact)
        changes += [change] if change else []
    oddities = sum(len(fact["oddities"]) for fact in facts)
    warnings = [f"Oddities were found ({oddities}); see accounts[].oddities."] if oddities else []
    totals = {key: sum(fact[key] for fact in facts) for key in ("folders", "messages", "changed_files", "renamed")}
    return Outcome(changes, {"accounts": facts, **totals, "seconds": round(time.monotonic() - began, 2)}, warnings)


def _check(items: Sequence[Account], terms: Terms, pages: Mapping[str, Page]) -> None:
    """Every Maildir can be opened and written, and file systems have room for what will be written."""
    refused: list[str] = []
    needed: dict[int, int] = {}
    free: dict[int, tuple[int, str]] = {}
    for item in items:
        try:
            with look.opened(item) as maildir:
                if maildir is None:
                    continue
                found, _oddities = look.folders(maildir, terms.now)
                _writable(maildir, found, item)
                if terms.phase == "convert" and not pages[item.maildir].phase:
                    system, room = look.free_bytes(maildir)
                    free[system] = (room, item.maildir)
                    lists = look.bytes_listed(maildir, found)
                    needed[system] = needed.get(system, 0) + account.converted_bytes(lists, len(found))
        except MailError as error:
            refused.append(error.message)
    if refused:
        more = f" (and {len(refused) - _NAMED} more)" if len(refused) > _NAMED else ""
        mend = "Nothing was written. Mend them or leave these accounts out."
        raise MailError("; ".join(refused[:_NAMED]) + more, where="Refused", mend=mend)
    for system, (room, place) in free.items():
        if needed[system] > room:
            what = f"{needed[system]} bytes are needed and {room} are free"
            raise MailError(what, where=f"The file system of {place}", mend="Nothing was written. Make room first.")


def _writable(maildir: int, folders: Sequence[str], item: Account) -> None:
    for name in folders:
        if not look.is_writable(maildir, name):
            mend = f"Give it to the user with number {item.uid}."
            raise MailError("is not the account's to write", where=f"{item.address}: {shown(name)}", mend=mend)


def _one(item: Account, terms: Terms, page: Page) -> tuple[dict[str, Any], Change | None]:
    phase = page.phase if page.to == terms.to else ""
    if (terms.phase != "undo" and phase == book.FINISHED) or (terms.phase == "undo" and not page.phase):
        return _fact(item, page.phase, Planned((), (), ())), None
    with look.opened(item) as maildir:
        plan = _plan(maildir, item, terms, page) if maildir is not None else Planned((), (), ())
    reached = {"convert": book.CONVERTED, "finish": book.FINISHED, "undo": ""}[terms.phase]
    if terms.phase == "convert" and phase == book.FINISHING:
        reached = book.FINISHING
    if not terms.check_mode:
        _do(item, terms, plan, reached, page)
    before, after = plan.before, plan.after
    if page != Page(terms.to if reached else "", reached, page.moves):
        before, after = f"{before}phase: {page.phase or 'none'}\n", f"{after}phase: {reached or 'none'}\n"
    return _fact(item, reached, plan), Change(item.address, before, after) if before != after else None


def _plan(maildir: int, item: Account, terms: Terms, page: Page) -> Planned:
    folders, oddities = look.folders(maildir, terms.now)
    works, messages, before, after = [], 0, "", ""
    for name in folders:
        found = look.folder(maildir, name)
        if found is None:
            continue
        messages += len(found.cur)
        work = _work(maildir, found, terms, page, item)
        oddities += [f"{shown(name)}: {text}" for text in (*found.oddities, *work.oddities)]
        if work.anything:
            works.append(work)
            old, new = _described(found, work)
            before, after = before + old, after + new
    moves, oddities = _moves(folders, terms, page, oddities)
    if terms.phase != "convert":
        after += "".join(f"{shown(old)} is called {shown(new)} on disk\n" for old, new in moves)
    return Planned(works, moves, oddities, len(folders), messages, before, after)


def _work(maildir: int, found: Found, terms: Terms, page: Page, item: Account) -> Work:
    if terms.phase != "undo":
        return _convert(found, terms, lambda name: look.measure(maildir, found.name, name))
    if page.to == COURIER:
        return Work(found.name, {})
    if back.has_gone_on(found, terms.code):
        mend = "Convert to courier instead, which keeps what clients have seen since."
        where = f"{item.address}: {shown(found.name)}"
        raise MailError("Dovecot has numbered messages since, so this cannot be undone", where=where, mend=mend)
    return back.folder(found)


def _convert(found: Found, terms: Terms, measure: to_courier.Measure) -> Work:
    whole = terms.phase == "finish"
    if terms.to == DOVECOT:
        return to_dovecot.folder(found, whole=whole, code=terms.code)
    return to_courier.folder(found, whole=whole, code=terms.code, uidl_format=terms.uidl_format, measure=measure)


def _moves(
    folders: Sequence[str], terms: Terms, page: Page, oddities: list[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Folders to be renamed: those that an interrupted run wrote down, else worked out anew."""
    if terms.phase == "undo":
        return back.moves(page.moves), oddities
    if page.phase == book.FINISHING and page.to == terms.to:
        return list(page.moves), oddities
    codes = (names.UTF8, terms.code) if terms.to == DOVECOT else (terms.code, names.UTF8)
    moves, odd = account.folder_moves(folders, before=codes[0], after=codes[1])
    return moves, [*oddities, *odd]


def _do(item: Account, terms: Terms, plan: Planned, reached: str, page: Page) -> None:
    """In an order that lets the next run go on wherever this one is killed."""
    final = terms.phase != "convert"
    if terms.phase == "finish":
        page = Page(terms.to, book.FINISHING, plan.moves)
        book.write(terms.state, item.maildir, page)
    with look.opened(item) as maildir:
        if maildir is not None:
            for work in plan.works:
                write.carry_out(maildir, work)
            if final and plan.moves:
                write.move_folders(maildir, plan.moves)
    if not reached:
        book.forget(terms.state, item.maildir)
    elif (page.to, page.phase) != (terms.to, reached):
        moves = plan.moves if final else ()
        book.write(terms.state, item.maildir, Page(terms.to, reached, moves))


def _described(found: Found, work: Work) -> tuple[str, str]:
    """What a diff tells: files by their lengths and digests, and how many names change."""
    before, after = "", ""
    for path, text in work.write.items():
        name = f"{shown(work.name)}/{path}"
        before += summary(name, found.files.get(path))
        after += summary(name, text)
    before += "".join(f"{shown(work.name)}/{path}\n" for path in work.remove)
    after += f"{shown(work.name)}: {len(work.rename)} messages renamed\n" if work.rename else ""
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
