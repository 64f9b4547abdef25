# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What logs tell of, whichever daemon wrote it.

Texts are as they were logged: they are made harmless when they leave.
"""

from __future__ import annotations

from typing import NamedTuple, Union


class Connected(NamedTuple):
    """A client of Postfix; ``name`` is what DNS says of its address.

    ``service`` is the one in master.cf that has a name of its own in the log (syslog_name), else empty.
    """

    pid: int
    service: str
    address: str
    name: str


class Disconnected(NamedTuple):
    """A client of Postfix hung up, or was hung up on."""

    pid: int


class Accepted(NamedTuple):
    """A message began over SMTP; ``login`` is empty for strangers."""

    queue_id: str
    pid: int
    service: str
    address: str
    name: str
    login: str


class Submitted(NamedTuple):
    """A message began with ``sendmail`` on the host."""

    queue_id: str
    uid: int
    sender: str


class Named(NamedTuple):
    """A message and its Message-ID, with the brackets that it may have (RFC 5322, section 3.6.4)."""

    queue_id: str
    message_id: str


class Queued(NamedTuple):
    """A message of so many bytes was taken up by the queue manager; that happens again before each later attempt."""

    queue_id: str
    sender: str
    size: int
    recipients: int


class Delivery(NamedTuple):
    """An attempt for one recipient. ``status`` is Postfix's: sent, deferred, bounced …"""

    queue_id: str
    program: str
    recipient: str
    original: str
    relay: str
    dsn: str
    status: str
    text: str


class Expired(NamedTuple):
    """A message was in the queue for too long and went back to its sender."""

    queue_id: str


class Removed(NamedTuple):
    """A message left the queue; ``deleted`` if somebody made it."""

    queue_id: str
    deleted: bool


class Notified(NamedTuple):
    """A notice about a message is a message itself, ``child``."""

    queue_id: str
    kind: str
    child: str


class Marked(NamedTuple):
    """An administrator held, released or requeued a message."""

    queue_id: str
    what: str


class Rejected(NamedTuple):
    """A client was refused something. ``queue_id`` is empty while there was no message; ``stage`` is the command.

    ``pid`` is that of the process that has the client, or 0.
    """

    queue_id: str
    pid: int
    stage: str
    address: str
    reply: str
    text: str
    sender: str
    recipient: str
    login: str


class Exceeded(NamedTuple):
    """A client did more than it may within Postfix's rate time unit, or more at once."""

    pid: int
    address: str
    what: str


class Login(NamedTuple):
    """``service`` is imap, pop3, sieve or smtp."""

    service: str
    account: str
    address: str


class LoginFailed(NamedTuple):
    """``account`` is what was claimed, and empty where the log does not say."""

    service: str
    account: str
    address: str
    attempts: int


class Stored(NamedTuple):
    """What Dovecot did with a message that it took for an account; ``session`` is in its reply to Postfix."""

    account: str
    session: str
    text: str


class Cut(NamedTuple):
    """A line that begins like one of those above and does not end so."""


Event = Union[
    Connected,
    Disconnected,
    Accepted,
    Submitted,
    Named,
    Queued,
    Delivery,
    Expired,
    Removed,
    Notified,
    Marked,
    Rejected,
    Exceeded,
    Login,
    LoginFailed,
    Stored,
    Cut,
]
