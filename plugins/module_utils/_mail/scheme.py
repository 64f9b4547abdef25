# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which scheme a stored hash is of, and whether it is easier to try out than those of today."""

from __future__ import annotations

import re
from typing import NamedTuple

_ROUNDS = re.compile(r"\$rounds=(\d+)\$")
_FEWEST_ROUNDS = 5000  # what crypt(5) takes for SHA-512 if nothing is said
_LEAST_COST = 10  # of bcrypt: 2**10 rounds


class Scheme(NamedTuple):
    """``name`` is empty where no password is."""

    name: str
    is_outdated: bool


def of(pwhash: str) -> Scheme:
    """The scheme of a crypt(5) hash."""
    if pwhash.startswith("$y$"):
        return Scheme("yescrypt", False)
    if pwhash.startswith("$6$"):
        rounds = _ROUNDS.search(pwhash)
        return Scheme("sha512-crypt", rounds is not None and int(rounds[1]) < _FEWEST_ROUNDS)
    if pwhash.startswith(("$2a$", "$2b$", "$2y$")):
        return Scheme("bcrypt", int(pwhash[4:6]) < _LEAST_COST)
    if pwhash.startswith("$5$"):
        return Scheme("sha256-crypt", True)
    return Scheme("unknown" if pwhash.startswith("$") else "", pwhash.startswith("$"))
