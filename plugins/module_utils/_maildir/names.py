# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names in a Maildir: of messages (https://cr.yp.to/proto/maildir.html) and of folders (Maildir++, RFC 3501 5.1.3).

All text may hold undecodable bytes as surrogates, so that every name that a disk can hold has its way back.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re

UTF8, MODIFIED_UTF7 = "utf8", "modified_utf7"
ON_DISK = (MODIFIED_UTF7, UTF8)

# Loaded at once: later, with the rights of a user, Python's own files may be out of reach.
_UTF16 = codecs.lookup("utf-16-be")
_SHIFTED = re.compile(r"&([^-]*)(-?)")
_PLAIN = re.compile(r"[\x20-\x7e]+|[^\x20-\x7e]+")
_SIZE = re.compile(r",S=(\d+)")
_KEYWORD = re.compile(r"[a-z]")
_TIME = re.compile(r"\s*([+-]?\d*)")


def base(name: str) -> str:
    """What stays of a message's name when its flags change."""
    return name.partition(":")[0]


def letters(name: str) -> str:
    """The flags after ``:2,``; Dovecot's lower-case letters for keywords are among them."""
    info = name.split(":", 1)[1:]
    return info[0][2:].split(",", 1)[0] if info and info[0].startswith("2,") else ""


def with_keywords(name: str, keywords: str) -> str:
    """The name of a message with these keyword letters in the place of those that it has; other flags stay."""
    info = name.split(":", 1)[1:]
    rest = info[0][2:].split(",", 1) if info and info[0].startswith("2,") else [""]
    if not keywords and not _KEYWORD.search(rest[0]):
        return name
    flags = "".join(sorted({letter for letter in rest[0] if not ("a" <= letter <= "z")} | set(keywords)))
    return ",".join([f"{base(name)}:2,{flags}", *rest[1:]])


def size(name: str) -> int | None:
    """The size that the name tells, without a look at the file."""
    found = _SIZE.search(base(name))
    return int(found[1]) if found else None


def arrival(name: str) -> tuple[int, str]:
    """The order in which Courier numbers messages: by the seconds that a name begins with, then by the name."""
    found = _TIME.match(name)
    digits = found[1] if found else ""
    return (int(digits) if digits.strip("+-") else 0, base(name))


def to_modified_utf7(text: str) -> str:
    """Raises ValueError for text that has no Unicode, such as undecodable bytes."""

    def run(found: re.Match[str]) -> str:
        part = found[0]
        if " " <= part[0] <= "~":
            return part.replace("&", "&-")
        coded = base64.b64encode(_UTF16.encode(part)[0]).decode("ascii")
        return f"&{coded.rstrip('=').replace('/', ',')}-"

    return _PLAIN.sub(run, text)


def from_modified_utf7(text: str) -> str:
    """Raises ValueError when this is not modified UTF-7 in the one form that it may have."""

    def run(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        padded = found[1].replace(",", "/") + "=" * (-len(found[1]) % 4)
        try:
            return _UTF16.decode(base64.b64decode(padded, validate=True))[0]
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError(text) from error

    plain = _SHIFTED.sub(run, text)
    if to_modified_utf7(plain) != text:
        raise ValueError(text)
    return plain


def renamed(name: str, *, before: str, after: str) -> str:
    """A folder's name with its characters coded otherwise on disk. Raises ValueError when it is not in that code."""
    plain = from_modified_utf7(name) if before == MODIFIED_UTF7 else name
    coded = to_modified_utf7(plain)
    return coded if after == MODIFIED_UTF7 else plain


def means_more(name: str) -> bool:
    """Whether a name is modified UTF-7 of more than plain ASCII."""
    try:
        return name.isascii() and not from_modified_utf7(name).isascii()
    except ValueError:
        return False
