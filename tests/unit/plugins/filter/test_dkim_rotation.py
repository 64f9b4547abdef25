# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter dkim_rotation: what modules return in, what modules take out."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter.dkim_rotation import dkim_rotation

NOW = 1795341600.0  # 2026-11-22 10:00 UTC


def key(domain: str, selector: str, phase: str, since: str = "2026-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    plain = {"algorithm": "rsa", "bits": 2048, "since": since, "created": since}
    return {"domain": domain, "selector": selector, "phase": phase, **plain, **more}


def test_each_domain_goes_one_step() -> None:
    keys = [
        key("a.example", "old", "signing"),
        key("a.example", "new", "published", "2026-11-20T00:00:00Z"),
        key("b.example", "s1", "prepared"),
        key("c.example", "s1", "retired"),
        key("c.example", "e1", "signing", algorithm="ed25519", bits=256),
    ]
    seen = {"new._domainkey.a.example": True, "s1._domainkey.b.example": False, "s1._domainkey.c.example": True}
    assert dkim_rotation(keys, seen, rotate_after=86400, now=NOW) == {
        "entries": [
            {"domains": ["a.example"], "selector": "new", "phase": "signing"},
            {"domains": ["a.example"], "selector": "old", "phase": "retiring"},
            {"domains": ["c.example"], "selector": "20261122e", "algorithm": "ed25519"},
        ],
        "waits": [
            "b.example: s1: its record is not seen everywhere yet. Publish it.",
            "c.example: s1: its record can be removed.",
        ],
    }


@pytest.mark.parametrize("seen", [{}, {"s1._domainkey.c.example": None}, {"s1._domainkey.c.example": False}])
def test_what_is_not_seen_does_not_sign(seen: dict[str, Any]) -> None:
    found = dkim_rotation([key("c.example", "s1", "published")], seen, now=NOW)
    assert found["entries"] == []
    assert found["waits"] == ["c.example: s1: its record is not seen everywhere any more. Publish it again."]


def test_a_new_key_has_the_size_of_the_old_one() -> None:
    found = dkim_rotation([key("a.example", "s1", "signing", bits=4096)], {}, rotate_after=1, now=NOW)
    assert found["entries"] == [
        {"domains": ["a.example"], "selector": "20261122r", "algorithm": "rsa", "bits": 4096},
    ]


@pytest.mark.parametrize(
    ("keys", "seen", "more", "why"),
    [
        ([{"domain": "a.example"}], {}, {}, "is not a key. Give the keys as"),
        (["s1"], {}, {}, "is not a key"),
        ([key("a.example", "s1", "done")], {}, {}, "is not a key"),
        ([key("a.example", "s1", "signing", since="")], {}, {}, "is not a key"),
        ([key("a.example", "s1", "signing")], {}, {"queue_lifetime": "a week"}, "Write times in seconds"),
    ],
)
def test_what_is_not_understood_is_refused(keys: Any, seen: Any, more: Any, why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=why):
        dkim_rotation(keys, seen, now=NOW, **more)
