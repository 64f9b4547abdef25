# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sender rewriting for forwards."""

from __future__ import annotations

import re

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import srs
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Places

OWN = "regexp:/etc/postfix/tables/srs_own"


def test_enabled() -> None:
    part = srs.part(enabled=True, own_domains=["Example.test"], places=Places())
    assert part.parameters == {
        "sender_canonical_classes": ["envelope_sender"],
        "recipient_canonical_classes": ["envelope_recipient"],
    }
    assert part.elements["sender_canonical_maps"].last == (OWN, srs.FORWARD)
    assert part.elements["recipient_canonical_maps"].last == (srs.REVERSE,)
    assert "tcp:localhost:10001" in part.elements["sender_canonical_maps"].remove  # set up by hand
    assert part.elements["lmtp_generic_maps"].last == (srs.REVERSE,)


def test_disabled_takes_back_everything() -> None:
    part = srs.part(enabled=False, own_domains=["example.test"], places=Places())
    assert set(part.parameters.values()) == {None}
    assert part.elements["sender_canonical_maps"].remove == (OWN, srs.FORWARD)
    assert not any(elements.last for elements in part.elements.values())
    assert [table.rows for table in part.tables] == [()]


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("alice@example.test", True),
        ("root@localhost", True),
        ("alice@exampleXtest", False),
        ("alice@sub.example.test", False),
        ("alice@example.test.far.test", False),
    ],
)
def test_own_addresses_are_mapped_to_themselves(address: str, own: bool) -> None:
    patterns = [key for key, value in srs.rows(["Example.test"]) if value == "$1"]
    assert any(re.search(key.strip("/"), address) for key in patterns) is own
