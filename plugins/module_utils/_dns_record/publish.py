# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of the records of a zone: which sets are replaced by which, and what of others stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail.values import near_miss
from . import tags
from .record import Record, comparable, presentation, read

PRESENT, ABSENT, EXCLUSIVE = STATES = ("present", "absent", "exclusive")


class Wish(NamedTuple):
    """A record, and whether it is to be there, gone, or the only one of its name and type."""

    record: Record
    state: str


class Set(NamedTuple):
    """All records of one name and type as a server has them; without values there is none."""

    ttl: int = 0
    values: tuple[str, ...] = ()


class Move(NamedTuple):
    """One set of records before and after."""

    name: str
    type: str
    before: Set
    after: Set


def wishes(entries: Iterable[Any], *, state: str) -> list[Wish]:
    """The wishes of a module's list; an entry's own ``state`` counts before the general one. Raises MailError."""
    found = []
    for number, entry in enumerate(entries, 1):
        where = f"record {number}"
        record = read(entry, where=where)
        own = entry.get("state") or state
        if own not in STATES:
            raise MailError(f"{own!r} is no state", where=f"{where} ({record.name})", mend=near_miss(own, STATES))
        if own != ABSENT and not record.values:
            mend = "Give the values, or state: absent."
            raise MailError("has no values", where=f"{where} ({record.name} {record.type})", mend=mend)
        found.append(Wish(record, own))
    return found


def plan(wanted: Sequence[Wish], existing: Mapping[tuple[str, str], Set]) -> list[Move]:
    """The sets that change. ``existing`` has every name and type of ``wanted``."""
    sets = {key: found._replace(values=_in_order(key[1], found.values)) for key, found in existing.items()}
    after = dict(sets)
    for wish in wanted:
        key = (wish.record.name, wish.record.type)
        after[key] = _after(wish, after[key])
    _check_aliases(after)
    moves = [Move(*key, sets[key], _settled(key[1], after[key])) for key in after]
    return [move for move in moves if move.before != move.after]


def _in_order(kind: str, values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(comparable(kind, value) for value in values)))


def _settled(kind: str, found: Set) -> Set:
    values = _in_order(kind, found.values)
    return Set(found.ttl, values) if values else Set()


def _after(wish: Wish, before: Set) -> Set:
    """The set once one wish is met.

    Of texts that begin with a version (v=spf1 …) there may be only one, so the new one takes the place of the old;
    texts of another kind, such as proofs of ownership, stay in every state.
    """
    kind, own = wish.record.type, _in_order(wish.record.type, wish.record.values)
    if wish.state == ABSENT:
        left = [value for value in before.values if own and value not in own]
        return Set(before.ttl, tuple(left))
    versions = {tags.version(value) for value in own} if kind == "TXT" else set()
    if kind == "TXT":
        replaced = versions if wish.state == EXCLUSIVE else versions - {""}
        kept = [value for value in before.values if tags.version(value) not in replaced]
    else:
        kept = [] if wish.state == EXCLUSIVE or kind == "CNAME" else list(before.values)
    return Set(wish.record.ttl, (*kept, *own))


def _check_aliases(after: Mapping[tuple[str, str], Set]) -> None:
    """Servers pass over a CNAME beside other records, and others beside a CNAME, without a word (RFC 2136, 3.4.2.2)."""
    aliases = {name for (name, kind), found in after.items() if kind == "CNAME" and found.values}
    for (name, kind), found in after.items():
        if kind != "CNAME" and found.values and name in aliases:
            mend = "Take the CNAME away first (state: absent), or leave out the other record."
            raise MailError(f"cannot have a {kind} record beside its CNAME", where=name, mend=mend)


def describe(name: str, kind: str, found: Set) -> str:
    """A set as lines of a zone file, for a diff."""
    return "".join(f"{name}. {found.ttl} IN {kind} {presentation(kind, value)}\n" for value in found.values)


def sides(move: Move) -> tuple[str, str]:
    """Before and after of a move, as text."""
    return describe(move.name, move.type, move.before), describe(move.name, move.type, move.after)


def report(zone: str, moves: Sequence[Move]) -> dict[str, Any]:
    """The moves of a zone as modules return them."""
    rows = [
        {"name": move.name, "type": move.type, "before": list(move.before.values), "after": list(move.after.values)}
        for move in moves
    ]
    return {"zone": zone, "records": rows}


def parts(moves: Sequence[Move], *, limit: int = 30000) -> Iterator[list[Move]]:
    """The moves of one zone in portions that each fit into one message."""
    portion: list[Move] = []
    size = 0
    for move in moves:
        own = sum(len(value) + len(move.name) + 20 for value in (*move.before.values, *move.after.values))
        if portion and size + own > limit:
            yield portion
            portion, size = [], 0
        portion.append(move)
        size += own
    if portion:
        yield portion
