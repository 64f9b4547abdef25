# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a record is: a name, a type, and values as a zone file has them, except that a text is one string."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail.values import near_miss

TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "PTR", "SRV", "TLSA", "TXT")
TTL = 3600
LONGEST_STRING = 255

_LABEL = re.compile(r"(?:\*|[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)\Z")
_FORMS = {
    **dict.fromkeys(("A", "AAAA", "CNAME", "PTR"), re.compile(r"\S+\Z")),
    "MX": re.compile(r"[0-9]+\s+\S+\Z"),
    "SRV": re.compile(r"[0-9]+\s+[0-9]+\s+[0-9]+\s+\S+\Z"),
    "TLSA": re.compile(r"[0-9]+\s+[0-9]+\s+[0-9]+\s+[0-9A-Fa-f\s]+\Z"),
    "CAA": re.compile(r"([0-9]+)\s+([A-Za-z0-9]+)\s+\"?([^\"\\]*)\"?\Z"),
}
_SAMPLES = {
    "A": "192.0.2.25",
    "AAAA": "2001:db8::25",
    "CNAME": "mx.example.com.",
    "PTR": "mx.example.com.",
    "MX": "10 mx.example.com.",
    "SRV": "0 1 993 mx.example.com.",
    "TLSA": "3 1 1 and the digest in hex",
    "CAA": '0 issue "letsencrypt.org"',
}
_FIELDS = ("name", "type", "ttl", "values", "purpose", "mend", "domain")


class Record(NamedTuple):
    """A set of records of one name and type.

    ``name`` is whole, in lower case and without the last dot. ``values`` are in presentation format, their names whole
    and with the last dot; a TXT has no quotes. ``purpose`` is a word of :mod:`wanted`, ``mend`` says who sets it and
    what happens without it, ``domain`` is the mail domain or host that it is for.
    """

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]
    purpose: str = ""
    mend: str = ""
    domain: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The record as modules and playbooks have it."""
        return {**self._asdict(), "values": list(self.values)}


def name(text: Any, *, where: str) -> str:
    """A name of DNS in lower case, without the last dot. Raises MailError."""
    found = text.lower().rstrip(".") if isinstance(text, str) else ""
    labels = found.split(".")
    if not found.isascii() or len(found) > 253 or not all(map(_LABEL.match, labels)):
        raise MailError(f"{text!r} is not a name of DNS", where=where, mend="Write a whole name such as example.com.")
    return found


def read(entry: Any, *, where: str) -> Record:
    """The record of an entry such as :meth:`Record.as_dict` gives. Raises MailError that names it."""
    if not isinstance(entry, Mapping):
        raise MailError("is not a dictionary", where=where, mend="Write name:, type: and values:.")
    unknown = sorted(str(key) for key in entry if key not in (*_FIELDS, "state"))
    if unknown:
        raise MailError("no such option", where=f"{where}: {unknown[0]}", mend=near_miss(unknown[0], _FIELDS))
    owner = name(entry.get("name"), where=where)
    where = f"{where} ({owner})"
    kind = str(entry.get("type") or "").upper()
    if kind not in TYPES:
        raise MailError(f"{entry.get('type')!r} is no type", where=where, mend=near_miss(kind, TYPES))
    values = entry.get("values") or ()
    if isinstance(values, str) or not isinstance(values, Sequence) or not all(isinstance(item, str) for item in values):
        raise MailError("values is not a list of strings", where=where, mend="Write a list, one item per record.")
    ttl = entry.get("ttl")
    ttl = TTL if ttl is None else ttl
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 <= ttl <= 604800:
        raise MailError(f"ttl {ttl!r} is not seconds", where=where, mend="Write a number from 0 to 604800.")
    words = (str(entry.get(key) or "") for key in ("purpose", "mend", "domain"))
    return Record(owner, kind, ttl, _values(kind, values, where), *words)


def _values(kind: str, values: Iterable[str], where: str) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(canonical(kind, value) for value in values))
    except ValueError as error:
        raise MailError(
            f"{error} is no value of type {kind}", where=where, mend=f"Write for example {_SAMPLES[kind]}"
        ) from error


def read_all(entries: Iterable[Any]) -> list[Record]:
    """The records of a list, each with values. Raises MailError that names the entry."""
    found = [read(entry, where=f"record {number}") for number, entry in enumerate(entries, 1)]
    for number, item in enumerate(found, 1):
        if not item.values:
            mend = "Give the values that it is to have."
            raise MailError("has no values", where=f"record {number} ({item.name} {item.type})", mend=mend)
    return found


def canonical(kind: str, value: str) -> str:
    """A value in its one spelling. Raises ValueError with the value when it is none of this type."""
    if kind == "TXT":
        return value
    form = _FORMS[kind].match(value.strip())
    try:
        if form is None:
            raise ValueError(value)
        if kind in ("A", "AAAA"):
            return str(ipaddress.IPv4Address(value) if kind == "A" else ipaddress.IPv6Address(value))
        if kind == "CAA":
            return f'{form.group(1)} {form.group(2).lower()} "{form.group(3)}"'
        *head, last = value.split(maxsplit=3 if kind in ("TLSA", "SRV") else 1 if kind == "MX" else 0)
        last = re.sub(r"\s", "", last).lower() if kind == "TLSA" else _target(last)
    except (ValueError, MailError):
        raise ValueError(f"'{value}'") from None
    return " ".join([*head, last])


def _target(text: str) -> str:
    """A name in a value, with its last dot."""
    return "." if text == "." else f"{name(text, where='')}."


def comparable(kind: str, value: str) -> str:
    """What to compare a value by, whether it is a right one or not."""
    try:
        return canonical(kind, value)
    except ValueError:
        return value.lower()


def strings(text: str) -> list[str]:
    """The strings of at most 255 octets that a TXT record is made of (RFC 1035, section 3.3.14)."""
    raw = text.encode()
    parts = [raw[start : start + LONGEST_STRING] for start in range(0, len(raw), LONGEST_STRING)] or [b""]
    return ["".join(_escaped(octet) for octet in part) for part in parts]


def _escaped(octet: int) -> str:
    """One octet as it stands between quotes in a zone file."""
    character = chr(octet)
    if character in '"\\':
        return f"\\{character}"
    return character if 32 <= octet < 127 else f"\\{octet:03d}"


def presentation(kind: str, value: str) -> str:
    """A value as it stands in a zone file."""
    return " ".join(f'"{part}"' for part in strings(value)) if kind == "TXT" else value


def is_within(owner: str, zone: str) -> bool:
    """Whether a name is the zone's own or below it."""
    return owner == zone or owner.endswith(f".{zone}")
