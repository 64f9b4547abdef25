# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counts by a name that strangers may choose, in memory that does not grow with what they invent."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Callable, Generic, TypeVar


class Record:
    """How often something was seen, for the first and for the last time."""

    __slots__ = ("count", "first", "last")

    def __init__(self) -> None:
        self.count = 0
        self.first = self.last = 0.0

    def seen(self, time: float, count: int = 1) -> None:
        """``count`` is 0 for what is not counted and belongs here all the same."""
        self.count += count
        self.last = max(self.last, time)
        if time < self.first or not self.first:
            self.first = time


T = TypeVar("T", bound=Record)


class Tally(Generic[T]):
    """Records by key. When there are more than ``limit``, the half with the smaller counts is forgotten."""

    __slots__ = ("_limit", "_make", "forgotten", "records")

    def __init__(self, make: Callable[[], T], limit: int) -> None:
        self._make = make
        self._limit = limit
        self.forgotten = 0
        self.records: dict[Hashable, T] = {}

    def __len__(self) -> int:
        return len(self.records) + self.forgotten

    def of(self, key: Hashable) -> T:
        """The record of a key, made if there is none."""
        found = self.records.get(key)
        if found is None:
            if len(self.records) >= self._limit:
                self._forget()
            found = self.records[key] = self._make()
        return found

    def _forget(self) -> None:
        kept = self.top(self._limit // 2)
        self.forgotten += len(self.records) - len(kept)
        self.records = dict(kept)

    def top(self, most: int = 0) -> list[tuple[Hashable, T]]:
        """The records with the greatest counts, at most so many; 0 gives all."""
        ordered = sorted(self.records.items(), key=lambda item: (-item[1].count, -item[1].last, str(item[0])))
        return ordered[:most] if most else ordered
