# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's package manager says about Dovecot: what is missing and which syntax its configuration has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .. import _apt_policy
from .._errors import MailError

_VERSION = re.compile(r"(?:\d+:)?(\d+)\.(\d+)")


class Packages(NamedTuple):
    """``missing`` packages in the order asked for; ``syntax`` is ``2.3`` or ``2.4``, and empty with ``version``."""

    missing: list[str]
    version: str
    installed: bool
    syntax: str


def read(policy: str, wanted: Iterable[str]) -> Packages:
    """From the output of ``apt-cache policy`` (C locale) for ``wanted``.

    The version is that of the installed dovecot-core, else of the one that apt would install, else empty. Raises
    MailError when its configuration syntax is not known here.
    """
    known = _apt_policy.read(policy)
    core = known.get("dovecot-core", {})
    installed = core.get("Installed", "")
    version = installed or core.get("Candidate", "")
    return Packages(
        missing=[name for name in wanted if not known.get(name, {}).get("Installed")],
        version=version,
        installed=bool(installed),
        syntax=syntax(version),
    )


def syntax(version: str) -> str:
    """``2.3`` or ``2.4`` for a package version such as ``1:2.3.19.1+dfsg1-2.1``. Raises MailError for any other."""
    if not version:
        return ""
    found = _VERSION.match(version)
    number = (int(found[1]), int(found[2])) if found else (0, 0)
    if number not in ((2, 3), (2, 4)):
        raise MailError(
            f"version {version} has a configuration syntax that is not known here",
            where="dovecot-core",
            mend="Dovecot 2.3 and 2.4 are supported.",
        )
    return f"{number[0]}.{number[1]}"
