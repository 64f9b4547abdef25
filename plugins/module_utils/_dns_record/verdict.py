# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was found against what was expected: the words that all checks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from . import answer as _answer
from .answer import Answer
from .record import Record, comparable

OK, MISSING, WRONG, EXTRA, UNKNOWN = "ok", "missing", "wrong", "extra", "unknown"
VERDICTS = (OK, EXTRA, UNKNOWN, MISSING, WRONG)

_PUBLISH = "Publish the expected record."
_REPLACE = "Replace it by the expected record."


class Finding(NamedTuple):
    """``verdict`` is one of :data:`VERDICTS`, ``kind`` a word for what it is, ``reason`` and ``mend`` are sentences."""

    verdict: str
    kind: str
    found: tuple[str, ...]
    reason: str
    mend: str = ""


class Row(NamedTuple):
    """One check: what was expected, what was found, and what each server said."""

    record: Record
    finding: Finding
    seen: Sequence[dict[str, Any]] = ()

    def as_dict(self) -> dict[str, Any]:
        """The row as modules return it."""
        record, finding = self.record, self.finding
        return {
            "domain": record.domain,
            "purpose": record.purpose,
            "name": record.name,
            "type": record.type,
            "expected": list(record.values),
            **finding._asdict(),
            "found": list(finding.found),
            "seen": list(self.seen),
        }


def ok(found: Iterable[str], reason: str = "It is as expected.", kind: str = "ok") -> Finding:
    """All is well."""
    return Finding(OK, kind, tuple(found), reason)


def wrong(kind: str, found: Iterable[str], reason: str, mend: str = _REPLACE) -> Finding:
    """Something is there that does harm or is of no use."""
    return Finding(WRONG, kind, tuple(found), sentence(reason), mend)


def unknown(answer: Answer) -> Finding:
    """Nobody could tell; the kind says why."""
    reason = _answer.SAYS[answer.status]
    return Finding(UNKNOWN, answer.status, (), f"{sentence(reason)}.", _answer.MENDS.get(answer.status, ""))


def missing(record: Record, answer: Answer, reason: str = "", kind: str = "") -> Finding:
    """It is not there; the kind tells a name that does not exist from one without such a record."""
    said = reason or f"{sentence(_answer.SAYS[answer.status])} ({answer.status.upper()})."
    if answer.alias and not reason:
        kind, said = "cname", f"It is a CNAME to {answer.alias}, where there is no {record.type} record."
    kind = kind or (_answer.NODATA if answer.status == _answer.OK else answer.status)
    return Finding(MISSING, kind, (), said, f"{_PUBLISH} {record.mend}".rstrip())


def compare(record: Record, answer: Answer) -> Finding:
    """The values of two sets of records, in whatever order and spelling."""
    if not answer.known:
        return unknown(answer)
    if not answer.values:
        return missing(record, answer)
    expected = {comparable(record.type, value): value for value in record.values}
    found = {comparable(record.type, value): value for value in answer.values}
    lacking = [value for key, value in expected.items() if key not in found]
    more = [value for key, value in found.items() if key not in expected]
    if not lacking and not more:
        through = f" It is reached through a CNAME to {answer.alias}." if answer.alias else ""
        return ok(answer.values, f"It is as expected.{through}", "cname" if answer.alias else "ok")
    if not lacking:
        reason, mend = f"There is more than expected: {some(more)}.", "Take that out, unless somebody needs it."
        return Finding(EXTRA, "extra", answer.values, reason, mend)
    if len(lacking) < len(expected):
        return wrong("incomplete", answer.values, f"{some(lacking)} is missing.", "Add what is missing.")
    return wrong("other", answer.values, f"It says {some(more)} instead of {some(record.values)}.")


def some(values: Sequence[str], limit: int = 3) -> str:
    """The first values for a sentence, and how many more there are."""
    more = f" and {len(values) - limit} more" if len(values) > limit else ""
    return ", ".join(value if len(value) <= 80 else f"{value[:77]}..." for value in list(values)[:limit]) + more


def sentence(text: str) -> str:
    """With a capital at the beginning."""
    return text[0].upper() + text[1:]
