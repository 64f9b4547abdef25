# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guard of exclusive lists."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.removal import check_share


@pytest.mark.parametrize(
    ("removed", "total", "percent"),
    [(0, 0, 0), (0, 10, 0), (2, 10, 20), (1, 5, 20), (10, 10, 100), (1, 100, 1), (20, 100, 20)],
)
def test_a_small_share_may_go(removed: int, total: int, percent: int) -> None:
    check_share([f"a{number}" for number in range(removed)], total, percent, what="accounts")


@pytest.mark.parametrize(
    ("removed", "total", "percent"), [(1, 1, 99), (1, 10, 0), (3, 10, 20), (10, 10, 20), (21, 100, 20), (2, 100, 1)]
)
def test_a_large_share_may_not(removed: int, total: int, percent: int) -> None:
    with pytest.raises(MailError) as error:
        check_share([f"a{number:02}" for number in range(removed)], total, percent, what="accounts")
    message = error.value.message
    assert message.startswith(f"exclusive: {removed} of {total} accounts are not listed and would be removed (a00")
    assert f"max_removed_percent ({percent})" in message
    assert "Nothing was changed." in message
    assert ("..." in message) == (removed > 5)
    assert "a05" not in message


@pytest.mark.parametrize("percent", [-1, 101, 1000])
def test_a_share_is_a_percentage(percent: int) -> None:
    with pytest.raises(MailError, match=r"max_removed_percent: is not between 0 and 100"):
        check_share([], 10, percent, what="accounts")
