# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of every account before anything is written for the first."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from .._errors import MailError
from . import account, back, book, look, terms
from .account import Account
from .folder import shown
from .terms import Page, Terms

_NAMED = 5


def check(items: Sequence[Account], given: Terms, pages: Mapping[str, Page]) -> None:
    """Every Maildir is the one that it was and can be written, and file systems have room. Raises MailError."""
    refused: list[str] = []
    needed: dict[int, int] = {}
    free: dict[int, tuple[int, str]] = {}
    for item in items:
        page = pages[item.maildir]
        if terms.settled(page, given):
            continue
        try:
            with look.opened(item) as maildir:
                _known(maildir, item, given, page)
                if maildir is None:
                    continue
                found, _oddities = look.folders(maildir, given.now)
                writable(maildir, found, item)
                if terms.is_judged(page, given):
                    _untouched(maildir, found, item, given, page)
                if given.phase == terms.CONVERT and page.phase not in terms.UNDERWAY:
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


def _known(maildir: int | None, item: Account, given: Terms, page: Page) -> None:
    """The account is on no other way, and has the Maildir that the last run worked on."""
    if terms.contrary(page, given):
        mend = f"Finish that, or take it back with phase undo; {given.to} serves it now."
        raise MailError(f"is being converted for {page.to}", where=item.address, mend=mend)
    what = ""
    if maildir is None and page.phase:
        what = "is not there, and was when it was converted"
    elif maildir is not None and page.phase in terms.UNDERWAY and os.fstat(maildir).st_ino != page.inode:
        what = "is another directory than when it was converted"
    if what:
        mend = f"Mount what is not mounted. If it is right so, remove {book.path(given.state, item.maildir)}."
        raise MailError(what, where=f"{item.address}: {item.maildir}", mend=mend)


def writable(maildir: int, folders: Sequence[str], item: Account) -> None:
    """Raises MailError that names a folder which the account's user cannot change."""
    for name in folders:
        if not look.is_writable(maildir, name):
            mend = f"Give it to the user with number {item.uid}."
            raise MailError("is not the account's to write", where=f"{item.address}: {shown(name)}", mend=mend)


def _untouched(maildir: int, folders: Sequence[str], item: Account, given: Terms, page: Page) -> None:
    has_gone_on = back.dovecot_has_gone_on if page.to == terms.DOVECOT else back.courier_has_gone_on
    for name in folders:
        found = look.folder(maildir, name)
        if found is not None and has_gone_on(found, given.code):
            what = f"{page.to.capitalize()} has worked on it since, so that this cannot be undone"
            mend = f"Convert to {terms.other(page.to)} instead, which keeps what clients have seen since."
            raise MailError(what, where=f"{item.address}: {shown(name)}", mend=mend)
