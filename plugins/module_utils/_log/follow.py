# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One message followed from where it began to where it ended, through every queue ID that it had on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Callable

from . import events
from .messages import LOOPBACK
from .text import clean
from .when import written

MOST_KEPT = 50000
_MOST_SESSIONS = 20000
_MOST_RECIPIENTS = 100
_MOST_NOTES = 50

_DONE = re.compile(
    r"msgid=.*: ((?:saved mail to|save failed to|stored mail into|store into|fileinto action|redirect action|"
    r"forwarded to|discard action|discarded|marked message|reject action|vacation action|failed to) ?.*)",
)


class Story:
    """What became of one queue ID. ``parent`` is the one it came from: a notice, or mail that was sent on."""

    def __init__(self, queue_id: str, time: float) -> None:
        self.queue_id = queue_id
        self.parent = ""
        self.message_id = self.login = self.sender = self.address = self.name = self.service = self.state = ""
        self.size = 0
        self.first = self.last = time
        self.hit = False
        self.deliveries: dict[str, dict[str, Any]] = {}
        self.notes: list[tuple[float, str]] = []

    def note(self, time: float, text: str) -> None:
        """Remember something that happened besides deliveries; only so much of it."""
        if len(self.notes) < _MOST_NOTES:
            self.notes.append((time, text))

    def outcome(self) -> str:
        """refused, queued, deleted, expired, delivered, returned, or mixed where recipients differ."""
        if self.state != "removed":
            return self.state or "queued"
        ends = {delivery["status"] for delivery in self.deliveries.values()}
        if ends == {"sent"}:
            return "delivered"
        return "mixed" if "sent" in ends else "returned" if "bounced" in ends else "removed"


class Follow:
    """``wanted`` may have queue_id, message_id, sender, recipient and login; a message must match all that it has.

    Messages that came of such a message are told, too. Of more than ``most`` the latest are kept.
    """

    def __init__(self, wanted: Mapping[str, str], most: int) -> None:
        self._wanted = {key: value.lower() for key, value in wanted.items() if value}
        if "message_id" in self._wanted:
            self._wanted["message_id"] = self._wanted["message_id"].strip("<> ")
        self._most = most
        self.more = 0
        self._kept: dict[str, Story] = {}
        self._by_message_id: dict[str, str] = {}
        self._sessions: dict[str, list[str]] = {}
        self._found: dict[tuple[str, float], Story] = {}
        self._families: set[str] = set()
        self._takers: dict[type, Callable[[float, Any], None]] = {
            events.Accepted: self._accepted,
            events.Submitted: self._submitted,
            events.Named: self._named,
            events.Queued: self._queued,
            events.Delivery: self._delivery,
            events.Notified: self._notified,
            events.Marked: self._marked,
            events.Expired: self._expired,
            events.Removed: self._removed,
            events.Rejected: self._rejected,
            events.Stored: self._stored,
        }

    def take(self, time: float, event: events.Event) -> None:
        """Hear of an event at a time, in seconds since 1970; they come in the order of their times, more or less."""
        taker = self._takers.get(type(event))
        if taker is not None:
            taker(time, event)

    def _story(self, queue_id: str, time: float) -> Story:
        story = self._kept.get(queue_id)
        if story is None:
            if len(self._kept) >= MOST_KEPT:
                self._leave(self._kept.pop(next(iter(self._kept))))
            story = self._kept[queue_id] = Story(queue_id, time)
        story.last = time
        return story

    def _begin(self, queue_id: str, time: float) -> Story:
        """An ID that is there already is given anew."""
        if queue_id in self._kept:
            self._leave(self._kept.pop(queue_id))
        return self._story(queue_id, time)

    def _matches(self, story: Story) -> bool:
        facts = {
            "queue_id": story.queue_id.lower(),
            "message_id": story.message_id.strip("<> ").lower(),
            "sender": story.sender.lower(),
            "login": story.login.lower(),
        }
        return all(story.hit if key == "recipient" else facts[key] == word for key, word in self._wanted.items())

    def _leave(self, story: Story) -> None:
        """Keep a story that is asked for, or that came of one; the older are looked at first."""
        if not self._matches(story) and story.parent not in self._families:
            return
        if story.queue_id:
            self._families.add(story.queue_id)
        self._settle(story)
        self._found[(story.queue_id, story.first)] = story
        if len(self._found) > self._most:
            self.more += 1
            gone = self._found.pop(next(iter(self._found)))
            self._families.discard(gone.queue_id)

    def _settle(self, story: Story) -> None:
        """Say what Dovecot did with a message; its line may come before Postfix's or after it."""
        for delivery in story.deliveries.values():
            for word in delivery["text"].split():
                delivery["mailbox"] = delivery["mailbox"] or "; ".join(self._sessions.get(word, []))

    def _accepted(self, time: float, event: events.Accepted) -> None:
        story = self._begin(event.queue_id, time)
        story.login, story.address, story.name, story.service = event.login, event.address, event.name, event.service

    def _submitted(self, time: float, event: events.Submitted) -> None:
        story = self._begin(event.queue_id, time)
        story.sender, story.name, story.service = event.sender, f"uid {event.uid}", "sendmail"

    def _named(self, time: float, event: events.Named) -> None:
        story = self._story(event.queue_id, time)
        story.message_id = event.message_id
        key = event.message_id.strip("<> ").lower()
        if not key:
            return
        # Strangers may write any Message-ID: what came of a message comes from a program on this host.
        if story.service == "sendmail" or story.address.startswith(LOOPBACK):
            story.parent = story.parent or self._by_message_id.get(key, "")
        if len(self._by_message_id) >= MOST_KEPT:
            del self._by_message_id[next(iter(self._by_message_id))]
        self._by_message_id[key] = event.queue_id

    def _queued(self, time: float, event: events.Queued) -> None:
        story = self._story(event.queue_id, time)
        story.sender, story.size = event.sender, event.size

    def _delivery(self, time: float, event: events.Delivery) -> None:
        story = self._story(event.queue_id, time)
        hit = self._wanted.get("recipient", "-") in (event.recipient.lower(), event.original.lower())
        story.hit = story.hit or hit
        known = story.deliveries.get(event.recipient)
        if known is None:
            if len(story.deliveries) >= _MOST_RECIPIENTS and not hit:
                return
            known = story.deliveries[event.recipient] = {"attempts": 0, "first": time, "mailbox": ""}
        known.update(event._asdict(), attempts=known["attempts"] + 1, last=time)

    def _notified(self, time: float, event: events.Notified) -> None:
        self._story(event.queue_id, time).note(time, f"{event.kind} notification: {event.child}")
        self._story(event.child, time).parent = event.queue_id

    def _marked(self, time: float, event: events.Marked) -> None:
        self._story(event.queue_id, time).note(time, event.what)

    def _expired(self, time: float, event: events.Expired) -> None:
        self._story(event.queue_id, time).state = "expired"

    def _removed(self, time: float, event: events.Removed) -> None:
        story = self._story(event.queue_id, time)
        story.state = "deleted" if event.deleted else story.state or "removed"
        # What came of another message is looked at after that one, which may still be there.
        if not story.parent and not self._matches(story):
            del self._kept[event.queue_id]

    def _rejected(self, time: float, event: events.Rejected) -> None:
        if event.queue_id:
            story = self._story(event.queue_id, time)
        else:
            story = Story("", time)
            story.login, story.sender, story.address = event.login, event.sender, event.address
        story.hit = story.hit or event.recipient.lower() == self._wanted.get("recipient", "-")
        story.note(time, f"{event.stage}: {event.reply} {event.text}")
        if not event.queue_id:
            story.state = "refused"
            self._leave(story)

    def _stored(self, _time: float, event: events.Stored) -> None:
        found = _DONE.fullmatch(event.text)
        if len(self._sessions) >= _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        said = self._sessions.setdefault(event.session, [])
        if found and len(said) < _MOST_NOTES:
            said.append(found[1])

    def facts(self) -> list[dict[str, Any]]:
        """What was found, in the order of the times, once all lines were taken."""
        for story in list(self._kept.values()):
            self._leave(story)
        self._kept = {}
        return [_told(story) for story in sorted(self._found.values(), key=lambda story: story.first)]


def _told(story: Story) -> dict[str, Any]:
    deliveries = [
        {
            "recipient": clean(item["recipient"]),
            "original": clean(item["original"]),
            "status": clean(item["status"]),
            "relay": clean(item["relay"]),
            "dsn": item["dsn"],
            "text": clean(item["text"]),
            "mailbox": clean(item["mailbox"]),
            "attempts": item["attempts"],
            "first": written(item["first"]),
            "last": written(item["last"]),
        }
        for item in story.deliveries.values()
    ]
    return {
        "queue_id": story.queue_id,
        "parent": story.parent,
        "message_id": clean(story.message_id),
        "login": clean(story.login),
        "sender": clean(story.sender),
        "address": clean(story.address),
        "name": clean(story.name),
        "service": clean(story.service),
        "size": story.size,
        "first": written(story.first),
        "last": written(story.last),
        "state": story.outcome(),
        "deliveries": deliveries,
        "notes": [{"time": written(time), "text": clean(text)} for time, text in story.notes],
    }
