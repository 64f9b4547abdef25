# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ports a host's firewall lets in, as ufw and firewalld say it. Only TCP ports that are open to all are ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_UFW = re.compile(r"ufw (?P<verb>\w+) (?P<rest>.*?)( comment .*)?$")
_UFW_PLAIN = re.compile(r"(in )?(?P<ports>[\d,:]+)(/(?P<protocol>\w+))?$")
_UFW_PORT = re.compile(r"\bto any port ([\d,:]+)|^(?:in )?([\d,:]+)(?:/tcp)?$")
_RICH_PORT = re.compile(r'\bport port="([\d-]+)"')


class Seen(NamedTuple):
    """Ports that are open to all, and those about which the administrator has decided otherwise, with the rule."""

    open: frozenset[int]
    decided: dict[int, str]


class Plan(NamedTuple):
    """The ports to open, and what the administrator should be told."""

    ports: list[int]
    warnings: list[str]


def of_ufw(added: str, wanted: Iterable[int]) -> Seen:
    """Read what ``ufw show added`` says about the wanted ports."""
    opened: set[int] = set()
    decided: dict[int, str] = {}
    for line in added.splitlines():
        rule = _UFW.match(line.strip())
        named = _UFW_PORT.search(rule.group("rest")) if rule else None
        if not rule or not named:
            continue
        plain = _UFW_PLAIN.match(rule.group("rest"))
        for port in _among(wanted, named.group(1) or named.group(2), ":"):
            if rule.group("verb") == "allow" and plain:
                opened.add(port)
            else:
                decided.setdefault(port, line.strip())
    return Seen(frozenset(opened), decided)


def of_firewalld(ports: str, rich_rules: str, wanted: Iterable[int]) -> Seen:
    """Read what ``firewall-cmd --list-ports`` and ``--list-rich-rules`` say about the wanted ports."""
    words = [word.removesuffix("/tcp") for word in ports.split() if word.endswith("/tcp")]
    opened = {port for word in words for port in _among(wanted, word, "-")}
    decided = {
        port: line.strip()
        for line in rich_rules.splitlines()
        for named in _RICH_PORT.findall(line)
        for port in _among(wanted, named, "-")
    }
    return Seen(frozenset(opened), decided)


def plan(wanted: Iterable[int], seen: Seen) -> Plan:
    """Open what is neither open nor decided about otherwise; a decision of the administrator stands and is told."""
    missing = [port for port in dict.fromkeys(wanted) if port not in seen.open]
    return Plan(
        [port for port in missing if port not in seen.decided],
        [
            f"port {port} was not opened, because of this rule: {seen.decided[port]}"
            for port in missing
            if port in seen.decided
        ],
    )


def _among(wanted: Iterable[int], text: str, dash: str) -> list[int]:
    """The wanted ports that a notation such as ``25,100:200`` covers."""
    found: set[int] = set()
    for word in text.split(","):
        first, _dash, last = word.partition(dash)
        if first.isdigit() and (not last or last.isdigit()):
            found.update(port for port in wanted if int(first) <= port <= int(last or first))
    return sorted(found)
