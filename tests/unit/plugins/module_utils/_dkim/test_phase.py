# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases of a key, and rotations that are run, interrupted and run again."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import phase
from ansible_collections.mailops.mailserver.plugins.module_utils._dkim.phase import (
    PHASES,
    PREPARED,
    PUBLISHED,
    RETIRED,
    RETIRING,
    SIGNING,
    Move,
    Phased,
    Step,
    Times,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

HOUR, DAY = 3600, 86400
NOW = 1795341600.0  # 2026-11-22 10:00 UTC
TIMES = Times(queue_lifetime=7 * DAY, min_publish_wait=2 * HOUR)


def key(selector: str, in_phase: str, *, age: float = 0, algorithm: str = "rsa", created: float = 0) -> Phased:
    """A key that entered its phase ``age`` seconds ago."""
    bits = 2048 if algorithm == "rsa" else 256
    return Phased(selector, algorithm, bits, in_phase, NOW - age, created or NOW - age)


def step(*keys: Phased, seen: Mapping[str, bool] | None = None, times: Times = TIMES) -> Step:
    return phase.next_step(keys, now=NOW, seen=seen or {}, times=times)


def moves(*keys: Phased, seen: Mapping[str, bool] | None = None, times: Times = TIMES) -> list[tuple[str, str]]:
    return [(move.selector, move.phase) for move in step(*keys, seen=seen, times=times).moves]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *((name, name) for name in PHASES),
        *zip(PHASES, PHASES[1:]),
        (PREPARED, RETIRED),
        (PUBLISHED, RETIRED),
    ],
)
def test_a_key_goes_forward(before: str, after: str) -> None:
    phase.check_change(before, after, where="key")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (PREPARED, SIGNING, "cannot go from prepared to signing: what it signs could not be verified"),
        (PREPARED, RETIRING, "has not signed anything"),
        (PUBLISHED, RETIRING, "has not signed anything"),
        (SIGNING, RETIRED, "may be on its way, and needs the record. Its next phase is retiring"),
        (SIGNING, PUBLISHED, "is signing already. Leave phase out"),
        (RETIRING, SIGNING, "is retiring already"),
        (RETIRED, SIGNING, "is retired. Its private key is gone"),
        (RETIRED, PREPARED, "is retired"),
    ],
)
def test_no_key_jumps_or_goes_back(before: str, after: str, why: str) -> None:
    with pytest.raises(MailError, match=why):
        phase.check_change(before, after, where="key")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([("rsa", SIGNING)], [("rsa", SIGNING)]),
        ([("rsa", SIGNING)], [("rsa", RETIRING), ("rsa", SIGNING)]),
        ([("rsa", SIGNING), ("ed25519", SIGNING)], [("rsa", SIGNING), ("ed25519", RETIRING)]),
        ([("ed25519", SIGNING)], [("rsa", SIGNING), ("ed25519", RETIRING)]),
        ([("rsa", PUBLISHED)], []),
    ],
)
def test_a_domain_stays_signed(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    phase.check_signers(before, after, where="domain")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([("rsa", SIGNING)], [("rsa", RETIRING)], "no key would sign"),
        ([("rsa", SIGNING)], [("rsa", RETIRING), ("rsa", PUBLISHED)], "no key would sign"),
        ([("rsa", SIGNING)], [("ed25519", SIGNING)], "no RSA key"),
    ],
)
def test_a_domain_does_not_lose_its_signature(
    before: list[tuple[str, str]], after: list[tuple[str, str]], why: str
) -> None:
    with pytest.raises(MailError, match=why):
        phase.check_signers(before, after, where="domain")


@pytest.mark.parametrize("seen", [{}, {"a": False}])
def test_a_new_key_waits_until_its_record_is_seen(seen: dict[str, bool]) -> None:
    found = step(key("a", PREPARED), seen=seen)
    assert found == Step((), ("a: its record is not seen everywhere yet. Publish it.",))


def test_a_record_that_is_seen_is_published() -> None:
    assert step(key("a", PREPARED), seen={"a": True}).moves == (Move("a", PUBLISHED, "rsa", 2048),)


@pytest.mark.parametrize(
    ("age", "seen", "expected"),
    [
        (2 * HOUR, True, [("a", SIGNING)]),
        (2 * HOUR - 1, True, []),
        (2 * HOUR, False, []),
        (2 * HOUR, None, []),
    ],
)
def test_a_key_signs_when_its_record_was_seen_for_long_enough(
    age: float, seen: bool | None, expected: list[tuple[str, str]]
) -> None:
    known = {} if seen is None else {"a": seen}
    found = step(key("a", PUBLISHED, age=age), seen=known)
    assert [(move.selector, move.phase) for move in found.moves] == expected
    assert bool(found.waits) != bool(expected)


def test_what_is_waited_for_has_a_time() -> None:
    assert step(key("a", PUBLISHED), seen={"a": True}).waits == (
        "a: it signs from 2026-11-22 12:00 UTC on, when its record is known everywhere.",
    )


def test_the_new_key_signs_before_the_old_one_ends() -> None:
    old, new = key("old", SIGNING, age=90 * DAY), key("new", PUBLISHED, age=DAY)
    assert moves(old, new, seen={"old": True, "new": True}) == [("new", SIGNING), ("old", RETIRING)]


def test_a_switch_that_was_interrupted_is_completed() -> None:
    old, new = key("old", SIGNING, age=90 * DAY), key("new", SIGNING)
    assert moves(old, new, seen={"new": True}) == [("old", RETIRING)]
    assert moves(old, new, seen={"old": True, "new": False}) == []


def test_the_old_key_waits_for_mail_on_its_way() -> None:
    new = key("new", SIGNING, age=7 * DAY - 1)
    assert moves(key("old", RETIRING, age=7 * DAY - 1), new) == []
    assert moves(key("old", RETIRING, age=7 * DAY), new) == [("old", RETIRED)]


@pytest.mark.parametrize(
    ("seen", "waits"), [({"old": True}, ("old: its record can be removed.",)), ({"old": False}, ()), ({}, ())]
)
def test_the_record_of_a_retired_key_can_go(seen: dict[str, bool], waits: tuple[str, ...]) -> None:
    assert step(key("old", RETIRED), key("new", SIGNING), seen=seen) == Step((), waits)


def test_a_record_that_vanished_from_dns_is_told() -> None:
    found = step(key("a", SIGNING), seen={"a": False})
    assert found == Step((), ("a: it signs, and its record is not seen. Publish it again.",))


def test_algorithms_rotate_each_for_itself() -> None:
    keys = [
        key("r1", SIGNING, age=90 * DAY),
        key("r2", PUBLISHED, age=DAY),
        key("e1", SIGNING, age=90 * DAY, algorithm="ed25519"),
        key("e2", PREPARED, algorithm="ed25519"),
    ]
    seen = dict.fromkeys(("r1", "r2", "e1"), True)
    assert moves(*keys, seen=seen) == [("r2", SIGNING), ("r1", RETIRING)]


def test_of_several_new_keys_the_newest_signs_in_the_end() -> None:
    first, second = key("z", PUBLISHED, age=3 * DAY), key("a", PUBLISHED, age=2 * DAY)
    seen = {"a": True, "z": True}
    assert moves(first, second, seen=seen) == [("z", SIGNING)]
    assert moves(first._replace(phase=SIGNING), second, seen=seen) == [("a", SIGNING), ("z", RETIRING)]


def test_a_key_that_signed_for_long_enough_gets_a_successor() -> None:
    times = TIMES._replace(rotate_after=180 * DAY)
    old = key("20260101r", SIGNING, age=180 * DAY)
    assert step(old, times=times).moves == (Move("20261122r", PREPARED, "rsa", 2048),)
    assert step(old._replace(bits=1024), times=times).moves == (Move("20261122r", PREPARED, "rsa", 2048),)
    assert step(old._replace(bits=4096), times=times).moves[0].bits == 4096
    assert moves(old, key("next", PREPARED), times=times) == []
    assert moves(old, key("next", PUBLISHED), times=times) == []
    assert moves(old._replace(since=old.since + 1), times=times) == []
    assert moves(old) == []


def test_a_new_selector_is_new() -> None:
    assert phase.new_selector([], "ed25519", NOW) == "20261122e"
    assert phase.new_selector(["20261122r"], "rsa", NOW) == "20261122r2"
    assert phase.new_selector(["20261122r", "20261122r2", "x"], "rsa", NOW) == "20261122r3"


class World:
    """A domain whose records and keys change as a playbook would change them, with interruptions and slow resolvers."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = NOW
        self.keys: dict[str, Phased] = {}
        self.zone: set[str] = set()
        self.mail: list[tuple[float, str]] = []  # when it was signed, and with which key
        self.signed = False

    def run(self) -> None:
        """One run of a rotation, which may end after any part of its step."""
        seen = {name: name in self.zone for name in self.keys if self.chance.random() > 0.1}
        times = TIMES._replace(rotate_after=30 * DAY)
        found = phase.next_step(list(self.keys.values()), now=self.now, seen=seen, times=times).moves
        for move in found[: self.chance.randint(0, len(found)) if self.chance.random() < 0.3 else None]:
            self.take(move)
            self.look()
        wanted = {key.selector for key in self.keys.values() if key.phase != RETIRED}
        if self.chance.random() < 0.7:
            self.zone = wanted

    def take(self, move: Move) -> None:
        known = self.keys.get(move.selector)
        if known is None:
            self.keys[move.selector] = Phased(move.selector, move.algorithm, move.bits, PREPARED, self.now, self.now)
        else:
            before = [(key.algorithm, key.phase) for key in self.keys.values()]
            phase.check_change(known.phase, move.phase, where=move.selector)
            self.keys[move.selector] = known._replace(phase=move.phase, since=self.now)
            phase.check_signers(before, [(key.algorithm, key.phase) for key in self.keys.values()], where="domain")

    def look(self) -> None:
        """What must hold at every moment."""
        signers = [key.selector for key in self.keys.values() if key.phase == SIGNING]
        self.signed = self.signed or bool(signers)
        assert bool(signers) == self.signed
        assert set(signers) <= self.zone
        self.mail = [(when, selector) for when, selector in self.mail if when > self.now - TIMES.queue_lifetime]
        assert {selector for when, selector in self.mail} <= self.zone
        self.mail += [(self.now, selector) for selector in signers]


@pytest.mark.parametrize("seed", range(20))
def test_all_mail_can_be_verified_at_every_moment(seed: int) -> None:
    world = World(seed)
    world.keys["first"] = Phased("first", "rsa", 2048, PREPARED, NOW, NOW)
    for _turn in range(400):
        world.run()
        world.look()
        world.now += world.chance.choice((60, HOUR, DAY))
        assert len([key for key in world.keys.values() if key.phase != RETIRED]) < 5
    assert len(world.keys) > 3
