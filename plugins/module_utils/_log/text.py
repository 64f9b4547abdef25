# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from logs made harmless. What strangers write (names, greetings, replies) ends up there."""

from __future__ import annotations

import re

LONGEST = 300

# Control characters, separators of lines, halves of surrogate pairs, and what turns or hides text around it.
_HARMFUL = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ud800-\\udfff]"
)
_INSTEAD = "\N{REPLACEMENT CHARACTER}"


def clean(text: str, longest: int = LONGEST) -> str:
    """One short line that a terminal shows as it is. It is not made fit for HTML: who writes HTML has to escape it."""
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return short if short.isascii() and short.isprintable() else _HARMFUL.sub(_INSTEAD, short)
