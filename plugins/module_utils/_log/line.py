# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of logs taken apart into time, program, process and message."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import NamedTuple

from .when import Clock

_SYSLOG = re.compile(
    r"([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?) "
    r"(?:(\S+) ([^\s\[:]+)(?:\[(\d+)\])?: ?)?(.*)"
)
_LEVEL = re.compile(r"(.+?: )(?:Info|Error|Warning|Fatal|Panic|Debug): (.*)")

# Mail daemons write shorter ones.
_LONGEST = 8192


class Line(NamedTuple):
    """What was logged: seconds since 1970, the program as it names itself, its process or 0, and the message."""

    time: float
    tag: str
    pid: int
    text: str


def from_file(text: str, clock: Clock) -> Line | None:
    """A line as syslog daemons, Postfix and Dovecot write it into files; None for a damaged one."""
    found = _SYSLOG.fullmatch(text) or _SYSLOG.fullmatch(text.lstrip("\0"))
    if not found:
        return None
    stamp, host, tag, pid, message = found.groups()
    seconds = clock.read(stamp)
    if seconds is None:
        return None
    if host and host[-1] != ":":
        return Line(seconds, tag, int(pid or 0), message[:_LONGEST])
    # Dovecot writes neither host nor program into a file of its own.
    own = _LEVEL.fullmatch(text.partition(stamp)[2].lstrip())
    return Line(seconds, "dovecot", 0, (own[1] + own[2])[:_LONGEST]) if own else None


def from_journal(text: str, trusted: Collection[int]) -> Line | None:
    """An entry as ``journalctl --output=json`` writes it; None for a damaged one.

    Journald says who really sent an entry: those of other users than ``trusted`` get no tag, whatever name they bear.
    """
    try:
        entry = json.loads(text)
        message = entry["MESSAGE"]
        if isinstance(message, list):
            message = bytes(message).decode("utf-8", "replace")
        tag = entry.get("SYSLOG_IDENTIFIER", "") if int(entry.get("_UID", 0)) in trusted else ""
        pid = entry.get("SYSLOG_PID") or entry.get("_PID") or 0
        return Line(int(entry["__REALTIME_TIMESTAMP"]) / 1e6, str(tag), int(pid), str(message)[:_LONGEST])
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError):
        return None
