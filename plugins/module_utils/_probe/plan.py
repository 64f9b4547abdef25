# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the inventory to what the probe needs: whom to log in as and which addresses to try, bounded in number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .._errors import MailError
from .inventory import Directory, Person
from .terms import NOBODY

# Reserved for documentation (RFC 2606): mail for them belongs to nobody, here least of all.
_FOREIGN_DOMAINS = ("example.net", "example.org", "example.com")


def plan(
    book: Directory, *, limit: int, only: Sequence[str] = (), delimiter: str = "", default_domain: str = ""
) -> dict[str, Any]:
    """Accounts, recipients and notes for the probe.

    At most ``limit`` objects of each kind are taken, in the order of the inventory. With ``only``, no other accounts
    are logged in to or written to. Raises MailError when ``only`` names an account that the inventory does not have.
    """
    picked = _pick(book, only)
    people = list(picked.values())
    known = [person for person in people if person.password and person.mailbox]
    cut = _Cut(limit)
    logins = cut(_useful_first(known), "accounts to log in to")
    accounts = [_account(book, person, default_domain, limit) for person in logins]
    readable = {person.address for person in known if person.readable}
    recipients = _Recipients(book, readable)
    for person in cut(_useful_first(people), "accounts to deliver to"):
        recipients.account(person)
    first = next((person.address for person in people if _plain(book, person) and person.address in readable), "")
    if first and delimiter:
        recipients.to(_extended(first, delimiter), f"'{delimiter}' address of {first}", route_of=first)
    for name in cut(book.aliases, "aliases"):
        recipients.to(name, f"alias {name}")
    for name in cut(book.also, "alias domains"):
        if first and first.endswith(f"@{book.also[name]}"):
            recipients.to(f"{first.rpartition('@')[0]}@{name}", f"{first} written in the alias domain {name}")
        else:
            recipients.to(f"{NOBODY}@{name}", f"unknown user in the alias domain {name}")
    for name in cut(book.places, "domains"):
        recipients.domain(name)
    return {
        "accounts": accounts,
        "sender_domains": _sender_domains(accounts),
        "recipients": recipients.found,
        "foreign_address": f"probe@{_foreign_domain(book)}",
        "relay_domain": next((p.name for p in book.places.values() if p.mail_service and p.catch_all == "reject"), ""),
        "notes": cut.notes + _without_password(people, known),
    }


class _Cut:
    """Takes the first few of a kind and remembers what was left out."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.notes: list[str] = []

    def __call__(self, items: Iterable[Any], kind: str) -> list[Any]:
        every = list(items)
        if len(every) > self.limit:
            self.notes.append(f"{len(every) - self.limit} of {len(every)} {kind} are left out (limit {self.limit})")
        return every[: self.limit]


class _Recipients:
    """Collects one entry per address, as a plain mapping for the module."""

    def __init__(self, book: Directory, readable: set[str]) -> None:
        self.book = book
        self.readable = readable
        self.found: list[dict[str, Any]] = []

    def to(self, address: str, what: str, *, route_of: str = "", reply: bool = False) -> None:
        """Mail for ``address`` goes where the inventory says that mail for ``route_of`` (or itself) goes."""
        route = self.book.route(route_of or address)
        beyond = list(route.elsewhere) + [f"{box} (cannot be read)" for box in sorted(route.mailboxes - self.readable)]
        provable = bool(route.mailboxes) and not beyond and not route.refused
        self.found.append(
            {
                "address": address,
                "what": what,
                "expect": "refused" if route.refused else "accepted",
                "mailboxes": sorted(route.mailboxes) if provable else [],
                "reply": reply and provable,
                "why": "" if provable or route.refused else ", ".join(beyond[:3]),
            }
        )

    def account(self, person: Person) -> None:
        if person.address in self.book.aliases:
            return
        kind = f"{person.status} account" if person.status != "active" else "account"
        if person.send_only:
            kind = "send-only account"
        elif person.forward_to:
            kind = f"{kind} that forwards" if person.mailbox else "forward-only address"
        self.to(person.address, f"{kind} {person.address}", reply=person.replies)

    def domain(self, name: str) -> None:
        place = self.book.places[name]
        if place.mail_service:
            self.to(f"{NOBODY}@{name}", f"unknown user in {name} (catch-all: {place.catch_all})")
            return
        self.found.append(
            {
                "address": f"{NOBODY}@{name}",
                "what": f"{name}, whose mail service is off here",
                "expect": "refused",
                "mailboxes": [],
                "reply": False,
                "why": "",
            }
        )


def _pick(book: Directory, only: Sequence[str]) -> dict[str, Person]:
    served = {a: p for a, p in book.people.items() if book.places[a.rpartition("@")[2]].mail_service}
    wanted = [book.canonical(str(address).strip().lower()) for address in only]
    unknown = [address for address in wanted if address not in served]
    if unknown:
        raise MailError(
            f"the inventory has no account {', '.join(unknown)}",
            where="accounts to probe with",
            mend="Name accounts of mail_domains by their full address.",
        )
    return {address: served[address] for address in wanted} if wanted else served


def _useful_first(people: Sequence[Person]) -> list[Person]:
    """Two ordinary accounts first, then one of each special kind before the crowd, so that a limit keeps variety."""
    kinds: dict[tuple[Any, ...], int] = {}
    ranked = []
    for position, person in enumerate(people):
        kind = (
            person.mailbox,
            person.status,
            person.imap,
            person.pop3,
            person.smtp,
            person.sieve,
            person.send_only,
            person.receive_only,
            bool(person.forward_to),
            bool(person.networks),
            person.replies,
            bool(person.password),
        )
        kinds[kind] = kinds.get(kind, 0) + 1
        ranked.append((not person.readable or kinds[kind] > 2, kinds[kind] > 1, position, person))
    return [person for _rare, _again, _position, person in sorted(ranked, key=lambda entry: entry[:3])]


def _account(book: Directory, person: Person, default_domain: str, limit: int) -> dict[str, Any]:
    local, _at, domain = person.address.rpartition("@")
    short = [local] if domain == default_domain.strip().lower() and _only_one(book, local) else []
    return {
        "address": person.address,
        "password": person.password,
        "imap": person.logs_in and person.imap,
        "pop3": person.logs_in and person.pop3,
        "smtp": person.logs_in and person.smtp and not person.receive_only,
        "sieve": person.logs_in and person.sieve,
        "readable": person.readable,
        "login_names": [person.address, *short],
        "senders": [sender for sender in person.senders if not sender.startswith("@")][:3],
        "not_senders": _not_senders(book, person),
        "allowed_networks": list(person.networks),
        "alias_domains": [name for name in sorted(book.also) if book.also[name] == domain][:limit],
    }


def _sender_domains(accounts: Iterable[dict[str, Any]]) -> list[str]:
    """The domains, alias domains included, that the accounts may write from."""
    names = [
        name
        for account in accounts
        if account["smtp"]
        for name in (account["address"].rpartition("@")[2], *account["alias_domains"])
    ]
    return list(dict.fromkeys(names))


def _only_one(book: Directory, local: str) -> bool:
    return sum(address.rpartition("@")[0] == local for address in book.people) == 1


def _not_senders(book: Directory, person: Person) -> list[str]:
    """One address of somebody else that this account may not use, and one that is nobody's here."""
    whole_domains = {sender[1:] for sender in person.senders if sender.startswith("@")}
    others = (
        address
        for address in book.people
        if address != person.address
        and address not in person.senders
        and address.rpartition("@")[2] not in whole_domains
        and person.address not in book.route(address).mailboxes
    )
    return [*[address for address in [next(others, "")] if address], f"probe@{_foreign_domain(book)}"]


def _plain(book: Directory, person: Person) -> bool:
    return book.route(person.address).mailboxes == {person.address} and not person.forward_to


def _extended(address: str, delimiter: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local}{delimiter[0]}probe@{domain}"


def _foreign_domain(book: Directory) -> str:
    own = {*book.places, *book.also}
    return next((name for name in _FOREIGN_DOMAINS if name not in own), "mail-probe.example")


def _without_password(people: Sequence[Person], known: Sequence[Person]) -> list[str]:
    without = sum(1 for person in people if person.mailbox) - len(known)
    return [f"{without} accounts have no plaintext password here, so nobody can log in as them"] if without else []
