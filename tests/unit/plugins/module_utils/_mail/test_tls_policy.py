# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy of TLS: what its words mean, and which are refused."""

from __future__ import annotations

import ssl

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import tls_policy


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("intermediate", "", "TLSv1.2"),
        ("intermediate", "TLSv1.3", "TLSv1.3"),
        ("modern", None, "TLSv1.3"),
        ("modern", "TLSv1.2", "TLSv1.2"),
    ],
)
def test_the_oldest_version_follows_unless_it_is_given(name: str, version: str | None, expected: str) -> None:
    assert tls_policy.read(name, version) == (name, expected)


@pytest.mark.parametrize(
    ("name", "version", "words"),
    [
        ("old", "", "mail_tls_policy: 'old' is no policy"),
        ("moderne", "", "Did you mean 'modern'?"),
        (None, "", "mail_tls_policy"),
        ("intermediate", "SSLv3", "mail_tls_min_version: 'SSLv3' is not possible"),
        ("intermediate", "TLSv1.0", "Write TLSv1.2 or TLSv1.3"),
        ("modern", "TLSv1.4", "mail_tls_min_version"),
        ("modern", 1.3, "mail_tls_min_version"),
    ],
)
def test_other_words_are_refused(name: str, version: str, words: str) -> None:
    with pytest.raises(MailError) as caught:
        tls_policy.read(name, version)
    assert words in caught.value.message


def test_the_suites_keep_secrets_and_leave_tls_1_3_alone() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(":".join(tls_policy.SUITES))
    found = {cipher["name"]: cipher["protocol"] for cipher in context.get_ciphers()}
    assert {name for name, version in found.items() if version == "TLSv1.2"} == set(tls_policy.SUITES[:-1])
    assert [name for name, version in found.items() if version == "TLSv1.3"]
