# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aliases and alias domains."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import alias
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.alias import Wanted


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        (
            {"name": "Sales@Example.com", "to": ["Alice@example.com", "Desk@Example.NET"]},
            Wanted("sales@example.com", frozenset({"Alice@example.com", "Desk@example.net"})),
        ),
        (
            {"name": "sales@example.com", "to": "a@example.com"},
            Wanted("sales@example.com", frozenset({"a@example.com"})),
        ),
        ({"name": "@Example.ORG", "to": ["@example.com"]}, Wanted("@example.org", frozenset({"@example.com"}))),
        (
            {"name": "@例え.テスト", "to": ["@example.com"]},
            Wanted("@xn--r8jz45g.xn--zckzah", frozenset({"@example.com"})),
        ),
        ({"name": "sales@example.com", "state": "absent"}, Wanted("sales@example.com", frozenset(), False)),
        ({"name": "sales@example.com", "state": "absent", "to": None}, Wanted("sales@example.com", frozenset(), False)),
    ],
)
def test_an_alias(entry: dict[str, Any], wanted: Wanted) -> None:
    assert alias.parse(entry) == wanted
    assert wanted.is_domain == wanted.source.startswith("@")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "alias None: address None is not a mail address"),
        ({"name": "sales", "to": ["a@example.com"]}, "alias sales: address 'sales' is not a mail address. Write name"),
        ({"name": "sales@example.com"}, "alias sales@example.com: has no target. Give at least one address in 'to'."),
        ({"name": "s@example.com", "to": []}, "alias s@example.com: has no target"),
        ({"name": "s@example.com", "to": 5}, "alias s@example.com: is not a list of strings"),
        ({"name": "s@example.com", "to": ["bob"]}, "alias s@example.com: address 'bob' is not a mail address"),
        ({"name": "s@example.com", "to": ["a b@example.com"]}, "alias s@example.com: address 'a b@example.com' is not"),
        (
            {"name": "s@example.com", "to": ["a@b.example", "a@B.example"]},
            "alias s@example.com: has the same target twice",
        ),
        (
            {"name": "s@example.com", "to": ["s@example.com"]},
            "alias s@example.com: mail would run in a loop: s@example.com -> s@example.com. Take it out",
        ),
        (
            {"name": "s@example.com", "target": []},
            "alias s@example.com: target: no such option. Known are name, state, to.",
        ),
        ({"name": "s@example.com", "stat": "x"}, "alias s@example.com: stat: no such option. Did you mean 'state'?"),
        (
            {"name": "s@example.com", "state": "gone"},
            "alias s@example.com: 'gone' is not a state. Write present or absent.",
        ),
        (
            {"name": "a+b@example.com", "to": ["a@example.com"]},
            "alias a+b@example.com: address 'a+b@example.com' is not",
        ),
        ({"name": "@example.org", "to": ["a@example.com"]}, "alias @example.org: 'a@example.com' is not a domain"),
        (
            {"name": "@example.org", "to": ["@a.example", "@b.example"]},
            "alias @example.org: is a domain alias with more",
        ),
        ({"name": "@example.org", "to": ["@example.org"]}, "alias @example.org: mail would run in a loop"),
        ({"name": "@example.org", "to": ["@com"]}, "alias @example.org: domain 'com' is not a domain name"),
        ({"name": "@", "to": ["@example.com"]}, "alias @: domain '' is not a domain name"),
        (
            {"name": "s@example.com", "to": [f"a{number}@example.net" for number in range(1001)]},
            "alias s@example.com: has more than 1000 targets",
        ),
    ],
)
def test_what_is_no_alias_is_named(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        alias.parse(entry)
    assert error.value.message.startswith(message)
    assert error.value.mend


def test_an_alias_is_listed_once() -> None:
    entries = [{"name": "s@example.com", "to": ["a@example.com"]}, {"name": "S@example.com", "to": ["b@example.com"]}]
    with pytest.raises(MailError, match=r"alias s@example.com: is listed twice. Merge the two entries"):
        alias.parse_all(entries)


def test_targets_in_a_diff_are_sorted() -> None:
    assert alias.describe({"b@example.com", "a@example.com"}) == "to: a@example.com\nto: b@example.com\n"
    assert alias.describe(()) == ""
