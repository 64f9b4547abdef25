# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of Dovecot that are logging in while it is reloaded.

A reload leaves sessions alone, but starts the authentication anew: who has connected and is not logged in yet is cut
off ("Auth server restarted, aborting auth"). So a reload waits for a moment in which nobody is.
"""

from __future__ import annotations

import os
import re
import time

_LONGEST = 10.0
_STEP = 0.002
# Clients that take longer for their login are idle, and others come before they are done.
_YOUNG = 10.0
# What a process of Dovecot is called that is no login, or one that has logged its client in and is a proxy now. One
# that has just begun has no name yet, or no words behind it.
_SETTLED = re.compile(rb"dovecot/(?!.*-login)|dovecot/.*-login .*prox", re.IGNORECASE | re.DOTALL)


def wait_for_quiet(master: str) -> None:
    """Come back as soon as no client of this master process is logging in, at the latest after ten seconds.

    Without ``verbose_proctitle = yes`` each login counts for ten seconds.
    """
    end = time.monotonic() + _LONGEST
    settled: set[str] = set()
    while _is_busy(master, settled) and time.monotonic() < end:
        time.sleep(_STEP)


def _is_busy(master: str, settled: set[str]) -> bool:
    """Whether a client is logging in. Those in ``settled`` are not looked at again, so that looking takes no time."""
    for pid in _children(master):
        if pid not in settled:
            if _is_login(pid):
                return True
            settled.add(pid)
    return False


def _children(master: str) -> list[str]:
    """The processes that the master has started, or those of the host where the kernel does not tell."""
    try:
        with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as handle:
            return handle.read().split()
    except OSError:
        return [pid for pid in os.listdir("/proc") if pid.isdigit()]


def _is_login(pid: str) -> bool:
    """Whether this is, or may become, a process with a client that is logging in."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as handle:
            title = handle.read()
        return not _SETTLED.match(title) and _age(pid) < _YOUNG
    except (OSError, ValueError, IndexError):
        return False


def _age(pid: str) -> float:
    """Seconds since the process began."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as handle:
        ticks = int(handle.read().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
