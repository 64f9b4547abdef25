# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter dkim_rotation: what modules return in, what modules take out."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter.dkim_records import dkim_records
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
        "signing": {"a.example": ["new"]},
        "moves": [
            "a.example: new: published -> signing",
            "a.example: old: signing -> retiring",
            "c.example: 20261122e: new -> prepared",
        ],
        "waits": [
            "b.example: s1: its record is not seen everywhere yet. Publish it.",
            "c.example: s1: its record can be removed.",
        ],
        "publish": ["s1._domainkey.b.example"],
        "remove": ["s1._domainkey.c.example"],
    }


@pytest.mark.parametrize("seen", [{}, {"s1._domainkey.c.example": None}, {"s1._domainkey.c.example": False}])
def test_what_is_not_seen_does_not_sign(seen: dict[str, Any]) -> None:
    found = dkim_rotation([key("c.example", "s1", "published")], seen, now=NOW)
    assert found["entries"] == []
    assert found["waits"] == ["c.example: s1: its record is not seen everywhere any more. Publish it again."]


def test_other_domains_are_left_alone() -> None:
    keys = [key("a.example", "s1", "signing"), key("b.example", "s1", "signing")]
    found = dkim_rotation(keys, {}, rotate_after=1, now=NOW, domains=["b.example"])
    assert [entry["domains"] for entry in found["entries"]] == [["b.example"]]
    assert found["signing"] == {}


def check(verdict: str, *statuses: str, selector: str = "s1") -> dict[str, Any]:
    seen = [{"server": f"ns{number}", "status": status} for number, status in enumerate(statuses)]
    return {"name": f"{selector}._domainkey.a.example", "purpose": "dkim", "verdict": verdict, "seen": seen}


@pytest.mark.parametrize(
    ("verdict", "statuses", "goes_on"),
    [
        ("ok", ("ok", "ok"), True),
        ("ok", ("ok", "unreachable"), True),
        ("ok", ("ok", "timeout"), False),
        ("ok", ("ok", "lame"), False),
        ("wrong", ("ok", "nxdomain"), False),
        ("missing", ("nxdomain", "ok"), False),
        ("unknown", ("servfail", "ok"), False),
    ],
)
def test_everybody_who_can_be_reached_must_see_a_record(verdict: str, statuses: tuple[str, ...], goes_on: bool) -> None:
    found = dkim_rotation([key("a.example", "s1", "prepared")], [check(verdict, *statuses)], now=NOW)
    assert bool(found["entries"]) == goes_on
    assert bool(found["publish"]) != goes_on


def test_servers_that_say_nothing_are_named_once() -> None:
    keys = [key("a.example", "s1", "prepared"), key("a.example", "s2", "signing")]
    checks = [check("ok", "ok", "timeout"), check("ok", "ok", "timeout", selector="s2")]
    found = dkim_rotation(keys, [*checks, {"purpose": "name_server"}], now=NOW)
    assert found["waits"] == [
        "a.example: s1: its record is not seen everywhere yet. Publish it.",
        "ns1: said nothing about 2 records (timeout), so they do not count as seen.",
    ]


def test_a_key_that_signs_and_is_not_seen_is_to_be_published() -> None:
    found = dkim_rotation([key("a.example", "s1", "signing")], [check("wrong", "ok")], now=NOW)
    assert found["publish"] == ["s1._domainkey.a.example"]


def test_the_records_to_ask_for() -> None:
    known = {**key("a.example", "s1", "retired"), "name": "s1._domainkey.a.example", "value": "v=DKIM1; p=x"}
    assert dkim_records([known, {**known, "value": ""}]) == [
        {
            "name": "s1._domainkey.a.example",
            "type": "TXT",
            "values": ["v=DKIM1; p=x"],
            "purpose": "dkim",
            "domain": "a.example",
        }
    ]
    assert dkim_records([known], ["b.example"]) == []
    with pytest.raises(AnsibleFilterError, match="keys: has something that is not a key"):
        dkim_records([{"name": "x"}])


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
        ([], [{}], {}, "seen: is not understood. Give names with true or false, or checks"),
    ],
)
def test_what_is_not_understood_is_refused(keys: Any, seen: Any, more: Any, why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=why):
        dkim_rotation(keys, seen, now=NOW, **more)
