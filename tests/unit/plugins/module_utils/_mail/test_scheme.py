# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hashes are outdated."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._mail import scheme
from ansible_collections.mailops.mailserver.plugins.module_utils._store.schema import LOCKED_HASH


@pytest.mark.parametrize(
    ("pwhash", "name", "is_outdated"),
    [
        (LOCKED_HASH, "", False),
        ("", "", False),
        (f"$6$salt${'a' * 86}", "sha512-crypt", False),
        (f"$6$rounds=656000$salt${'a' * 86}", "sha512-crypt", False),
        (f"$6$rounds=1000$salt${'a' * 86}", "sha512-crypt", True),
        (f"$5$salt${'a' * 43}", "sha256-crypt", True),
        (f"$2b$12${'a' * 53}", "bcrypt", False),
        (f"$2y$05${'a' * 53}", "bcrypt", True),
        (f"$y$j9T$salt${'a' * 43}", "yescrypt", False),
        ("$1$salt$abc", "unknown", True),
    ],
)
def test_a_hash_tells_its_scheme(pwhash: str, name: str, is_outdated: bool) -> None:
    assert scheme.of(pwhash) == (name, is_outdated)
