# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rspamadm says against a configuration."""

from __future__ import annotations

# Said of each rule whose module is off, as rspamd's own rules have several.
_HARMLESS = ("cannot register delayed dependency", "syntax ")


def read(said: str) -> list[str]:
    """The lines that an administrator can mend something by, each once."""
    lines = [line.strip() for line in said.splitlines()]
    return list(dict.fromkeys(line for line in lines if line and not line.startswith(_HARMLESS)))
