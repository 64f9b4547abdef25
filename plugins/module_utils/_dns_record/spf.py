# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SPF records: their words, and what is wrong with them (RFC 7208)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .._errors import MailError

VERSION = "v=spf1"
MAX_LOOKUPS = 10
MAX_VOIDS = 2
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}

_MACRO = r"%(?:[%_-]|\{[slodipvhcrt](?:[1-9][0-9]*)?r?[.\-+,/_=]*\})"
_MACRO_STRING = re.compile(rf"(?:[\x21-\x24\x26-\x7e]|{_MACRO})*\Z", re.IGNORECASE)
_ENDS_WELL = re.compile(
    rf"(?:.*\.(?:[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9])\.?|.*{_MACRO})\Z", re.IGNORECASE
)
_ONLY_IN_EXP = re.compile(r"%\{[crt]", re.IGNORECASE)
_DIRECTIVE = re.compile(r"([+~?-]?)([a-z][a-z0-9_.-]*)(.*)\Z", re.IGNORECASE | re.DOTALL)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)\Z", re.IGNORECASE | re.DOTALL)
_CIDR = re.compile(r"(.*?)(?:/(0|[1-9][0-9]{0,2}))?(?://(0|[1-9][0-9]{0,2}))?\Z", re.DOTALL)


class Term(NamedTuple):
    """A mechanism with its qualifier, or a modifier, which has none."""

    qualifier: str
    name: str
    value: str
    prefix4: int = 32
    prefix6: int = 128


def is_spf(text: str) -> bool:
    """Whether a TXT is an SPF record: the version, then a space or the end (section 4.5)."""
    return text.lower().partition(" ")[0] == VERSION


def make(addresses: Iterable[str], *, includes: Sequence[str] = (), end: str = "~") -> str:
    """The record that lets ``addresses`` and networks send, and whoever the names in ``includes`` let.

    Raises MailError where receivers would need more than ten look-ups at once.
    """
    if len(includes) > MAX_LOOKUPS:
        mend = "Take out names, or write the addresses of those services."
        raise MailError(f"{len(includes)} names are included, and receivers look up {MAX_LOOKUPS}", mend=mend)
    terms = [f"ip{ipaddress.ip_network(item).version}:{_short(item)}" for item in addresses]
    return " ".join([VERSION, *terms, *(f"include:{item}" for item in includes), f"{end}all"])


def _short(item: str) -> str:
    network = ipaddress.ip_network(item)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def networks(text: str) -> list[str]:
    """The addresses and networks that a record names itself and lets send."""
    return [term.value for term in parse(text)[0] if term.name in ("ip4", "ip6") and term.qualifier == "+"]


def parse(text: str) -> tuple[list[Term], list[str]]:
    """The terms of a record, and a sentence for each that is wrong."""
    terms: list[Term] = []
    faults: list[str] = []
    if any(not 32 <= ord(character) < 127 for character in text):
        return terms, ["it holds characters that are not printable ASCII"]
    for word in text.split(" ")[1:]:
        if not word:
            continue
        try:
            terms.append(_term(word))
        except ValueError as error:
            faults.append(f"'{word}' {error}")
    names = [term.name for term in terms if not term.qualifier]
    faults += [f"'{name}' is there twice" for name in ("redirect", "exp") if names.count(name) > 1]
    return terms, faults


def _term(word: str) -> Term:
    modifier = _MODIFIER.match(word)
    if modifier:
        return _modifier(modifier.group(1).lower(), modifier.group(2))
    directive = _DIRECTIVE.match(word)
    if not directive:
        raise ValueError("is no mechanism")
    qualifier, name, rest = directive.group(1) or "+", directive.group(2).lower(), directive.group(3)
    if name == "all":
        if rest:
            raise ValueError("has something after 'all'")
        return Term(qualifier, name, "")
    if name in ("ip4", "ip6"):
        return Term(qualifier, name, _network(name, rest))
    if name not in ("include", "a", "mx", "ptr", "exists"):
        hint = " (the mechanisms for addresses are ip4 and ip6)" if name in ("ip", "ipv4", "ipv6") else ""
        raise ValueError(f"is no mechanism that SPF knows{hint}")
    return _asking(qualifier, name, rest)


def _modifier(name: str, value: str) -> Term:
    if not _MACRO_STRING.match(value):
        raise ValueError("is a modifier with a wrong macro")
    if name in ("redirect", "exp"):
        _check_domain(value)
    if name in ("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"):
        raise ValueError(f"has '=' where a mechanism has ':'; write {name}:{value}")
    return Term("", name, value)


def _asking(qualifier: str, name: str, rest: str) -> Term:
    """A mechanism whose value is a name."""
    prefix4, prefix6 = 32, 128
    if name in ("a", "mx"):
        rest, first, second = _CIDR.match(rest).groups()  # type: ignore[union-attr]  # it matches anything
        prefix4, prefix6 = int(first or 32), int(second or 128)
        if prefix4 > 32 or prefix6 > 128 or rest.startswith("/"):
            raise ValueError("has a wrong prefix length")
    if rest and not rest.startswith(":"):
        raise ValueError("is no mechanism that SPF knows")
    if rest or name in ("include", "exists"):
        _check_domain(rest[1:])
    return Term(qualifier, name, rest[1:], prefix4, prefix6)


def _check_domain(text: str) -> None:
    """Raises ValueError unless ``text`` is a domain-spec (section 7.1)."""
    if not text:
        raise ValueError("lacks a name")
    if not _MACRO_STRING.match(text) or _ONLY_IN_EXP.search(text):
        raise ValueError("has a wrong macro")
    if not _ENDS_WELL.match(text):
        raise ValueError("has no whole domain name")


def _network(name: str, rest: str) -> str:
    if not rest.startswith(":") or not rest[1:]:
        raise ValueError("lacks an address")
    text = rest[1:]
    if re.search(r"/(?:0[0-9]|\D|\Z)", text):
        raise ValueError("has a wrong prefix length")
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("is no address") from None
    if found.version != int(name[2]):
        raise ValueError(f"has an address of IPv{found.version}; write ip{found.version}:{text}")
    return _short(str(found))
