# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Dovecot is to find in a folder that Courier has served."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from . import courier, dovecot, names, numbers
from .folder import Found, Work, only_new, several


def folder(found: Found, *, whole: bool, code: str) -> Work:
    """``whole`` is for the time when no server runs: messages are renamed for keywords, and stale caches removed."""
    wanted: dict[str, str] = {}
    oddities: list[str] = []
    uids, words = _uids(found)
    oddities += words
    if uids:
        wanted[dovecot.UIDS] = dovecot.render_uids(uids)
    known, renames, words = _keywords(found)
    oddities += words
    if known or (served(found) and found.files.get(dovecot.KEYWORDS)):
        wanted[dovecot.KEYWORDS] = dovecot.render_keywords(known)
    text, words = _rights(found)
    oddities += words
    if text:
        wanted[dovecot.RIGHTS] = text
    stale = {courier.UIDS, dovecot.SUBSCRIPTIONS} <= set(found.files)
    if not found.name and (courier.SUBSCRIBED in found.files or stale):
        folders, words = subscriptions(courier.parse_lines(found.files.get(courier.SUBSCRIBED, "")), code)
        oddities += words
        wanted[dovecot.SUBSCRIPTIONS] = dovecot.render_subscriptions(folders)
    return Work(
        found.name, only_new(found, wanted), found.caches if whole else (), renames if whole else (), tuple(oddities)
    )


def served(found: Found) -> bool:
    """Whether a client has opened this folder with Courier."""
    return bool(found.updates) or not {courier.UIDS, _LIST}.isdisjoint(found.files)


def _uids(found: Found) -> tuple[dovecot.Uids | None, list[str]]:
    """The list for Dovecot, or None to leave what is there, and oddities."""
    oddities = []
    text = found.files.get(courier.UIDS)
    uids = courier.parse_uids(text) if text is not None else None
    if text is not None and uids is None:
        oddities.append(f"{courier.UIDS} is broken: IMAP clients fetch this folder again, with any server")
    if uids and uids.repeated:
        oddities.append(several(len(uids.repeated), "UIDs twice; the second gets a new one", uids.repeated[0]))
    sizes = _sizes(found, oddities)
    present = found.present
    uidls = {name: courier.uidl(name, entry) for name, entry in sizes.entries.items() if name in present}
    if uids is None and not uidls:
        return None, oddities
    old_text = found.files.get(dovecot.UIDS)
    old = dovecot.parse_uids(old_text) if old_text else None
    known = uids.numbers if uids else numbers.Numbers(_validity(sizes), 1, {})
    told = numbers.joined(known, old.numbers if old else None, present)
    if set(uidls) - set(told.uids):
        told = _all(told, present)
    kept = old.messages if old else {}
    order = _order(told.uids) if uidls else {}
    messages = {
        name: dovecot.Message(uid, uidls.get(name, ""), order.get(name, 0), kept[name].rest if name in kept else ())
        for name, uid in told.uids.items()
    }
    return dovecot.Uids(told.validity, told.following, messages), oddities


def _sizes(found: Found, oddities: list[str]) -> courier.Sizes:
    """POP3 clients see the INBOX alone."""
    text = found.files.get(courier.SIZES) if not found.name else None
    sizes = courier.parse_sizes(text) if text is not None else None
    if text is not None and sizes is None:
        oddities.append(f"{courier.SIZES} is broken or too old: POP3 clients fetch mail again, with any server")
    return sizes or courier.Sizes(3, 1, 0, {})


def _all(told: numbers.Numbers, present: set[str]) -> numbers.Numbers:
    """A UIDL needs a UID to stand at, so that all messages get one, in Courier's order."""
    more = sorted(present - set(told.uids), key=names.arrival)
    further = {name: told.following + place for place, name in enumerate(more)}
    return numbers.Numbers(told.validity, told.following + len(more), {**told.uids, **further})


def _validity(sizes: courier.Sizes) -> int:
    """For a folder that IMAP has not seen: one that never changes, and that no UIDL of POP3 bears already."""
    taken = {entry.validity for entry in sizes.entries.values()}
    validity = max(1, sizes.validity - courier.EPOCH)
    while validity in taken:
        validity += 1
    return validity


def _order(uids: Mapping[str, int]) -> dict[str, int]:
    """The order of POP3, where it is not that of the UIDs."""
    listed = sorted(uids, key=names.arrival)
    if listed == sorted(uids, key=lambda name: uids[name]):
        return {}
    return {name: place for place, name in enumerate(listed, 1)}


def _keywords(found: Found) -> tuple[dict[int, str], list[tuple[str, str]], list[str]]:
    """Keywords by their letter's number, the new names of messages, and oddities."""
    told = courier.parse_keywords(found.files.get(_LIST, ""), found.updates)
    present = found.present
    told = {name: words for name, words in told.items() if name in present}
    used = Counter(word.lower() for words in told.values() for word in words)
    spelled = {word.lower(): word for words in told.values() for word in words}
    room = len(dovecot.LETTERS)
    ranked = sorted(used, key=lambda word: (-used[word], word))
    known = _indexed(ranked[:room], spelled, dovecot.parse_keywords(found.files.get(dovecot.KEYWORDS, "")))
    index = {word.lower(): number for number, word in known.items()}
    oddities = []
    if ranked[room:]:
        lost = ", ".join(spelled[word] for word in ranked[room:][:5])
        oddities.append(f"more than {room} keywords: Dovecot has no room for {len(ranked) - room} of them ({lost})")
    if not served(found):
        return known, [], oddities
    letters = {
        name: "".join(dovecot.LETTERS[index[word.lower()]] for word in words if word.lower() in index)
        for name, words in told.items()
    }
    new = ((name, names.with_keywords(name, letters.get(names.base(name), ""))) for name in found.cur)
    taken = set(found.cur)
    return known, [(name, other) for name, other in new if other != name and other not in taken], oddities


_LIST = f"{courier.KEYWORDS}/{courier.KEYWORD_LIST}"


def _indexed(words: Sequence[str], spelled: Mapping[str, str], old: Mapping[int, str]) -> dict[int, str]:
    """Numbers for the words; those that had one keep it."""
    known = {number: word for number, word in old.items() if word.lower() in words}
    have = {word.lower() for word in known.values()}
    free = (number for number in range(len(dovecot.LETTERS)) if number not in known)
    fresh = dict(zip(list(free), sorted(word for word in words if word not in have)))
    return {**known, **{number: spelled[word] for number, word in fresh.items()}}


def _rights(found: Found) -> tuple[str, list[str]]:
    rights = courier.parse_rights(found.files.get(courier.RIGHTS, ""))
    if not set(rights) - set(courier.STOCK_RIGHTS):
        return "", []
    entries, unknown = dovecot.rights_from_courier(rights)
    oddities = ["is shared: Dovecot needs its plugin acl and a namespace for shared folders to show it to others"]
    if unknown:
        oddities.append(f"rights of {', '.join(unknown)} mean nothing to Dovecot")
    return dovecot.render_rights(entries), oddities


def subscriptions(lines: Sequence[str], code: str) -> tuple[list[str], list[str]]:
    """Folders as Dovecot keeps them, without the prefix, and oddities."""
    folders, oddities = [], []
    for line in lines:
        prefix, _dot, rest = line.partition(".")
        try:
            if line == "INBOX":
                folders.append(line)
            elif prefix == "INBOX" and rest:
                folders.append(names.renamed(rest, before=names.UTF8, after=code))
            else:
                raise ValueError(line)
        except ValueError:
            clean = line.encode("utf-8", "replace").decode()
            oddities.append(f"the subscription of '{clean}' cannot be kept")
    return folders, oddities
