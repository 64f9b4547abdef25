# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at the queue: the messages that are meant, one after the other, and what they are together."""

from __future__ import annotations

import gc
import time
from collections.abc import Container, Iterator, Mapping
from typing import Any

from .._errors import MailError
from .._outcome import Outcome
from . import criteria as rules
from .ages import Ages
from .criteria import Criteria
from .door import Queue
from .message import Message, Origin, described, digest, head, parse
from .totals import Totals, lines

_NOWHERE = Origin()


class Selection:
    """The messages of a queue that fulfil ``criteria``, read as a stream.

    With ``origins`` each is told together with who handed it in. ``listed`` counts all that were looked at. Those in
    ``seen`` are passed over: what is moved to another queue meanwhile may be listed once more.
    """

    def __init__(
        self, queue: Queue, criteria: Criteria, *, now: float, origins: bool = True, seen: Container[str] = ()
    ) -> None:
        self.listed = 0
        self._queue = queue
        self._seen = seen
        self._criteria = criteria
        self._now = now
        self._origins = origins or criteria.asks_origin

    def __iter__(self) -> Iterator[Message]:
        gc.disable()  # of what is kept of messages nothing refers back, and to look for that takes a tenth of the time
        try:
            yield from self._meant()
        finally:
            gc.enable()

    def _meant(self) -> Iterator[Message]:
        asks, read, now = self._criteria.asks_origin, self._origins, self._now
        for line in self._queue.lines():
            named = head(line)
            if named[1] in self._seen:
                continue
            self.listed += 1
            origin = self._asked(*named) if asks else _NOWHERE
            if origin is not None:
                message = parse(line)
                if self._criteria.meets(message, now):
                    if read and not asks:
                        origin = self._queue.origin(*named) or _NOWHERE
                    yield message._replace(origin=origin)

    def _asked(self, queue: str, name: str) -> Origin | None:
        """The origin of a listed message if it is one that is asked for: most lines need no more than this."""
        if not self._criteria.meets_name(queue, name):
            return None
        origin = self._queue.origin(queue, name)
        return origin if origin is not None and self._criteria.meets_origin(origin) else None


class Shown:
    """The oldest messages, as many as shall be shown: what is sorted stays short."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: list[Message] = []

    def add(self, message: Message) -> None:
        self._kept.append(message)
        if len(self._kept) > 2 * self._limit + 100:
            self._cut()

    def _cut(self) -> None:
        self._kept.sort(key=lambda message: (message.arrived, message.id))
        del self._kept[self._limit :]

    def messages(self) -> list[Message]:
        self._cut()
        return self._kept


def positive(options: Mapping[str, Any], *names: str) -> None:
    """Raise MailError when a number is less than nothing."""
    for name in names:
        if options[name] is not None and options[name] < 0:
            raise MailError(f"{options[name]} is out of range", where=name, mend="Write 0 or more.")


def run(options: Mapping[str, Any]) -> Outcome:
    """The work of module ``postfix_queue_info``."""
    positive(options, "limit", "top")
    criteria = rules.read(options["filter"], needed=False)
    now = time.time()
    selection = Selection(Queue(options["config_directory"]), criteria, now=now, origins=options["origins"])
    totals, shown, ages = Totals(), Shown(options["limit"]), Ages(now)
    for message in selection:
        totals.add(digest(message))
        ages.add(message)
        shown.add(message)
    sums = totals.facts(options["top"])
    facts = {
        "listed": selection.listed,
        "matched": totals.messages,
        "totals": sums,
        "ages": ages.facts(),
        "messages": [described(message) for message in shown.messages()],
        "report": lines(sums, first=first_line(totals.messages, selection.listed)),
    }
    return Outcome([], facts)


def first_line(matched: int, listed: int) -> str:
    """How many messages are meant, in words."""
    if not listed:
        return "The queue is empty."
    if matched == listed:
        return f"All {listed} messages of the queue match."
    return f"{matched or 'None'} of the {listed} messages of the queue match{'es' if matched == 1 else ''}."
