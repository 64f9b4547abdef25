# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import elements
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements

RESTRICTIONS = "smtpd_recipient_restrictions"


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("mydestination", "a, b c,d", ["a", "b", "c", "d"]),
        ("transport_maps", ", inline:{ { a = b } } lmdb:/x", ["inline:{ { a = b } }", "lmdb:/x"]),
        (
            RESTRICTIONS,
            "reject check_client_access cidr:/x permit",
            ["reject", "check_client_access cidr:/x", "permit"],
        ),
        (RESTRICTIONS, "check_policy_service { unix:a, timeout=1s }", ["check_policy_service { unix:a, timeout=1s }"]),
        (RESTRICTIONS, "check_client_access", ["check_client_access"]),
        (RESTRICTIONS, "", []),
    ],
)
def test_a_value_is_split_into_its_elements(name: str, value: str, found: list[str]) -> None:
    assert elements.split(name, value) == found


@pytest.mark.parametrize(
    ("value", "wanted", "after"),
    [
        ("a b", Elements(), "a b"),
        ("a b", Elements(last=("a",)), "a b"),
        ("a b", Elements(last=("c",)), "a, b, c"),
        ("a b", Elements(first=("c", "d")), "c, d, a, b"),
        ("a b", Elements(first=("b",)), "a b"),
        ("a, b", Elements(remove=("a",)), "b"),
        ("a, b", Elements(remove=("x",)), "a, b"),
        ("a", Elements(remove=("a",)), ""),
        ("a", Elements(last=("b",), remove=("a", "b")), "b"),
        ("", Elements(first=("a",), last=("a",)), "a"),
    ],
)
def test_elements_are_added_and_removed_exactly(value: str, wanted: Elements, after: str) -> None:
    assert elements.change("mydestination", value, wanted) == after


def test_a_restriction_is_removed_with_its_argument() -> None:
    value = "check_client_access cidr:/x, check_client_access cidr:/y"
    wanted = Elements(remove=("check_client_access cidr:/x",))
    assert elements.change(RESTRICTIONS, value, wanted) == "check_client_access cidr:/y"
