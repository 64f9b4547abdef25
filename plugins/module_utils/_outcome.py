# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module found, planned and did: the same shape in check mode, with diff and without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Change(NamedTuple):
    """One changed thing as text: ``name`` heads the diff (a path or an object)."""

    name: str
    before: str
    after: str


class Outcome(NamedTuple):
    """``changes`` decide ``changed`` and ``diff``; ``facts`` are the module's return values."""

    changes: Sequence[Change]
    facts: dict[str, Any]
    warnings: Sequence[str] = ()

    @property
    def changed(self) -> bool:
        return bool(self.changes)

    @property
    def diff(self) -> list[dict[str, str]]:
        """The list form of Ansible's diff, one entry per changed thing."""
        return [
            {
                "before_header": change.name,
                "after_header": change.name,
                "before": change.before,
                "after": change.after,
            }
            for change in self.changes
        ]
