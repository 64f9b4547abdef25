# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lines of Courier tell. It writes dots for control characters; the rest of a name is a stranger's text."""

from __future__ import annotations

import re

from . import events
from .events import Event

PROGRAMS = {"imapd": "imap", "imapd-ssl": "imap", "pop3d": "pop3", "pop3d-ssl": "pop3"}

_LOGIN = re.compile(
    r"LOGIN, user=(.*), ip=\[([^\]\s]{0,64})\](?:, port=\[\d+\])?(?:, protocol=\w+)?(?:, (?:starttls|stls)=1)?"
)
_FAILED = re.compile(r"LOGIN FAILED, (?:user=(.*)|method=[\w-]+), ip=\[([^\]\s]{0,64})\](?:, port=\[\d+\])?")
_MAPPED = "::ffff:"


def read(program: str, text: str) -> Event | None:
    """What a line of ``imapd``, ``pop3d-ssl`` and so on tells."""
    if not text.startswith("LOGIN"):
        return None
    login = _LOGIN.fullmatch(text)
    if login:
        return events.Login(PROGRAMS[program], login[1], login[2].removeprefix(_MAPPED))
    failed = _FAILED.fullmatch(text)
    if failed:
        return events.LoginFailed(PROGRAMS[program], failed[1] or "", failed[2].removeprefix(_MAPPED), 1)
    return events.Cut()
