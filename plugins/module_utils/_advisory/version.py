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
_STABLE_UPDATE = re.compile(r"[+~]deb\d+u\d")


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


def descends(installed: str, fixed: str) -> bool:
    """Whether ``installed``, which is not older, was made from ``fixed`` and so has what was mended there.

    Other archives count with an epoch of their own. An update of a stable release (``+deb12u2``) mends one line of
    releases alone: a newer line may be older than that update. Any other version came by unstable to all later ones.
    """
    same_line = branch(installed) == branch(fixed)
    return parse(installed).epoch == parse(fixed).epoch and (same_line or not _STABLE_UPDATE.search(fixed))


def reaches(installed: str, first: str) -> bool:
    """Whether ``installed`` is the authors' release ``first`` or a later one of its line, and no candidate for it."""
    upstream = parse(installed).upstream
    candidate = re.match(rf"{re.escape(first)}[~a-z]", upstream)
    return branch(installed) == branch(first) and not candidate and _compare(upstream, first) >= 0


order = functools.cmp_to_key(compare)  # the key to sort by


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
