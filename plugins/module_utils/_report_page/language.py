# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reader's language and time zone: phrases, numbers, sizes and times."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from .._errors import MailError
from .japanese import JAPANESE

LANGUAGES = ("en", "ja")
_UNITS = ("B", "KB", "MB", "GB", "TB")


class Language(NamedTuple):
    """``code`` is one of LANGUAGES. Phrases are written in English where they are said."""

    code: str
    zone: datetime.tzinfo = datetime.timezone.utc

    def say(self, phrase: str, **values: object) -> str:
        """A phrase in the reader's language, with its values put in. Every phrase has a translation."""
        return (JAPANESE[phrase] if self.code == "ja" else phrase).format(**values)

    def word(self, text: str) -> str:
        """The same for a word out of data: one that is not known stays as it is."""
        return JAPANESE.get(text, text) if self.code == "ja" else text.replace("_", " ")

    def stands_for(self, text: str) -> str:
        """A name, or what stands in brackets where there is none."""
        return self.word(text) if text in ("(none)", "(others)") else text

    def listed(self, texts: list[str]) -> str:
        """Texts as a list within a sentence."""
        return ("、" if self.code == "ja" else ", ").join(texts)

    def moment(self, written: str) -> datetime.datetime | None:
        """A time of a result (ISO 8601) on the reader's clock."""
        try:
            found = datetime.datetime.fromisoformat(written.replace("Z", "+00:00"))
            return (found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)).astimezone(self.zone)
        except (ValueError, OverflowError):  # a certificate that never expires does so at the end of the year 9999
            return None

    def time(self, written: str) -> str:
        """The same as text. What is no time stays as it is."""
        found = self.moment(written)
        return written if found is None else f"{found:%Y-%m-%d %H:%M}"


def language(code: str, zone: datetime.tzinfo = datetime.timezone.utc) -> Language:
    """Raises MailError for a language that is not known."""
    if code not in LANGUAGES:
        raise MailError(f"'{code}' is not known", where="language", mend=f"Choose one of {', '.join(LANGUAGES)}.")
    return Language(code, zone)


def number(value: object) -> str:
    """A number with commas between thousands; anything else as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def size(count: float) -> str:
    """Bytes for a reader."""
    if count < 1024:
        return f"{count:.0f} B"
    step = min((int(count).bit_length() - 1) // 10, 4)
    found = count / 1024**step
    return f"{found:,.0f} {_UNITS[step]}" if found >= 100 else f"{found:.1f} {_UNITS[step]}"
