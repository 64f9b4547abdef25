# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""UIDs where two servers have numbered the messages of a folder: one served it, and one delivered into it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple


class Numbers(NamedTuple):
    """``uids`` by the base names of messages."""

    validity: int
    following: int
    uids: Mapping[str, int]


def joined(served: Numbers, other: Numbers | None, present: AbstractSet[str]) -> Numbers:
    """What the next server is to know. Clients have seen the UIDs of the server that ``served``; these stay.

    Messages that only the other one has numbered keep their UIDs if it knew all that clients know and went on behind
    that; otherwise they get new ones, higher than any that either has given.
    """
    uids = {name: uid for name, uid in served.uids.items() if name in present}
    if other is None or other.validity != served.validity:
        return Numbers(served.validity, served.following, uids)
    more = {name: uid for name, uid in other.uids.items() if name in present and name not in uids}
    following = max(served.following, other.following)
    agreed = all(other.uids.get(name) == uid for name, uid in uids.items())
    if not agreed or min(more.values(), default=following) < served.following:
        more = {name: following + place for place, name in enumerate(sorted(more, key=more.__getitem__))}
    return Numbers(served.validity, max([following, *(uid + 1 for uid in more.values())]), {**uids, **more})
