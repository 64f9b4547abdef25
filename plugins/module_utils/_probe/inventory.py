# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail domains as they stand in the inventory, and where a message for an address must end up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from .._errors import MailError


class Person(NamedTuple):
    """An account of the inventory with its defaults filled in; ``password`` is empty where there is only a hash."""

    address: str
    password: str
    mailbox: bool
    status: str
    imap: bool
    pop3: bool
    smtp: bool
    sieve: bool
    send_only: bool
    receive_only: bool
    forward_to: tuple[str, ...]
    keep_copy: bool
    senders: tuple[str, ...]
    networks: tuple[str, ...]
    replies: bool

    @property
    def logs_in(self) -> bool:
        return self.mailbox and self.status == "active"

    @property
    def readable(self) -> bool:
        """Whether the probe can look into the mailbox and clean up behind itself, from wherever it runs."""
        return bool(self.logs_in and self.password and not self.networks and (self.imap or self.pop3))


class Place(NamedTuple):
    """A domain; ``catch_all`` is ``reject``, ``discard`` or an address."""

    name: str
    mail_service: bool
    catch_all: str


class Route(NamedTuple):
    """Where mail ends up. ``elsewhere`` names what lies outside the reach of the probe, for people to read."""

    mailboxes: frozenset[str]
    elsewhere: tuple[str, ...]
    refused: bool


class Directory(NamedTuple):
    """The inventory's mail domains, by name and address."""

    places: Mapping[str, Place]
    also: Mapping[str, str]
    people: Mapping[str, Person]
    aliases: Mapping[str, tuple[str, ...]]

    def canonical(self, address: str) -> str:
        """The address in its own domain when it was written in an alias domain."""
        local, _at, domain = address.rpartition("@")
        return f"{local}@{self.also.get(domain, domain)}"

    def route(self, address: str) -> Route:
        """Follow aliases, forwards and catch-all from ``address`` to the mailboxes at the end."""
        mailboxes: set[str] = set()
        elsewhere: list[str] = []
        seen: set[str] = set()
        start = self.canonical(address)
        refused = False
        todo = [start]
        while todo:
            here = self.canonical(todo.pop())
            if here in seen:
                continue
            seen.add(here)
            step = self._step(here)
            if step is None:
                refused = refused or here == start
                elsewhere.append(f"{here} (takes no mail)")
                continue
            mailboxes.update(step.mailboxes)
            elsewhere.extend(step.elsewhere)
            todo.extend(step.onward)
        return Route(frozenset(mailboxes), tuple(elsewhere), refused)

    def _step(self, address: str) -> _Step | None:
        """What one lookup gives for ``address``; None where its mail is refused."""
        place = self.places.get(address.rpartition("@")[2])
        if place is None or not place.mail_service:
            return _Step(elsewhere=(f"{address} (another server)",))
        if address in self.aliases:
            return _Step(onward=self.aliases[address])
        person = self.people.get(address)
        if person is None:
            return _unknown_user(address, place.catch_all)
        if person.status == "suspended" or person.send_only:
            return None
        keeps = person.mailbox and (person.keep_copy or not person.forward_to)
        return _Step(onward=person.forward_to, mailboxes=(address,) if keeps else ())


class _Step(NamedTuple):
    onward: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def _unknown_user(address: str, catch_all: str) -> _Step | None:
    if catch_all == "reject":
        return None
    if catch_all == "discard":
        return _Step(elsewhere=(f"{address} (discarded)",))
    return _Step(onward=(catch_all,))


def directory(mail_domains: Any, *, today: date) -> Directory:
    """Read the inventory's list of domains; ``today`` decides which automatic replies are on.

    The inventory's own checks belong to the modules that write the accounts, so this only asks for the shape that it
    needs. Raises MailError for anything that is not a list of mappings with a ``name``.
    """
    places: dict[str, Place] = {}
    also: dict[str, str] = {}
    people: dict[str, Person] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    for entry in _mappings(mail_domains, "mail_domains"):
        domain = _domain(_name(entry, "mail_domains"))
        catch_all = str(entry.get("catch_all") or "reject").lower()
        if catch_all not in ("reject", "discard"):
            catch_all = _address(catch_all, domain)
        places[domain] = Place(domain, _on(entry, "mail_service", True), catch_all)
        also.update({_domain(str(name)): domain for name in _items(entry, "alias_domains")})
        for account in _mappings(entry.get("accounts"), f"{domain}: accounts"):
            person = _person(account, domain, today)
            people[person.address] = person
        for alias in _mappings(entry.get("aliases"), f"{domain}: aliases"):
            address = _address(_name(alias, f"{domain}: aliases"), domain)
            aliases[address] = _addresses(alias, "to", domain)
    return Directory(places, also, people, aliases)


def _person(entry: Mapping[str, Any], domain: str, today: date) -> Person:
    return Person(
        address=_address(_name(entry, f"{domain}: accounts"), domain),
        password=str(entry.get("password") or ""),
        mailbox=_on(entry, "mailbox", True),
        status=str(entry.get("status") or "active"),
        imap=_on(entry, "imap", True),
        pop3=_on(entry, "pop3", True),
        smtp=_on(entry, "smtp", True),
        sieve=_on(entry, "sieve", True),
        send_only=_on(entry, "send_only", False),
        receive_only=_on(entry, "receive_only", False),
        forward_to=_addresses(entry, "forward_to", domain),
        keep_copy=_on(entry, "keep_copy", True),
        senders=_addresses(entry, "sender_addresses", domain),
        networks=tuple(str(network) for network in _items(entry, "allowed_networks")),
        replies=_replies(entry.get("autoreply"), today),
    )


def _replies(autoreply: Any, today: date) -> bool:
    """Whether an automatic reply is on at ``today``; its ``from`` and ``until`` days are part of it."""
    if not isinstance(autoreply, Mapping) or not autoreply:
        return False
    first, last = (str(autoreply.get(key) or "")[:10] for key in ("from", "until"))
    return (not first or first <= today.isoformat()) and (not last or today.isoformat() <= last)


def _mappings(value: Any, where: str) -> Iterable[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, (list, tuple)) or not all(isinstance(entry, Mapping) for entry in value):
        raise MailError("this is not a list of mappings", where=where, mend="Write each entry as '- name: …'.")
    return value


def _name(entry: Mapping[str, Any], where: str) -> str:
    name = str(entry.get("name") or "").strip()
    if not name:
        raise MailError("an entry has no name", where=where, mend="Give every entry a name.")
    return name


def _items(entry: Mapping[str, Any], key: str) -> list[Any]:
    value = entry.get(key)
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _addresses(entry: Mapping[str, Any], key: str, domain: str) -> tuple[str, ...]:
    return tuple(_address(str(item), domain) for item in _items(entry, key))


def _on(entry: Mapping[str, Any], key: str, default: bool) -> bool:
    value = entry.get(key)
    if value is None:
        return default
    if isinstance(value, str):
        return value.strip().lower() in ("1", "on", "true", "y", "yes")
    return bool(value)


def _address(name: str, domain: str) -> str:
    """The full address in lower case; a bare name belongs to ``domain``."""
    local, at, own = name.strip().lower().rpartition("@")
    return f"{local}@{_domain(own)}" if at else f"{own}@{domain}"


def _domain(name: str) -> str:
    """The domain in lower case with A-labels, as it travels in SMTP (RFC 5890)."""
    text = name.strip().rstrip(".").lower()
    try:
        return text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise MailError("this is not a domain name", where=name, mend="Write it as example.com.") from error
