# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts whose mail is converted, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import names

# Seconds of work, measured on one core of a small virtual host and rounded up.
_PER_MESSAGE = 0.00004
_PER_FOLDER = 0.01
# What the new server writes: a line per message now, and its caches with the first logins.
_BYTES_PER_MESSAGE = 700
_BYTES_PER_FOLDER = 64 * 1024


class Account(NamedTuple):
    """Whose mail it is, the full path of the Maildir, and the user that it belongs to."""

    address: str
    maildir: str
    uid: int
    gid: int


class Count(NamedTuple):
    """What a survey found in an account."""

    folders: int = 0
    messages: int = 0
    bytes: int = 0
    tmp: int = 0


def parse(entries: Sequence[Mapping[str, Any]], directory: str) -> list[Account]:
    """Accounts of a list; ``directory`` is the Maildir's place in a home. Raises MailError that names the entry."""
    accounts = []
    for index, entry in enumerate(entries):
        where = f"accounts[{index}] ({entry['address']})"
        path = entry.get("maildir") or (f"{entry['home']}/{directory}" if entry.get("home") else "")
        if not path.startswith("/"):
            mend = "Give home or maildir as a path that begins with a slash."
            raise MailError("has no Maildir", where=where, mend=mend)
        for number in ("uid", "gid"):
            if entry[number] <= 0:
                mend = "Mail belongs to an ordinary user; files are written with that user's rights."
                raise MailError(f"{number} {entry[number]} is not one that mail may have", where=where, mend=mend)
        accounts.append(Account(entry["address"], path.rstrip("/"), entry["uid"], entry["gid"]))
    seen: set[str] = set()
    for account in accounts:
        for value in (account.address, account.maildir):
            if value in seen:
                raise MailError("is listed twice", where=value, mend="List every account once.")
            seen.add(value)
    return accounts


def folder_moves(folders: Iterable[str], *, before: str, after: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Directories whose name is coded otherwise for the other server, and oddities."""
    there = list(folders)
    moves, oddities = [], []
    for name in sorted(there):
        try:
            new = "." + names.renamed(name[1:], before=before, after=after) if name else name
        except ValueError:
            clean = name.encode("utf-8", "replace").decode()
            oddities.append(f"the name of folder {clean} is not in the code of the old server; it stays as it is")
            continue
        if new != name:
            moves.append((name, new))
    gone = {old for old, _new in moves}
    free = [move for move in moves if move[1] not in there or move[1] in gone]
    stuck = [move for move in moves if move not in free]
    oddities += [f"folder {old} would be called {new}, and there is one" for old, new in stuck]
    return _in_order(free), oddities


def _in_order(moves: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """So that no move takes a name before another one has left it; names only grow or shrink, so there is no ring."""
    left, done = dict(moves), []
    while left:
        free = [old for old, new in left.items() if new not in left]
        if not free:
            break
        done += [(old, left.pop(old)) for old in free]
    return done


def add(counts: Iterable[Count]) -> Count:
    """Their sum."""
    return Count(*(sum(values) for values in zip(Count(), *counts)))


def needed_bytes(count: Count) -> int:
    """What converting an account takes on disk at most, as an estimate for the survey."""
    return count.messages * _BYTES_PER_MESSAGE + count.folders * _BYTES_PER_FOLDER


def converted_bytes(lists: int, folders: int) -> int:
    """What converting writes at once, by the length of the lists of UIDs; a file takes whole blocks of the disk."""
    return 2 * lists + folders * 8192


def seconds(count: Count) -> float:
    """How long converting an account takes, as an estimate for the survey."""
    return round(count.messages * _PER_MESSAGE + count.folders * _PER_FOLDER, 1)
