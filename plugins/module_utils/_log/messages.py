# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sums of messages: who sent how much to which domains, what waits or came back and why, what was refused.

A message is kept in memory from its first line to its last. What is added up is bounded, too: see ``tally``.
"""

from __future__ import annotations

from typing import Any

from . import events, reasons
from .counted import Client, Message, Reason, Refusal, Sender
from .tally import Record, Tally

MOST_SENDERS = 20000
MOST_CLIENTS = 20000
MOST_REASONS = 2000
MOST_OPEN = 200000
MOST_WAITING = 500000

LOOPBACK = ("127.", "::1", "unknown")
_SMTP = ("smtp", "relay")


def domain_of(address: str) -> str:
    """The domain of an address, in lower case; the whole of what has none."""
    return address.rpartition("@")[2].lower()


class Messages:
    """``login``: only messages of this one are added up, and refusals that it got. ``volume`` counts by time.

    Each method takes a time, in seconds since 1970, and the event of that name.
    """

    def __init__(self, volume: Any, login: str = "") -> None:
        self._login = login
        self._volume = volume
        self.open: dict[str, Message] = {}
        self.lost = 0
        self._waiting = 0
        self.senders: Tally[Sender] = Tally(Sender, MOST_SENDERS)
        self.locals: Tally[Sender] = Tally(Sender, MOST_SENDERS)
        self.clients: Tally[Client] = Tally(Client, MOST_CLIENTS)
        self.deferred: Tally[Reason] = Tally(Reason, MOST_REASONS)
        self.bounced: Tally[Reason] = Tally(Reason, MOST_REASONS)
        self.rejected: Tally[Refusal] = Tally(Refusal, MOST_REASONS)
        self.limited: Tally[Record] = Tally(Record, MOST_CLIENTS)

    def _wanted(self, login: str) -> bool:
        return not self._login or login.lower() == self._login

    def _begin(self, queue_id: str, message: Message) -> None:
        # An ID that is there already was given anew: the lines in between are missing.
        self.open.pop(queue_id, None)
        if len(self.open) >= MOST_OPEN:
            self._forget(self.open.pop(next(iter(self.open))))
        self.open[queue_id] = message

    def _forget(self, message: Message) -> None:
        self.lost += 1
        self._waiting -= len(message.waiting)
        self._still_waiting(message)

    def accepted(self, _time: float, event: events.Accepted) -> None:
        kind = "submitted" if event.login else "local" if event.address.startswith(LOOPBACK) else "received"
        message = Message(kind, login=event.login.lower(), address=event.address, name=event.name)
        self._begin(event.queue_id, message)

    def submitted(self, _time: float, event: events.Submitted) -> None:
        self._begin(event.queue_id, Message("local", name=f"uid {event.uid}"))

    def named(self, _time: float, event: events.Named) -> None:
        if event.queue_id not in self.open:
            self._begin(event.queue_id, Message("notice"))

    def queued(self, time: float, event: events.Queued) -> None:
        message = self.open.get(event.queue_id)
        if message is None:
            message = Message("earlier")
            self._begin(event.queue_id, message)
        if message.queued or message.kind == "earlier" or not self._wanted(message.login):
            return
        message.queued = True
        self._volume.count(time, message.kind, 1)
        self._volume.count(time, f"{message.kind}_bytes", event.size)
        if message.kind == "received":
            client = self.clients.of(message.address)
            client.name = message.name
        elif message.kind in ("submitted", "local"):
            tally = self.senders if message.login else self.locals
            message.sender = sender = tally.of(message.login or event.sender.lower())
            sender.seen(time)
            sender.bytes += event.size
            sender.senders.of(event.sender.lower()).seen(time)
            client = sender.clients.of(message.address or message.name)
            client.name = message.name if message.address else ""
        else:
            return
        client.seen(time)
        client.bytes += event.size

    def delivery(self, time: float, event: events.Delivery) -> None:
        message = self.open.get(event.queue_id)
        if message is None:
            message = Message("earlier")
            self._begin(event.queue_id, message)
        if not self._wanted(message.login):
            return
        if event.status == "deferred":
            self._deferred(time, event, message)
        elif event.status in ("sent", "bounced", "deliverable", "undeliverable"):
            self._finished(time, event, message)

    def _finished(self, time: float, event: events.Delivery, message: Message) -> None:
        if not event.status.startswith(("sent", "bounced")):
            return
        before = message.waiting.pop(event.recipient, None)
        if before is None:
            self._recipient(time, event, message)
        else:
            self._waiting -= 1
        outcome = event.status if event.status == "bounced" or self._leaves(event) else "delivered"
        self._volume.count(time, outcome, 1)
        self._outcome(message, event.recipient, event.status)
        if event.status == "bounced":
            self._reason(time, self.bounced, event).recipients += 1

    @staticmethod
    def _leaves(event: events.Delivery) -> bool:
        """Whether a delivery went to another server, and not to a program on this host."""
        return event.program in _SMTP and not event.relay.partition("[")[2].startswith(LOOPBACK)

    def _deferred(self, time: float, event: events.Delivery, message: Message) -> None:
        reason = self._reason(time, self.deferred, event)
        if event.recipient in message.waiting:
            message.waiting[event.recipient] = reason
            return
        if self._waiting >= MOST_WAITING:
            self.lost += 1
            return
        self._waiting += 1
        message.waiting[event.recipient] = reason
        reason.recipients += 1
        self._volume.count(time, "deferred", 1)
        self._recipient(time, event, message)

    def _recipient(self, time: float, event: events.Delivery, message: Message) -> None:
        """A recipient is heard of for the first time."""
        if message.sender is None:
            return
        name = domain_of(event.recipient)
        domain = message.sender.domains.of(name)
        domain.seen(time)
        if message.domains is None:
            message.domains = set()
        if name not in message.domains:
            message.domains.add(name)
            domain.messages += 1

    @staticmethod
    def _outcome(message: Message, recipient: str, outcome: str) -> None:
        if message.sender is not None:
            for record in (message.sender, message.sender.domains.of(domain_of(recipient))):
                setattr(record, outcome, getattr(record, outcome) + 1)

    @staticmethod
    def _reason(time: float, tally: Tally[Reason], event: events.Delivery) -> Reason:
        general = reasons.general(event.text)
        reason = tally.of((event.dsn, general))
        reason.seen(time)
        reason.text, reason.dsn, reason.general = event.text, event.dsn, general
        reason.domains.of(domain_of(event.recipient)).seen(time)
        return reason

    def expired(self, time: float, event: events.Expired) -> None:
        message = self.open.get(event.queue_id)
        if message is not None and self._wanted(message.login):
            self._volume.count(time, "bounced", len(message.waiting))
            self._end(message, "bounced")

    def removed(self, _time: float, event: events.Removed) -> None:
        message = self.open.pop(event.queue_id, None)
        if message is not None:
            self._end(message, "deleted")

    def _end(self, message: Message, outcome: str) -> None:
        for recipient in message.waiting:
            self._outcome(message, recipient, outcome)
        self._waiting -= len(message.waiting)
        message.waiting = {}

    def _still_waiting(self, message: Message) -> None:
        for recipient, reason in message.waiting.items():
            reason.waiting += 1
            self._outcome(message, recipient, "waiting")

    def finish(self) -> None:
        """At the end of the logs: what is open and was put off still waits."""
        for message in self.open.values():
            self._still_waiting(message)

    def refused(self, time: float, event: events.Rejected, login: str) -> None:
        """Something was refused; ``login`` is that of the session, for events that name none."""
        message = self.open.get(event.queue_id)
        login = (event.login or login or (message.login if message else "")).lower()
        if not self._wanted(login):
            return
        address = event.address or (message.address if message else "")
        general = reasons.general(event.text)
        kind = reasons.kind(general)
        refusal = self.rejected.of((kind, event.reply, general))
        refusal.seen(time)
        refusal.text = event.text
        refusal.clients.of(address).seen(time)
        self._volume.count(time, "rejected", 1)
        if kind == "limit":
            self.exceeded(time, login, address, "refused")
            return
        record: Sender | Client = self.senders.of(login) if login else self.clients.of(address)
        record.seen(time, 0)
        record.rejected += 1

    def exceeded(self, time: float, login: str, address: str, what: str) -> None:
        """A limit was met: ``what`` is its name, and ``login`` is empty for strangers."""
        if self._wanted(login):
            self.limited.of((login, address, what)).seen(time)
            self._volume.count(time, "limited", 1)
            if login:
                sender = self.senders.of(login)
                sender.seen(time, 0)
                sender.limited += 1
