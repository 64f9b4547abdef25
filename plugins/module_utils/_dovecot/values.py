# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single values of the Dovecot role: numbers in a range, durations and sizes with units, words."""

from __future__ import annotations

import re
from typing import Any

from .._errors import MailError

_DURATION = re.compile(r"([1-9]\d{0,4}) ?(h|hours?|d|days?|w|weeks?)\Z")
_SIZE = re.compile(r"([1-9]\d{0,8}) ?([KMGT])i?B?\Z", re.IGNORECASE)


def number(value: Any, *, name: str, low: int, high: int) -> int:
    """``value`` as a whole number from ``low`` to ``high``. Raises MailError that names the variable and the range."""
    text = str(value).strip()
    if isinstance(value, (bool, float)) or not re.fullmatch(r"-?\d{1,12}", text) or not low <= int(text) <= high:
        raise MailError(f"'{value}' is not allowed", where=name, mend=f"Give a whole number from {low} to {high}.")
    return int(text)


def word(value: Any, *, name: str, choices: tuple[str, ...]) -> str:
    """``value`` as one of ``choices``; YAML reads an unquoted ``off`` or ``no`` as false, which is taken back."""
    text = str(value)
    if value is False:
        text = next((choice for choice in choices if choice in ("off", "no")), text)
    if text not in choices:
        raise MailError(f"'{value}' is not allowed", where=name, mend=f"Give one of {', '.join(choices)}.")
    return text


def duration(value: Any, *, name: str) -> str:
    """``value`` in Dovecot's short form, such as ``30d``; ``''`` for nothing, ``never`` or 0. Units: h, d, w."""
    text = str(value if value is not None else "").strip().lower()
    if text in ("", "0", "never"):
        return ""
    found = _DURATION.match(text)
    if not found:
        raise MailError(
            f"'{value}' is not a duration", where=name, mend="Give a number with a unit (h, d or w), such as 30d."
        )
    return f"{found[1]}{found[2][0]}"


def size(value: Any, *, name: str) -> str:
    """``value`` as a size in Dovecot's notation, such as ``10M`` (1M is 1024 * 1024 bytes); ``0`` needs no unit."""
    if str(value).strip() == "0":
        return "0"
    found = _SIZE.match(str(value).strip())
    if not found:
        raise MailError(
            f"'{value}' is not a size", where=name, mend="Give a number with a unit (K, M, G or T), such as 10M."
        )
    return f"{found[1]}{found[2].upper()}"
