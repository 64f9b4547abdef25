# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter import certificate_plan as under_test


def test_it_is_registered() -> None:
    assert under_test.FilterModule().filters() == {"certificate_plan": under_test.certificate_plan}


def test_it_gives_the_plan() -> None:
    found = under_test.certificate_plan([], [], "mx.example.com", address="192.0.2.1", directory="/srv/tls")
    assert found["default"]["key"] == "/srv/tls/live/mx.example.com/key.pem"
    assert found["certificates"][0]["names"] == ["mx.example.com", "192.0.2.1"]


def test_errors_say_that_nothing_was_changed() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"certificate mx\.example\.com: has no source.* Nothing was changed\."
    ):
        under_test.certificate_plan([{"names": ["mx.example.com"]}], [], "mx.example.com")
