# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of addresses and domains that send unwanted mail: may they be asked, and what do they say (RFC 5782)?"""

from __future__ import annotations

import contextlib
import ipaddress
from typing import NamedTuple

from . import answer as _answer
from .answer import Lookup
from .verdict import UNKNOWN, Finding, ok, wrong

_LISTINGS = ipaddress.ip_network("127.0.0.0/8")
_ERRORS = ipaddress.ip_network("127.255.0.0/16")
LISTED, UNLISTED = "127.0.0.2", "127.0.0.1"


class Zone(NamedTuple):
    """A list, with an entry that it must have and one that it must not have: addresses or domains."""

    name: str
    listed: str
    unlisted: str


def of_addresses(name: str) -> Zone:
    """A list of addresses: every one has 127.0.0.2 and none 127.0.0.1."""
    return Zone(name, LISTED, UNLISTED)


def owner(entry: str, zone: Zone) -> str:
    """The name that is asked for: a domain as it is, an address with its parts from the end."""
    with contextlib.suppress(ValueError):
        entry = ipaddress.ip_address(entry).reverse_pointer.rsplit(".", 2)[0]
    return f"{entry}.{zone.name}"


def check(entry: str, zone: Zone, lookup: Lookup) -> Finding:
    """Whether an address or a domain is on the list. Without proof that the list may be asked, nothing is said."""
    doubt = _doubt(zone, lookup)
    if doubt:
        return doubt
    name = owner(entry, zone)
    answer = lookup(name, "A")
    if not answer.known or _is_refusal(answer.values):
        return _unfit(answer.status, answer.values)
    if not answer.values:
        return ok((), "It is not listed.")
    said = lookup(name, "TXT").values
    reason = f"It is listed with {', '.join(answer.values)}{': ' if said else ''}{' '.join(said)[:300]}."
    mend = "Find out what was sent, end it, then ask the list to take the entry out."
    return wrong("listed", answer.values, reason.replace("..", "."), mend)


def _doubt(zone: Zone, lookup: Lookup) -> Finding | None:
    """Why the list cannot be relied on through this resolver."""
    listed, unlisted = (lookup(owner(entry, zone), "A") for entry in (zone.listed, zone.unlisted))
    if not listed.known:
        return _unfit(listed.status, ())
    if _is_refusal(listed.values):
        return _unfit(listed.status, listed.values)
    if not listed.values:
        return _unfit("", (), f"it does not answer about {zone.listed}, which it must have")
    if unlisted.values:
        return _unfit("", unlisted.values, f"it lists {zone.unlisted}, and probably everybody")
    return None


def _is_refusal(values: tuple[str, ...]) -> bool:
    found = [ipaddress.ip_address(text) for text in values]
    return any(address in _ERRORS or address not in _LISTINGS for address in found)


def _unfit(status: str, values: tuple[str, ...], reason: str = "") -> Finding:
    if values and not reason:
        reason = f"it answers with {', '.join(values)}, as to a resolver that may not ask it"
    reason = reason or _answer.SAYS[status]
    kind = "unfit" if status in ("", _answer.OK) else status
    mend = "Ask through a resolver of your own; lists refuse those that many share."
    return Finding(UNKNOWN, kind, values, f"The list cannot be asked: {reason}.", mend)
