# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long messages have been waiting."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._queue.ages import STEPS, Ages
from ansible_collections.mailops.mailserver.plugins.module_utils._queue.message import parse

NOW = 1795372000
LINE = (
    b'{"queue_name": "deferred", "queue_id": "4F9D1", "arrival_time": %d, "message_size": 5, "sender": "a@example.com",'
    b' "recipients": [{"address": "b@example.net"}]}\n'
)


@pytest.mark.parametrize(
    ("age", "word"),
    [(-60, "0"), (0, "0"), (3600, "0"), (3601, "1h"), (4 * 3600 + 1, "4h"), (86401, "1d"), (99 * 86400, "4d")],
)
def test_a_message_counts_at_one_step(age: int, word: str) -> None:
    ages = Ages(NOW)
    ages.add(parse(LINE % (NOW - age)))
    assert {row["longer_than"]: row["messages"] for row in ages.facts()} == {**dict.fromkeys(STEPS, 0), word: 1}
