# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folders that every mailbox has (RFC 6154 special use) and how long mail stays in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import values

# RFC 6154 section 2 and RFC 8457; All and Flagged are for servers that make such folders up.
SPECIAL_USES = ("Archive", "Drafts", "Important", "Junk", "Sent", "Trash")
_KEYS = ("name", "special_use", "auto", "autoexpunge")
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f"\\%${}#*]')


class Folder(NamedTuple):
    """``special_use`` has no backslash and may be empty; ``autoexpunge`` is a duration such as ``30d`` or empty."""

    name: str
    special_use: str
    auto: str
    autoexpunge: str


def parse_all(
    entries: Sequence[Mapping[str, Any]], *, inbox_autoexpunge: Any = "", auto: str = "subscribe"
) -> list[Folder]:
    """The folders in the order given, the INBOX first when mail in it is expunged. Raises MailError for bad ones.

    ``auto`` is for those that do not say themselves whether everybody has them.
    """
    variable = "dovecot_special_folders"
    folders = [_parse(entry, f"{variable}[{index}]", auto) for index, entry in enumerate(entries)]
    _check_unique([(folder.name.lower(), folder) for folder in folders], "name", variable)
    _check_unique([(folder.special_use, folder) for folder in folders if folder.special_use], "special_use", variable)
    expunge = values.duration(inbox_autoexpunge, name="dovecot_autoexpunge")
    return [Folder("INBOX", "", "no", expunge), *folders] if expunge else folders


def _check_unique(keyed: Sequence[tuple[str, Folder]], field: str, where: str) -> None:
    seen: dict[str, Folder] = {}
    for key, folder in keyed:
        other = seen.setdefault(key, folder)
        if other is not folder:
            raise MailError(
                f"'{other.name}' and '{folder.name}' have the same {field}",
                where=where,
                mend="A mail program would not know which of the two to use; give it to one folder only.",
            )


def _parse(entry: Mapping[str, Any], where: str, auto: str) -> Folder:
    unknown = sorted(set(entry) - set(_KEYS))
    if unknown:
        raise MailError(f"has no option '{unknown[0]}'", where=where, mend=f"Its options are {', '.join(_KEYS)}.")
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip() or name != name.strip() or _FORBIDDEN.search(name):
        raise MailError(f"{name!r} is not a usable folder name", where=where, mend="Give a name such as Sent.")
    if name.upper() == "INBOX":
        raise MailError("INBOX is always there", where=where, mend="Use dovecot_autoexpunge for mail in the INBOX.")
    use = str(entry.get("special_use") or "").lstrip("\\").capitalize()
    return Folder(
        name=name,
        special_use=values.word(use, name=f"{where}.special_use", choices=SPECIAL_USES) if use else "",
        auto=values.word(entry.get("auto", auto), name=f"{where}.auto", choices=("no", "create", "subscribe")),
        autoexpunge=values.duration(entry.get("autoexpunge"), name=f"{where}.autoexpunge"),
    )
