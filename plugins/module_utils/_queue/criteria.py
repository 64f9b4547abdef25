# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which messages are meant: the filter of an administrator, checked and then asked of each message."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail import quota, values
from .message import Message, Origin, domain

QUEUES = ("maildrop", "incoming", "active", "deferred", "hold")

# Short IDs are microseconds and inode in hex, long ones time and inode without vowels (postconf(5),
# enable_long_queue_ids). "ALL", which postsuper takes for every message, is neither.
_ID = re.compile(r"(?:[0-9A-F]{6,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}z[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y]+)\Z")
_AGE = re.compile(r"(\d{1,9})\s*([smhdw])\Z", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
TEXTS = ("sender", "recipient", "recipient_domain", "login", "client_address", "reason")

Test = Callable[[str], bool]


class Criteria(NamedTuple):
    """What a message has to fulfil, all of it. What is None was not asked for; ages in seconds, sizes in bytes."""

    texts: Mapping[str, Test]
    ids: frozenset[str] | None = None
    queues: frozenset[str] | None = None
    older_than: int | None = None
    newer_than: int | None = None
    larger_than: int | None = None
    smaller_than: int | None = None
    everything: bool = False

    @property
    def asks_origin(self) -> bool:
        """Whether only the message's file can tell if it is meant."""
        return "login" in self.texts or "client_address" in self.texts

    def names_queue(self, queue: str) -> bool:
        """Whether this queue was asked for by its name."""
        return self.queues is not None and queue in self.queues

    def meets_name(self, queue: str, name: str) -> bool:
        """Whether the message is meant as far as its queue and its ID can tell."""
        return (self.ids is None or name in self.ids) and (self.queues is None or queue in self.queues)

    def meets(self, message: Message, now: float) -> bool:
        """The same as far as the list of the queue can tell."""
        age = now - message.arrived
        return (
            self.meets_name(message.queue, message.id)
            and (self.older_than is None or age > self.older_than)
            and (self.newer_than is None or age < self.newer_than)
            and (self.larger_than is None or message.size > self.larger_than)
            and (self.smaller_than is None or message.size < self.smaller_than)
            and self._says(message)
        )

    def _says(self, message: Message) -> bool:
        texts = self.texts
        if "sender" in texts and not texts["sender"](message.sender):
            return False
        recipients = message.recipients
        return (
            ("recipient" not in texts or any(texts["recipient"](found.address) for found in recipients))
            and ("reason" not in texts or any(texts["reason"](found.reason) for found in recipients))
            and (
                "recipient_domain" not in texts
                or any(texts["recipient_domain"](domain(found.address)) for found in recipients)
            )
        )

    def meets_origin(self, origin: Origin) -> bool:
        """The same as far as its file can tell."""
        texts = self.texts
        return ("login" not in texts or texts["login"](origin.login)) and (
            "client_address" not in texts or texts["client_address"](origin.client)
        )


def read(given: Mapping[str, Any] | None, *, needed: bool) -> Criteria:
    """The criteria of an option ``filter``; what is empty there was not asked for. Raises MailError.

    ``needed`` says that everything has to be asked for in words.
    """
    asked = {name: value for name, value in (given or {}).items() if value not in (None, "", [], False)}
    if asked.pop("everything", False):
        if asked:
            raise _fault("everything", f"does not go with {', '.join(sorted(asked))}", "Take one of them out.")
        return Criteria({}, everything=True)
    if needed and not asked:
        mend = "Say which messages are meant, or write everything: true (mail_queue_everything in the playbook)."
        raise MailError("it has no criterion", where="filter", mend=mend)
    found = Criteria(
        {name: _test(name, _text(name, asked[name])) for name in TEXTS if name in asked},
        _ids(asked.get("queue_ids")),
        _queues(asked.get("queues")),
        _age("older_than", asked),
        _age("newer_than", asked),
        _size("larger_than", asked),
        _size("smaller_than", asked),
    )
    _ordered(found.older_than, found.newer_than, "older_than", "newer_than")
    _ordered(found.larger_than, found.smaller_than, "larger_than", "smaller_than")
    return found


def _fault(name: str, what: str, mend: str) -> MailError:
    return MailError(what, where=f"filter: {name}", mend=mend)


def _words(given: Sequence[str]) -> list[str]:
    """The words of a list; a form's field gives all of them as one text."""
    return [word for item in given for word in re.split(r"[\s,]+", str(item)) if word]


def _ids(given: Sequence[str] | None) -> frozenset[str] | None:
    if given is None:
        return None
    # What marks the state of a message in the older form of the list may be copied with it.
    words = [word.rstrip("*!#") for word in _words(given)]
    for word in words:
        if not _ID.match(word):
            mend = "Copy it from the list of the queue, and quote it in YAML: one of digits alone is a number there."
            raise _fault("queue_ids", f"{word!r} is no queue ID", mend)
    return frozenset(words)


def _queues(given: Sequence[str] | None) -> frozenset[str] | None:
    if given is None:
        return None
    words = _words(given)
    for word in words:
        if word not in QUEUES:
            raise _fault("queues", f"{word!r} is no queue with messages to list", values.near_miss(word, QUEUES))
    return frozenset(words)


def _text(name: str, given: Any) -> str:
    """What was written. A blank would fit all mail that has no login, or no sender."""
    found = str(given).strip()
    if not found:
        raise _fault(name, "is blank", "Leave it out; <> is the sender of bounces, and /^$/ fits what is empty.")
    return found


def _test(name: str, wanted: str) -> Test:
    """Whether a text is the wanted one, letter case aside; ``/…/`` is a regular expression that has to be found."""
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        try:
            found = re.compile(wanted[1:-1], re.IGNORECASE).search
        except re.error as error:
            raise _fault(name, f"{wanted} is no regular expression: {error}", "Mend it.") from error
        if wanted == "//":
            raise _fault(name, "// fits everything", "Write an expression between the strokes, or leave it out.")
        return lambda text: found(text) is not None
    if name == "client_address":
        return _network(wanted)
    plain = wanted.lower()
    if name in ("sender", "recipient"):
        plain = plain.removeprefix("<").removesuffix(">")
    elif name == "recipient_domain":
        plain = plain.removeprefix("@")
    return lambda text: text.lower() == plain


def _network(wanted: str) -> Test:
    try:
        network = ipaddress.ip_network(wanted.strip("[]"))
    except ValueError as error:
        mend = "Write an address such as 192.0.2.1, a network such as 192.0.2.0/24, or /a regular expression/."
        raise _fault("client_address", f"{wanted!r} is no address", mend) from error

    def lies_inside(text: str) -> bool:
        try:
            return ipaddress.ip_address(text) in network
        except ValueError:
            return False

    return lies_inside


def _age(name: str, asked: Mapping[str, Any]) -> int | None:
    if name not in asked:
        return None
    match = _AGE.match(str(asked[name]).strip())
    if not match:
        raise _fault(name, f"{asked[name]!r} is no age", "Write a number with a unit: 90s, 30m, 2h, 5d or 1w.")
    return int(match[1]) * _SECONDS[match[2]]


def _size(name: str, asked: Mapping[str, Any]) -> int | None:
    if name not in asked:
        return None
    size = quota.parse_size(str(asked[name]).strip(), what=f"filter: {name}")
    if size == quota.UNLIMITED:
        raise _fault(name, f"{asked[name]!r} is no size", "Write a number with a unit, such as 500K or 10M.")
    return size


def _ordered(low: int | None, high: int | None, name: str, other: str) -> None:
    if low is not None and high is not None and low >= high:
        raise _fault(name, f"no message can fulfil it together with {other}", "Change one of them.")
