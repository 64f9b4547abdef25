# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is taken back of a conversion whose server has not yet worked on the mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import courier, dovecot, names, to_courier, to_dovecot
from .folder import Found, Work
from .numbers import Numbers

_WRITTEN = (dovecot.UIDS, dovecot.KEYWORDS, dovecot.SUBSCRIPTIONS, dovecot.RIGHTS)


def folder(found: Found, *, renamed: bool) -> Work:
    """Without Dovecot's files, and where messages have been ``renamed``, without its letters in their names.

    Files for Courier may stay: Dovecot does not read them.
    """
    there = [name for name in _WRITTEN if name in found.files]
    taken = set(found.cur)
    bare = [(name, names.with_keywords(name, "")) for name in found.cur] if renamed else []
    renames = [(old, new) for old, new in bare if new != old and new not in taken]
    return Work(found.name, {}, [*there, *found.caches], renames, ())


def dovecot_has_gone_on(found: Found, code: str) -> bool:
    """Whether clients may know from Dovecot what Courier would not tell."""
    now = dovecot.parse_uids(found.files.get(dovecot.UIDS, ""))
    # What was converted has no field of Dovecot's own in its head.
    if now is None or not now.rest:
        return False
    work = to_dovecot.folder(_without(found, dovecot.UIDS), whole=True, code=code)
    written = dovecot.parse_uids(work.write.get(dovecot.UIDS, ""))
    changed = {dovecot.KEYWORDS, dovecot.SUBSCRIPTIONS} & set(work.write)
    return _further(now.numbers, written.numbers if written else None) or bool(work.rename or changed)


def courier_has_gone_on(found: Found, code: str) -> bool:
    """Whether clients may know from Courier what Dovecot would not tell."""
    now = courier.parse_uids(found.files.get(courier.UIDS, ""))
    if now is None:
        return False
    bare = _without(found, courier.UIDS)
    work = to_courier.folder(bare, whole=True, code=code, uidl_format="", measure=lambda _name: 0)
    written = courier.parse_uids(work.write.get(courier.UIDS, ""))
    told = courier.parse_keywords(found.files.get(to_courier.LIST, ""), found.updates)
    changed = courier.SUBSCRIBED in work.write or _words(found, told) != _words(found, to_courier.keywords(found))
    return _further(now.numbers, written.numbers if written else None) or changed


def _without(found: Found, name: str) -> Found:
    return found._replace(files={path: text for path, text in found.files.items() if path != name})


def _further(now: Numbers, written: Numbers | None) -> bool:
    if written is None:
        return bool(now.uids)
    return now.validity != written.validity or now.following > written.following


def _words(found: Found, told: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    present = found.present
    return {name: {word.lower() for word in words} for name, words in told.items() if name in present}


def moves(done: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(new, old) for old, new in reversed(done)]
