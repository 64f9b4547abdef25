# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words that the rooms of the probe share: services, what to check, what was answered, what was proved."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .._errors import MailError

Protocol = Literal["smtp", "imap", "pop3", "sieve"]

# accepted and refused are final answers of the server, deferred is "try again later", broken is no usable answer at
# all, and unable means that this side cannot ask the question.
State = Literal["accepted", "refused", "deferred", "broken", "unable"]

Result = Literal["ok", "failed", "skipped"]


class Service(NamedTuple):
    """One port of a mail server; ``implicit`` is TLS from the first byte (RFC 8314), else STARTTLS."""

    name: str
    protocol: Protocol
    port: int
    implicit: bool


SERVICES: Mapping[str, Service] = {
    service.name: service
    for service in (
        Service("smtp", "smtp", 25, False),
        Service("submission", "smtp", 587, False),
        Service("submissions", "smtp", 465, True),
        Service("imap", "imap", 143, False),
        Service("imaps", "imap", 993, True),
        Service("pop3", "pop3", 110, False),
        Service("pop3s", "pop3", 995, True),
        Service("sieve", "sieve", 4190, False),
    )
}

# From the most to the least welcome way to read a mailbox or to hand in a message.
READING = ("imaps", "imap", "pop3s", "pop3")
SUBMISSION = ("submission", "submissions")

# The local part of an address that exists nowhere.
NOBODY = "no-such-user-probe"


def read_ports(wanted: Mapping[str, Any]) -> dict[str, int]:
    """The ports to probe by service, in the order of SERVICES; port 0 leaves a service out.

    Raises MailError for an unknown service or a number that is no port.
    """
    known = ", ".join(SERVICES)
    unknown = sorted(set(wanted) - set(SERVICES))
    if unknown:
        raise MailError(f"unknown service '{unknown[0]}'", where="ports", mend=f"The services are {known}.")
    ports: dict[str, int] = {}
    for name in SERVICES:
        text = str(wanted.get(name, 0))
        if not text.isdigit() or int(text) > 65535:
            raise MailError(f"'{text}' is not a port", where=f"ports: {name}", mend="Give a number from 0 to 65535.")
        if int(text):
            ports[name] = int(text)
    if not ports:
        raise MailError("no service is left to probe", where="ports", mend=f"Give at least one of {known}.")
    return ports


class Account(NamedTuple):
    """Somebody that the probe may log in as. The switches say what the server must allow."""

    address: str
    password: str
    imap: bool = True
    pop3: bool = True
    smtp: bool = True
    sieve: bool = True
    readable: bool = True
    login_names: Sequence[str] = ()
    senders: Sequence[str] = ()
    not_senders: Sequence[str] = ()
    allowed_networks: Sequence[str] = ()
    alias_domains: Sequence[str] = ()

    def may_use(self, protocol: Protocol) -> bool:
        """Whether the inventory lets this account log in with ``protocol``."""
        return bool(getattr(self, protocol))


class Recipient(NamedTuple):
    """An address and what must happen to mail for it.

    With ``mailboxes`` a message is sent and exactly one copy must turn up in each of them; without, the probe asks at
    RCPT and sends nothing, and ``why`` says what kept it from sending. ``reply`` asks for an automatic reply as well.
    """

    address: str
    what: str
    expect: Literal["accepted", "refused"] = "accepted"
    mailboxes: Sequence[str] = ()
    reply: bool = False
    why: str = ""


class Check(NamedTuple):
    """One question: ``action`` is a method of the door, ``expect`` the answer that proves ``what``."""

    area: str
    what: str
    service: str
    action: str
    arguments: Mapping[str, Any]
    expect: Literal["accepted", "refused"]
    mend: str
    note: str = ""

    @property
    def trusting(self) -> bool:
        """Whether it is asked under TLS with a verified certificate; strangers on port 25 need none."""
        if self.action == "offers_auth":
            return bool(self.arguments["encrypted"])
        return self.action == "login" or (self.action == "recipient" and self.service != "smtp")


class Letter(NamedTuple):
    """One message of the probe. ``login`` is the account that hands it in, or None for a stranger on port 25."""

    token: str
    area: str
    what: str
    service: str
    login: Account | None
    sender: str
    recipient: str
    mailboxes: Sequence[str]
    reply_to: str
    mend: str


class Answer(NamedTuple):
    """What the server said. ``text`` is for people and never holds a secret."""

    state: State
    text: str = ""


class Row(NamedTuple):
    """One line of the table."""

    area: str
    what: str
    result: Result
    detail: str = ""
    mend: str = ""


class Sighting(NamedTuple):
    """Probe mail in a mailbox. ``kind`` is a ``letter``, an automatic ``reply`` or something ``other`` (a bounce)."""

    mailbox: str
    token: str
    kind: Literal["letter", "reply", "other"]


class Target(NamedTuple):
    """The server and what holds for all checks. ``ports`` has the services to probe; ``source`` is our own address."""

    server_name: str
    ports: Mapping[str, int]
    source: str
    tls_min_version: str
    delimiter: str
    foreign_address: str
    relay_domain: str
    outside_sender: str
    token: str

    def services(self, *protocols: str) -> list[Service]:
        return [s for s in SERVICES.values() if s.name in self.ports and (not protocols or s.protocol in protocols)]

    def area(self, service: str) -> str:
        return f"{service} {self.ports[service]}"


def is_inside(source: str, networks: Iterable[str]) -> bool:
    """Whether ``source`` is in one of ``networks``; no networks is everywhere."""
    every = list(networks)
    try:
        address = ipaddress.ip_address(source)
        return not every or any(address in ipaddress.ip_network(network, strict=False) for network in every)
    except ValueError:
        return True
