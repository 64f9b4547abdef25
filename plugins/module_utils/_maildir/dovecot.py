# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that Dovecot 2.3 and 2.4 keep in a Maildir.

``dovecot-uidlist``   ``3 V<validity> N<next> G<id>``, then ``UID [P<UIDL>] [O<POP3 order>] [W<size>] … :NAME`` by UID
``dovecot-keywords``  ``INDEX KEYWORD``; keyword 0 is letter a among the flags of a name, 25 is z
``subscriptions``     ``V<tab>2``, an empty line, then names with their levels divided by tabs, coded as on disk;
                      older ones have plain lines
``dovecot-acl``       ``IDENTIFIER RIGHTS``
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from . import names
from .numbers import Numbers

UIDS, KEYWORDS, SUBSCRIPTIONS, RIGHTS = "dovecot-uidlist", "dovecot-keywords", "subscriptions", "dovecot-acl"
LETTERS = "abcdefghijklmnopqrstuvwxyz"

_HEAD = re.compile(r"3 (.*)")
_MAX = 2**32 - 1

# Courier's rights that have another letter in Dovecot: RFC 2086's c is RFC 4314's k.
_TO_DOVECOT = str.maketrans({"c": "k"})
_TO_COURIER = str.maketrans({"k": "c"})


class Message(NamedTuple):
    """``order`` is 0 for none; ``rest`` are further fields, such as ``W123``."""

    uid: int
    uidl: str = ""
    order: int = 0
    rest: tuple[str, ...] = ()


class Uids(NamedTuple):
    """``dovecot-uidlist``: messages by base name; ``rest`` are words of its head that are kept as they are."""

    validity: int
    following: int
    messages: Mapping[str, Message]
    rest: tuple[str, ...] = ()

    @property
    def numbers(self) -> Numbers:
        """The same without what only Dovecot has."""
        return Numbers(self.validity, self.following, {name: message.uid for name, message in self.messages.items()})


def parse_uids(text: str) -> Uids | None:
    """None for what Dovecot itself would begin anew."""
    lines = text.split("\n")
    head = _HEAD.fullmatch(lines[0])
    if not head:
        return None
    fields = {field[:1]: field[1:] for field in head[1].split(" ")}
    validity, following = fields.pop("V", ""), fields.pop("N", "")
    if not (validity.isdigit() and following.isdigit() and 0 < int(validity) <= _MAX):
        return None
    messages = {}
    for line in lines[1:]:
        words, _colon, name = line.partition(" :")
        parts = words.split(" ")
        if name and parts[0].isdigit():
            messages[names.base(name)] = _message(int(parts[0]), parts[1:])
    top = max((message.uid for message in messages.values()), default=0)
    rest = tuple(key + value for key, value in sorted(fields.items()) if key)
    return Uids(int(validity), max(int(following), top + 1), messages, rest)


def _message(uid: int, fields: Iterable[str]) -> Message:
    uidl, order, rest = "", 0, []
    for field in fields:
        if field.startswith("P"):
            uidl = field[1:]
        elif field.startswith("O") and field[1:].isdigit():
            order = int(field[1:])
        elif field:
            rest.append(field)
    return Message(uid, uidl, order, tuple(rest))


def render_uids(uids: Uids) -> str:
    """``dovecot-uidlist`` in its version 3, in the order of UIDs."""
    lines = [" ".join(["3", f"V{uids.validity}", f"N{uids.following}", *uids.rest]) + "\n"]
    for name, message in sorted(uids.messages.items(), key=lambda item: item[1].uid):
        fields = [str(message.uid)]
        fields += [f"P{message.uidl}"] if message.uidl else []
        fields += [f"O{message.order}"] if message.order else []
        lines.append(f"{' '.join([*fields, *message.rest])} :{name}\n")
    return "".join(lines)


def parse_keywords(text: str) -> dict[int, str]:
    """``dovecot-keywords``: keywords by the number of the letter that stands for them in names."""
    found = {}
    for line in text.split("\n"):
        index, _space, keyword = line.partition(" ")
        if keyword and index.isdigit() and int(index) < len(LETTERS):
            found[int(index)] = keyword
    return found


def render_keywords(keywords: Mapping[int, str]) -> str:
    """The same as text."""
    return "".join(f"{index} {keywords[index]}\n" for index in sorted(keywords))


def keywords_of(name: str, known: Mapping[int, str]) -> tuple[str, ...]:
    """The keywords of a message by the letters in its name."""
    found = (known.get(LETTERS.index(letter)) for letter in names.letters(name) if letter in LETTERS)
    return tuple(keyword for keyword in found if keyword)


def parse_subscriptions(text: str) -> list[str]:
    """Names as they are on disk, levels divided by dots."""
    lines = text.split("\n")
    if lines[0].startswith("V\t2"):
        lines = [".".join(line.split("\t")) for line in lines[1:]]
    return list(dict.fromkeys(line for line in lines if line))


def render_subscriptions(folders: Sequence[str]) -> str:
    """``subscriptions`` in its version 2; ``folders`` are named as ``parse_subscriptions`` names them."""
    return "V\t2\n\n" + "".join("\t".join(folder.split(".")) + "\n" for folder in folders)


def rights_from_courier(rights: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[str]]:
    """Dovecot's entries, and identifiers that it does not know."""
    found, unknown = [], []
    for identifier, letters in rights:
        bare = identifier.lstrip("-")
        if bare in ("anonymous", "anyone", "owner") or bare.startswith(("user=", "group=")):
            named = "anyone" if bare == "anonymous" else bare
            found.append((identifier[: len(identifier) - len(bare)] + named, letters.translate(_TO_DOVECOT)))
        elif bare != "administrators":
            unknown.append(identifier)
    return found, unknown


def rights_to_courier(rights: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[str]]:
    """The way back."""
    found, unknown = [], []
    for identifier, letters in rights:
        bare = identifier.lstrip("-")
        if bare in ("anyone", "owner") or bare.startswith(("user=", "group=")):
            found.append((identifier, letters.translate(_TO_COURIER)))
        else:
            unknown.append(identifier)
    return found, unknown


def render_rights(rights: Iterable[tuple[str, str]]) -> str:
    """``dovecot-acl``, a line for each pair of identifier and rights."""
    return "".join(f"{identifier} {letters}\n" for identifier, letters in rights)
