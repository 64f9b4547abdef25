# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clients of users and other mail servers may use: versions of TLS, suites and groups, the same for every daemon.

The words are those of Mozilla's guideline (https://wiki.mozilla.org/Security/Server_Side_TLS); what is allowed is what
that and the guideline of the Dutch NCSC have in common.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .._errors import MailError
from . import values

INTERMEDIATE, MODERN = POLICIES = ("intermediate", "modern")
TLS_1_2, TLS_1_3 = VERSIONS = ("TLSv1.2", "TLSv1.3")

# Suites of TLS 1.2: forward secrecy and authenticated encryption. Those of TLS 1.3 are all good and stand in no list.
# The level keeps keys and signatures out that are weak; Postfix would otherwise sign with SHA-1 for who asks for that.
SUITES = (
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "@SECLEVEL=2",
)
GROUPS = ("X25519", "prime256v1", "secp384r1")
# OpenSSL 3.5, which Debian 13 has, knows a group that no quantum computer breaks.
NEW_GROUPS = ("X25519MLKEM768", *GROUPS)


class Policy(NamedTuple):
    """``name`` in Mozilla's words, and the oldest version of TLS that clients of users may speak."""

    name: str
    min_version: str


def read(name: Any, min_version: Any = "") -> Policy:
    """The policy; without ``min_version`` the version follows from its name. Raises MailError."""
    if name not in POLICIES:
        mend = values.near_miss(str(name), POLICIES)
        raise MailError(f"'{name}' is no policy", where="mail_tls_policy", mend=mend)
    oldest = min_version or (TLS_1_3 if name == MODERN else TLS_1_2)
    if oldest not in VERSIONS:
        mend = f"Write {TLS_1_2} or {TLS_1_3}, or leave it to mail_tls_policy. Older ones are broken."
        raise MailError(f"'{oldest}' is not possible", where="mail_tls_min_version", mend=mend)
    return Policy(name, oldest)
