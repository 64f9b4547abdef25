# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that Courier-IMAP keeps beside messages, as seen with 5.0 and 5.2.

``courierimapuiddb``      ``1 UIDVALIDITY NEXT``, then ``UID NAME`` without flags
``courierpop3dsizelist``  ``/VERSION NEXT VALIDITY``, then ``NAME SIZE NUMBER:VALIDITY`` and with version 3 ``:UTF8``;
                          the name has the flags of the moment. The UIDL is ``UIDnumber-validity``, without validity
                          ``UIDnumber``, and with number 0 the name with odd characters as ``+XX``
``courierimapkeywords/``  ``:list``: the keywords, an empty line, then ``NAME:INDEX INDEX``; beside it files that are
                          newer, one per message, called ``NAME`` or before that ``.TIME.NAME``
``courierimapsubscribed`` names as clients say them, in UTF-8
``courierimapacl``        ``IDENTIFIER RIGHTS``
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from . import names
from .numbers import Numbers

UIDS, SIZES, KEYWORDS, SUBSCRIBED, RIGHTS = (
    "courierimapuiddb",
    "courierpop3dsizelist",
    "courierimapkeywords",
    "courierimapsubscribed",
    "courierimapacl",
)
KEYWORD_LIST = ":list"
# What every folder gets that nobody shared.
STOCK_RIGHTS = (("owner", "aceilrstwx"), ("administrators", "aceilrstwx"))

# Courier makes UIDVALIDITY of the seconds since this moment, and what stands in UIDLs of those since 1970.
EPOCH = 1000000000

_AGED = re.compile(r"\.(\d+)\.(.+)", re.DOTALL)
_ENTRY = re.compile(r"(.+) (\d+) (\d+):(\d+)(?::(\d+))?", re.DOTALL)
_UIDL = re.compile(r"UID([1-9]\d*)(?:-([1-9]\d*))?")
_MAX = 2**32 - 1


class Uids(NamedTuple):
    """``uids`` by base name. ``repeated`` are names whose UID another one has as well."""

    validity: int
    following: int
    uids: Mapping[str, int]
    repeated: Sequence[str] = ()

    @property
    def numbers(self) -> Numbers:
        """The same without what only Courier has."""
        return Numbers(self.validity, self.following, self.uids)


class Entry(NamedTuple):
    """A message as POP3 clients know it; ``size`` counts line ends as two bytes."""

    size: int
    number: int
    validity: int
    utf8: int = 0


class Sizes(NamedTuple):
    """``courierpop3dsizelist``: its format (2 or 3), the next number, UIDVALIDITY, and entries by base name."""

    version: int
    following: int
    validity: int
    entries: Mapping[str, Entry]


def parse_uids(text: str) -> Uids | None:
    """None for what Courier itself would throw away and begin anew."""
    lines = text.split("\n")
    head = lines[0].split()
    if len(head) < 3 or head[0] != "1" or not all(_number(word) for word in head[1:3]):
        return None
    found: dict[str, int] = {}
    for line in lines[1:]:
        uid, _space, name = line.partition(" ")
        if name and _number(uid):
            found[names.base(name)] = int(uid)
    taken = set(found.values())
    following = max(int(head[2]), max(taken, default=0) + 1)
    if len(taken) == len(found):
        return Uids(int(head[1]), following, found)
    kept: dict[int, str] = {}
    for name in sorted(found, key=names.arrival):
        kept.setdefault(found[name], name)
    repeated = sorted(set(found) - set(kept.values()), key=names.arrival)
    return Uids(int(head[1]), following, {name: uid for uid, name in kept.items()}, repeated)


def _number(word: str) -> bool:
    return word.isascii() and word.isdigit() and 0 < int(word) <= _MAX


def render_uids(uids: Uids) -> str:
    """``courierimapuiddb`` as Courier writes it, in the order of UIDs."""
    entries = sorted((uid, name) for name, uid in uids.uids.items())
    return f"1 {uids.validity} {uids.following}\n" + "".join(f"{uid} {name}\n" for uid, name in entries)


def parse_sizes(text: str) -> Sizes | None:
    """None for what Courier itself would throw away."""
    lines = text.split("\n")
    head = lines[0][1:].split()
    if not lines[0].startswith("/") or len(head) < 3 or head[0] not in ("2", "3") or not all(map(str.isdigit, head)):
        return None
    entries = {}
    for line in lines[1:]:
        found = _ENTRY.fullmatch(line)
        if found:
            entries[names.base(found[1])] = Entry(int(found[2]), int(found[3]), int(found[4]), int(found[5] or 0))
    return Sizes(int(head[0]), int(head[1]), int(head[2]), entries)


def render_sizes(sizes: Sizes) -> str:
    """``courierpop3dsizelist`` as Courier writes it, in the order in which names say that messages arrived."""
    lines = [f"/{sizes.version} {sizes.following} {sizes.validity}\n"]
    for name in sorted(sizes.entries, key=names.arrival):
        entry = sizes.entries[name]
        utf8 = f":{entry.utf8}" if sizes.version == 3 else ""
        lines.append(f"{name}:2, {entry.size} {entry.number}:{entry.validity}{utf8}\n")
    return "".join(lines)


def uidl(name: str, entry: Entry) -> str:
    """What Courier answers to UIDL for a message: its number, or its name where it has none."""
    if entry.number:
        return f"UID{entry.number}-{entry.validity}" if entry.validity else f"UID{entry.number}"
    return name_as_uidl(name)


def name_as_uidl(name: str) -> str:
    """A base name as Courier tells it: bytes that UIDL may not have (RFC 1939, section 7) in hex."""
    raw = names.base(name).encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if 0x21 <= byte <= 0x7E and byte not in b"'\"+" else f"+{byte:02X}" for byte in raw)


def entry_for(uidl_text: str, name: str, size: int) -> Entry | None:
    """What makes Courier tell this UIDL, or None when nothing does."""
    found = _UIDL.fullmatch(uidl_text)
    if found:
        return Entry(size, int(found[1]), int(found[2] or 0))
    return Entry(size, 0, 0) if uidl_text == name_as_uidl(name) else None


def parse_keywords(text: str, updates: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Keywords by base name. ``updates`` are the other files of the directory by their names."""
    lines = text.split("\n")
    end = lines.index("") if "" in lines else len(lines)
    known, found = lines[:end], {}
    for line in lines[end + 1 :]:
        name, _colon, numbers = line.partition(":")
        found[name] = [known[int(word)] for word in numbers.split() if word.isdigit() and int(word) < len(known)]
    for name in sorted(updates, key=_age):
        found[_message(name)] = updates[name].split("\n")
    return {name: unique(words) for name, words in found.items() if name and any(words)}


def _age(name: str) -> tuple[int, int]:
    aged = _AGED.fullmatch(name)
    return (0, int(aged[1])) if aged else (1, 0)


def _message(name: str) -> str:
    aged = _AGED.fullmatch(name)
    return aged[2] if aged else name


def is_update(name: str) -> bool:
    """Whether a file beside the list tells keywords of a message."""
    return name != KEYWORD_LIST and (not name.startswith(".") or bool(_AGED.fullmatch(name)))


def unique(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, as it was first written: keywords are the same in upper and lower case (RFC 3501 2.3.2)."""
    return tuple({word.lower(): word for word in reversed([word for word in words if word])}.values())[::-1]


def render_keywords(keywords: Mapping[str, Sequence[str]]) -> str:
    """``courierimapkeywords/:list`` as Courier writes it; ``keywords`` are by base name."""
    known = sorted({word for words in keywords.values() for word in words})
    index = {word: number for number, word in enumerate(known)}
    lines = [f"{name}:{' '.join(str(index[word]) for word in keywords[name])}\n" for name in sorted(keywords)]
    return "".join(f"{word}\n" for word in known) + "\n" + "".join(lines)


def parse_lines(text: str) -> list[str]:
    """The lines of ``courierimapsubscribed``, each once, in their order."""
    return list(dict.fromkeys(line for line in text.split("\n") if line))


def parse_rights(text: str) -> list[tuple[str, str]]:
    """Pairs of identifier and rights (RFC 4314) in ``courierimapacl``."""
    pairs = [line.rpartition(" ") for line in text.split("\n")]
    return [(identifier, rights) for identifier, _colon, rights in pairs if identifier and rights]
