# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import request
from ansible_collections.mailops.mailserver.plugins.module_utils._dkim.request import Wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def entry(*domains: str, **options: Any) -> dict[str, Any]:
    return {"domains": list(domains), "selector": "s1", **options}


def test_an_entry_is_for_each_of_its_domains() -> None:
    found = request.wanted([entry("B.example", "bücher.example", algorithm="rsa", bits=4096), entry("a.example")])
    assert found == [
        Wanted("b.example", "s1", "rsa", 4096),
        Wanted("xn--bcher-kva.example", "s1", "rsa", 4096),
        Wanted("a.example", "s1"),
    ]


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([entry("nodots")], "entry 1: domain 'nodots': is not a domain name"),
        ([entry("a.example", selector="a b")], "entry 1: selector 'a b'"),
        ([entry("a.example"), entry("A.example")], "key s1 of a.example: is listed twice"),
        ([entry("a.example", "a.example")], "is listed twice"),
        ([entry("a.example", algorithm="ed25519", bits=2048)], "bits: Ed25519 has one size"),
        ([entry("x", "y")], r"2 faults: \(1\) keys: entry 1: domain 'x'"),
        ([entry(*(str(number) for number in range(30)))], "and 20 more"),
    ],
)
def test_what_cannot_be_meant_is_refused(entries: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(MailError, match=why) as caught:
        request.wanted(entries)
    assert caught.value.message.endswith("No key was changed.")


def test_a_key_that_is_given_does_not_show() -> None:
    (found,) = request.wanted([entry("a.example", key="hush")])
    assert "hush" not in f"{found} {found!r}"
    assert found.is_given
