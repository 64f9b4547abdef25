# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Courier is to find in a folder that Dovecot has served."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import courier, dovecot, names, numbers
from .folder import Found, Work, only_new

LIST = f"{courier.KEYWORDS}/{courier.KEYWORD_LIST}"

# pop3_uidl_format of 2.3 and of 2.4 for UIDLs that Courier can tell as well.
_LIKE_COURIER = ("UID%u-%v", "UID%{uid}-%{uidvalidity}")
_FILE_NAMES = ("%f", "%{filename}")

Measure = Callable[[str], int]


def folder(found: Found, *, whole: bool, code: str, uidl_format: str, measure: Measure) -> Work:
    """``measure`` tells the size of a message in ``cur`` with line ends of two bytes, where nothing else does.

    ``whole`` is for the time when no server runs: Courier's newer files of keywords, which outdo its list, go then.
    """
    wanted: dict[str, str] = {}
    oddities: list[str] = []
    uids = dovecot.parse_uids(found.files.get(dovecot.UIDS, ""))
    if uids is None and dovecot.UIDS in found.files:
        oddities.append(f"{dovecot.UIDS} is broken: IMAP clients fetch this folder again, with any server")
    if uids:
        old = courier.parse_uids(found.files.get(courier.UIDS, ""))
        told = numbers.joined(uids.numbers, old.numbers if old else None, found.present)
        wanted[courier.UIDS] = courier.render_uids(courier.Uids(*told))
        if not found.name:
            wanted.update(_sizes(found, uids, uidl_format, measure, oddities))
    words = keywords(found)
    served = not {dovecot.UIDS, dovecot.KEYWORDS}.isdisjoint(found.files)
    if words or (served and found.files.get(LIST)):
        wanted[LIST] = courier.render_keywords(words)
    wanted.update(_rights(found, oddities))
    stale = {dovecot.UIDS, courier.SUBSCRIBED} <= set(found.files)
    if not found.name and (dovecot.SUBSCRIPTIONS in found.files or stale):
        lines = subscriptions(dovecot.parse_subscriptions(found.files.get(dovecot.SUBSCRIPTIONS, "")), code, oddities)
        wanted[courier.SUBSCRIBED] = "".join(f"{line}\n" for line in lines)
    gone = [f"{courier.KEYWORDS}/{name}" for name in sorted(found.updates)] if whole and served else ()
    # Clients may have seen them there with Dovecot, and Courier gives new UIDs to all that it finds there.
    shown = [name for name in found.new if uids and names.base(name) in uids.messages] if whole else ()
    return Work(found.name, only_new(found, wanted), gone, (), tuple(oddities), shown)


def keywords(found: Found) -> dict[str, tuple[str, ...]]:
    known = dovecot.parse_keywords(found.files.get(dovecot.KEYWORDS, ""))
    told = {names.base(name): courier.unique(dovecot.keywords_of(name, known)) for name in found.cur}
    return {name: words for name, words in told.items() if words}


def _sizes(found: Found, uids: dovecot.Uids, uidl_format: str, measure: Measure, oddities: list[str]) -> dict[str, str]:
    """Courier's list of UIDLs, with what gets lost named."""
    old = courier.parse_sizes(found.files.get(courier.SIZES, "")) or courier.Sizes(2, 1, 0, {})
    entries, lost = {}, 0
    for name in found.cur:
        base = names.base(name)
        message = uids.messages.get(base)
        if message is None:
            if base in old.entries:
                entries[base] = old.entries[base]
            continue
        text = message.uidl or told(uidl_format, message.uid, uids.validity, base)
        entry = courier.entry_for(text, base, 0) if text else None
        if entry is None:
            lost += 1
        else:
            known = old.entries.get(base) or courier.Entry(_size(message, base), 0, 0)
            size = measure(name) if known.size < 0 else known.size
            entries[base] = entry._replace(size=size, utf8=known.utf8)
    if lost:
        oddities.append(f"UIDLs of {lost} messages cannot be told by Courier: POP3 clients would fetch these again")
    order = [name for name in sorted(uids.messages, key=lambda key: _place(uids.messages[key])) if name in entries]
    if order != sorted(order, key=names.arrival):
        oddities.append("POP3 clients find messages in another order: Courier sorts by the names of files")
    if not entries:
        return {}
    # Never the folder's own: Dovecot's UIDLs bear it, should the mail move once more.
    known_ones = {entry.validity for entry in entries.values()} - {0, uids.validity}
    validity = old.validity or max(known_ones, default=(uids.validity + courier.EPOCH) % 2**32)
    numbers = [entry.number for entry in entries.values() if entry.validity == validity]
    following = max([old.following, *(number + 1 for number in numbers)])
    return {courier.SIZES: courier.render_sizes(courier.Sizes(old.version, following, validity, entries))}


def told(uidl_format: str, uid: int, validity: int, name: str) -> str:
    """The UIDL that Dovecot makes up by its setting ``pop3_uidl_format``; empty where that is nothing for Courier."""
    if uidl_format in _LIKE_COURIER:
        return f"UID{uid}-{validity}"
    return name if uidl_format in _FILE_NAMES else ""


def _place(message: dovecot.Message) -> tuple[bool, int, int]:
    return (not message.order, message.order, message.uid)


def _size(message: dovecot.Message, name: str) -> int:
    """As Dovecot knows it, or -1."""
    fields = [*message.rest, *name.split(",")[1:]]
    sizes = [field[1:].lstrip("=") for field in fields if field.startswith("W")]
    return int(sizes[0]) if sizes and sizes[0].isdigit() else -1


def _rights(found: Found, oddities: list[str]) -> dict[str, str]:
    rights = courier.parse_rights(found.files.get(dovecot.RIGHTS, ""))
    if not rights:
        return {}
    entries, unknown = dovecot.rights_to_courier(rights)
    if unknown:
        oddities.append(f"rights of {', '.join(unknown)} mean nothing to Courier")
    # Courier wants an entry for its own administrators, and the owner's when nobody narrowed it.
    stock = [item for item in courier.STOCK_RIGHTS if item[0] not in dict(entries)]
    return {courier.RIGHTS: dovecot.render_rights([*entries, *stock])}


def subscriptions(folders: Sequence[str], code: str, oddities: list[str]) -> list[str]:
    lines = []
    for name in folders:
        try:
            plain = names.renamed(name, before=code, after=names.UTF8)
            lines.append(plain if plain == "INBOX" else f"INBOX.{plain}")
        except ValueError:
            clean = name.encode("utf-8", "replace").decode()
            oddities.append(f"the subscription of '{clean}' cannot be kept")
    return lines
