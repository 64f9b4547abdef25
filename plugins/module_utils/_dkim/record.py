# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record in DNS that lets others verify signatures (RFC 6376, section 3.6)."""

from __future__ import annotations

import re
from typing import NamedTuple

from .._errors import MailError
from .._mail.address import MAX_DOMAIN

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_MAX_SELECTOR = 200  # a file is named after it
_STRING = 255  # octets that one string of a TXT record holds (RFC 1035, section 3.3)
_DATAGRAM = 512  # octets of an answer by UDP that needs no extension (RFC 1035, section 4.2.1)
_HEADER, _QUESTION, _RECORD = 12, 4, 12  # octets around names and data in an answer; its second name is a pointer


class Record(NamedTuple):
    """``value`` is the whole text; ``strings`` are the parts that it is written in; ``zone`` a line of a BIND zone."""

    name: str
    value: str
    strings: tuple[str, ...]
    zone: str

    @property
    def is_large(self) -> bool:
        """Whether an answer with it is longer than what every resolver gets in one datagram."""
        data = sum(1 + len(text) for text in self.strings)
        return _HEADER + len(self.name) + 2 + _QUESTION + _RECORD + data > _DATAGRAM


def record(domain: str, selector: str, algorithm: str, public: str) -> Record:
    name = name_of(domain, selector)
    value = f"v=DKIM1; k={algorithm}; p={public}"
    strings = tuple(value[start : start + _STRING] for start in range(0, len(value), _STRING))
    quoted = " ".join(f'"{text}"' for text in strings)
    return Record(name, value, strings, f"{name}. IN TXT {quoted}")


def name_of(domain: str, selector: str) -> str:
    return f"{selector}._domainkey.{domain}"


def selector_name(value: str, domain: str) -> str:
    """``value`` as a selector in lower case (RFC 6376, section 3.1). Raises MailError when it cannot be one."""
    name = value.lower()
    where = f"selector {value!r}"
    if not all(map(_LABEL.match, name.split("."))):
        mend = "Write letters, digits and hyphens, such as mail2026; dots may separate parts of at most 63 characters."
        raise MailError("is not a selector", where=where, mend=mend)
    if len(name) > _MAX_SELECTOR or len(name_of(domain, name)) > MAX_DOMAIN:
        what = f"is too long: the name of its record at {domain} would be none"
        raise MailError(what, where=where, mend="Choose a shorter one.")
    return name
