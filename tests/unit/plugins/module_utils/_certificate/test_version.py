# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions: their names, their files, and which of them are kept."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import version
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.request import Entry
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.version import Found

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ([], "20270115T080000Z-01234567"),
        (["20270115T075959Z-89abcdef"], "20270115T080000Z-01234567"),
        (["20270115T080000Z-01234567"], "20270115T080001Z-01234567"),
        (["20280101T000000Z-89abcdef", "20270101T000000Z-89abcdef"], "20280101T000001Z-01234567"),  # a clock was wrong
        (["of somebody else"], "20270115T080000Z-01234567"),
    ],
)
def test_a_new_version_is_later_than_all_others(taken: list[str], name: str) -> None:
    assert version.stamp(NOW, "0123456789", taken) == name


@pytest.mark.parametrize(
    ("live", "keep", "held", "surplus"),
    [
        ("3", 9, False, ["4"]),  # was taken back
        ("3", 1, False, ["4", "1"]),
        ("3", 1, True, ["1"]),  # the later one was rolled back
        ("3", 0, False, ["4", "2", "1"]),
        ("4", 2, False, ["1"]),
        ("", 0, False, []),  # nothing is live: nothing is thrown away
    ],
)
def test_what_is_not_kept(live: str, keep: int, held: bool, surplus: list[str]) -> None:
    assert version.surplus(Found(live, stamps=("4", "3", "2", "1")), keep, held=held) == surplus


@pytest.mark.parametrize(
    ("valid", "names", "lacks"),
    [
        ((-10, 80), ["a.test"], []),
        ((-10, 5.5), ["a.test"], ["expires in 5 days"]),
        ((-10, -1), ["a.test", "b.test", "c.test"], ["has expired", "is not for b.test, c.test"]),
    ],
)
def test_what_is_wrong_with_installed_ones(world: Any, valid: Any, names: list[str], lacks: list[str]) -> None:
    chains = ((world.make("a.test", world.middle, valid=valid).facts, world.middle.facts),)
    assert version.lacks(chains, names, NOW, 7) == lacks
    assert version.lacks((), names, NOW, 7) == []


def test_files_and_back(world: Any) -> None:
    bundle = world.bundle()
    files = version.files([bundle])
    assert version.is_whole(files)
    assert not version.is_whole({name: data for name, data in files.items() if name != "alt-key.pem"})
    assert files["alt-certificate.pem"] == files["certificate.pem"]
    assert files["combined.pem"] == files["key.pem"] + files["certificate.pem"]
    assert version.chains(files, "x") == (bundle.chain,)
    assert version.chains({**files, "certificate.pem": b"damaged"}, "x") == ()
    [pair] = version.pairs(files, "/versions/a")
    assert (pair.certificate_where, pair.key, pair.self_signed) == (
        "/versions/a/certificate.pem",
        files["key.pem"],
        False,
    )


def test_words_and_results_hold_no_key(world: Any) -> None:
    bundle = world.bundle()
    entry = Entry("a", ("mail.example.com",), default=True)
    shown = version.shown(entry, (bundle.chain,), "/d", before=["1"], now=NOW)
    text = version.text(entry, (bundle.chain,))
    assert shown["files"]["key"] == "/d/live/a/key.pem"
    assert shown["chain"] == ["CN=mail.example.com", "CN=Middle"]
    assert bundle.leaf.fingerprint in text
    assert "PRIVATE" not in repr(shown) + text
    assert version.text(None, ()) == ""


def test_what_is_not_known_yet_has_the_same_shape(world: Any) -> None:
    entry = Entry("a", ("mail.example.com",))
    known = version.shown(entry, (world.bundle().chain,), "/d", before=[], now=NOW)
    unknown = version.shown(entry, (), "/d", before=[], now=NOW)
    assert {name: type(value) for name, value in known.items()} == {
        name: type(value) for name, value in unknown.items()
    }
