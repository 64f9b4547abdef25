# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records and selectors."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import key, record
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def test_a_short_record_is_one_string() -> None:
    found = record.record("example.com", "e1", "ed25519", "QUJD")
    assert found == record.Record(
        name="e1._domainkey.example.com",
        value="v=DKIM1; k=ed25519; p=QUJD",
        strings=("v=DKIM1; k=ed25519; p=QUJD",),
        zone='e1._domainkey.example.com. IN TXT "v=DKIM1; k=ed25519; p=QUJD"',
    )


@pytest.mark.parametrize("length", [200, 237, 238, 392, 493, 736])
def test_strings_are_the_whole_value(length: int) -> None:
    found = record.record("example.com", "s.1", "rsa", "A" * length)
    assert "".join(found.strings) == found.value
    assert all(len(text) == 255 for text in found.strings[:-1])
    assert 0 < len(found.strings[-1]) <= 255
    assert found.zone.count('"') == 2 * len(found.strings)
    assert "\n" not in found.zone


@pytest.mark.parametrize(("bits", "large"), [(2048, False), (3072, True), (4096, True)])
def test_a_large_record_is_known(bits: int, large: bool) -> None:
    public = {2048: 392, 3072: 564, 4096: 736}[bits]
    assert record.record("example.com", "mail2026", key.RSA, "A" * public).is_large is large


@pytest.mark.parametrize(
    ("given", "name"),
    [("mail2026", "mail2026"), ("S1", "s1"), ("a.b-c.d", "a.b-c.d"), ("1", "1"), ("x" * 63, "x" * 63)],
)
def test_selectors(given: str, name: str) -> None:
    assert record.selector_name(given, "example.com") == name


@pytest.mark.parametrize(
    "given",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a",
        "a-",
        "a_b",
        "a b",
        "a/b",
        "../a",
        "x" * 64,
        "a\n",
        "é",
        ".".join(["x" * 60] * 4),
    ],
)
def test_what_is_no_selector(given: str) -> None:
    with pytest.raises(MailError, match="selector"):
        record.selector_name(given, "example.com")


def test_the_name_of_the_record_must_fit() -> None:
    with pytest.raises(MailError, match="is too long"):
        record.selector_name("x" * 60, ".".join(["y" * 60] * 3) + ".com")
