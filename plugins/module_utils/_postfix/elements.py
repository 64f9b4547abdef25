# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in main.cf, element by element. In a list of restrictions a restriction and its argument are one element."""

from __future__ import annotations

from . import restrictions
from .part import Elements


def split(name: str, value: str) -> list[str]:
    """The elements of a list parameter in their order; ``{ … }`` is one element."""
    words = iter(restrictions.words(value))
    if not name.endswith("_restrictions"):
        return list(words)
    return [restrictions.with_argument(word, words) for word in words]


def change(name: str, value: str, wanted: Elements) -> str:
    """The value with these elements: exactly as it was when it has them already, else joined with ``, ``.

    An element that is listed stays where it is; only what is missing is put first or last.
    """
    found = split(name, value)
    first, last, removed = (
        [element for part in parts for element in split(name, part)]
        for parts in (wanted.first, wanted.last, wanted.remove)
    )
    kept = [element for element in found if element not in removed or element in first or element in last]
    front = [element for element in first if element not in kept]
    back = [element for element in last if element not in kept and element not in front]
    result = front + kept + back
    return value if result == found else ", ".join(result)
