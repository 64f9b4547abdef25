# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter report_page: what it takes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter.report_page import FilterModule, report_page


def test_a_page() -> None:
    assert FilterModule().filters()["report_page"] is report_page
    written = report_page(
        {"mx": {}}, language="ja", min_days="7", time_zone="Asia/Tokyo", made="2026-11-22T19:00:00Z", title="週報"
    )
    assert written.startswith("<!DOCTYPE html>")
    assert "作成: 2026-11-23 04:00 · 時刻は Asia/Tokyo" in written


@pytest.mark.parametrize(
    ("results", "wishes", "said"),
    [
        ([], {}, "by the names of servers"),
        ({}, {"language": "de"}, "Choose one of en, ja"),
        ({}, {"top": 0}, "top: '0' is no number from 1 on"),
        ({}, {"networks": "many"}, "networks: 'many' is no number from 2 on"),
        ({}, {"min_days": -1}, "min_days: '-1' is no number from 0 on"),
        ({}, {"time_zone": "Mars/Olympus"}, "Write it like Asia/Tokyo"),
        ({}, {"time_zone": "../etc/passwd"}, "Write it like Asia/Tokyo"),
        ({}, {"time_zone": "Asia"}, "Write it like Asia/Tokyo"),
    ],
)
def test_what_is_refused(results: Any, wishes: dict[str, Any], said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        report_page(results, **wishes)
