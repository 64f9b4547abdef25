# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New keys wait for their TLSA records, with a clock that is set by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import dane, facts
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.book import Record
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.dane import Published
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.request import Entry
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.steps import Context, Step
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Facts, Watch
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.version import Found

MX = "mx.example.com"
TTL = 3600
SILENT = Published(why="no answer came within the time allowed")
Chain = tuple[Facts, ...]


class Keys:
    """Chains of one host: the old one, the next one, and the next one with a second, an RSA certificate."""

    def __init__(self, world: Any) -> None:
        self.now: float = world.NOW
        self.end: float = world.NOW + 80 * world.DAY
        self.old = self._chain(world, 1)
        self.new = self._chain(world, 2)
        self.rsa = self._chain(world, 3)
        self.renewed = self._chain(world, 1, valid=(-1, 89))

    @staticmethod
    def _chain(world: Any, number: int, **changes: Any) -> Chain:
        private = world.key("secp256r1", 100 + number)
        return world.make(MX, world.middle, private=private, **changes).facts, world.middle.facts


@pytest.fixture(scope="module")
def keys(world: Any) -> Keys:
    return Keys(world)


def record(chain: Chain, kind: str = "3 1 1") -> str:
    """The TLSA record of this kind for a chain."""
    usage, selector, matching = kind.split()
    link = chain[0] if usage in "13" else chain[1]
    data = link.der if selector == "0" else facts.public_key(link)
    ways = {"0": data.hex(), "1": hashlib.sha256(data).hexdigest(), "2": hashlib.sha512(data).hexdigest()}
    return f"{kind} {ways[matching]}"


def heed(
    old: Sequence[Chain],
    new: Sequence[Chain],
    said: Published,
    now: float,
    watch: Watch | None = None,
) -> Step:
    entry = Entry(MX, (MX,))
    known = Record(entry, seal="seal", watch={MX: watch} if watch else {})
    step = Step(Record(entry, seal="new"), Found("stamp"), tuple(old), tuple(new), changed=True, files={})
    context = Context(now, 7, trust=tuple, trusted="")
    return dane.heed(step, known, {MX: said}, context)


def swapped(step: Step) -> bool:
    assert step.changed == (not step.record.next_tlsa)
    return step.changed


@pytest.mark.parametrize("kind", ["3 1 1", "3 0 1", "3 1 2", "3 0 2", "3 1 0", "3 0 0", "1 1 1", "1 0 2"])
def test_a_record_of_the_old_key_keeps_the_new_one_back(keys: Keys, kind: str) -> None:
    step = heed([keys.old], [keys.new], Published((record(keys.old, kind),), TTL), keys.now)
    assert not swapped(step)
    assert step.chains == (keys.old,)
    assert step.record.next_tlsa == (record(keys.new),)
    assert step.record.seal == "seal"
    assert record(keys.old, kind) in step.told[0]
    assert f"{record(keys.new)} is not. Publish that" in step.told[0]
    assert "7200 seconds" in step.told[0]


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("3 1 1 " + "ab" * 32,),
        ("9 1 1 " + "ab" * 32, "3 7 1 " + "ab" * 32, "3 1 9 " + "ab" * 32),
    ],
)
def test_without_a_record_that_fits_nothing_waits(keys: Keys, values: tuple[str, ...]) -> None:
    step = heed([keys.old], [keys.new], Published(values, TTL), keys.now)
    assert swapped(step)
    assert step.told == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "3",
        "3 1",
        "3 1 1",
        "3 1 1 ",
        "3 1 0 ",
        "3 1 0",
        "3 1 9 ",
        "3 1 9",
        "a b c d",
        "3 x 1 {digest}",
        "3 1 x {digest}",
        "-3 1 1 {digest}",
        "03 1 1 {digest}",
        "\u0663 1 1 {digest}",
        "3 1 1 no hex",
        "3 1 1 {digest}0",
        "3 1 1 {digest} 1 1",
        "3 1 2 {digest}",
        "\\# 4 03010100",
    ],
)
def test_a_record_that_is_not_whole_fits_nothing(keys: Keys, text: str) -> None:
    """One in DNS must not end the run for all certificates; beside one that fits it changes nothing."""
    odd = text.format(digest=keys.old[0].tlsa)
    assert swapped(heed([keys.old], [keys.new], Published((odd,), TTL), keys.now))
    both = Published((odd, record(keys.old)), TTL)
    assert not swapped(heed([keys.old], [keys.new], both, keys.now))
    watch = Watch(TTL, False, {odd: 1, record(keys.old): 1})
    assert not swapped(heed([keys.old], [keys.new], SILENT, keys.now, watch))
    last = Watch(TTL, True, {odd: 1})
    assert swapped(heed([keys.old], [keys.new], SILENT, keys.end, last))


@pytest.mark.parametrize("kind", ["3 1 1", "3 0 0"])
def test_how_a_record_is_written_does_not_matter(keys: Keys, kind: str) -> None:
    written = record(keys.old, kind)
    head, digest = written[:6], written[6:]
    spaced = f"{head}{digest[:20]} {digest[20:]}"
    for text in (written.upper(), spaced, f"  {kind}\t{digest[:9].upper()}  {digest[9:]} "):
        assert not swapped(heed([keys.old], [keys.new], Published((text,), TTL), keys.now)), text


def test_the_same_key_does_not_wait(keys: Keys) -> None:
    step = heed([keys.old], [keys.renewed], Published((record(keys.old),), TTL), keys.now)
    assert swapped(step)


def test_the_authority_has_another_key(keys: Keys) -> None:
    other = (keys.old[0], keys.new[0])
    assert not swapped(heed([keys.old], [other], Published((record(keys.old, "2 1 1"),), TTL), keys.now))
    assert swapped(heed([keys.old], [other], Published((record(keys.old),), TTL), keys.now))


def test_another_certificate_with_the_same_key_does_where_the_record_is_of_the_certificate(keys: Keys) -> None:
    assert not swapped(heed([keys.old], [keys.renewed], Published((record(keys.old, "3 0 1"),), TTL), keys.now))


@pytest.mark.parametrize("kind", ["2 1 1", "2 0 1", "0 1 2"])
def test_a_record_of_the_authority_fits_both(keys: Keys, kind: str) -> None:
    assert swapped(heed([keys.old], [keys.new], Published((record(keys.old, kind),), TTL), keys.now))


@pytest.mark.parametrize("kind", ["3 1 1", "3 1 2", "3 0 1", "2 1 1"])
def test_two_ttls_after_it_was_seen(keys: Keys, kind: str) -> None:
    """At the first look nobody knows how long the new record is there; that of the old key must be older."""
    old, both = record(keys.old), Published((record(keys.old), record(keys.new, kind)), TTL)
    before = Watch(TTL, signed=False, due={old: keys.now})
    step = heed([keys.old], [keys.new], both, keys.now, before)
    assert not swapped(step)
    assert "only from 2027-01-15T10:00:00Z on" in step.told[0]
    watch = step.record.watch[MX]
    assert not swapped(heed([keys.old], [keys.new], both, keys.now + 2 * TTL - 1, watch))
    assert swapped(heed([keys.old], [keys.new], both, keys.now + 2 * TTL, watch))


def test_the_ttl_of_before_counts_when_it_was_longer(keys: Keys) -> None:
    """Caches have the old records for as long as those said."""
    first = dane.seen(None, Published((record(keys.old),), 86400), [keys.old], keys.now)
    both = Published((record(keys.old), record(keys.new)), 300)
    second = dane.seen(first, both, [keys.old], keys.now + 60)
    assert second
    assert second.due[record(keys.new)] == keys.now + 60 + 2 * 86400
    third = dane.seen(second, both, [keys.old], keys.now + 3600)
    assert third == second
    fourth = dane.seen(third, Published((*both.values, "3 1 1 ab"), 300), [keys.old], keys.now + 7200)
    assert fourth
    assert fourth.due["3 1 1 ab"] == keys.now + 7200 + 600


def test_a_record_that_was_gone_begins_anew(keys: Keys) -> None:
    old, new = record(keys.old), record(keys.new)
    watch = dane.seen(Watch(TTL, False, {old: 1, new: 1}), Published((old,), TTL), [keys.old], keys.now)
    watch = dane.seen(watch, Published((old, new), TTL), [keys.old], keys.now)
    assert watch
    assert watch.due == {old: 1, new: keys.now + 2 * TTL}
    assert dane.seen(watch, Published(), [keys.old], keys.now) is None


def test_no_answer_is_what_was_seen_before(keys: Keys) -> None:
    old, new = record(keys.old), record(keys.new)
    assert not swapped(heed([keys.old], [keys.new], SILENT, keys.now, Watch(TTL, False, {old: 1})))
    assert not swapped(heed([keys.old], [keys.new], SILENT, keys.now, Watch(TTL, False, {old: 1, new: keys.now + 1})))
    step = heed([keys.old], [keys.new], SILENT, keys.now, Watch(TTL, False, {old: 1, new: keys.now}))
    assert swapped(step)
    assert step.record.watch[MX].due == {old: 1, new: keys.now}


def test_no_answer_and_nothing_seen_before(keys: Keys) -> None:
    """Where nobody ever saw a record, a resolver that is down does not keep a certificate from being renewed."""
    step = heed([keys.old], [keys.new], SILENT, keys.now)
    assert swapped(step)
    assert "nobody could tell whether _25._tcp.mx.example.com has TLSA records" in step.told[0]
    assert heed([keys.old], [keys.renewed], SILENT, keys.now).told == ()


@pytest.mark.parametrize(("kind", "signed", "waits"), [("3 1 1", True, True), ("3 1 1", False, False)])
def test_the_old_certificate_has_expired(keys: Keys, kind: str, signed: bool, waits: bool) -> None:
    """Senders who go by DANE-EE take it; without signatures nobody goes by it."""
    said = Published((record(keys.old, kind),), TTL, signed)
    assert not swapped(heed([keys.old], [keys.new], said, keys.end - 1))
    step = heed([keys.old], [keys.new], said, keys.end)
    assert swapped(step) != waits
    assert step.warnings == ((f"certificate {MX}: the installed certificate expires in 0 days.",) if waits else ())


def test_a_record_of_the_authority_does_not_outlive_the_certificate(keys: Keys) -> None:
    """The next certificate is of another authority, so it would have to wait."""
    other = (keys.new[0], keys.new[0])
    said = Published((record(keys.old, "2 1 1"),), TTL, signed=True)
    assert not swapped(heed([keys.old], [other], said, keys.end - 1))
    assert swapped(heed([keys.old], [other], said, keys.end))


def test_each_of_two_pairs_needs_its_record(keys: Keys) -> None:
    """A sender gets the one that it knows."""
    said = Published((record(keys.old), record(keys.new)), TTL)
    watch = Watch(TTL, False, {record(keys.old): 1, record(keys.new): 1})
    step = heed([keys.old], [keys.new, keys.rsa], said, keys.now, watch)
    assert not swapped(step)
    assert f"{record(keys.rsa)} is not" in step.told[0]
    assert step.record.next_tlsa == (record(keys.new), record(keys.rsa))
    watch = Watch(TTL, False, {**watch.due, record(keys.rsa): 1})
    said = Published(tuple(watch.due), TTL)
    assert swapped(heed([keys.old], [keys.new, keys.rsa], said, keys.now, watch))


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("exact", ["mx.example.com", "mx.example.org"]),
        ("wild", ["mx.example.net"]),
        ("default", ["mail.example.com", "other.test"]),
    ],
)
def test_the_names_that_senders_know(name: str, names: Sequence[str]) -> None:
    entries: Mapping[str, Entry] = {
        "default": Entry("default", ("mail.example.com", "192.0.2.25"), default=True),
        "wild": Entry("wild", ("*.example.net",)),
        "exact": Entry("exact", ("mx.example.com", "mx.example.org")),
    }
    mx_names = ["mx.example.org", "mx.example.net", "other.test"]
    assert dane.hosts(entries[name], list(entries.values()), mx_names) == names
