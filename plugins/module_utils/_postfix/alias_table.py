# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of local aliases and the table that ``postalias`` makes of it."""

from __future__ import annotations

import contextlib
import os
import pwd
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any

from .._errors import MailError
from .._host import commands, files
from .._outcome import Change, Outcome
from . import aliases, verdict
from .postconf import table_type

_UNCHANGED = "Nothing was changed."


def settle(path: str, raw: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Bring the managed lines and the table to what ``raw`` says. Raises MailError with the old ones in place."""
    ours = aliases.wanted(raw)
    before = files.read_text(path)
    after = aliases.change(before, ours)
    aliases.check(after, ours, _is_user)
    kind = table_type()
    if not kind and not check_mode:
        raise MailError("Postfix is not installed", where="Postfix", mend=f"Install it first. {_UNCHANGED}")
    stale = before != after or not _is_built(kind, path, aliases.parse(after))
    changes = [Change(path, before or "", after)] if before != after else []
    if stale and not changes:
        changes = [Change(f"table {path}", "missing or older than its text\n", "built from its text\n")]
    kept = ""
    if kind and stale:
        _try(kind, path, after)
    if stale and not check_mode:
        kept = _apply(kind, path, before, after)
    return Outcome(changes, {"backup_file": kept, "built": stale})


def is_made(path: str) -> bool:
    """True when there is a table for Postfix to open."""
    return os.path.exists(f"{path}.{table_type()}")


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _is_built(kind: str, path: str, names: Iterable[str]) -> bool:
    """True when the table is there, is not older than its text and knows every name."""
    try:
        if os.stat(f"{path}.{kind}").st_mtime < os.stat(path).st_mtime:
            return False
    except OSError:
        return False
    keys = "".join(f"{name}\n" for name in names)
    found = commands.run([_program(), "-q", "-", f"{kind}:{path}"], stdin=keys).stdout
    return {line.partition(":")[0].lower() for line in found.splitlines()} >= set(names)


def _program() -> str:
    return commands.find("postalias") or "postalias"


def _build(kind: str, path: str, *, told: str) -> None:
    """Compile; any word of postalias is a fault. Raises MailError."""
    done = commands.run([_program(), f"{kind}:{path}"])
    found = verdict.of_checker(done.stderr.replace(path, told), (), "")
    found.insist(where=told, unchanged=_UNCHANGED)
    if done.status:
        raise MailError("postalias failed without a word", where=told, mend=_UNCHANGED)


def _try(kind: str, path: str, text: str) -> None:
    with tempfile.TemporaryDirectory(prefix="postalias-") as room:
        copy = os.path.join(room, "aliases")
        files.write_new(copy, text.encode("utf-8", "surrogateescape"), mode=0o600)
        _build(kind, copy, told=path)


def _apply(kind: str, path: str, before: str | None, after: str) -> str:
    """Publish the text when it changed, and the table; the old text comes back when the table cannot be built."""
    kept = ""
    if before != after:
        kept = files.backup(path)
        files.rewrite(path, after)
    try:
        _build(kind, path, told=path)
    except MailError:
        if before is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        elif before != after:
            files.rewrite(path, before)
        raise
    return kept
