# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of UCL mean what they say, whatever stands in them."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._rspamd import ucl


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (5, "5"),
        ("a", '"a"'),
        ('a"; b = "c', '"a\\"; b = \\"c"'),
        ("a\nb", '"a\\nb"'),
        ("a\\", '"a\\\\"'),
        (["a", "b"], '["a", "b"]'),
        ([], "[]"),
    ],
)
def test_values(value: ucl.Value, written: str) -> None:
    assert ucl.text({"name": value}) == f"name = {written};\n"


@pytest.mark.parametrize("value", ["$DBDIR", "${HOSTNAME}", ["a", "$b"]])
def test_variables_are_refused(value: ucl.Value) -> None:
    with pytest.raises(MailError, match=r"\$"):
        ucl.text({"name": value})


def test_data_reads_back() -> None:
    content = {"b": {"x.example": [{"a": 'quote" and \u00fc'}]}, "a": True}
    assert json.loads(ucl.data(content)) == content
    assert ucl.data(content).isascii()
