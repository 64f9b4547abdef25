# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Postfix lookup tables of a store, as text: rows in, sorted ``key<TAB>value`` lines out (postmap(1), virtual(5)).

- ``domains``: domains whose mail is delivered here, alias domains included (``virtual_mailbox_domains``).
- ``mailboxes``: addresses with a mailbox that takes mail (``virtual_mailbox_maps``).
- ``aliases``: aliases, forwards, alias domains and catch-alls (``virtual_alias_maps``). An address that exists has an
  entry for itself wherever a catch-all would take its mail otherwise.
- ``senders``: who may send as whom (``smtpd_sender_login_maps``): accounts as themselves, as their alias domains'
  addresses, as the aliases that lead to them, and as granted. Who may not log in now may send as nobody.
- ``refused``: addresses that exist but take no mail (an access(5) table for recipients), and those that lead nowhere
  else: what is taken at RCPT time and then refused would come back as a bounce, often to a stranger.
- ``locked``: who may not log in now (an access(5) table for logins), for those who have logged in before.
"""

from __future__ import annotations

import collections
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from .._mail.address import without_extension

NAMES = ("domains", "mailboxes", "aliases", "senders", "refused", "locked")
DISCARD_ADDRESS = "unknown-user@discard.invalid"
NOBODY = "nobody@locked.invalid"

_REFUSALS = {
    "suspended": "550 5.2.1 This mailbox is suspended",
    "send_only": "550 5.2.1 This address takes no mail",
    "nowhere": "550 5.2.1 This address takes no mail now",
}

# Postfix hangs up after a 521.
_LOCKED = "521 5.7.1 This account is locked"


class AccountRow(NamedTuple):
    """What the tables need to know of an account."""

    address: str
    domain: str
    status: str
    mailbox: int
    keep_copy: int
    send_only: int


class Source(NamedTuple):
    """Everything that the tables are made from. ``accounts`` and ``targets`` may name domains without mail service.

    ``catch_all`` maps the domains with mail service; ``targets`` maps each alias and forwarding account to its targets;
    ``grants`` are ``(account, sender)`` pairs; ``delimiter`` holds the characters that separate address extensions.
    """

    catch_all: Mapping[str, str]
    domain_aliases: Mapping[str, str]
    accounts: Sequence[AccountRow]
    targets: Mapping[str, Sequence[str]]
    grants: Iterable[tuple[str, str]]
    delimiter: str = "+"


def render(source: Source) -> dict[str, str]:
    """The text of each table by name."""
    accounts = {row.address: row for row in source.accounts}
    aliases_of = collections.defaultdict(list)
    for alias, domain in source.domain_aliases.items():
        aliases_of[domain].append(alias)
    refused = _refused(source, accounts)
    routes = _routes(source, accounts, refused)
    return {
        "domains": _lines((name, "1") for name in _domains(source)),
        "mailboxes": _lines(
            (row.address, "1")
            for row in source.accounts
            if row.mailbox and row.domain in source.catch_all and row.address not in refused
        ),
        "aliases": _lines((*routes.items(), *_alias_domain_routes(source, routes, aliases_of))),
        "senders": _lines(_senders(source, accounts, aliases_of)),
        "refused": _lines(_with_alias_domains(refused.items(), aliases_of)),
        "locked": _lines((row.address, _LOCKED) for row in source.accounts if row.mailbox and row.status != "active"),
    }


def _lines(rows: Iterable[tuple[str, str]]) -> str:
    """Sorted by the bytes of the key, as an ordered table reads them back."""
    return "".join([f"{key}\t{value}\n" for key, value in sorted(rows)])


def _domains(source: Source) -> list[str]:
    aliases = (alias for alias, domain in source.domain_aliases.items() if domain in source.catch_all)
    return [*source.catch_all, *aliases]


def _refused(source: Source, accounts: Mapping[str, AccountRow]) -> dict[str, str]:
    """Answers for accounts that take no mail and, round by round, for what leads only to those or to nobody."""
    result = {}
    for row in source.accounts:
        if row.domain in source.catch_all and (row.send_only or row.status == "suspended"):
            result[row.address] = _REFUSALS["suspended" if row.status == "suspended" else "send_only"]
    while True:
        nowhere = [
            start
            for start, targets in source.targets.items()
            if start not in result
            and start.rpartition("@")[2] in source.catch_all
            and not (start in accounts and accounts[start].mailbox)
            and not any(_takes_mail(source, accounts, result, target) for target in targets)
        ]
        if not nowhere:
            return result
        result.update(dict.fromkeys(nowhere, _REFUSALS["nowhere"]))


def _routes(source: Source, accounts: Mapping[str, AccountRow], refused: Mapping[str, str]) -> dict[str, str]:
    """``virtual_alias_maps`` without alias domains."""
    routes: dict[str, str] = {}
    for start, targets in source.targets.items():
        if start.rpartition("@")[2] not in source.catch_all or start in refused:
            continue
        row = accounts.get(start)
        known = [
            target for target in sorted(targets) if target != start and _takes_mail(source, accounts, refused, target)
        ]
        if row and row.mailbox and (row.keep_copy or not known):
            known.insert(0, start)
        if known:
            routes[start] = ", ".join(known)
    for domain, catch_all in source.catch_all.items():
        if catch_all == "discard":
            routes[f"@{domain}"] = DISCARD_ADDRESS
        elif catch_all != "reject" and _is_taken(source, accounts, refused, catch_all):
            routes[f"@{domain}"] = catch_all
    if any(target != "reject" for target in source.catch_all.values()):
        for row in source.accounts:
            if source.catch_all.get(row.domain, "reject") != "reject":
                routes.setdefault(row.address, row.address)
    return routes


def _canonical(source: Source, target: str) -> str:
    """The address in lower case, in its real domain instead of an alias domain, and here without an extension."""
    local, _at, domain = target.lower().rpartition("@")
    address = f"{local}@{source.domain_aliases.get(domain, domain)}"
    here = address.rpartition("@")[2] in source.catch_all
    return without_extension(address, source.delimiter) if here else address


def _is_taken(source: Source, accounts: Mapping[str, AccountRow], refused: Collection[str], target: str) -> bool:
    """True for an address elsewhere, and for an account or alias here that takes mail."""
    address = _canonical(source, target)
    if address.rpartition("@")[2] not in source.catch_all:
        return True
    return address not in refused and (address in accounts or address in source.targets)


def _takes_mail(source: Source, accounts: Mapping[str, AccountRow], refused: Collection[str], target: str) -> bool:
    """As ``_is_taken``, and True for what a catch-all takes because nobody has the address."""
    if _is_taken(source, accounts, refused, target):
        return True
    address = _canonical(source, target)
    catch_all = source.catch_all[address.rpartition("@")[2]]
    if address in refused or catch_all == "reject":
        return False
    return catch_all == "discard" or _is_taken(source, accounts, refused, catch_all)


def _alias_domain_routes(
    source: Source, routes: Mapping[str, str], aliases_of: Mapping[str, Sequence[str]]
) -> Iterable[tuple[str, str]]:
    """One row for each address of the real domain, so that unknown users of an alias domain are refused at RCPT."""
    if not aliases_of:
        return
    for address in {*(row.address for row in source.accounts if row.mailbox), *routes}:
        local, _at, domain = address.rpartition("@")
        if domain in source.catch_all:
            for alias in aliases_of.get(domain, ()):
                yield f"{local}@{alias}", address if local else routes[address]


def _with_alias_domains(
    rows: Iterable[tuple[str, str]], aliases_of: Mapping[str, Sequence[str]]
) -> Iterable[tuple[str, str]]:
    for address, value in rows:
        yield address, value
        local, _at, domain = address.rpartition("@")
        for alias in aliases_of.get(domain, ()):
            yield f"{local}@{alias}", value


def _senders(
    source: Source, accounts: Mapping[str, AccountRow], aliases_of: Mapping[str, Sequence[str]]
) -> Iterable[tuple[str, str]]:
    if not aliases_of and not source.targets and not source.grants:
        return [(row.address, _login(row)) for row in source.accounts if row.mailbox]
    owners: dict[str, set[str]] = {row.address: {_login(row)} for row in source.accounts if row.mailbox}
    for alias, targets in source.targets.items():
        if alias not in accounts:
            logins = {_login(accounts[to]) for to in targets if to in accounts and accounts[to].mailbox}
            if logins:
                owners.setdefault(alias, set()).update(logins)
    for login, sender in source.grants:
        owners.setdefault(sender, set()).add(_login(accounts[login]) if login in accounts else login)
    for sender, logins in list(owners.items()):
        local, _at, domain = sender.rpartition("@")
        for alias in aliases_of.get(domain, ()):
            owners.setdefault(f"{local}@{alias}", set()).update(logins)
    return [(sender, ",".join(sorted(logins))) for sender, logins in owners.items()]


def _login(row: AccountRow) -> str:
    """Who sends as an account. The address of one that is locked stays somebody's, or a stranger could take it."""
    return row.address if row.status == "active" else NOBODY
