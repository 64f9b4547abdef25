# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import publish
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.publish import Move, Set
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

NAME = "example.com"


def plan(entries: list[dict[str, Any]], state: str, **existing: Set) -> list[Move]:
    wishes = publish.wishes(entries, state=state)
    keys = {(wish.record.name, wish.record.type) for wish in wishes}
    return publish.plan(wishes, {key: existing.get(key[1], Set()) for key in keys})


def entry(kind: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"name": NAME, "type": kind, "ttl": 60, "values": list(values), **more}


OLD = Set(60, ("10 old.test.",))
TEXTS = Set(60, ("v=spf1 mx -all", "proof=1"))


@pytest.mark.parametrize(
    ("given", "state", "before", "after"),
    [
        (entry("MX", "10 new.test"), "present", Set(), ("10 new.test.",)),
        (entry("MX", "10 new.test."), "present", OLD, ("10 new.test.", "10 old.test.")),
        (entry("MX", "10 new.test."), "exclusive", OLD, ("10 new.test.",)),
        (entry("MX", "10 OLD.test"), "exclusive", OLD, None),
        (entry("MX", "10 old.test.", ttl=99), "present", OLD, ("10 old.test.",)),
        (entry("MX", "10 old.test."), "absent", OLD, ()),
        (entry("MX"), "absent", OLD, ()),
        (entry("MX", "10 x.test."), "absent", OLD, None),
        (entry("MX"), "absent", Set(), None),
        (entry("MX", "10 new.test.", state="absent"), "present", OLD, None),
        (entry("TXT", "v=spf1 -all"), "present", TEXTS, ("proof=1", "v=spf1 -all")),
        (entry("TXT", "v=spf1 -all"), "exclusive", TEXTS, ("proof=1", "v=spf1 -all")),
        (entry("TXT", "proof=2"), "present", TEXTS, ("proof=1", "proof=2", "v=spf1 mx -all")),
        (entry("TXT", "proof=2"), "exclusive", TEXTS, ("proof=2", "v=spf1 mx -all")),
        (entry("TXT", "proof=1"), "absent", TEXTS, ("v=spf1 mx -all",)),
        (entry("CNAME", "b.test."), "present", Set(60, ("a.test.",)), ("b.test.",)),
    ],
)
def test_what_becomes_of_a_set(given: dict[str, Any], state: str, before: Set, after: tuple[str, ...] | None) -> None:
    moves = plan([given], state, **{given["type"]: before})
    assert [move.after.values for move in moves] == ([] if after is None else [after])
    for move in moves:
        again = plan([given], state, **{given["type"]: move.after})
        assert again == [], "a second run changes nothing"


def test_entries_of_one_name_and_type_are_met_together() -> None:
    moves = plan([entry("TXT", "v=spf1 -all"), entry("TXT", "proof=2")], "present", TXT=TEXTS)
    assert [move.after.values for move in moves] == [("proof=1", "proof=2", "v=spf1 -all")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (entry("MX"), "record 1 (example.com MX): has no values"),
        (entry("MX", "10 a.test.", state="gone"), "record 1 (example.com): 'gone' is no state"),
        (entry("NS", "a.test."), "record 1 (example.com): 'NS' is no type"),
    ],
)
def test_wrong_wishes(given: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        publish.wishes([given], state="present")
    assert error.value.message.startswith(message)


def test_nothing_stands_beside_a_cname() -> None:
    with pytest.raises(MailError, match=r"example\.com: cannot have a A record beside its CNAME"):
        plan([entry("CNAME", "a.test."), entry("A", "192.0.2.1")], "present")
    assert len(plan([entry("CNAME", state="absent"), entry("A", "192.0.2.1")], "present", CNAME=Set(60, ("a.",)))) == 2


def test_the_diff_and_the_report() -> None:
    move = plan([entry("TXT", "v=spf1 -all")], "present", TXT=TEXTS)[0]
    assert publish.sides(move) == (
        'example.com. 60 IN TXT "proof=1"\nexample.com. 60 IN TXT "v=spf1 mx -all"\n',
        'example.com. 60 IN TXT "proof=1"\nexample.com. 60 IN TXT "v=spf1 -all"\n',
    )
    assert publish.report("example.com", [move]) == {
        "zone": "example.com",
        "records": [
            {
                "name": NAME,
                "type": "TXT",
                "before": ["proof=1", "v=spf1 mx -all"],
                "after": ["proof=1", "v=spf1 -all"],
            }
        ],
    }


def test_long_lists_are_sent_in_portions() -> None:
    moves = [Move(f"n{number}.test", "TXT", Set(), Set(60, ("x" * 700,))) for number in range(100)]
    portions = list(publish.parts(moves))
    assert [move for portion in portions for move in portion] == moves
    assert max(map(len, portions)) < 45
    assert list(publish.parts([])) == []
