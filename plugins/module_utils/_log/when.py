# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in logs, and the words for periods.

Times are seconds since 1970. What a log leaves out, its year or its offset from UTC, is that of this host.
"""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone

from .._errors import MailError

_DAY = 86400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY}
_PERIOD = re.compile(r"(\d{1,6})([smhdw])")
_PARTS = re.compile(r"(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_MONTHS = {"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * number : 3 * number + 3]: number + 1 for number in range(12)}


class Clock:
    """Reads the times of one file. ``latest`` is when it was last written to: no line is younger, but for a day."""

    def __init__(self, latest: float) -> None:
        self._latest = latest + _DAY
        self._year = time.localtime(self._latest).tm_year
        self._text, self._time = "", 0.0

    def read(self, text: str) -> float | None:
        """``Nov 22 18:00:01`` or ``2026-11-22T18:00:01.123456+00:00``; None for what is no time."""
        second = text[:19]
        if second != self._text:
            found = self._with_month(text) if len(text) == 15 else _iso(text)
            if found is None:
                return None
            self._text, self._time = second, found
        return self._time

    def _with_month(self, text: str) -> float | None:
        month = _MONTHS.get(text[:3])
        try:
            rest = (int(text[4:6]), int(text[7:9]), int(text[10:12]), int(text[13:15]), 0, 0, -1)
            found = [time.mktime((year, month, *rest)) for year in (self._year, self._year - 1)] if month else []
        except (ValueError, OverflowError):
            return None
        return next((seconds for seconds in found if seconds <= self._latest), None)


def _iso(text: str) -> float | None:
    """A time as in RFC 3339 in the forms that Python 3.9 reads; fractions of a second are left out."""
    found = _PARTS.fullmatch(text)
    if not found:
        return None
    offset = re.sub(r"(\d\d):?(\d\d)", r"\1:\2", (found[2] or "").replace("Z", "+00:00"))
    try:
        return datetime.fromisoformat(found[1] + offset).timestamp()
    except (ValueError, OverflowError):
        return None


def moment(option: str, text: str, now: float) -> float:
    """A point in time as an administrator writes it: ``24h`` ago, or ``2026-11-22 18:00``. Raises MailError."""
    period = _PERIOD.fullmatch(text)
    if period:
        return now - int(period[1]) * _UNITS[period[2]]
    found = _iso(text)
    if found is None:
        mend = "Write a number with s, m, h, d or w, such as 24h, or a time such as '2026-11-22 18:00'."
        raise MailError(f"'{text}' is no time", where=option, mend=mend)
    return found


def written(seconds: float) -> str:
    """A time for a result: UTC, to the second. Empty for none."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""
