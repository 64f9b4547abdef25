# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import shutil
import subprocess

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._advisory import known, version

DPKG = shutil.which("dpkg") or ""
SIGNS = {-1: "lt", 0: "eq", 1: "gt"}

# Older than, equal to or newer than; as deb-version(7) has it.
PAIRS = [
    ("1:2.3.19.1+dfsg1-2.1", -1, "1:2.3.19.1+dfsg1-2.1+deb12u2"),
    ("1:2.3.19.1+dfsg1-2.1+deb12u2", -1, "1:2.3.19.1+dfsg1-2.1+deb12u10"),
    ("1:2.3.19.1+dfsg1-2.1+deb12u2", -1, "1:2.3.19.1+dfsg1-2.1+deb12u2+b1"),
    ("1:2.3.13+dfsg1-2", -1, "1:2.3.13+dfsg1-2+deb11u1"),
    ("1:2.4.1+dfsg1-6+deb13u4~bpo12+1", -1, "1:2.4.1+dfsg1-6+deb13u4"),
    ("2.4.5", -1, "1:1.0"),
    ("1:2.4.5-1", -1, "2:2.3.21-1+debian12"),
    ("0:3.7.9-0+deb12u1", 0, "3.7.9-0+deb12u1"),
    ("3.7.9-0", 0, "3.7.9"),
    ("3.07.9-1", 0, "3.7.9-1"),
    ("3.9.0~rc1-1", -1, "3.9.0-1"),
    ("3.9.0~~-1", -1, "3.9.0~-1"),
    ("3.9.0rc1-1", 1, "3.9.0-1"),
    ("3.9.0+git1-1", 1, "3.9.0rc1-1"),
    ("3.10.0-1", 1, "3.9.12-1"),
    ("3.11-20260101-1", 1, "3.11-1"),
    ("1.0.16-3", -1, "1.0.16-3+b1"),
    ("1.0.16-3.1", 1, "1.0.16-3+b2"),
    ("1.0.6+nmu1-1", -1, "1.0.6.1-1"),
    ("2.3.7.2", 1, "2.3.7"),
]


@pytest.mark.parametrize(("one", "sign", "other"), PAIRS)
def test_order(one: str, sign: int, other: str) -> None:
    for pair, wanted in (((one, other), sign), ((other, one), -sign)):
        found = version.compare(*pair)
        assert (found > 0) - (found < 0) == wanted


@pytest.mark.skipif(not DPKG, reason="dpkg is not installed")
@pytest.mark.parametrize(("one", "sign", "other"), PAIRS)
def test_the_expected_order_is_that_of_dpkg(one: str, sign: int, other: str) -> None:
    assert subprocess.run([DPKG, "--compare-versions", one, SIGNS[sign], other], check=False).returncode == 0


@pytest.mark.skipif(not DPKG, reason="dpkg is not installed")
def test_known_versions_are_ordered_as_by_dpkg() -> None:
    texts = sorted({text for row in known.ADVISORIES for text in (*row.fixed.values(), *row.upstream)})
    texts += [f"{text}{end}" for text in texts[::4] for end in ("~rc1", "+b1", "~bpo12+1", "a", ".0")]
    for one, other in list(itertools.pairwise(texts)) + list(zip(texts, texts[7:])):
        found = version.compare(one, other)
        sign = SIGNS[(found > 0) - (found < 0)]
        assert subprocess.run([DPKG, "--compare-versions", one, sign, other], check=False).returncode == 0, (one, other)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1:2.3.19.1+dfsg1-2.1+deb12u2", (2, 3, 19, 1)),
        ("3.10.13-0+deb13u1", (3, 10, 13)),
        ("3.9.0~rc1-1", (3, 9, 0)),
        ("12", (12,)),
        ("", ()),
        ("latest", ()),
        ("v2.3", ()),
    ],
)
def test_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert version.numbers(text) == numbers
    assert version.branch(text) == numbers[:2]


@pytest.mark.parametrize(
    ("installed", "fixed", "expected"),
    [
        ("1:2.3.19.1+dfsg1-2.1+deb12u3", "1:2.3.19.1+dfsg1-2.1+deb12u2", True),
        # A newer line of releases may be older than an update of a stable release; what came by unstable is in it.
        ("1:2.4.1+dfsg1-6~bpo12+1", "1:2.3.19.1+dfsg1-2.1+deb12u2", False),
        ("1:2.4.1+dfsg1-6", "1:2.3.19.1+dfsg1-2", True),
        ("2:2.3.21-1+debian12", "1:2.3.19.1+dfsg1-2.1+deb12u2", False),
        ("3.10.1-1", "3.7.11-0~deb12u1", False),
    ],
)
def test_descends(installed: str, fixed: str, expected: bool) -> None:
    assert version.descends(installed, fixed) is expected


@pytest.mark.parametrize(
    ("installed", "first", "expected"),
    [
        ("1:2.4.5+dfsg1-1", "2.4.5", True),
        ("2.4.10", "2.4.5", True),
        ("1:2.4.1+dfsg1-6+deb13u7", "2.4.5", False),
        ("1:2.4.5~rc1+dfsg1-1", "2.4.5", False),
        ("2.4.5rc1", "2.4.5", False),
        ("2.5.0", "2.4.5", False),
        ("2.3.21.1", "2.3.21.1", True),
        ("2.3.21", "2.3.21.1", False),
        ("", "2.4.5", False),
    ],
)
def test_reaches(installed: str, first: str, expected: bool) -> None:
    assert version.reaches(installed, first) is expected
