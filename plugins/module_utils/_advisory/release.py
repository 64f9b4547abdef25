# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What dpkg, apt and /etc/os-release print, as data."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from .. import _apt_policy
from . import version
from .judge import Installed

# What a rebuild without a change of the source adds to the version of a binary package.
_REBUILT = re.compile(r"\+b\d+\Z")
_ABSENT = ("not-installed", "config-files")


def sources(listed: str, names: Collection[str]) -> list[Installed]:
    """From lines of dpkg-query (state, source, its version, binary package): the source packages that were asked for.

    When binary packages of one source have several versions, the oldest one counts.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for line in listed.splitlines():
        words = line.split("\t")
        if len(words) == 4 and words[0] not in _ABSENT and words[1] in names:
            found.setdefault(words[1], []).append((words[2], words[3]))
    return [
        Installed(
            name,
            min((number for number, _package in rows), key=version.order),
            tuple(sorted(package for _number, package in rows)),
        )
        for name, rows in sorted(found.items())
    ]


def candidates(policy: str) -> dict[str, tuple[str, str]]:
    """From ``apt-cache policy`` (C locale): for each binary package what is installed and what would be."""
    known = _apt_policy.read(policy)
    return {name: (words.get("Installed", ""), words.get("Candidate", "")) for name, words in known.items()}


def with_candidate(source: Installed, known: Mapping[str, tuple[str, str]]) -> Installed:
    """``source`` with the version that apt would install, which is the same where there is no newer one.

    It is read from a binary package that has the version of its source; some (courier-imap) have one of their own.
    """
    for package in source.packages:
        here, offered = known.get(package, ("", ""))
        if _REBUILT.sub("", here) == source.version:
            return source._replace(candidate=_REBUILT.sub("", offered))
    return source


def debian(text: str) -> str:
    """The release that /etc/os-release names; empty for anything but Debian itself."""
    words = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if words.get("ID", "").strip('"') != "debian":
        return ""
    return words.get("VERSION_ID", "").strip('"')
