# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes of mailboxes and messages."""

from __future__ import annotations

import functools
import re
from typing import Any

from .._errors import MailError

_UNITS = {"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_SIZE = re.compile(r"(\d{1,12})\s*([KMGT])(?:i?B)?\Z", re.ASCII | re.IGNORECASE)
UNLIMITED = 0


def parse_size(value: Any, *, what: str) -> int:
    """Bytes for ``500M`` or ``2G`` (units of 1024); 0 for ``unlimited`` and ``0``. ``what`` names the option.

    Raises MailError for anything else, a bare number included: panels count in kilobytes, daemons in bytes.
    """
    if value in ("unlimited", "0", 0) and not isinstance(value, bool):
        return UNLIMITED
    size = _bytes(str(value)) if isinstance(value, str) else None
    if size is None:
        raise MailError(
            f"{value!r} is not a size", where=what, mend="Write a number with a unit, such as 500M or 2G, or unlimited."
        )
    if size >= 2**63:
        raise MailError(f"{value!r} is too large", where=what, mend="Write unlimited.")
    return size


@functools.lru_cache(maxsize=256)
def _bytes(text: str) -> int | None:
    """Thousands of accounts have few different sizes."""
    match = _SIZE.match(text)
    return int(match[1]) * _UNITS[match[2].upper()] if match else None


def render_size(size: int) -> str:
    """The shortest exact form: ``2G``, ``500M``, ``1537K``, ``1000B`` or ``unlimited``."""
    if size == UNLIMITED:
        return "unlimited"
    for unit, factor in reversed(_UNITS.items()):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size}B"
