# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A look at everything, with nothing written: what there is, what is odd, and what converting will take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._errors import MailError
from .._outcome import Outcome
from . import account, judge, look
from .account import Account, Count
from .folder import Found, Work, shown

ABSENT = "has no Maildir yet"


def survey(items: Sequence[Account], code: str, plan: Callable[[Found], Work]) -> Outcome:
    """Accounts with their counts and oddities, and what the whole will take; ``plan`` tells what is odd of a folder."""
    facts, counts = [], []
    free: dict[int, int] = {}
    for item in items:
        fact: dict[str, Any] = {"address": item.address, "maildir": item.maildir, "refused": ""}
        total = Count()
        oddities: list[str] = []
        try:
            with look.opened(item) as maildir:
                if maildir is None:
                    oddities = [ABSENT]
                else:
                    total, oddities = _counted(maildir, item, code, plan)
                    system, there = look.free_bytes(maildir)
                    free[system] = there
        except MailError as error:
            fact["refused"] = error.message
        counts.append(total)
        facts.append({**fact, **total._asdict(), "oddities": oddities})
    total = account.add(counts)
    sums = {
        **total._asdict(),
        "seconds": account.seconds(total),
        "needed_bytes": account.needed_bytes(total),
        "free_bytes": min(free.values(), default=0),
    }
    warnings = [fact["refused"] for fact in facts if fact["refused"]]
    if free and sums["needed_bytes"] > sums["free_bytes"]:
        warnings.append(f"{sums['needed_bytes']} bytes are needed and {sums['free_bytes']} are free.")
    return Outcome([], {"accounts": facts, **sums}, warnings)


def _counted(maildir: int, item: Account, code: str, plan: Callable[[Found], Work]) -> tuple[Count, list[str]]:
    folders, oddities = look.folders(maildir, code)
    judge.writable(maildir, folders, item)
    counts = []
    for name in folders:
        counted, words = look.count(maildir, name, item.uid)
        found = look.folder(maildir, name)
        counts.append(counted)
        if found is not None:
            words += [*found.oddities, *plan(found).oddities]
        oddities += [f"{shown(name)}: {text}" for text in words]
    return account.add(counts), oddities
