# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every line goes through here: from its program to what it tells, and from there to the sums."""

from __future__ import annotations

from typing import Any, Callable

from . import courier, dovecot, events, postfix
from .events import Event
from .line import Line
from .logins import Logins
from .messages import Messages

_HOUR = 3600
_DAY = 24 * _HOUR
INTERVALS = {"hour": _HOUR, "day": _DAY}
_MOST_TAGS = 1000


class Volume:
    """Counts by name: of the whole period, and of each interval of it."""

    def __init__(self, interval: int) -> None:
        self._interval = interval
        self.totals: dict[str, int] = {}
        self.slots: dict[int, dict[str, int]] = {}
        self._begin = 0
        self._slot: dict[str, int] = {}

    def count(self, time: float, name: str, count: int) -> None:
        """Add to what is counted under ``name``, one of ``facts.COUNTED``; ``time`` is in seconds since 1970."""
        self.totals[name] = self.totals.get(name, 0) + count
        if not self._begin <= time < self._begin + self._interval:
            self._begin = int(time // self._interval) * self._interval
            self._slot = self.slots.setdefault(self._begin, {})
        self._slot[name] = self._slot.get(name, 0) + count


class Sums:
    """``login``: the sums are about this one alone. ``follow`` hears of every event, too."""

    def __init__(self, *, interval: int, login: str = "", follow: Any = None) -> None:
        self.login = login.lower()
        self.volume = Volume(interval)
        self.messages = Messages(self.volume, self.login)
        self.logins = Logins(self.volume, self.login)
        self._follow = follow
        self.lines = self.cut = self.foreign = 0
        self.first = self.last = 0.0
        self._readers: dict[str, Callable[[Line], Event | None] | None] = {}
        messages, logins = self.messages, self.logins
        self._takers: dict[type, Callable[[float, Any], None]] = {
            events.Connected: logins.connected,
            events.Disconnected: logins.disconnected,
            events.Accepted: self._accepted,
            events.Submitted: messages.submitted,
            events.Named: messages.named,
            events.Queued: messages.queued,
            events.Delivery: messages.delivery,
            events.Expired: messages.expired,
            events.Removed: messages.removed,
            events.Rejected: self._rejected,
            events.Exceeded: self._exceeded,
            events.Login: logins.login,
            events.LoginFailed: logins.failed,
            events.Cut: self._cut,
        }

    def take(self, line: Line) -> None:
        """Add one line up. Lines come in the order of their times, more or less."""
        tag = line.tag
        try:
            reader = self._readers[tag]
        except KeyError:
            reader = self._reader(tag)
        if reader is None:
            self.foreign += not tag
            return
        self.lines += 1
        self.first = self.first or line.time
        self.last = line.time
        event = reader(line)
        if event is not None:
            taker = self._takers.get(type(event))
            if self._follow is not None:
                self._follow.take(line.time, event)
            if taker is not None:
                taker(line.time, event)

    def _reader(self, tag: str) -> Callable[[Line], Event | None] | None:
        reader: Callable[[Line], Event | None] | None = None
        if "/" in tag:
            reader = postfix.reader(tag)
        elif tag == "dovecot":
            reader = _of_dovecot
        elif tag in courier.PROGRAMS:
            reader = _of_courier
        if len(self._readers) < _MOST_TAGS:
            self._readers[tag] = reader
        return reader

    def _accepted(self, time: float, event: events.Accepted) -> None:
        self.logins.accepted(time, event)
        self.messages.accepted(time, event)

    def _rejected(self, time: float, event: events.Rejected) -> None:
        self.messages.refused(time, event, self.logins.login_of(event.pid))

    def _exceeded(self, time: float, event: events.Exceeded) -> None:
        self.messages.exceeded(time, self.logins.login_of(event.pid), event.address, event.what)

    def _cut(self, _time: float, _event: events.Cut) -> None:
        self.cut += 1


def _of_dovecot(line: Line) -> Event | None:
    return dovecot.read(line.text)


def _of_courier(line: Line) -> Event | None:
    return courier.read(line.tag, line.text)
