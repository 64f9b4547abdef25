# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lines of Dovecot tell, of 2.3 and 2.4.

The name at a login that fails is a stranger's text, so the last match counts.
"""

from __future__ import annotations

import re

from . import events
from .events import Event

_WHO = r"user=<(.*)>, (?:method=[\w-]*, )?rip=([^,\s]*), lip="
_LOGIN = re.compile(rf"(imap|pop3|managesieve|submission)-login: (?:Login|Logged in): {_WHO}.*")
_FAILED = re.compile(
    rf"(imap|pop3|managesieve|submission)-login: [^<>()]*\(auth failed, (\d{{1,6}}) attempts?[^<>]*: {_WHO}.*"
)
_STORED = re.compile(r"(?:lmtp|lda)\(([^()]*)\)<\d+><([^<>]*)>: (?:sieve: )?(msgid=.*)")
_SERVICES = {"managesieve": "sieve", "submission": "smtp"}


def read(text: str) -> Event | None:
    """What a line tells, from its process on: ``imap-login: Login: user=<alice@example.com>, …``."""
    if "-login: " in text[:20]:
        found = _LOGIN.fullmatch(text)
        if found:
            return events.Login(_SERVICES.get(found[1], found[1]), found[2], found[3])
        found = _FAILED.fullmatch(text)
        if found:
            return events.LoginFailed(_SERVICES.get(found[1], found[1]), found[3], found[4], int(found[2]))
        return None
    found = _STORED.fullmatch(text) if text.startswith(("lmtp(", "lda(")) else None
    return events.Stored(found[1], found[2], found[3]) if found else None
