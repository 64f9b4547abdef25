# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables that are to be removed must not be named any more."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import tables, verdict
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Table

PLANS = [
    tables.TablePlan(Table("gone"), "/t/gone", "/t/gone.lmdb", "a\tb\n", None, True),
    tables.TablePlan(Table("kept", (("a", "b"),)), "/t/kept", "/t/kept.lmdb", "a\tb\n", "a\tb\n", False),
]


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ("check_client_access lmdb:/t/gone", 1),
        ("check_client_access lmdb:/t/kept", 0),
        ("check_client_access cidr:/t/gone_too", 0),
        ("", 0),
    ],
)
def test_a_table_without_rows_is_named_nowhere(value: str, faults: int) -> None:
    assert len(tables.still_named(PLANS, verdict.tables([value])).faults) == faults
