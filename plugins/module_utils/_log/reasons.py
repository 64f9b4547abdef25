# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reasons in replies and refusals, so that those with the same cause are counted together."""

from __future__ import annotations

import functools
import re

_LONGEST = 160

# Replies as Postfix reports them: which host said it is left out, what it said is kept.
_SAID = re.compile(
    r"^(?:\(?host|lost connection with|conversation with|connect to) \S+?\[[^\]]*\](?::\d+)?[:,]? ?"
    r"(?:said: |refused to talk to me: )?"
)
_VARYING = (
    (re.compile(r"<[^<>]*>"), "<…>"),
    (re.compile(r"https?://[^\s)>]+"), "https://…"),
    (re.compile(r"[^\s<>\[\]()\",;:=]+@[^\s<>\[\]()\",;:]+"), "…"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}\b"), "…"),
    (re.compile(r"\bname=\S+"), "name=…"),
    (re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w[\w-]{7,}\b|\b\d{6,}\b"), "…"),
)
_LIMIT = re.compile(
    r"\b(too many|too much|rate|limit(ed)? (reached|exceeded)|sending limit|over (the )?limit|throttl)", re.IGNORECASE
)
_KINDS = (
    ("quota", re.compile(r"quota|mailbox (is )?full|over ?quota", re.IGNORECASE)),
    ("size", re.compile(r"message size|too large|size limit", re.IGNORECASE)),
    ("limit", _LIMIT),
    ("relay", re.compile(r"relay access denied", re.IGNORECASE)),
    ("sender_login", re.compile(r"not owned by user|not logged in", re.IGNORECASE)),
    (
        "recipient",
        re.compile(r"user unknown|unknown user|recipient address rejected|mailbox unavailable", re.IGNORECASE),
    ),
    ("greylist", re.compile(r"greylist", re.IGNORECASE)),
    ("blocklist", re.compile(r"blocked using|blocklist|blacklist", re.IGNORECASE)),
    ("client", re.compile(r"client host rejected", re.IGNORECASE)),
    ("greeting", re.compile(r"helo command rejected", re.IGNORECASE)),
    ("sender", re.compile(r"sender address rejected", re.IGNORECASE)),
    ("content", re.compile(r"^content$|spam|virus|dkim|dmarc|spf\b|policy", re.IGNORECASE)),
)


def general(text: str) -> str:
    """A reason without what differs from message to message: hosts, addresses, links, IDs."""
    short = _SAID.sub("", text[: 4 * _LONGEST], count=1)
    for pattern, instead in _VARYING:
        short = pattern.sub(instead, short)
    return short[:_LONGEST].strip()


@functools.lru_cache(maxsize=4096)
def kind(text: str) -> str:
    """What a refusal is about, from its general text; ``other`` where that does not tell."""
    return next((name for name, pattern in _KINDS if pattern.search(text)), "other")
