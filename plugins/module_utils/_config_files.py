# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole configuration files of a daemon that a module is asked for, and what changes on disk."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ._errors import MailError
from ._outcome import Change

_MODE = re.compile(r"0?[0-7]{3}\Z")


class Wanted(NamedTuple):
    """A whole file; a secret one is never shown in a diff."""

    path: str
    text: str
    mode: int
    secret: bool


class Found(NamedTuple):
    """The same file on disk; None and 0 when there is none."""

    text: str | None
    mode: int


def parse(files: Sequence[Mapping[str, Any]], config: str = "") -> list[Wanted]:
    """The files in the order in which they are published: the main file last, because it names the others.

    Without ``config`` there is no main file among them, and their order stays.

    Raises MailError for a relative path, a path given twice, a bad mode, and a list without the main file.
    """
    wanted: dict[str, Wanted] = {}
    for entry in files:
        path = str(entry["path"])
        if not path.startswith("/") or posixpath.normpath(path) != path:
            raise MailError("is not an absolute path", where=path, mend="Write it from / on, without . and .. in it.")
        if path in wanted:
            raise MailError("is listed twice", where=path, mend="Give each file once.")
        mode = str(entry["mode"])
        if not _MODE.match(mode):
            raise MailError(f"mode '{mode}' is not octal", where=path, mend="Write it in quotes, such as '0644'.")
        wanted[path] = Wanted(path, str(entry["content"]), int(mode, 8), bool(entry.get("secret")))
    if config and config not in wanted:
        raise MailError("is not among the files", where=config, mend="List the main configuration file in files.")
    return sorted(wanted.values(), key=lambda item: item.path == config)


def refuse_outside(wanted: Sequence[Wanted], directory: str, program: str) -> None:
    """Raise MailError for a file that ``program``, which has its configuration in ``directory``, would not read."""
    for item in wanted:
        if posixpath.commonpath([directory, item.path]) != directory:
            raise MailError(f"is not below {directory}", where=item.path, mend=f"{program} would not read it.")


def changes(wanted: Sequence[Wanted], found: Mapping[str, Found]) -> list[Change]:
    """One change per file whose text or mode differs."""
    result = []
    for item in wanted:
        old = found[item.path]
        if (old.text, old.mode) == (item.text, item.mode):
            continue
        before, after = ("", item.text) if old.text is None else (old.text, item.text)
        if item.secret:
            before, after = ("(a secret file)\n" if before else ""), "(a secret file, changed)\n"
        if old.text is not None and old.mode != item.mode:
            before, after = f"mode {old.mode:04o}\n{before}", f"mode {item.mode:04o}\n{after}"
        result.append(Change(item.path, before, after))
    return result
