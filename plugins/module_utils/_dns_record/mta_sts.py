# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy file of MTA-STS, and the identifier that tells senders when it has changed (RFC 8461)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

PATH = "/.well-known/mta-sts.txt"
MODES = ("none", "testing", "enforce")


def text(mode: str, hosts: Sequence[str], max_age: int) -> str:
    """The file that ``https://mta-sts.DOMAIN/.well-known/mta-sts.txt`` serves as text/plain."""
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {host}" for host in hosts), f"max_age: {max_age}"]
    return "".join(f"{line}\n" for line in lines)


def identifier(policy: str) -> str:
    """Another one for every content, at most 32 letters and digits."""
    return hashlib.sha256(policy.encode()).hexdigest()[:20]
