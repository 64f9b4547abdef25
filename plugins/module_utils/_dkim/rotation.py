# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The next step of the rotation of many domains, from what modules return to what modules take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from .._errors import MailError
from . import book, phase
from .key import RSA
from .phase import Move, Phased, Times
from .record import name_of
from .sight import Sight


def plan(
    keys: Sequence[Mapping[str, Any]],
    sight: Sight,
    *,
    now: float,
    times: Times,
    only: Collection[str] | None = None,
) -> dict[str, Any]:
    """What is to be done now, as entries of mail_dkim_key, what signs after that, and what is waited for.

    ``keys`` are as mail_dkim_key and its info module return them; those of other domains than ``only`` are left alone.
    Raises MailError.
    """
    seen = sight.seen
    result: dict[str, Any] = {"entries": [], "signing": {}, "moves": [], "waits": [], "publish": [], "remove": []}
    for domain, own in _by_domain(keys).items():
        if only is not None and domain not in only:
            continue
        names = {name_of(domain, key.selector): key for key in own}
        known = {key.selector: bool(seen[name]) for name, key in names.items() if seen.get(name) is not None}
        step = phase.next_step(own, now=now, seen=known, times=times)
        phases = {key.selector: key.phase for key in own}
        before, after = _signing(phases), _signing({**phases, **{move.selector: move.phase for move in step.moves}})
        result["entries"] += [_entry(domain, move) for move in step.moves]
        result["signing"].update({domain: after} if before != after else {})
        result["moves"] += [
            f"{domain}: {move.selector}: {phases.get(move.selector, 'new')} -> {move.phase}" for move in step.moves
        ]
        result["waits"] += [f"{domain}: {text}" for text in step.waits]
        result["publish"] += [name for name, key in names.items() if _lacks_record(key, known.get(key.selector))]
        result["remove"] += [
            name for name, key in names.items() if key.phase == phase.RETIRED and known.get(key.selector)
        ]
    result["waits"] += sight.silent
    return result


def _lacks_record(key: Phased, seen: bool | None) -> bool:
    """Whether a record is to be published; one that nobody could tell of is, as long as its key is new."""
    return not seen if key.phase == phase.PREPARED else key.phase != phase.RETIRED and seen is False


def _signing(phases: Mapping[str, str]) -> list[str]:
    return sorted(selector for selector, reached in phases.items() if reached == phase.SIGNING)


def _by_domain(keys: Iterable[Mapping[str, Any]]) -> dict[str, list[Phased]]:
    domains: dict[str, list[Phased]] = {}
    for key in keys:
        try:
            domains.setdefault(str(key["domain"]), []).append(_phased(key))
        except (KeyError, TypeError, ValueError) as error:
            mend = "Give the keys as mail_dkim_key_info returns them."
            raise MailError("is not a key", where=f"keys: {str(key)[:80]}", mend=mend) from error
    return domains


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
