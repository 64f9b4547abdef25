# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ``tag=value`` lists that DKIM, DMARC, MTA-STS and TLS-RPT share (RFC 6376, section 3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def parse(text: str) -> tuple[dict[str, str], list[str]]:
    """The tags of a record in their order, and a sentence for each part that is wrong."""
    tags: dict[str, str] = {}
    faults: list[str] = []
    parts = text.split(";")
    if parts and not parts[-1].strip():
        parts.pop()
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not _TAG.match(name):
            faults.append(f"'{part.strip()[:40]}' is not of the form tag=value")
        elif name in tags:
            faults.append(f"the tag '{name}' is there twice")
        else:
            tags[name] = value
    return tags, faults


def render(tags: Mapping[str, str]) -> str:
    """The record of tags, without those that are empty."""
    return "; ".join(f"{name}={value}" for name, value in tags.items() if value)


def version(text: str) -> str:
    """What a TXT is by its first word: ``v=spf1``, ``v=dkim1``, ``v=dmarc1`` … in lower case, or nothing."""
    found = re.match(r"\s*v\s*=\s*([A-Za-z0-9]+)", text)
    return f"v={found.group(1).lower()}" if found else ""
