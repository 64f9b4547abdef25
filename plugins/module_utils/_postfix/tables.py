# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookup tables of ours on disk: a text source, and for indexed tables what ``postmap`` makes of it."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .._errors import MailError
from .._host import files
from .._outcome import Change
from . import part, verdict
from .postconf import Postfix

_HIDDEN = "(hidden)"


class TablePlan(NamedTuple):
    """One table before and after: whole texts, None where there is no file. ``made`` is the file that Postfix opens.

    ``was_secret`` says that only root can read what is there; a table that is to go does not say so itself.
    """

    table: part.Table
    path: str
    made: str
    before: str | None
    after: str | None
    changed: bool
    was_secret: bool = False

    @property
    def mode(self) -> int:
        return 0o600 if self.table.secret else 0o644

    def change(self) -> Change:
        """The change for a diff; the values of a secret table are masked, also when it was one before."""
        before, after = self.before or "", self.after or ""
        known = set(before.splitlines())
        if self.table.secret or self.was_secret:
            before = _masked(before, known)
        if self.table.secret:
            after = _masked(after, known)
        if before == after:
            before = f"{before}# the compiled table does not agree with this\n"
        return Change(f"table {self.path}", before, after)


def _masked(text: str, known: set[str]) -> str:
    """Keys stay, values go; a row that is not among the ``known`` ones says that it is new."""
    lines = [
        f"{line.split(maxsplit=1)[0]}\t{_HIDDEN if line in known else '(hidden, new)'}\n"
        for line in text.splitlines()
        if line.strip()
    ]
    return "".join(lines)


def render(table: part.Table) -> str:
    """The text of a table. Raises MailError for a row that would break it."""
    for key, value in table.rows:
        if not key.strip() or not value.strip() or re.search(r"[\x00-\x1f\x7f]", key + value):
            raise MailError(
                "a row is empty or has a line break or another control character",
                where=f"table {table.name}: {key.strip()!r}",
            )
        if table.kind in (part.INDEXED, part.TEXT) and re.search(r"^#|\s", key):
            raise MailError("a key with white space cannot be looked up", where=f"table {table.name}: {key!r}")
    return "".join(f"{key}\t{value}\n" for key, value in table.rows)


def plan(wanted: Sequence[part.Table], directory: str, postfix: Postfix | None) -> list[TablePlan]:
    """What is to be done with each table; ``postfix`` is None where Postfix is not installed yet."""
    kind = postfix.table_type if postfix else "lmdb"
    plans = []
    for table in wanted:
        path = os.path.join(directory, table.name)
        made = f"{path}.{kind}" if table.kind == part.INDEXED else path
        after = render(table) if table.rows else None
        secret = any((_mode(name, 0) & 0o077) == 0 for name in (path, made) if os.path.exists(name))
        item = TablePlan(table, path, made, files.read_text(path), after, False, secret)
        plans.append(item._replace(changed=not _is_right(item, kind, postfix)))
    return plans


def _is_right(item: TablePlan, kind: str, postfix: Postfix | None) -> bool:
    """True when the files are as wanted and the compiled table answers as its text says."""
    if item.after is None:
        return item.before is None and not os.path.lexists(item.made)
    if item.before != item.after or not os.path.exists(item.made):
        return False
    if any(_mode(path, 0) != item.mode for path in (item.path, item.made)):
        return False
    if item.table.kind != part.INDEXED:
        return True
    return postfix is not None and postfix.rows(f"{kind}:{item.path}", item.after) == _folded(item.table)


def _folded(table: part.Table) -> dict[str, str]:
    return {key.lower(): value.strip() for key, value in table.rows}


def stage(plans: Sequence[TablePlan], room: str, postfix: Postfix) -> tuple[dict[str, str], verdict.Verdict]:
    """Make the changed tables in the private directory ``room`` too.

    Gives the way to them as text to put in place of the real one, and what ``postmap`` has against them.
    """
    directory = os.path.join(room, "tables")
    os.mkdir(directory, 0o755)
    moved: dict[str, str] = {}
    found = verdict.Verdict()
    for item in plans:
        if not item.changed or item.after is None:
            continue
        path = os.path.join(directory, item.table.name)
        files.write_new(path, item.after.encode("utf-8", "surrogateescape"), mode=item.mode)
        if item.table.kind == part.INDEXED:
            found += postfix.build_table(f"{postfix.table_type}:{path}", instead=(path, item.path))
        moved[item.path] = path
    return moved, found


def still_named(plans: Sequence[TablePlan], named: Sequence[verdict.Table]) -> verdict.Verdict:
    """A table that is to be removed while the new configuration names it, perhaps in an option of a service."""
    gone = {item.made for item in plans if item.after is None}
    mend = "Take it out of main.cf and of the options in master.cf first."
    return verdict.Verdict(
        [
            MailError("has no rows and would be removed, but is still named", where=f"table {table.path}", mend=mend)
            for table in named
            if table.file in gone
        ]
    )


def moved_text(text: str, moved: Mapping[str, str]) -> str:
    """A text with the ways to staged tables in place of the real ones."""
    for real, staged in moved.items():
        text = re.sub(rf":{re.escape(real)}(?![\w./-])", f":{staged}", text)
    return text


class Swap:
    """Publishes tables and can put back what was there before."""

    def __init__(self, plans: Sequence[TablePlan], postfix: Postfix) -> None:
        self._plans = [item for item in plans if item.changed]
        self._postfix = postfix
        self._before = {
            path: (files.read_bytes(path), _mode(path, item.mode))
            for item in self._plans
            for path in (item.path, item.made)
        }

    def publish(self) -> None:
        """Put the tables in place that have rows."""
        for item in self._plans:
            if item.after is not None:
                files.make_directory(os.path.dirname(item.path), mode=0o755)
                self._publish(item, item.after)

    def remove(self) -> None:
        """Remove the tables that nothing names any more."""
        for item in self._plans:
            if item.after is None:
                for path in (item.path, item.made, f"{item.made}-lock"):
                    _unlink(path)

    def restore(self) -> None:
        for path, (data, mode) in self._before.items():
            if data is None:
                _unlink(path)
            else:
                files.publish(path, data, mode=mode)

    def _publish(self, item: TablePlan, text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        if item.table.kind != part.INDEXED:
            files.publish(item.path, data, mode=item.mode)
            return
        kind = self._postfix.table_type
        with files.aside(item.path) as aside, contextlib.ExitStack() as cleanup:
            for leftover in (f"{aside}.{kind}", f"{aside}.{kind}-lock"):
                cleanup.callback(_unlink, leftover)
            files.write_new(aside, data, mode=item.mode)
            self._postfix.build_table(f"{kind}:{aside}", instead=(aside, item.path)).insist(where="", unchanged="")
            if self._postfix.rows(f"{kind}:{aside}", text) != _folded(item.table):
                raise MailError("the compiled table does not read back", where=item.made, mend="Is the disk full?")
            files.sync_file(f"{aside}.{kind}")
            files.move_into_place(f"{aside}.{kind}", item.made)
            files.move_into_place(aside, item.path)


def newest(plans: Sequence[TablePlan]) -> float:
    """When the newest of the tables was made (epoch seconds), 0 without any."""
    return max((os.stat(item.made).st_mtime for item in plans if os.path.exists(item.made)), default=0.0)


def _mode(path: str, otherwise: int) -> int:
    """The access rights of a file; ``otherwise`` where there is none."""
    return stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else otherwise


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
