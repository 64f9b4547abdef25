# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables that can be read on a phone and on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .chart import gauge
from .html import Html, element, join, name
from .language import Language, number

Entry = Mapping[str, Any]
_SHORT = 20  # letters that always find room in one line


class Column(NamedTuple):
    """``cell`` makes its content of an entry. ``gauge``: a bar stands below; ``short``: it stays in one line."""

    title: str
    cell: Callable[[Entry], object]
    gauge: bool = False
    short: bool = False


class Frame(NamedTuple):
    """How tables are made here: in whose language, and how many rows each has."""

    language: Language
    top: int

    def table(self, columns: Sequence[Column], entries: Sequence[Entry]) -> Html:
        """The table; its first column names the entry. Where there is none it says so."""
        say = self.language.say
        if not entries:
            return element("p", say("None"), class_="none")
        titles = [say(column.title) for column in columns]
        shown = entries[: self.top]
        most = {column: max([1, *map(_whole, map(column.cell, shown))]) for column in columns if column.gauge}
        rows = [element("tr", *self._cells(columns, titles, entry, most)) for entry in shown]
        head = element("thead", element("tr", *(element("th", title, scope="col") for title in titles)))
        # Two columns find room on a phone, too.
        table = element("table", head, element("tbody", *rows), class_="wide" if len(columns) > 2 else None)
        left = len(entries) - len(shown)
        return join([table, element("p", say("and {count} more", count=number(left)), class_="more") if left else ""])

    def _cells(
        self, columns: Sequence[Column], titles: Sequence[str], entry: Entry, most: Mapping[Column, int]
    ) -> list[Html]:
        cells = []
        for place, (column, title) in enumerate(zip(columns, titles)):
            value = column.cell(entry)
            is_number = isinstance(value, int)
            inside = number(value) if is_number else value if isinstance(value, Html) else name(value)
            drawn = gauge(_whole(value) / most[column]) if column.gauge else ""
            attributes = {
                "data_label": title,
                "class_": "short" if is_number or (column.short and len(str(value)) <= _SHORT) else None,
            }
            tag, scope = ("td", None) if place else ("th", "row")
            cells.append(element(tag, element("span", inside, drawn), scope=scope, **attributes))
        return cells


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def key(word: str, default: object = "") -> Callable[[Entry], object]:
    """A cell that shows what stands under ``word``."""
    return lambda entry: entry.get(word, default)


def named(word: str) -> Callable[[Entry], object]:
    """The same for several names: one below the other."""
    return lambda entry: names(entry.get(word) or [])


def names(values: Sequence[object], most: int = 10) -> Html:
    """Names one below the other; of more than ``most`` it says how many are left out."""
    left = [element("div", f"… +{len(values) - most:,}")] if len(values) > most else []
    return join([*(element("div", name(value)) for value in values[:most]), *left])
