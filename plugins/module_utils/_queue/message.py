# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of the queue, as ``postqueue -j`` lists them: one JSON object per line (postqueue(1))."""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any, NamedTuple

from .._errors import MailError

# How postqueue shows the empty sender of bounces, and how people write it.
_EMPTY_SENDER = "MAILER-DAEMON"
NOBODY = "<>"

# What would move the cursor, end a line, or turn the direction of writing where it is shown.
_UNFIT = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_ADDRESS = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_HEAD = re.compile(rb'\{"queue_name": "(\w+)", "queue_id": "(\w+)", ')
_SHOWN_RECIPIENTS = 20
_SHOWN_TEXT = 300


class Recipient(NamedTuple):
    """One recipient that waits, and why it still does (empty before the first try)."""

    address: str
    reason: str


class Origin(NamedTuple):
    """Who handed a message in: the name that was logged in with and the client's address, empty where there is none."""

    login: str = ""
    client: str = ""


class Message(NamedTuple):
    """A message that waits. ``arrived`` is in epoch seconds, ``size`` in bytes; a bounce's sender is empty."""

    id: str
    queue: str
    arrived: int
    size: int
    sender: str
    recipients: tuple[Recipient, ...]
    origin: Origin = Origin()


Counts = tuple[tuple[str, int], ...]


class Digest(NamedTuple):
    """What totals need of a message: small, because there may be very many."""

    id: str
    queue: str
    arrived: int
    size: int
    sender: str
    origin: Origin
    recipients: int
    domains: Counts
    reasons: Counts


def head(line: bytes) -> tuple[str, str]:
    """The queue and the ID of a line: much faster than to parse the whole. Raises MailError when it has none."""
    found = _HEAD.match(line)
    if found:
        return sys.intern(found[1].decode("ascii")), found[2].decode("ascii")
    message = parse(line)
    return message.queue, message.id


def parse(line: bytes) -> Message:
    """A line of ``postqueue -j``. Raises MailError when it is none."""
    try:
        found = json.loads(line.decode("utf-8", "replace"))
        sender = found["sender"]
        return Message(
            found["queue_id"],
            sys.intern(found["queue_name"]),
            int(found["arrival_time"]),
            int(found["message_size"]),
            "" if sender == _EMPTY_SENDER else sender,
            tuple(_recipient(recipient) for recipient in found["recipients"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        mend = "Look at what 'postqueue -j' prints on the host."
        raise MailError(f"a line is no message: {neutral(repr(line[:80]))}", where="postqueue -j", mend=mend) from error


def _recipient(found: dict[str, Any]) -> Recipient:
    reason = found.get("delay_reason") or found.get("bounce_reason") or found.get("other_reason") or ""
    return Recipient(found["address"], reason)


def digest(message: Message) -> Digest:
    """What totals need of it; equal texts are kept once."""
    recipients = message.recipients
    return Digest(
        message.id,
        message.queue,
        message.arrived,
        message.size,
        sys.intern(message.sender),
        message.origin,
        len(recipients),
        _counted([domain(recipient.address) for recipient in recipients]),
        _counted([_plain(recipient.reason) for recipient in recipients if recipient.reason]),
    )


def _plain(reason: str) -> str:
    """The reason without addresses, which differ from message to message."""
    return _ADDRESS.sub("<...>", reason) if "<" in reason else reason


def _counted(words: list[str]) -> Counts:
    """Each word once, with how often it stands there."""
    if len(words) == 1:
        return ((sys.intern(words[0]), 1),)
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return tuple((sys.intern(word), count) for word, count in found.items())


def domain(address: str) -> str:
    """The domain of an address in lower case; empty for a local name without one."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


def neutral(text: str) -> str:
    """A text that strangers wrote, fit to be shown: one line, without escape codes, of bounded length."""
    shown = _UNFIT.sub("?", text)
    return shown if len(shown) <= _SHOWN_TEXT else f"{shown[: _SHOWN_TEXT - 1]}…"


def moment(seconds: float) -> str:
    """A time in UTC as ``2026-01-31T12:00:00Z``."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def described(message: Message) -> dict[str, Any]:
    """The message as a module returns it."""
    return {
        "queue_id": message.id,
        "queue": message.queue,
        "arrived": moment(message.arrived),
        "size": message.size,
        "sender": neutral(message.sender) or NOBODY,
        "login": neutral(message.origin.login),
        "client_address": neutral(message.origin.client),
        "recipient_count": len(message.recipients),
        "recipients": [
            {"address": neutral(recipient.address), "reason": neutral(recipient.reason)}
            for recipient in message.recipients[:_SHOWN_RECIPIENTS]
        ],
    }
