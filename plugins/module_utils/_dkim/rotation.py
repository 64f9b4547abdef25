# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The next step of the rotation of many domains, from what modules return to what modules take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import MailError
from . import book, phase
from .key import RSA
from .phase import Move, Phased, Times
from .record import name_of


def plan(
    keys: Sequence[Mapping[str, Any]], seen: Mapping[str, Any], *, now: float, times: Times
) -> dict[str, list[Any]]:
    """What is to be done now, as entries of mail_dkim_key, and what is waited for.

    ``keys`` are as mail_dkim_key and its info module return them. ``seen`` tells of names of records whether every
    resolver answers with the value of the key; one that could not be asked for is not in it. Raises MailError.
    """
    domains: dict[str, list[Phased]] = {}
    for key in keys:
        try:
            domains.setdefault(str(key["domain"]), []).append(_phased(key))
        except (KeyError, TypeError, ValueError) as error:
            mend = "Give the keys as mail_dkim_key_info returns them."
            raise MailError("is not a key", where=f"keys: {str(key)[:80]}", mend=mend) from error
    entries: list[dict[str, Any]] = []
    waits: list[str] = []
    for domain, own in domains.items():
        names = {name_of(domain, key.selector): key.selector for key in own}
        known = {selector: bool(seen[name]) for name, selector in names.items() if seen.get(name) is not None}
        step = phase.next_step(own, now=now, seen=known, times=times)
        entries += [_entry(domain, move) for move in step.moves]
        waits += [f"{domain}: {text}" for text in step.waits]
    return {"entries": entries, "waits": waits}


def _phased(key: Mapping[str, Any]) -> Phased:
    times = (float(book.seconds(str(key[name]))) for name in ("since", "created"))
    if key["phase"] not in phase.PHASES:
        raise ValueError(key["phase"])
    return Phased(str(key["selector"]), str(key["algorithm"]), int(key["bits"]), str(key["phase"]), *times)


def _entry(domain: str, move: Move) -> dict[str, Any]:
    """The move as an entry of mail_dkim_key."""
    entry: dict[str, Any] = {"domains": [domain], "selector": move.selector}
    if move.phase == phase.PREPARED:
        size = {"bits": move.bits} if move.algorithm == RSA else {}
        return {**entry, "algorithm": move.algorithm, **size}
    return {**entry, "phase": move.phase}
