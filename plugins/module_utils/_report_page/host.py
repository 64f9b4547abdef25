# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules found on one mail server, and what follows from it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .language import Language

# By name of a result, a key that it has if all went well, and what the result is called in the report.
RESULTS = {
    "logs": ("totals", "logs"),
    "queue": ("totals", "queue"),
    "accounts": ("accounts", "accounts"),
    "aliases": ("aliases", "aliases"),
    "domains": ("domains", "domains"),
    "scripts": ("scripts", "Sieve scripts"),
    "certificates": ("certificates", "certificates"),
}


class Way(NamedTuple):
    """Mail that leaves: from whom or what, by what (forward, alias, script, catch-all), and where to."""

    name: str
    by: str
    to: list[str]


class Host(NamedTuple):
    """A server's results by the names of RESULTS. ``own`` are domains of the organisation besides those of servers."""

    name: str
    results: Mapping[str, Mapping[str, Any]]
    own: frozenset[str] = frozenset()

    def has(self, word: str) -> bool:
        """Whether the result of that name was read."""
        return RESULTS[word][0] in self.results.get(word, {})

    def entries(self, word: str) -> Sequence[Mapping[str, Any]]:
        """The list of that name in the result of that name."""
        return self.results[word][word] if self.has(word) else []

    def missing(self) -> Iterator[tuple[str, str]]:
        """What could not be read, and why as far as that is known."""
        for word, (_key, called) in RESULTS.items():
            if not self.has(word):
                yield called, str(self.results.get(word, {}).get("msg", ""))

    def served(self) -> frozenset[str]:
        """The domains that this server has, with those that are aliases of them, and those of its addresses."""
        found = {entry["name"] for entry in self.entries("domains")}
        found.update(_domain(entry["name"]) for word in ("accounts", "aliases") for entry in self.entries(word))
        found.update(name for entry in self.entries("domains") for name in entry.get("alias_domains") or [])
        return frozenset(name.lower() for name in found if name)

    def unused(self) -> list[Mapping[str, Any]]:
        """Mailboxes that somebody could log in to and nobody did in the period of the logs."""
        if not self.has("logs") or self.is_silent():
            return []
        used = {name.lower() for name in self.results["logs"].get("used", [])}
        return [
            account
            for account in self.entries("accounts")
            if account["mailbox"]
            and account["status"] == "active"
            and account["password"] == "(set)"
            and not account["lock"]
            and account["name"].lower() not in used
        ]

    def outdated(self) -> list[Mapping[str, Any]]:
        """Accounts whose password has an outdated hash."""
        return [account for account in self.entries("accounts") if account["password_outdated"]]

    def schemes(self) -> list[dict[str, Any]]:
        """How many accounts have a hash of each scheme."""
        found: dict[str, int] = {}
        for account in self.entries("accounts"):
            scheme = account["password_scheme"] or "(none)"
            found[scheme] = found.get(scheme, 0) + 1
        return [{"scheme": scheme, "accounts": found[scheme]} for scheme in sorted(found, key=lambda one: -found[one])]

    def leaving(self) -> list[Way]:
        """Whatever sends mail on to domains that are not the organisation's."""
        own = self.own | self.served()
        return [way._replace(to=outside) for way in self._ways() if (outside := _outside(way.to, own))]

    def _ways(self) -> Iterator[Way]:
        for account in self.entries("accounts"):
            yield Way(account["name"], "forward", account["forward_to"])
        for script in self.entries("scripts"):
            if script["active"] or script.get("included"):
                yield Way(script["account"], "Sieve script", script["redirects"])
        for alias in self.entries("aliases"):
            yield Way(alias["name"], "alias", alias["to"])
        for domain in self.entries("domains"):
            if "@" in domain["catch_all"]:
                yield Way(f"@{domain['name']}", "catch-all", [domain["catch_all"]])

    def guessed(self, least: int = 10) -> list[Mapping[str, Any]]:
        """Accounts into which somebody got after so many failures: the password was guessed, or mistyped for long."""
        found = self.results["logs"]["failed_accounts"] if self.has("logs") else []
        return [entry for entry in found if entry["failures"] >= least and entry["succeeded"]]

    def reaches_back(self) -> bool:
        """Whether the logs begin in the first hours of the period, or on its first day if it is a long one."""
        read = self.results["logs"]["read"]
        first, since, until = (Language("en").moment(read[word]) for word in ("first", "since", "until"))
        if not (first and since and until):
            return True
        return first - since <= max(datetime.timedelta(hours=3), min((until - since) / 7, datetime.timedelta(days=1)))

    def is_silent(self) -> bool:
        """Whether there are logs, and no daemon wrote anything within the period."""
        return self.has("logs") and not self.results["logs"]["read"]["lines"]

    def certificates(self) -> list[dict[str, Any]]:
        """All certificates, those that are served beside another of the same name too, the first that expires first."""
        found = [
            {**one, "name": entry["name"], "names": entry["names"]}
            for entry in self.entries("certificates")
            for one in (entry, *entry.get("also", []))
        ]
        return sorted(found, key=lambda one: one.get("days_left", -1))


def _outside(targets: Iterable[str], own: frozenset[str]) -> list[str]:
    """Those addresses whose domain is neither an own one nor below one. An address without a domain is of the host."""
    return [target for target in targets if "@" in target and not _is_below(_domain(target).lower(), own)]


def _domain(address: str) -> str:
    """Its domain, empty where there is none."""
    return address.rpartition("@")[2] if "@" in address else ""


def _is_below(domain: str, own: frozenset[str]) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[place:]) in own for place in range(len(labels)))
