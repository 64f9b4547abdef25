# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a message's file lies (postconf(5), hash_queue_names and hash_queue_depth)."""

from __future__ import annotations

from typing import NamedTuple

_DIGITS = {character: value for value, character in enumerate("0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz")}
_LEAST_TIME = 10  # characters of seconds and microseconds before the last "z" of a long queue ID


class Layout(NamedTuple):
    """How a queue lies on disk."""

    directory: str
    hashed: frozenset[str]
    depth: int

    def path(self, queue: str, name: str) -> str:
        """The file of message ``name`` in that queue."""
        if queue not in self.hashed:
            return f"{self.directory}/{queue}/{name}"
        key = _key(name)
        return f"{self.directory}/{queue}/{'/'.join(key[: self.depth].ljust(self.depth, '_'))}/{name}"


def _key(name: str) -> str:
    """What directories are named after: the microseconds, with which a short queue ID begins."""
    mark = name.rfind("z")
    if mark < _LEAST_TIME:
        return name
    value = 0
    for character in name[mark - 4 : mark]:
        value = value * 52 + _DIGITS.get(character, 0)
    return f"{value:05X}"
