# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client sees of an account, and what has become different between two looks."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

_LISTED = re.compile(rb'\(([^)]*)\) (?:"[^"]*"|NIL) (.*)', re.DOTALL)
_ITEM = re.compile(rb"UID (\d+)")
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UNSEEN = {"\\recent"}
_Item = TypeVar("_Item")


class Message(NamedTuple):
    """``digest`` is empty where the message was not read, ``size`` is negative where it was not asked for."""

    flags: tuple[str, ...]
    size: int
    digest: str = ""


class Folder(NamedTuple):
    """UIDVALIDITY, the next UID, and messages by UID."""

    validity: int
    following: int
    messages: Mapping[int, Message]


class View(NamedTuple):
    """``uidls`` are pairs of UIDL and size in the order of POP3."""

    folders: Mapping[str, Folder]
    subscribed: Sequence[str]
    uidls: Sequence[tuple[str, int]]


def listed(data: Iterable[Any]) -> list[str]:
    """The folders of a LIST or LSUB that can be opened, as they stand on the wire."""
    names = []
    for line in data:
        whole = b"".join(line[:2]) if isinstance(line, tuple) else line
        found = _LISTED.fullmatch(whole or b"")
        if found and b"\\noselect" not in found[1].lower() and b"\\nonexistent" not in found[1].lower():
            name = line[1] if isinstance(line, tuple) else _unquoted(found[2])
            names.append(name.decode("utf-8", "replace"))
    return sorted(names)


def _unquoted(name: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", name[1:-1]) if name.startswith(b'"') else name


def quoted(name: str) -> str:
    """A folder name as a quoted string of IMAP (RFC 3501, section 4.3)."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def message(line: bytes) -> tuple[int, Message] | None:
    """UID, flags and, where it is told, size of one line that FETCH answers."""
    uid, flags, size = _ITEM.search(line), _FLAGS.search(line), _SIZE.search(line)
    if not (uid and flags):
        return None
    return int(uid[1]), Message(_flags(flags[1]), int(size[1]) if size else -1)


@functools.lru_cache(maxsize=1024)
def _flags(written: bytes) -> tuple[str, ...]:
    return tuple(sorted({word.lower() for word in written.decode("utf-8", "replace").split()} - _UNSEEN))


def uid_of(line: bytes) -> int:
    """The UID that a line of FETCH tells, or 0."""
    found = _ITEM.search(line)
    return int(found[1]) if found else 0


def spread(items: Sequence[_Item], number: int) -> list[_Item]:
    """So many of them, spread evenly, the last among them; all of them for 0."""
    if number <= 0 or number >= len(items):
        return list(items)
    return [items[place] for place in sorted({len(items) - 1 - len(items) * step // number for step in range(number)})]


def as_data(view: View) -> dict[str, Any]:
    """A view as JSON can hold it."""
    folders = {
        name: {**folder._asdict(), "messages": {str(uid): list(item) for uid, item in folder.messages.items()}}
        for name, folder in view.folders.items()
    }
    return {"folders": folders, "subscribed": list(view.subscribed), "uidls": [list(pair) for pair in view.uidls]}


def from_data(data: Mapping[str, Any]) -> View:
    """The way back. Raises KeyError, TypeError or ValueError for anything else."""
    folders = {
        name: Folder(
            folder["validity"],
            folder["following"],
            {
                int(uid): Message(tuple(flags), size, digest)
                for uid, (flags, size, digest) in folder["messages"].items()
            },
        )
        for name, folder in data["folders"].items()
    }
    return View(folders, data["subscribed"], [(str(uidl), int(size)) for uidl, size in data["uidls"]])


def differences(before: View, after: View, *, ordered: bool = True) -> list[str]:
    """What a client would notice; mail that has come in the meantime is none of it.

    Not ``ordered`` is for a server that has an order of its own for POP3, where clients go by UIDLs.
    """
    found = _lists("folder", before.folders, after.folders) + _lists(
        "subscription", before.subscribed, after.subscribed
    )
    for name in sorted(set(before.folders) & set(after.folders)):
        found += [f"{name}: {text}" for text in _folder(before.folders[name], after.folders[name])]
    return found + [f"POP3: {text}" for text in _uidls(before.uidls, after.uidls, ordered=ordered)]


def _lists(what: str, before: Iterable[str], after: Iterable[str]) -> list[str]:
    gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    return [f"{what} {name} is gone" for name in gone] + [f"{what} {name} has appeared" for name in new]


def _folder(before: Folder, after: Folder) -> list[str]:
    if before.validity != after.validity:
        return [f"UIDVALIDITY was {before.validity} and is {after.validity}"]
    both = sorted(set(before.messages) & set(after.messages))
    old, new = before.messages, after.messages
    kinds = {
        "are gone": sorted(set(old) - set(new)),
        **_among_old(before, after),
        "have other flags or keywords": [uid for uid in both if old[uid].flags != new[uid].flags],
    }
    told = _told(kinds) + _contents(before, after)
    if after.following < before.following:
        told.append(f"the next UID was {before.following} and is {after.following}")
    return told


def _among_old(before: Folder, after: Folder) -> dict[str, list[int]]:
    new = set(after.messages) - set(before.messages)
    return {"have appeared among old ones": sorted(uid for uid in new if uid < before.following)}


def contents(before: View, after: View) -> list[str]:
    """What changed although no client can change it; what is gone may have been deleted."""
    found = []
    for name in sorted(set(before.folders) & set(after.folders)):
        old, new = before.folders[name], after.folders[name]
        words = _contents(old, new) + _told(_among_old(old, new)) if old.validity == new.validity else _folder(old, new)
        found += [f"{name}: {text}" for text in words]
    old_sizes, new_sizes = dict(before.uidls), dict(after.uidls)
    gone = sum(uidl not in new_sizes for uidl in old_sizes)
    # One may have come and gone between the looks by IMAP and by POP3.
    if gone > _deleted(before, after) + 1:
        found.append(f"POP3: {gone} UIDLs are gone, more than messages of the INBOX")
    return found + [f"POP3: {text}" for text in _pop3_sizes(old_sizes, new_sizes)]


def _deleted(before: View, after: View) -> int:
    old, new = before.folders.get("INBOX"), after.folders.get("INBOX")
    return len(set(old.messages) - set(new.messages)) if old and new else len(before.uidls)


def _contents(before: Folder, after: Folder) -> list[str]:
    """Sizes and contents, as far as both looks have them."""
    both = [
        (uid, before.messages[uid], after.messages[uid]) for uid in sorted(set(before.messages) & set(after.messages))
    ]
    sizes = [uid for uid, old, new in both if old.size != new.size and min(old.size, new.size) >= 0]
    digests = [uid for uid, old, new in both if old.digest and new.digest and old.digest != new.digest]
    return _told({"have another size": sizes, "have another content": digests})


def _told(kinds: Mapping[str, Sequence[int]]) -> list[str]:
    return [f"{len(uids)} messages {what}, such as UID {uids[0]}" for what, uids in kinds.items() if uids]


def _uidls(before: Sequence[tuple[str, int]], after: Sequence[tuple[str, int]], *, ordered: bool) -> list[str]:
    old, new = dict(before), dict(after)
    gone = [uidl for uidl in old if uidl not in new]
    told = [f"{len(gone)} UIDLs are gone, such as {gone[0]}"] if gone else []
    told += _pop3_sizes(old, new)
    if ordered and [uidl for uidl in old if uidl in new] != [uidl for uidl in new if uidl in old]:
        told.append("the messages have another order")
    return told


def _pop3_sizes(old: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    both = [(uidl, old[uidl], new[uidl]) for uidl in old if uidl in new]
    sizes = [uidl for uidl, before, after in both if before != after and min(before, after) >= 0]
    return [f"{len(sizes)} messages have another size, such as {sizes[0]}"] if sizes else []


def arrived(before: View, after: View) -> int:
    """Messages that have come in the meantime."""
    return sum(
        sum(uid >= before.folders[name].following for uid in folder.messages)
        for name, folder in after.folders.items()
        if name in before.folders
    )
