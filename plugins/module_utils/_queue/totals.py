# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sums over messages: how many there are, from whom, to where, why they wait; and their words for an administrator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .message import NOBODY, Digest, moment, neutral

# Different keys of one table; what comes after them is counted together, so that memory has an end.
_MOST_KEYS = 50_000
_OTHERS = "(others)"
_NONE = "(none)"

TABLES = {
    "queues": "queue",
    "senders": "sender",
    "recipient_domains": "recipient domain",
    "logins": "login",
    "client_addresses": "client",
    "reasons": "reason",
}


class Tally:
    """Messages and recipients by some key."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}

    def add(self, key: str, recipients: int) -> None:
        """Count a message with so many recipients under ``key``, or with others once there are too many keys."""
        row = self._rows.get(key)
        if row is None:
            key = key if len(self._rows) < _MOST_KEYS else _OTHERS
            row = self._rows.setdefault(key, [0, 0])
        row[0] += 1
        row[1] += recipients

    def top(self, count: int) -> list[dict[str, Any]]:
        """The greatest rows, by messages."""
        rows = sorted(self._rows.items(), key=lambda row: (-row[1][0], -row[1][1], row[0]))
        return [{"name": neutral(name), "messages": row[0], "recipients": row[1]} for name, row in rows[:count]]


class Totals:
    """What is known of many messages together."""

    def __init__(self) -> None:
        self.messages = self.recipients = self.size = 0
        self.oldest: int | None = None
        self._tables = {name: Tally() for name in TABLES}

    @classmethod
    def of(cls, digests: Iterable[Digest]) -> Totals:
        """The sums of these messages."""
        totals = cls()
        for digest in digests:
            totals.add(digest)
        return totals

    def add(self, digest: Digest) -> None:
        """Count a message in every table."""
        count = digest.recipients
        self.messages += 1
        self.recipients += count
        self.size += digest.size
        self.oldest = digest.arrived if self.oldest is None else min(self.oldest, digest.arrived)
        tables = self._tables
        tables["queues"].add(digest.queue, count)
        tables["senders"].add(digest.sender or NOBODY, count)
        tables["logins"].add(digest.origin.login or _NONE, count)
        tables["client_addresses"].add(digest.origin.client or _NONE, count)
        for domain, number in digest.domains:
            tables["recipient_domains"].add(domain or _NONE, number)
        for reason, number in digest.reasons:
            tables["reasons"].add(reason, number)

    def facts(self, top: int) -> dict[str, Any]:
        """The sums as a module returns them; of each table the ``top`` greatest rows."""
        return {
            "messages": self.messages,
            "recipients": self.recipients,
            "size": self.size,
            "oldest": "" if self.oldest is None else moment(self.oldest),
            **{name: tally.top(top) for name, tally in self._tables.items()},
        }


def lines(facts: dict[str, Any], *, first: str) -> list[str]:
    """The sums as lines of text, headed by the words ``first``."""
    return [first, *_lines(facts)] if facts["messages"] else [first]


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    yield f"{_counted(facts)}, {_bytes(facts['size'])}, the oldest of {facts['oldest']}"
    for name, title in TABLES.items():
        yield from (f"{title:<16}  {_counted(row):<32}  {row['name']}" for row in facts[name])


def _counted(row: dict[str, Any]) -> str:
    messages, recipients = row["messages"], row["recipients"]
    return f"{messages} message{'s' * (messages != 1)} to {recipients} recipient{'s' * (recipients != 1)}"


def _bytes(size: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"
