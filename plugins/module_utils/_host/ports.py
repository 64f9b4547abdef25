# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who listens on a TCP port of this host, as Linux says it in /proc (proc(5))."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_LISTENS = "0A"


class Holder(NamedTuple):
    """A process that listens, and the unit of systemd that it belongs to."""

    process: str
    name: str
    unit: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.process})" if self.process else self.name


def holder(port: int) -> str:
    """Who listens on ``port``: ``nginx (process 123)``; empty when nobody does."""
    return next(map(str, holders([port])[port]), "")


def holders(ports: Iterable[int]) -> dict[int, list[Holder]]:
    """Who listens on each of these ports."""
    found: dict[int, list[Holder]] = {port: [] for port in ports}
    sockets = dict(_sockets(found))
    for process in filter(str.isdigit, os.listdir("/proc") if sockets else []):
        with contextlib.suppress(OSError):  # it has ended, or is not ours to look into
            for port in {sockets[link] for link in _links(f"/proc/{process}/fd") if link in sockets}:
                found[port].append(Holder(process, _read(process, "comm").strip(), _unit(process)))
    for port in sockets.values():
        found[port] = found[port] or [Holder("", "another process", "")]
    return found


def _sockets(ports: Iterable[int]) -> Iterator[tuple[str, int]]:
    """The sockets that listen on these ports, as the links of their processes name them."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(FileNotFoundError), open(table, encoding="ascii") as handle:
            for words in map(str.split, list(handle)[1:]):
                port = int(words[1].rpartition(":")[2], 16)
                if words[3] == _LISTENS and port in ports:
                    yield f"socket:[{words[9]}]", port


def _links(directory: str) -> Iterator[str]:
    for name in os.listdir(directory):
        with contextlib.suppress(FileNotFoundError):  # a connection that has ended meanwhile
            yield os.readlink(os.path.join(directory, name))


def _unit(process: str) -> str:
    """The last part of the path in systemd's own hierarchy of control groups."""
    groups = (line.split(":", 2) for line in _read(process, "cgroup").splitlines())
    return next((path.rpartition("/")[2] for _number, kind, path in groups if kind in ("", "name=systemd")), "")


def _read(process: str, name: str) -> str:
    with open(f"/proc/{process}/{name}", encoding="utf-8", errors="replace") as handle:
        return handle.read()
