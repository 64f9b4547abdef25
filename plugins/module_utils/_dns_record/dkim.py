# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DKIM key records: what is wrong with one, and whether it holds the key of the host (RFC 6376, section 3.6.1)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from . import tags as _tags

VERSION = "v=dkim1"


class Fault(NamedTuple):
    """A word for programs and a sentence for people."""

    kind: str
    reason: str


def is_dkim(text: str) -> bool:
    """Whether a TXT means to be a key: by its version, or because it has a key."""
    return _tags.version(text) == VERSION or "p" in _tags.parse(text)[0]


def fault(found: str, expected: str) -> Fault | None:
    """The first thing that is wrong with the record ``found`` where the host signs with the key of ``expected``."""
    tags, wrong = _tags.parse(found)
    if "v" in tags and (next(iter(tags)) != "v" or tags["v"] != "DKIM1"):
        wrong.append("v=DKIM1 does not come first")
    if "p" not in tags:
        wrong.append("it has no p, which is the key")
    if wrong:
        return Fault(_kind(found), _said(found, wrong))
    if not _packed(tags["p"]):
        return Fault("revoked", "the key is empty (p=), which says that it is revoked")
    own = _tags.parse(expected)[0]
    kind, own_kind = tags.get("k", "rsa"), own.get("k", "rsa")
    if kind != own_kind:
        return Fault("wrong_key", f"it is for {kind} keys, and the host signs with {own_kind}")
    if not _is_base64(tags["p"]):
        return Fault(_kind(found), _said(found, ["the key is not base64"]))
    if _packed(tags["p"]) != _packed(own.get("p", "")):
        return Fault("wrong_key", "it holds another key than the host signs with")
    return _limits(tags)


def _kind(found: str) -> str:
    return "quotes" if '"' in found or "\\" in found else "syntax"


def _said(found: str, wrong: list[str]) -> str:
    marks = "the quotes" if '"' in found else "the backslashes" if "\\" in found else ""
    return "; ".join([*wrong, *([f"{marks} of a zone file have become part of the text"] if marks else [])])


def _limits(tags: dict[str, str]) -> Fault | None:
    """What makes verifiers pass over a key that is the right one."""
    hashes = [word.strip() for word in tags.get("h", "sha256").split(":")]
    services = [word.strip() for word in tags.get("s", "*").split(":")]
    if "sha256" not in hashes:
        return Fault("limited", f"h={tags['h']} does not allow sha256, with which the host signs")
    if not {"*", "email"} & set(services):
        return Fault("limited", f"s={tags['s']} does not allow mail")
    if "y" in [word.strip() for word in tags.get("t", "").split(":")]:
        return Fault("testing", "t=y says that this is a test, and verifiers treat such mail as if it were not signed")
    return None


def is_split(texts: list[str], expected: str) -> bool:
    """Whether the expected record was cut into several records, in whatever order they come."""
    own = _packed(expected.replace('"', ""))
    parts = [_packed(text.replace('"', "")) for text in texts]
    return len(parts) > 1 and sum(map(len, parts)) == len(own) and all(part and part in own for part in parts)


def _packed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(_packed(text), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
