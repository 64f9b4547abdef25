# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures verified with dkimpy, whose authors have nothing to do with what signs here. No name server is asked."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from .terms import Answer

with contextlib.suppress(ImportError):  # said where a signature is to be verified
    import dkim

_NO_LIBRARY = "the signature is there; to verify it, python3-dkim is missing where the probe runs"
_NO_ED25519 = "the signature is there; to verify it, python3-nacl is missing where the probe runs"
_OLDEST = 1024  # bits of RSA (RFC 8301, section 3.2)


def verify(raw: bytes, number: int, records: Mapping[str, str]) -> Answer:
    """Whether signature ``number`` of a message verifies with ``records``, the texts of TXT records by their names."""
    if not _has("dkim"):
        return Answer("unable", _NO_LIBRARY)

    def look_up(name: Any, *_timeout: Any, **_more: Any) -> bytes:
        asked = name.decode() if isinstance(name, bytes) else str(name)
        return records.get(asked.rstrip(".").lower(), "").encode()

    try:
        good = dkim.DKIM(raw, minkey=_OLDEST).verify(idx=number, dnsfunc=look_up)
    except Exception as error:  # pylint: disable=broad-except  # a library that reads what anybody may have sent
        if not _has("nacl") and "NaCl" in f"{type(error).__name__} {error}":
            return Answer("unable", _NO_ED25519)
        return Answer("refused", f"the signature does not verify: {error or type(error).__name__}")
    return Answer("accepted", "the signature verifies") if good else Answer("refused", "the signature does not verify")


def _has(name: str) -> bool:
    return importlib.util.find_spec(name) is not None
