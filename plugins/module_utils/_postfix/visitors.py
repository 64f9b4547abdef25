# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As whom a trial instance is visited (XCLIENT_README): this host, strangers by IPv4 and IPv6, somebody logged in."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import NamedTuple

from . import main_cf
from .listeners import Listener

# Addresses that nobody has (RFC 5737, RFC 3849, RFC 9637, RFC 1112, RFC 6666); the first that is not trusted is taken.
# Where all of them are trusted, everybody is: then the first one shows it.
_STRANGERS = (
    ("192.0.2.1", "198.51.100.1", "203.0.113.1", "240.0.0.1"),
    ("2001:db8::1", "3fff::1", "2001:db8:ffff::1", "100::1"),
)
# The name of a stranger, in DNS and in EHLO: checks of names must not hide who may relay (RFC 2606).
NAME = "example.org"


class Visitor(NamedTuple):
    """``xclient`` are the attributes of XCLIENT (empty: this host itself); a stranger must not be able to relay."""

    xclient: str = ""
    is_stranger: bool = False


def of(listener: Listener, values: Mapping[str, str]) -> list[Visitor]:
    """The visitors for one service; ``values`` are main.cf's parameters."""
    trusted = _networks({**values, **dict(listener.service.options)}.get("mynetworks", ""))
    strangers = [
        next(
            (one for one in addresses if not any(ipaddress.ip_address(one) in network for network in trusted)),
            addresses[0],
        )
        for addresses in _STRANGERS
    ]
    found = [Visitor()]
    for address in strangers:
        prefix = "IPV6:" if ":" in address else ""
        found.append(Visitor(f"ADDR={prefix}{address} NAME={NAME} REVERSE_NAME={NAME}", True))
    if listener.sasl:
        found.append(Visitor("ADDR=192.0.2.1 NAME=[UNAVAILABLE] LOGIN=probe@mail-probe.invalid"))
    return found


def _networks(value: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks that are written out; those in tables are passed over."""
    found = []
    for word in main_cf.words(re.sub(r"[\[\]]", "", value)):
        try:
            found.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            continue
    return found
