# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there on a host: packages, users, files and services, read without changing anything."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from collections.abc import Sequence
from typing import Any

from . import commands

_TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFSOCK: "socket"}

# Characters of a file that are looked at for its first word.
_WORD = 256

Found = dict[str, dict[str, Any]]


def packages(names: Sequence[str]) -> dict[str, str]:
    """The versions of those packages of Debian that are installed."""
    query = commands.find("dpkg-query")
    if not query or not names:
        return {}
    shown = commands.run([query, "--show", "--showformat=${db:Status-Status} ${Package} ${Version}\n", *names]).stdout
    words = (line.split() for line in shown.splitlines() if line.startswith("installed "))
    return {name: version for _status, name, version in words}


def users(names: Sequence[str]) -> Found:
    """Those users that exist."""
    found: Found = {}
    for name in names:
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            found[name] = {
                "uid": user.pw_uid,
                "group": _group(user.pw_gid),
                "home": user.pw_dir,
                "shell": user.pw_shell,
            }
    return found


def paths(names: Sequence[str]) -> Found:
    """What exists at these paths; a link is not followed."""
    found: Found = {}
    for name in names:
        with contextlib.suppress(OSError):
            status = os.lstat(name)
            found[name] = {
                "type": _TYPES.get(stat.S_IFMT(status.st_mode), "other"),
                "owner": _user(status.st_uid),
                "group": _group(status.st_gid),
                "mode": f"{stat.S_IMODE(status.st_mode):04o}",
                "size": status.st_size,
                "modified": status.st_mtime,
            }
    return found


def first_words(names: Sequence[str]) -> dict[str, str]:
    """The first word in each of these files that exist, or an empty string."""
    found = {}
    for name in names:
        with contextlib.suppress(OSError), open(name, encoding="utf-8", errors="replace") as handle:
            found[name] = next(iter(handle.read(_WORD).split()), "")
    return found


def units(names: Sequence[str]) -> Found:
    """Whether these units of systemd are active and enabled; nothing where systemd does not run."""
    systemctl = commands.find("systemctl") if os.path.isdir("/run/systemd/system") else None
    if not systemctl or not names:
        return {}
    found: Found = {}
    for name in names:
        shown = commands.run([systemctl, "show", "--property=ActiveState,UnitFileState", "--", name]).stdout
        state = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        found[name] = {
            "active": state.get("ActiveState") == "active",
            "enabled": state.get("UnitFileState") == "enabled",
        }
    return found


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
