# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import part
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements, Part, Places, Table

ROWS = (("a", "b"),)


@pytest.mark.parametrize(
    ("table", "places", "name"),
    [
        (Table("x"), Places(), "lmdb:/etc/postfix/tables/x"),
        (Table("x"), Places("/t", "cdb"), "cdb:/t/x"),
        (Table("x", kind="cidr"), Places("/t", "cdb"), "cidr:/t/x"),
    ],
)
def test_a_table_is_named_with_type_and_path(table: Table, places: Places, name: str) -> None:
    assert places.of(table) == name


def test_a_table_without_rows_leaves_the_list() -> None:
    assert Places("/t").listed(Table("x")) == Elements(remove=("lmdb:/t/x",))
    assert Places("/t").listed(Table("x", ROWS)) == Elements(last=("lmdb:/t/x",))
    assert Places("/t").listed(Table("x", ROWS), first=True, before="check") == Elements(first=("check lmdb:/t/x",))


def test_parts_add_up_and_the_later_parameter_wins() -> None:
    one = Part({"a": 1, "b": 1}, elements={"m": Elements(last=("x",))}, tables=[Table("t")], warnings=["w"])
    two = Part({"b": 2}, elements={"m": Elements(first=("y",), last=("x",))}, owned=["p-"], warnings=["w"])
    merged = part.merge([one, two])
    assert merged.parameters == {"a": 1, "b": 2}
    assert merged.elements == {"m": Elements(("y",), ("x",))}
    assert (merged.tables, merged.owned, merged.warnings) == ([Table("t")], ["p-"], ["w"])


def test_two_parts_with_one_table_are_refused() -> None:
    with pytest.raises(MailError) as error:
        part.merge([Part(tables=[Table("t")]), Part(tables=[Table("t", ROWS)])])
    assert error.value.message == "table t: is given twice"
