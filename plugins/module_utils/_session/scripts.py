# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Sieve scripts of accounts: which there are, which of them runs, and where they send mail."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import stat
from collections.abc import Iterator
from typing import Any

from .._errors import MailError
from .._host import rights

_LONGEST = 1024 * 1024
_MOST = 200
# What does not end goes on to the end of the script, so that a long one takes no longer.
_WORDS = re.compile(
    rb'(?P<skip>#[^\n]*|/\*.*?(?:\*/|\Z))|"(?P<text>(?:\\.|[^"\\])*)\\?(?:"|\Z)|(?<![\w:])text:[ \t]*(?:#[^\n]*)?\r?\n'
    rb"(?P<lines>.*?)(?:^\.\r?$|\Z)|(?P<word>[A-Za-z_]\w*)|(?P<tag>:\w+)|(?P<end>[;{}])",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)


def of_home(home: str, owner: str) -> list[dict[str, Any]]:
    """The scripts of one account, read with the rights of the mail owner: the user chooses what lies there."""
    with rights.as_named(owner):
        active = _active(home)
        found = {path: script for path, script in ((path, _described(path)) for path in _paths(home)) if script}
        included = _included(home, active, found)
    return [
        {
            **{name: value for name, value in script.items() if name != "includes"},
            "path": path,
            "active": path == active,
            "included": path in included,
        }
        for path, script in sorted(found.items())
    ]


def _included(home: str, active: str, found: dict[str, dict[str, Any]]) -> set[str]:
    """The scripts that the one that runs makes parts of itself (RFC 6609); those that ``found`` lacks are added."""
    included: set[str] = set()
    ways = [active]
    while ways and len(included) < _MOST:
        for name in found.get(ways.pop(), {}).get("includes", []):
            path = os.path.join(home, "sieve", f"{os.path.basename(name)}.sieve")
            script = found.get(path) or _described(path)
            if script and path not in included:
                found[path] = script
                included.add(path)
                ways.append(path)
    return included


def choose(home: str, owner: str, name: str, *, write: bool) -> tuple[str, str]:
    """Let the script of this name run, or none for an empty name. Paths of the one that ran and of the one that does.

    Raises MailError when there is no such script. Pigeonhole keeps the choice as a link; an old script that lies at its
    place is kept under a name that Pigeonhole gives it, too.
    """
    wanted = os.path.join(home, "sieve", f"{name}.sieve") if name else ""
    link = os.path.join(home, ".dovecot.sieve")
    with rights.as_named(owner):
        before = _active(home) if os.path.lexists(link) else ""
        if wanted and not (os.path.isfile(wanted) and not os.path.islink(wanted) and os.path.basename(name) == name):
            raise MailError("there is no such Sieve script", where=wanted, mend="mail_sieve_info lists them.")
        if write and before != wanted:
            try:
                _switch(link, f"sieve/{name}.sieve" if name else "")
            except OSError as error:
                mend = "See to its directory and the disk. The script that ran runs on."
                raise MailError(f"cannot be changed: {error.strerror or error}", where=link, mend=mend) from error
    return before, wanted


def _switch(link: str, target: str) -> None:
    directory = os.path.join(os.path.dirname(link), "sieve")
    if os.path.isfile(link) and not os.path.islink(link):
        os.makedirs(directory, mode=0o700, exist_ok=True)
        os.link(link, os.path.join(directory, "dovecot.orig.sieve"))
    if target:
        aside = f"{link}.{os.getpid()}"
        os.symlink(target, aside)
        os.rename(aside, link)
    else:
        os.unlink(link)


def _active(home: str) -> str:
    link = os.path.join(home, ".dovecot.sieve")
    with contextlib.suppress(OSError):
        return os.path.normpath(os.path.join(home, os.readlink(link)))
    return link


def _paths(home: str) -> Iterator[str]:
    link = os.path.join(home, ".dovecot.sieve")
    if not os.path.islink(link) and os.path.isfile(link):
        yield link
    directory = os.path.join(home, "sieve")
    with contextlib.suppress(OSError):
        paths = sorted(os.path.join(directory, name) for name in os.listdir(directory) if name.endswith(".sieve"))
        # The one that runs is among them, however many others were laid before it.
        yield from sorted({*paths[:_MOST], *({_active(home)} & set(paths))})


def _described(path: str) -> dict[str, Any] | None:
    """When a script was changed, and what it does with mail; None for what is no file."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as handle:
            found = os.fstat(handle.fileno())
            if stat.S_ISREG(found.st_mode):
                changed = datetime.datetime.fromtimestamp(found.st_mtime, datetime.timezone.utc)
                return {"changed": changed.isoformat(timespec="seconds"), **actions(handle.read(_LONGEST))}
    return None


def actions(script: bytes) -> dict[str, Any]:
    """What a script does with mail (RFC 5228): the addresses that it names to ``redirect`` and ``notify`` (RFC 5435),
    the scripts that it includes, and whether it replies or throws mail away.
    """
    told: dict[bytes, list[str]] = {b"redirect": [], b"notify": [], b"include": []}
    used = set()
    command = b""
    notified = ""
    for match in _WORDS.finditer(script):
        text = match["text"] if match["text"] is not None else match["lines"]
        if match["end"]:
            told[b"notify"] += [notified] * bool(notified)
            command, notified = b"", ""
        elif match["word"]:
            command = match["word"].lower()
            used.add(command)
        elif text is not None and command in told:
            plain = re.sub(rb"\\(.)", rb"\1", text).decode("utf-8", "replace").strip()
            if command == b"notify":
                notified = _MAILTO.sub("", plain)  # the last one; those before it are a subject and the like
            else:
                told[command].append(plain)
    return {
        "redirects": list(dict.fromkeys([*told[b"redirect"], *told[b"notify"]])),
        "includes": told[b"include"],
        "replies": b"vacation" in used,
        "discards": b"discard" in used,
    }
