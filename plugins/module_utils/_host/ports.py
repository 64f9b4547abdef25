# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who listens on a TCP port of this host, as Linux says it in /proc (proc(5))."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_LISTENS = "0A"


def holder(port: int) -> str:
    """Who listens on ``port``: ``nginx (process 123)``; empty when nobody does."""
    sockets = set(_sockets(port))
    if not sockets:
        return ""
    for process in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # it has ended, or is not ours to look into
            directory = f"/proc/{process}/fd"
            if any(os.readlink(f"{directory}/{number}") in sockets for number in os.listdir(directory)):
                with open(f"/proc/{process}/comm", encoding="utf-8", errors="replace") as handle:
                    return f"{handle.read().strip()} (process {process})"
    return "another process"


def _sockets(port: int) -> Iterator[str]:
    """The sockets that listen on ``port``, as the links of their processes name them."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(FileNotFoundError), open(table, encoding="ascii") as handle:
            for words in map(str.split, list(handle)[1:]):
                if words[3] == _LISTENS and int(words[1].rpartition(":")[2], 16) == port:
                    yield f"socket:[{words[9]}]"
