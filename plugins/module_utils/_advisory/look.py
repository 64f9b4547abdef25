# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packages a host has, and what apt would install instead; nothing is changed."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from .._errors import MailError
from .._host import commands
from . import judge, release

_FORMAT = "${db:Status-Status}\t${source:Package}\t${source:Version}\t${Package}\n"


def installed(names: Collection[str]) -> list[judge.Installed]:
    """Those of the source packages of which something is installed. apt's lists are read as they are.

    Raises MailError on a host that has no packages of Debian.
    """
    query = commands.find("dpkg-query")
    if not query:
        raise MailError(
            "is not there, so nothing is known of the versions on this host",
            where="dpkg-query",
            mend="Leave the host out, or compare its packages by what its own system offers.",
        )
    listed = commands.run([query, "--show", f"--showformat={_FORMAT}"])
    if listed.status:
        what = listed.stderr.strip() or f"ended with status {listed.status}"
        raise MailError(what, where=query, mend="See whether 'dpkg --audit' complains.")
    sources = release.sources(listed.stdout, names)
    policy = commands.find("apt-cache")
    if not policy or not sources:
        return sources
    packages = [name for source in sources for name in source.packages]
    candidates = release.candidates(commands.run([policy, "policy", *packages]).stdout)
    return [release.with_candidate(source, candidates) for source in sources]


def system() -> str:
    """The release of Debian, such as ``12``; empty on another system."""
    with contextlib.suppress(OSError), open("/etc/os-release", encoding="utf-8", errors="replace") as handle:
        return release.debian(handle.read())
    return ""
