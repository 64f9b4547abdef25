# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters new_passwords and lock_report."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter.lock_report import lock_report
from ansible_collections.mailops.mailserver.plugins.filter.new_passwords import new_passwords
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import password

NAMES = [f"user{number}@example.com" for number in range(300)]


@pytest.mark.parametrize("groups", [3, 4, 12])
def test_each_account_gets_another_password_that_fits_the_policy(groups: int) -> None:
    found = new_passwords(NAMES, groups)
    assert list(found) == NAMES
    assert len(set(found.values())) == len(NAMES)
    assert {len(text) for text in found.values()} == {groups * 6 - 1}
    assert not set("".join(found.values())) & set("0O1lI")
    for name, text in found.items():
        password.check(password.parse(text, address=name), password.Policy(), address=name)


@pytest.mark.parametrize(("accounts", "groups"), [("alice@example.com", 4), (None, 4), ([], 2), ([], 13), ([], "4")])
def test_bad_input(accounts: Any, groups: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^new_passwords: "):
        new_passwords(accounts, groups)


def test_lock_report_takes_results_by_name() -> None:
    assert lock_report({}) == ["Nothing was left to do."]
    with pytest.raises(AnsibleFilterError, match="by name"):
        lock_report([])
