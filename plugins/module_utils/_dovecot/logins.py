# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of Dovecot that are logging in while it is reloaded.

A reload leaves sessions alone, but starts the authentication anew: who has connected and is not logged in yet is cut
off ("Auth server restarted, aborting auth"). So a reload waits for a moment in which nobody is.
"""

from __future__ import annotations

import contextlib
import os
import re
import time

_LONGEST = 10.0
_STEP = 0.002
# Clients that take longer for their login are idle, and others come before they are done.
_YOUNG = 10.0
# A process that has just begun has no words behind its name yet; one that has logged its client in is a proxy.
_LOGIN = re.compile(rb"dovecot/[a-z0-9]+-login(?!.*prox)", re.IGNORECASE | re.DOTALL)


def wait_for_quiet() -> None:
    """Come back as soon as no client is logging in, at the latest after ten seconds.

    Without ``verbose_proctitle = yes`` each login counts for ten seconds.
    """
    end = time.monotonic() + _LONGEST
    while _is_busy() and time.monotonic() < end:
        time.sleep(_STEP)


def _is_busy() -> bool:
    return any(_is_login(pid) for pid in os.listdir("/proc") if pid.isdigit())


def _is_login(pid: str) -> bool:
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{pid}/cmdline", "rb") as handle:
            title = handle.read()
        return bool(_LOGIN.match(title)) and _age(pid) < _YOUNG
    return False


def _age(pid: str) -> float:
    """Seconds since the process began."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as handle:
        ticks = int(handle.read().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
