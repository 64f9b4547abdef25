# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for, and what it means for an account by what is remembered of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from . import names

DOVECOT, COURIER = "dovecot", "courier"
SERVERS = (DOVECOT, COURIER)
SURVEY, CONVERT, FINISH, UNDO = "survey", "convert", "finish", "undo"
CONVERTED, FINISHING, FINISHED = "converted", "finishing", "finished"
UNDERWAY = (CONVERTED, FINISHING)


class Page(NamedTuple):
    """What is remembered of an account. Without a phase, ``to`` is the server that it has been taken back to.

    ``moves`` are the folders that get another name, written down before the first does. ``inode`` is the number of the
    Maildir that was converted.
    """

    to: str = ""
    phase: str = ""
    moves: Sequence[tuple[str, str]] = ()
    inode: int = 0


class Terms(NamedTuple):
    """What holds for all accounts. ``code`` is how Dovecot writes folder names on disk; Courier writes UTF-8.

    ``serves`` is the server that serves now, or nothing where that is not written down.
    """

    phase: str
    to: str
    code: str
    uidl_format: str
    state: str
    check_mode: bool
    serves: str = ""

    @property
    def now(self) -> str:
        """How folder names are written by the server that serves still."""
        return names.UTF8 if (self.to == DOVECOT) != (self.phase == UNDO) else self.code


def other(server: str) -> str:
    return COURIER if server == DOVECOT else DOVECOT


def settled(page: Page, terms: Terms) -> bool:
    """Whether nothing is to do: the account has never been converted, or is served by that server already."""
    if terms.phase == UNDO:
        return not page.phase
    if page.to == terms.to and page.phase in UNDERWAY:
        return False
    known = terms.serves or ("" if page.phase in UNDERWAY else page.to)
    return known == terms.to


def contrary(page: Page, terms: Terms) -> bool:
    """Whether the account is on its way to the other server: this one serves it, and has the lists that count."""
    return terms.phase != UNDO and page.to == other(terms.to) and page.phase in UNDERWAY


def regarded(page: Page, terms: Terms) -> Page:
    """An account that is finished, while the old server serves still or again, is not."""
    reopened = terms.phase != UNDO and page.phase == FINISHED and page.to == terms.to and not settled(page, terms)
    return page._replace(phase=FINISHING) if reopened else page


def is_judged(page: Page, terms: Terms) -> bool:
    """Whether clients may have worked with the server that a conversion was for."""
    return terms.phase == UNDO and page.phase == FINISHED and terms.serves != other(page.to)


def reached(page: Page, terms: Terms) -> Page:
    """What is remembered after a phase, but for moves and inode."""
    if terms.phase == UNDO:
        return Page(other(page.to))
    if terms.phase == FINISH or (page.to, page.phase) == (terms.to, FINISHING):
        return page._replace(to=terms.to, phase=FINISHED if terms.phase == FINISH else FINISHING)
    return Page(terms.to, CONVERTED)
