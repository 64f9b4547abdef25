# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What receivers make of an SPF record: whether an address passes, and how much they must look up (RFC 7208).

Debian's python3-spf is not used for it: it ends at the first match, so it cannot count what a record costs at worst; it
asks by itself, one question after the other and without an end for the whole run; and it is one more package.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import NamedTuple, Union

from . import answer as _answer
from . import spf
from .answer import Answer, Lookup

PERMERROR, TEMPERROR, NONE = "permerror", "temperror", "none"
_MANY = 60  # where counting ends
_NAMES = 10  # MX and PTR names that are looked at (section 4.6.4)

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


class Result(NamedTuple):
    """``result`` is a word of section 2.6; ``lookups`` and ``voids`` are what was counted on the way to it."""

    result: str
    reason: str
    lookups: int
    voids: int


class _EndError(Exception):
    """An error that ends the evaluation: ``result`` is permerror or temperror."""

    def __init__(self, result: str, reason: str) -> None:
        self.result = result
        super().__init__(reason)


def check(address: str, domain: str, lookup: Lookup, *, sender: str = "", helo: str = "") -> Result:
    """What a receiver finds for mail from ``address`` whose envelope sender is of ``domain``."""
    return _run(_Walk(address, sender or f"postmaster@{domain}", helo or domain, lookup), domain)


def count(address: str, domain: str, lookup: Lookup) -> Result:
    """What a receiver must look up at worst: for an address that nothing matches before the end."""
    walk = _Walk(address, f"postmaster@{domain}", domain, lookup)
    walk.all_of_it = True
    return _run(walk, domain)


def _run(walk: _Walk, domain: str) -> Result:
    try:
        result, reason = walk.domain(domain), ""
    except _EndError as end:
        result, reason = end.result, str(end)
    return Result(result, reason, walk.lookups, walk.voids)


class _Walk:
    """One evaluation: the client, what was looked up, and how far it goes."""

    def __init__(self, address: str, sender: str, helo: str, lookup: Lookup) -> None:
        found = ipaddress.ip_address(address)
        self.address: Address = getattr(found, "ipv4_mapped", None) or found
        self.sender = sender if not sender.startswith("@") else f"postmaster{sender}"
        self.helo = helo
        self.lookups = self.voids = 0
        self.all_of_it = False
        self._lookup = lookup

    def domain(self, name: str) -> str:
        """The result of the record of ``name`` (section 4)."""
        text = self._record(name)
        if text is None:
            return NONE
        terms, faults = spf.parse(text)
        if faults:
            raise _EndError(PERMERROR, f"the record of {name} is wrong: {'; '.join(faults)}")
        for term in terms:
            matches = bool(term.qualifier) and self._matches(term, name)
            if matches and (term.name == "all" or not self.all_of_it):
                return spf.RESULTS[term.qualifier]
        if any(term.name == "all" for term in terms):
            return "neutral"
        for term in terms:
            if term.name == "redirect":
                return self._other(term, name)
        return "neutral"

    def _record(self, name: str) -> str | None:
        """The SPF record of a name; None where there is none."""
        if not _is_name(name):
            return None
        found = [text for text in self._ask(name, "TXT").values if spf.is_spf(text)]
        if len(found) > 1:
            raise _EndError(PERMERROR, f"{name} has {len(found)} SPF records")
        return found[0] if found else None

    def _ask(self, name: str, kind: str) -> Answer:
        found = self._lookup(name, kind)
        if not found.known:
            raise _EndError(TEMPERROR, f"{kind} of {name}: {_answer.SAYS[found.status]}")
        return found

    def _ask_counted(self, name: str, kind: str) -> tuple[str, ...]:
        """The same for a term of the record: an empty answer is a void look-up (section 4.6.4)."""
        found = self._ask(name, kind) if _is_name(name) else Answer(_answer.NXDOMAIN)
        if not found.values:
            self.voids += 1
            if self.voids > (_MANY if self.all_of_it else spf.MAX_VOIDS):
                raise _EndError(PERMERROR, f"more than {spf.MAX_VOIDS} look-ups find nothing")
        return found.values

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > (_MANY if self.all_of_it else spf.MAX_LOOKUPS):
            raise _EndError(PERMERROR, f"receivers must look up more than {spf.MAX_LOOKUPS} times")

    def _matches(self, term: spf.Term, name: str) -> bool:
        if term.name == "all":
            return True
        if term.name in ("ip4", "ip6"):
            network = ipaddress.ip_network(term.value)
            return self.address.version == network.version and self.address in network
        if term.name == "include":
            return self._other(term, name) == "pass"
        self._count()
        target = self._expand(term.value, name) if term.value else name
        if term.name == "exists":
            return bool(self._ask_counted(target, "A"))
        if term.name == "ptr":
            return any(f"{host}".endswith(f".{target.lower()}") or host == target.lower() for host in self._own_names())
        hosts = [target] if term.name == "a" else self._exchanges(target)
        near = (self._is_near(text, term) for host in hosts for text in self._addresses(host))
        return any(list(near) if self.all_of_it else near)

    def _other(self, term: spf.Term, name: str) -> str:
        """The result of a record that is included or led to."""
        self._count()
        target = self._expand(term.value, name)
        found = self.domain(target)
        if found == NONE:
            raise _EndError(PERMERROR, f"'{term.name}' leads to {target}, which has no SPF record")
        return found

    def _exchanges(self, name: str) -> list[str]:
        found = [value.split()[1] for value in self._ask_counted(name, "MX")]
        if len(found) > _NAMES:
            raise _EndError(PERMERROR, f"{name} has more than {_NAMES} MX records")
        return [host.rstrip(".") for host in found if host != "."]

    def _addresses(self, host: str) -> tuple[str, ...]:
        return self._ask_counted(host, "A" if self.address.version == 4 else "AAAA")

    def _is_near(self, text: str, term: spf.Term) -> bool:
        prefix = term.prefix4 if self.address.version == 4 else term.prefix6
        return self.address in ipaddress.ip_network(f"{text}/{prefix}", strict=False)

    def _own_names(self) -> Iterator[str]:
        """The names of the client that lead back to it (section 5.5); what cannot be looked up is passed over."""
        for value in self._lookup(self.address.reverse_pointer, "PTR").values[:_NAMES]:
            host = value.rstrip(".").lower()
            found = self._lookup(host, "A" if self.address.version == 4 else "AAAA").values
            if any(ipaddress.ip_address(text) == self.address for text in found):
                yield host

    def _expand(self, text: str, name: str) -> str:
        """A domain-spec with its macros replaced (section 7), short enough for DNS."""
        plain = {"%%": "%", "%_": " ", "%-": "%20"}
        found = re.sub(
            r"%(?:[%_-]|\{([a-z])([0-9]*)(r?)([.\-+,/_=]*)\})",
            lambda macro: plain.get(macro.group()) or self._macro(macro, name),
            text,
            flags=re.IGNORECASE,
        ).rstrip(".")
        while len(found) > 253 and "." in found:
            found = found.partition(".")[2]
        return found

    def _macro(self, macro: re.Match[str], name: str) -> str:
        letter, digits, turned, separators = macro.groups()
        local, _at, domain = self.sender.rpartition("@")
        values = {"s": self.sender, "l": local, "o": domain, "d": name, "h": self.helo}
        if letter.lower() == "p":
            value = next(self._own_names(), "unknown")
        elif letter.lower() == "i":
            value = ".".join(self.address.exploded.replace(":", "")) if self.address.version == 6 else str(self.address)
        else:
            value = values.get(letter.lower(), "in-addr" if self.address.version == 4 else "ip6")
        parts = re.split(f"[{re.escape(separators or '.')}]", value)
        parts = parts[::-1] if turned else parts
        return ".".join(parts[-int(digits) :] if digits else parts)


def _is_name(name: str) -> bool:
    """Whether DNS can hold the name, and it has more than one label (section 4.3)."""
    labels = name.rstrip(".").split(".")
    return len(labels) > 1 and len(name) <= 253 and all(0 < len(label) <= 63 for label in labels)
