# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter dkim_keys as Ansible calls it."""

from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter import dkim_keys as under_test

DOMAINS = [{"name": "example.com"}]


def test_it_is_registered() -> None:
    assert under_test.FilterModule().filters() == {"dkim_keys": under_test.dkim_keys}


def test_what_is_missing_is_named_after_the_day() -> None:
    (entry,) = under_test.dkim_keys(DOMAINS, defaults={"bits": 3072})
    assert re.fullmatch(r"20\d{6}r", entry["selector"])
    assert entry["bits"] == 3072
    assert under_test.dkim_keys(DOMAINS, now=0)[0]["selector"] == "19700101r"
    key = {"domain": "example.com", "selector": "s", "algorithm": "rsa", "phase": "signing"}
    assert under_test.dkim_keys(DOMAINS, [key]) == []


def test_errors_are_in_one_line() -> None:
    with pytest.raises(AnsibleFilterError, match=r"domain example\.com: dkim: bitts: no such option"):
        under_test.dkim_keys([{"name": "example.com", "dkim": {"bitts": 1}}])
