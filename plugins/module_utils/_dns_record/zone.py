# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records as a fragment of a zone file (RFC 1035, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .record import Record, is_within, presentation

_ELSEWHERE = ("reverse", "dmarc_report")


def text(records: Sequence[Record], *, zone: str = "") -> str:
    """The records as lines, each domain under a comment. With ``zone`` only those in it.

    Without, what stands in the zones of others is there as a comment.
    """
    zone = zone.lower().rstrip(".")
    chosen = [item for item in records if not zone or is_within(item.name, zone)]
    domains = {item.domain for item in records if item.purpose not in _ELSEWHERE}
    groups: dict[str, list[Record]] = {}
    for item in chosen:
        groups.setdefault(item.domain, []).append(item)
    parts = []
    for domain, items in groups.items():
        head = f"; {domain}\n" if domain else ""
        parts.append(head + "".join(_lines(item, zone, domains) for item in items))
    return "\n".join(parts)


def _lines(item: Record, zone: str, domains: Iterable[str]) -> str:
    """One line for each value."""
    theirs = not zone and item.purpose in _ELSEWHERE and not any(is_within(item.name, domain) for domain in domains)
    head = f"{item.name}. {item.ttl} IN {item.type} "
    lines = [head + presentation(item.type, value) for value in item.values]
    return "".join(f"; in the zone of others: {line}\n" if theirs else f"{line}\n" for line in lines)
