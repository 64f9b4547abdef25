# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept of senders, clients, reasons and messages while logs are added up."""

from __future__ import annotations

from .tally import Record, Tally

_MOST_OF_ONE = 1000


class Sender(Record):
    """Somebody who sends: ``count`` are messages. The rest are recipients, but for ``bytes``, refusals and limits."""

    __slots__ = (
        "bounced",
        "bytes",
        "clients",
        "deleted",
        "domains",
        "limited",
        "rejected",
        "senders",
        "sent",
        "waiting",
    )

    def __init__(self) -> None:
        super().__init__()
        self.bytes = self.sent = self.waiting = self.bounced = self.deleted = self.rejected = self.limited = 0
        self.domains: Tally[Domain] = Tally(Domain, _MOST_OF_ONE)
        self.clients: Tally[Client] = Tally(Client, _MOST_OF_ONE)
        self.senders: Tally[Record] = Tally(Record, _MOST_OF_ONE)

    @property
    def recipients(self) -> int:
        return self.sent + self.waiting + self.bounced + self.deleted


class Domain(Record):
    """A domain that a sender wrote to: ``count`` are recipients."""

    __slots__ = ("bounced", "deleted", "messages", "sent", "waiting")

    def __init__(self) -> None:
        super().__init__()
        self.messages = self.sent = self.waiting = self.bounced = self.deleted = 0


class Client(Record):
    """An address that messages came from: ``count`` are messages."""

    __slots__ = ("bytes", "name", "rejected")

    def __init__(self) -> None:
        super().__init__()
        self.bytes = self.rejected = 0
        self.name = ""


class Reason(Record):
    """Why deliveries failed: ``count`` are attempts, ``recipients`` those concerned. ``text`` is what was said last."""

    __slots__ = ("domains", "dsn", "general", "recipients", "text", "waiting")

    def __init__(self) -> None:
        super().__init__()
        self.recipients = self.waiting = 0
        self.text = self.dsn = self.general = ""
        self.domains: Tally[Record] = Tally(Record, _MOST_OF_ONE)


class Refusal(Record):
    """What clients were refused: ``text`` is what was said last, ``clients`` to whom."""

    __slots__ = ("clients", "text")

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.clients: Tally[Record] = Tally(Record, _MOST_OF_ONE)


class Message:
    """A message in the queue: submitted by a login, received from strangers, local, a notice, or begun earlier."""

    __slots__ = ("address", "domains", "kind", "login", "name", "queued", "sender", "waiting")

    def __init__(self, kind: str, *, login: str = "", address: str = "", name: str = "") -> None:
        self.kind = kind
        self.login = login
        self.address = address
        self.name = name
        self.queued = False
        self.sender: Sender | None = None
        self.domains: set[str] | None = None
        self.waiting: dict[str, Reason] = {}
