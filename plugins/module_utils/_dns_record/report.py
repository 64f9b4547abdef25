# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read of the checks: a table, and for all that is not well what was expected, what is there, a way out."""

from __future__ import annotations

from collections.abc import Sequence

from .verdict import OK, Row, some

_WIDEST = 44


def table(rows: Sequence[Row]) -> list[str]:
    """The checks as lines of equal columns: verdict, name, type, and what was found or what is wrong with it."""
    names = min(max([len(row.record.name) for row in rows] + [0]), _WIDEST)
    return [
        f"{row.finding.verdict:<7}  {row.record.name:<{names}}  {_kind(row):<11}  {_detail(row)}".rstrip()
        for row in rows
    ]


def faults(rows: Sequence[Row]) -> list[str]:
    """Each check that did not end well; a hint stands once, under everything that it mends."""
    by_mend: dict[str, list[str]] = {}
    for row in rows:
        if row.finding.verdict != OK:
            by_mend.setdefault(row.finding.mend, []).extend(_fault(row))
    return [line for mend, lines in by_mend.items() for line in (*lines, *([f"  -> {mend}"] if mend else []))]


def _fault(row: Row) -> list[str]:
    record, finding = row.record, row.finding
    lines = [f"{record.name} {_kind(row)}: {finding.verdict}: {finding.reason}"]
    if record.values:
        lines.append(f"  expected: {' | '.join(record.values)}")
        lines.append(f"  found:    {' | '.join(finding.found) or 'nothing'}")
    return lines


def _kind(row: Row) -> str:
    """The type of the record; of a check that is about none, what it is about."""
    return row.record.type or row.record.purpose


def _detail(row: Row) -> str:
    finding = row.finding
    return some(finding.found) if finding.verdict == OK and finding.found else finding.reason
