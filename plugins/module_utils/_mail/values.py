# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of plain option values that arrive inside lists, where Ansible's own argument spec does not reach."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from typing import Any

from .._errors import MailError

# Control characters, Unicode's own line breaks, and halves of surrogate pairs, which cannot be stored as UTF-8.
_BREAKS = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff"
UNFIT_IN_LINE = re.compile(f"[{_BREAKS}]")
UNFIT_IN_TEXT = re.compile(f"(?![\\t\\n\\r])[{_BREAKS}]")

_BOOLEANS = {True: 1, False: 0, "true": 1, "yes": 1, "on": 1, "false": 0, "no": 0, "off": 0}


def switch(value: Any) -> int:
    """1 or 0 for a boolean as Ansible writes it."""
    key = value.lower() if isinstance(value, str) else value
    if isinstance(key, (bool, int, str)) and key in _BOOLEANS:
        return _BOOLEANS[key]
    raise MailError(f"{value!r} is not a boolean", mend="Write true or false.")


def line(value: Any) -> str:
    """A text without line breaks and control characters, at most 255 characters."""
    if not isinstance(value, str) or len(value) > 255 or UNFIT_IN_LINE.search(value):
        raise MailError("is not one line of at most 255 characters", mend="Shorten it and take out line breaks.")
    return value


def strings(value: Any) -> Sequence[str]:
    """A list of strings; one string stands for a list of one."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
        raise MailError("is not a list of strings", mend="Write a list, or [] for none.")
    return items


def networks(value: Any) -> str:
    """IPv4 and IPv6 networks as a comma-separated list in the form that Dovecot's ``allow_nets`` reads."""
    import ipaddress  # noqa: PLC0415  # costs 10 ms, which lists of thousands without networks need not pay

    result = []
    for item in strings(value):
        try:
            if "%" in item:
                raise ValueError("a zone means nothing to a login")
            result.append(str(ipaddress.ip_network(item.strip("[]") if "/" not in item else item)))
        except ValueError as error:
            mend = "Write an address or a network such as 192.0.2.0/24 or 2001:db8::/32."
            if "host bits" in str(error):
                mend = f"Did you mean {ipaddress.ip_network(item, strict=False)}?"
            raise MailError(f"{item!r} is not a network", mend=mend) from error
    return ",".join(result)


def near_miss(word: str, known: Collection[str]) -> str:
    """A sentence that names the likely meaning of a misspelt word, or all the known ones."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Known are {', '.join(sorted(known))}."
