# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases of a key, and how one key follows another so that what is signed can be verified at every moment.

A key is ``prepared`` when it is made, ``published`` when its record is seen, ``signing``, ``retiring`` while mail that
it signed may still be on its way, and ``retired`` when nobody asks for its record any more.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .._errors import MailError
from .key import ALGORITHMS, ED25519, RSA, WEAK

PHASES = (PREPARED, PUBLISHED, SIGNING, RETIRING, RETIRED) = (
    "prepared",
    "published",
    "signing",
    "retiring",
    "retired",
)

# From each phase: where a key may go without harm. One that never signed is not missed by anybody.
_ONWARD = {
    PREPARED: (PUBLISHED, RETIRED),
    PUBLISHED: (SIGNING, RETIRED),
    SIGNING: (RETIRING,),
    RETIRING: (RETIRED,),
    RETIRED: (),
}
_HARM = {
    SIGNING: "what it signs could not be verified before its record is seen",
    RETIRED: "mail that it signed may be on its way, and needs the record",
    RETIRING: "it has not signed anything yet",
}


class Phased(NamedTuple):
    """What counts here of a key. ``created`` and ``since``, the begin of its phase, are seconds since 1970."""

    selector: str
    algorithm: str
    bits: int
    phase: str
    since: float
    created: float


class Move(NamedTuple):
    """A key that is to enter ``phase``; for ``prepared`` it is made.

    One that is retired stays known, so that an inventory which still lists its selector does not bring it back.
    """

    selector: str
    phase: str
    algorithm: str
    bits: int


class Step(NamedTuple):
    """What to do now, in this order, and what the rotation waits for, one sentence each."""

    moves: tuple[Move, ...] = ()
    waits: tuple[str, ...] = ()


class Times(NamedTuple):
    """Seconds: how long mail may be on its way, how long a record is seen before its key signs, and after how long a
    key that signs gets a successor (0: never)."""

    queue_lifetime: float
    min_publish_wait: float
    rotate_after: float = 0


def check_change(before: str, after: str, *, where: str) -> None:
    """Raise MailError unless a key may go from one phase to the other without ``force``."""
    if before == after or after in _ONWARD[before]:
        return
    if before == RETIRED:
        mend = "Its private key is gone; make one with another selector."
        raise MailError("is retired", where=where, mend=mend)
    if PHASES.index(after) < PHASES.index(before):
        mend = f"Leave phase out, or add force to go back to {after}."
        raise MailError(f"is {before} already", where=where, mend=mend)
    mend = f"Its next phase is {_ONWARD[before][0]}. If you know that no harm comes of it, add force."
    raise MailError(f"cannot go from {before} to {after}: {_HARM[after]}", where=where, mend=mend)


def check_signers(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]], *, where: str) -> None:
    """Raise MailError when a domain that was signed for would not be any more, or by no key that all verifiers know.

    Both are the keys of one domain as pairs of algorithm and phase.
    """
    old = {algorithm for algorithm, phase in before if phase == SIGNING}
    new = {algorithm for algorithm, phase in after if phase == SIGNING}
    mend = "Let the key that follows it sign first (phase: signing), or add force."
    if old and not new:
        raise MailError("no key would sign for it any more", where=where, mend=mend)
    if RSA in old and RSA not in new:
        what = "no RSA key would sign for it any more, and not every verifier knows Ed25519"
        raise MailError(what, where=where, mend=mend)


def next_step(keys: Sequence[Phased], *, now: float, seen: Mapping[str, bool], times: Times) -> Step:
    """What a run of a rotation does next for the keys of one domain, each algorithm for itself.

    ``seen`` tells of selectors whether every resolver that was asked answers with the record of the key; one that is
    not in it could not be found out. A run that was interrupted, or a step that was done in part, is taken up by the
    next run. A key signs only after its record was seen for ``min_publish_wait``. In the step in which it begins to,
    the keys before it end, and their records stay for ``queue_lifetime`` more.
    """
    moves: list[Move] = []
    waits: list[str] = []
    for algorithm in ALGORITHMS:
        group = [key for key in keys if key.algorithm == algorithm]
        for part in (_signing(group, now, seen, times), _ending(group, now, seen, times)):
            moves += part.moves
            waits += part.waits
        successor = _successor(group, keys, now, times)
        moves += [successor] if successor else []
    return Step(tuple(moves), tuple(waits))


def _signing(group: Sequence[Phased], now: float, seen: Mapping[str, bool], times: Times) -> Step:
    """The way of new keys to signing. One of them at a time takes over, the oldest first, so the newest is the last."""
    moves, waits = [], []
    for key in _in(group, PREPARED):
        if seen.get(key.selector):
            moves.append(_move(key, PUBLISHED))
        else:
            waits.append(f"{key.selector}: its record is not seen everywhere yet. Publish it.")
    signers = sorted(_in(group, SIGNING), key=lambda key: (key.since, key.created, key.selector))
    lost = [key.selector for key in signers if seen.get(key.selector) is False]
    waits += [f"{selector}: it signs, and its record is not seen. Publish it again." for selector in lost]
    ready = []
    for key in _in(group, PUBLISHED):
        until = key.since + times.min_publish_wait
        if not seen.get(key.selector):
            waits.append(f"{key.selector}: its record is not seen everywhere any more. Publish it again.")
        elif now < until:
            waits.append(f"{key.selector}: it signs from {_date(until)} on, when its record is known everywhere.")
        else:
            ready.append(key)
    if ready:
        moves.append(_move(ready[0], SIGNING))
        moves += [_move(key, RETIRING) for key in signers]
    elif len(signers) > 1 and seen.get(signers[-1].selector):  # the step before was interrupted
        moves += [_move(key, RETIRING) for key in signers[:-1]]
    return Step(tuple(moves), tuple(waits))


def _ending(group: Sequence[Phased], now: float, seen: Mapping[str, bool], times: Times) -> Step:
    moves, waits = [], []
    for key in _in(group, RETIRING):
        until = key.since + times.queue_lifetime
        if now < until:
            waits.append(f"{key.selector}: its record stays until {_date(until)}, for mail that is on its way.")
        else:
            moves.append(_move(key, RETIRED))
    waits += [f"{key.selector}: its record can be removed." for key in _in(group, RETIRED) if seen.get(key.selector)]
    return Step(tuple(moves), tuple(waits))


def _successor(group: Sequence[Phased], keys: Sequence[Phased], now: float, times: Times) -> Move | None:
    """The key to make when the one that signs has done so for long enough and none is on its way."""
    signers = _in(group, SIGNING)
    if not (times.rotate_after and signers) or _in(group, PREPARED) or _in(group, PUBLISHED):
        return None
    last = max(signers, key=lambda key: key.since)
    if now < last.since + times.rotate_after:
        return None
    bits = max(last.bits, WEAK) if last.algorithm == RSA else last.bits
    return Move(new_selector([key.selector for key in keys], last.algorithm, now), PREPARED, last.algorithm, bits)


def new_selector(taken: Iterable[str], algorithm: str, now: float) -> str:
    """A selector that is not among ``taken``: the day, and a letter for the algorithm, since both may sign a mail."""
    base = _time(now).strftime("%Y%m%d") + {RSA: "r", ED25519: "e"}[algorithm]
    others = set(taken)
    names = (base, *(f"{base}{number}" for number in range(2, len(others) + 3)))
    return next(name for name in names if name not in others)


def _in(group: Iterable[Phased], phase: str) -> list[Phased]:
    return sorted((key for key in group if key.phase == phase), key=lambda key: (key.created, key.selector))


def _move(key: Phased, phase: str) -> Move:
    return Move(key.selector, phase, key.algorithm, key.bits)


def _time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def _date(seconds: float) -> str:
    return _time(seconds).strftime("%Y-%m-%d %H:%M UTC")
