# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``apt-cache policy`` prints, as data."""

from __future__ import annotations

import re

_FIELD = re.compile(r"  (Installed|Candidate): (\S+)")


def read(policy: str) -> dict[str, dict[str, str]]:
    """``Installed`` and ``Candidate`` of each package, as far as it has them, from the output in the C locale."""
    sections: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for line in policy.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            fields = sections.setdefault(line[:-1], {})
        field = _FIELD.match(line)
        if field and field[2] != "(none)":
            fields[field[1]] = field[2]
    return sections
