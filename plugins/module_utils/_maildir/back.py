# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is taken back of a conversion whose server has not yet worked on the mail."""

from __future__ import annotations

from collections.abc import Sequence

from . import dovecot, names, to_dovecot
from .folder import Found, Work

_WRITTEN = (dovecot.UIDS, dovecot.KEYWORDS, dovecot.SUBSCRIPTIONS, dovecot.RIGHTS)


def folder(found: Found) -> Work:
    """Without Dovecot's files, and without its letters in the names of messages."""
    there = [name for name in _WRITTEN if name in found.files]
    taken = set(found.cur)
    bare = [(name, names.with_keywords(name, "")) for name in found.cur]
    renames = [(old, new) for old, new in bare if new != old and new not in taken]
    return Work(found.name, {}, [*there, *found.caches], renames, ())


def has_gone_on(found: Found, code: str) -> bool:
    """Whether Dovecot has numbered messages that Courier would number otherwise."""
    now = dovecot.parse_uids(found.files.get(dovecot.UIDS, ""))
    # What was converted has no field of Dovecot's own in its head.
    if now is None or not now.rest:
        return False
    files = {name: text for name, text in found.files.items() if name != dovecot.UIDS}
    work = to_dovecot.folder(found._replace(files=files), whole=True, code=code)
    converted = dovecot.parse_uids(work.write.get(dovecot.UIDS, ""))
    if converted is None:
        return bool(now.messages)
    return now.validity != converted.validity or now.following > converted.following


def moves(done: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(new, old) for old, new in reversed(done)]
