# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names a certificate covers."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import names
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


@pytest.mark.parametrize(
    ("patterns", "name", "covered"),
    [
        ("mail.example.com", "mail.example.com", True),
        ("mail.example.com", "MAIL.Example.com.", True),
        ("Mail.Example.com.", "mail.example.com", True),
        ("mail.example.com", "imap.example.com", False),
        ("example.com", "mail.example.com", False),
        ("mail.example.com pop.example.com", "pop.example.com", True),
        ("", "mail.example.com", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", False),
        ("*.example.com", "*.example.com", True),
        ("*.example.com", "*.a.example.com", False),
        ("a.example.com", "*.example.com", False),
        ("*.*.example.com", "a.b.example.com", False),
        ("a*.example.com", "ab.example.com", False),
        ("*.com", "example.com", False),
        ("*", "example.com", False),
        ("xn--bcher-kva.example.com", "bücher.example.com", True),
        ("xn--bcher-kva.example.com", "BÜCHER.example.com", True),
        ("*.xn--bcher-kva.example", "mail.bücher.example", True),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("*.0.2.1", "192.0.2.1", False),
        ("2001:db8::1", "2001:DB8:0:0::1", True),
        ("2001:db8::1", "[2001:db8::1]", True),
    ],
)
def test_what_is_covered(patterns: str, name: str, covered: bool) -> None:
    assert names.covers(patterns.split(), name) is covered
    assert names.missing(patterns.split(), [name]) == ([] if covered else [names.normal(name)])


@pytest.mark.parametrize(
    "name", ["", "localhost", "a b.example.com", "*.*.example.com", "a.*.example.com", "straße.de"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(MailError, match="domain"):
        names.covers(["example.com"], name)


def test_long_lists_are_cut_in_messages() -> None:
    assert names.some(["a", "b"]) == "a, b"
    assert names.some(str(number) for number in range(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
