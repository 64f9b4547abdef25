# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people read of the checks."""

from __future__ import annotations

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import report
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.record import Record
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.verdict import Finding, Row

MX = Record("example.com", "MX", 3600, ("10 mx.example.com.",), "mx", "", "example.com")
CAA = Record("example.com", "CAA", 3600, ('0 issue "a.test"', '0 issue "b.test"'), "caa", "", "example.com")
LIST = Record("192.0.2.25", "", 0, (), "blocklist", "", "192.0.2.25")
ROWS = [
    Row(MX, Finding("ok", "ok", MX.values, "It is as expected.")),
    Row(MX, Finding("missing", "nxdomain", (), "There is no such name.", "Publish it.")),
    Row(CAA, Finding("wrong", "other", ('0 issue "c.test"',), "It says other things.", "Publish it.")),
    Row(LIST, Finding("unknown", "timeout", (), "Nobody answered.")),
]


def test_the_table_has_a_line_for_each_check() -> None:
    assert report.table(ROWS) == [
        "ok       example.com  MX           10 mx.example.com.",
        "missing  example.com  MX           There is no such name.",
        "wrong    example.com  CAA          It says other things.",
        "unknown  192.0.2.25   blocklist    Nobody answered.",
    ]
    assert report.table([]) == []


def test_what_is_not_well_is_told_with_one_hint_for_all_that_it_mends() -> None:
    assert report.faults(ROWS) == [
        "example.com MX: missing: There is no such name.",
        "  expected: 10 mx.example.com.",
        "  found:    nothing",
        "example.com CAA: wrong: It says other things.",
        '  expected: 0 issue "a.test" | 0 issue "b.test"',
        '  found:    0 issue "c.test"',
        "  -> Publish it.",
        "192.0.2.25 blocklist: unknown: Nobody answered.",
    ]
    assert report.faults(ROWS[:1]) == []
