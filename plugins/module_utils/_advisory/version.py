# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of Debian packages, ordered as dpkg orders them (deb-version(7))."""

from __future__ import annotations

import functools
import re
from itertools import zip_longest
from typing import NamedTuple

_PARTS = re.compile(r"(\D*)(\d*)")
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


class Version(NamedTuple):
    """``1:2.3.19.1+dfsg1-2.1`` taken apart."""

    epoch: int
    upstream: str
    revision: str


def parse(text: str) -> Version:
    """A version; what is no number before the colon belongs to the upstream version, as it does for dpkg."""
    epoch, colon, rest = text.strip().partition(":")
    if not colon or not epoch.isdigit():
        epoch, rest = "0", text.strip()
    upstream, _dash, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return Version(int(epoch), upstream, revision)


def compare(one: str, other: str) -> int:
    """Negative, zero or positive as ``one`` is older than, equal to or newer than ``other``."""
    left, right = parse(one), parse(other)
    return (
        left.epoch - right.epoch or _compare(left.upstream, right.upstream) or _compare(left.revision, right.revision)
    )


def numbers(text: str) -> tuple[int, ...]:
    """The numbers that upstream gave a version: ``(2, 3, 19, 1)``; none if it does not begin with one."""
    found = _NUMBERS.match(parse(text).upstream)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def branch(text: str) -> tuple[int, ...]:
    """The first two of these numbers: a line of releases that gets its own fixes."""
    return numbers(text)[:2]


def _reversed(one: str, other: str) -> int:
    return compare(other, one)


newest_first = functools.cmp_to_key(_reversed)


def _compare(one: str, other: str) -> int:
    for (words, digits), (other_words, other_digits) in zip_longest(
        _PARTS.findall(one), _PARTS.findall(other), fillvalue=("", "")
    ):
        for left, right in zip_longest(words, other_words, fillvalue=""):
            if left != right:
                return _weight(left) - _weight(right)
        difference = int(digits or 0) - int(other_digits or 0)
        if difference:
            return difference
    return 0


def _weight(character: str) -> int:
    """A tilde comes before the end, that before letters, and these before anything else."""
    if character == "~":
        return -1
    if not character:
        return 0
    return ord(character) if character.isalpha() else ord(character) + 256
