# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of all that is worth a look now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .host import Host


class Limits(NamedTuple):
    """From how many networks an account's logins are remarkable, and how many days a certificate should last."""

    networks: int = 5
    days: int = 21


class Finding(NamedTuple):
    """A phrase with its values, and the names that it is about. ``is_grave``: it should not wait."""

    phrase: str
    values: Mapping[str, object]
    names: list[str]
    is_grave: bool = False


_OLD = ("1d", "2d", "4d")


def findings(host: Host, limits: Limits) -> list[Finding]:
    """The grave ones first."""
    found = [*_unread(host), *_of_logs(host, limits), *_of_queue(host), *_of_accounts(host), *_of_rest(host, limits)]
    return sorted(found, key=lambda finding: not finding.is_grave)


def _unread(host: Host) -> Iterator[Finding]:
    if not any(host.results.values()):
        yield Finding("Nothing could be read from this server", {}, [], True)
        return
    for called, why in host.missing():
        yield Finding("Not read: {what}", {"what": called}, [why] if why else [], True)


def _of_logs(host: Host, limits: Limits) -> Iterator[Finding]:
    if not host.has("logs"):
        return
    logs = host.results["logs"]
    if host.is_silent():
        yield Finding("No mail daemon wrote to the logs in this period", {}, [])
    if not host.reaches_back():
        yield Finding("The logs begin later than the period: {time}", {"time": logs["read"]["first"]}, [])
    if logs["read"]["forgotten"]:
        yield Finding("There was too much to remember; small counts and unused accounts are not exact", {}, [])
    guessed = host.guessed()
    if guessed:
        names = [entry["account"] for entry in guessed]
        yield Finding("Logins after 10 or more failures: {count}", {"count": len(names)}, names, True)
    wide = [entry["account"] for entry in logs["many_networks"] if entry["networks"] >= limits.networks]
    if wide:
        values = {"count": len(wide), "networks": limits.networks}
        yield Finding("Accounts with logins from {networks} networks or more: {count}", values, wide, True)
    limited = list(dict.fromkeys(entry["login"] for entry in logs["limited"] if entry["login"]))
    if limited:
        yield Finding("Accounts that met a limit: {count}", {"count": len(limited)}, limited)


def _of_queue(host: Host) -> Iterator[Finding]:
    ages = host.results["queue"].get("ages", []) if host.has("queue") else []
    old = sum(entry["messages"] for entry in ages if entry["longer_than"] in _OLD)
    if old:
        yield Finding("Messages that wait for longer than a day: {count}", {"count": old}, [])


def _of_accounts(host: Host) -> Iterator[Finding]:
    told: list[tuple[str, list[str]]] = [
        ("Locked accounts: {count}", [entry["name"] for entry in host.entries("accounts") if entry["lock"]]),
        ("What sends mail out of the organisation: {count}", [way.name for way in host.leaving()]),
        ("Passwords with an outdated hash: {count}", [entry["name"] for entry in host.outdated()]),
        ("Accounts that were not used: {count}", [entry["name"] for entry in host.unused()]),
    ]
    for phrase, names in told:
        if names:
            yield Finding(phrase, {"count": len(names)}, names)


def _of_rest(host: Host, limits: Limits) -> Iterator[Finding]:
    for certificate in host.certificates():
        days = certificate.get("days_left")
        if isinstance(days, int) and days < limits.days:
            phrase = "A certificate has expired" if days < 0 else "A certificate lasts for {days} days"
            yield Finding(phrase, {"days": days}, [certificate["name"]], True)
        elif not isinstance(days, int):
            yield Finding("A certificate cannot be read", {}, [certificate["name"]], True)
