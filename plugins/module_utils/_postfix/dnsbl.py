# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trying DNS lists from this host, with the resolver that Postfix uses.

Every list has the entry 127.0.0.2 and never 127.0.0.1 (RFC 5782, section 5). A resolver that the list has blocked gets
no answer or one in 127.255.0.0/16, and one that makes up answers gives them for both.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

_LISTINGS = ipaddress.ip_network("127.0.0.0/8")
_ERRORS = ipaddress.ip_network("127.255.0.0/16")
_AT_ONCE = 8


class Fitness(NamedTuple):
    """Whether a list can be used from this host, and why not."""

    zone: str
    fit: bool
    reason: str


def test(zones: Sequence[str]) -> list[Fitness]:
    """Ask each list about the two addresses that every list must know how to answer."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(_test, zones))


def judge(zone: str, listed: Sequence[str] | None, unlisted: Sequence[str] | None) -> Fitness:
    """What the answers about 127.0.0.2 and about 127.0.0.1 mean; None is no answer at all, which proves nothing.

    Without an answer Postfix passes over a list, so that an outage of the name server changes no configuration.
    """
    if listed is None or unlisted is None:
        return Fitness(zone, True, "no name server answered, so it could not be tried")
    found = [ipaddress.ip_address(text) for text in listed]
    if not found:
        return Fitness(zone, False, "it does not answer about 127.0.0.2, which every list has")
    if any(address in _ERRORS or address not in _LISTINGS for address in found):
        return Fitness(zone, False, f"it answers with {', '.join(listed)}, as to a resolver that may not ask it")
    if unlisted:
        return Fitness(zone, False, "it lists 127.0.0.1, and probably everybody")
    return Fitness(zone, True, "")


def _test(zone: str) -> Fitness:
    return judge(zone, _addresses(f"2.0.0.127.{zone}."), _addresses(f"1.0.0.127.{zone}."))


def _addresses(name: str) -> list[str] | None:
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(name, None, socket.AF_INET)})
    except socket.gaierror as error:
        return None if error.errno == socket.EAI_AGAIN else []
    except OSError:
        return []
