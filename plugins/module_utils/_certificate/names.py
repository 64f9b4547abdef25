# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which host names a certificate is for (RFC 9525; IP addresses as RFC 5280 section 4.2.1.6 has them)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from .._mail import address as _address

_FEW = 10


def normal(name: str) -> str:
    """A name as certificates have it: lower case, A-labels, no dot last; an IP address in its shortest form.

    ``*.`` may stand before it. Raises MailError when it is neither a name nor an address.
    """
    found = ip(name)
    if found:
        return found
    star, rest = ("*.", name[2:]) if name.startswith("*.") else ("", name)
    return star + _address.domain_name(rest[:-1] if rest.endswith(".") else rest)


def ip(text: str) -> str:
    """The IP address that ``text`` is, in its shortest form; else nothing. None with a scope is in a certificate."""
    try:
        return str(ipaddress.ip_address(text.strip("[]"))) if "%" not in text else ""
    except ValueError:
        return ""


def covers(pattern_names: Iterable[str], name: str) -> bool:
    """Whether a certificate for ``pattern_names`` is right for ``name``.

    ``*.example.com`` is right for each name with exactly one label before ``example.com``, never for part of a label;
    ``*.example.com`` as a name needs itself. Raises MailError when ``name`` is no name.
    """
    wanted = normal(name)
    have = {pattern.lower().rstrip(".") for pattern in pattern_names}
    if wanted in have:
        return True
    parent = wanted.partition(".")[2]
    return not ip(wanted) and not wanted.startswith("*.") and "." in parent and f"*.{parent}" in have


def missing(pattern_names: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Those of ``wanted`` that a certificate for ``pattern_names`` does not cover, as they are written in it."""
    have = tuple(pattern_names)
    return [normal(name) for name in wanted if not covers(have, name)]


def some(names: Iterable[str]) -> str:
    """The first names for a message, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - _FEW} more" if len(every) > _FEW else ""
    return ", ".join(every[:_FEW]) + more
