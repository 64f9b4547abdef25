# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guard that keeps an empty variable from deleting a company."""

from __future__ import annotations

from collections.abc import Collection

from .._errors import MailError


def check_share(removed: Collection[str], total: int, max_percent: int, *, what: str) -> None:
    """Raise MailError when more than ``max_percent`` percent of ``total`` objects would be removed."""
    if not 0 <= max_percent <= 100:
        raise MailError("is not between 0 and 100", where="max_removed_percent", mend="20 is the default.")
    if removed and len(removed) * 100 > total * max_percent:
        some = ", ".join(sorted(removed)[:5]) + (", ..." if len(removed) > 5 else "")
        raise MailError(
            f"{len(removed)} of {total} {what} are not listed and would be removed ({some}), "
            f"more than max_removed_percent ({max_percent}) allows",
            where="exclusive",
            mend="Nothing was changed. List them, or raise max_removed_percent for this run if that is meant.",
        )
