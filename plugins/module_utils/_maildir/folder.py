# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is found in a folder of a Maildir, and what is to be written into it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from . import names


class Found(NamedTuple):
    """``name`` is the directory's, empty for the INBOX. ``files`` are texts of servers' files by their names.

    ``updates`` are Courier's files of keywords beside its list. ``cur`` are names of messages with their flags, ``new``
    of those that no client has opened; a server may have numbered them.
    """

    name: str
    files: Mapping[str, str]
    updates: Mapping[str, str]
    cur: Sequence[str]
    caches: Sequence[str] = ()
    oddities: Sequence[str] = ()
    new: Sequence[str] = ()

    @property
    def present(self) -> set[str]:
        """The base names of all messages."""
        return {names.base(name) for name in (*self.cur, *self.new)}


class Work(NamedTuple):
    """``write`` and ``remove`` name files by their way from the folder, ``rename`` messages in ``cur``.

    ``settle`` are messages that go from ``new`` to ``cur``, as they do when a client opens the folder.
    """

    name: str
    write: Mapping[str, str]
    remove: Sequence[str] = ()
    rename: Sequence[tuple[str, str]] = ()
    oddities: Sequence[str] = ()
    settle: Sequence[str] = ()

    @property
    def anything(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.write or self.remove or self.rename or self.settle)


def shown(name: str) -> str:
    """A folder as a client with the prefix INBOX. calls it, undecodable bytes as question marks."""
    return f"INBOX{name}".encode("utf-8", "replace").decode()


def only_new(found: Found, wanted: Mapping[str, str]) -> dict[str, str]:
    """The files that are not on disk as they are wanted."""
    return {path: text for path, text in wanted.items() if found.files.get(path) != text}


def summary(path: str, text: str | None) -> str:
    """One line of a diff: what users have written stays out of it."""
    if text is None:
        return ""
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return f"{path}: {text.count(chr(10))} lines, sha256 {digest}\n"


def several(number: int, what: str, example: str) -> str:
    """An oddity of several messages, with the name of one."""
    clean = example.encode("utf-8", "replace").decode()
    return f"{number} {what}, such as {clean}" if number > 1 else f"{what}: {clean}"
