# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Courier's configuration files as text: settings are put in, every other line and comment stays as it is.

Most are read by a shell (``NAME=value``, the last one counts); ``authsqliterc`` has a name, white space and a value,
which a backslash continues on the next line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from .._errors import MailError

TABLES = ("authsqliterc",)
# A parser of Courier's reads no further than the last of these, so that the file must end with one.
_MARKER = "##NAME: MARKER:0"
_BLOCK = re.compile(r"##NAME: *([A-Za-z_]+)(?::\d+)? *\Z")
_PLAIN = re.compile(r"[A-Za-z0-9_./:+-]*\Z")
_UNFIT = re.compile(r'[\x00-\x1f\x7f"$`\\]')


class Line(NamedTuple):
    """A logical line with all its characters; ``name`` is empty where it sets nothing."""

    text: str
    name: str
    value: str


def parse(text: str, *, table: bool = False) -> list[Line]:
    """The lines; ``"".join(line.text for line in parse(text))`` is the text again."""
    lines: list[Line] = []
    held = ""
    for piece in text.splitlines(keepends=True):
        held += piece
        if table and not held.startswith("#") and piece.rstrip("\n").endswith("\\"):
            continue
        lines.append(_line(held, table=table))
        held = ""
    return [*lines, _line(held, table=table)] if held else lines


def _line(text: str, *, table: bool) -> Line:
    pattern = r"([A-Z][A-Z0-9_]*)[ \t]+(.*)" if table else r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)"
    found = re.match(pattern, text, re.DOTALL)
    return Line(text, found[1], found[2].rstrip("\n")) if found else Line(text, "", "")


def edit(text: str, settings: Mapping[str, str], *, table: bool = False) -> str:
    """The text with these settings. A setting that is there already, in whatever quotes, stays as it is written.

    The last line that sets a name is replaced. A new one goes to the end of its block of comments, or to the end.
    """
    lines = parse(text if text.endswith("\n") or not text else f"{text}\n", table=table)
    for name, value in settings.items():
        wanted = _written(name, value, table=table)
        places = [number for number, line in enumerate(lines) if line.name == name]
        if not places:
            place = _place(lines, name)
            lines[place:place] = [_line(wanted, table=table)]
        elif _read(lines[places[-1]].value, table=table) != value:
            lines[places[-1]] = _line(wanted, table=table)
    if table and not any(line.text.startswith(_MARKER) for line in lines):
        lines.append(Line(f"{_MARKER}\n", "", ""))
    return "".join(line.text for line in lines)


def _written(name: str, value: str, *, table: bool) -> str:
    if table:
        if re.search(r"[\x00-\x1f\x7f]|\\\Z", value) or value != value.strip():
            raise MailError("is not one line", where=name, mend="Write it without line breaks.")
        return f"{name}\t{value}\n"
    if _UNFIT.search(value):
        raise MailError(f"'{value}' holds what a shell would act on", where=name, mend='Leave out ", $, ` and \\.')
    return f"{name}={value}\n" if _PLAIN.match(value) else f'{name}="{value}"\n'


def _read(value: str, *, table: bool) -> str:
    """What a simple value means; anything else is given back as it is and differs from every wanted one."""
    if table:
        return re.sub(r"\\\n", "", value)
    found = re.match(r"\"([^\"$`\\]*)\"[ \t]*\Z|'([^']*)'[ \t]*\Z|([^\s\"'$`\\;#&|<>()]*)[ \t]*\Z", value)
    return next(part for part in found.groups() if part is not None) if found else f"\n{value}"


def _place(lines: list[Line], name: str) -> int:
    """Where a setting belongs that is not there: behind the comments about it, at the latest before the marker."""
    blocks = [(number, found[1]) for number, line in enumerate(lines) if (found := _BLOCK.match(line.text.rstrip()))]
    for position, (_start, block) in enumerate(blocks):
        if block == name:
            end = blocks[position + 1][0] if position + 1 < len(blocks) else len(lines)
            return _before_blank(lines, end)
    marker = [number for number, block in blocks if block == "MARKER"]
    return marker[-1] if marker else len(lines)


def _before_blank(lines: list[Line], end: int) -> int:
    while end and not lines[end - 1].text.strip():
        end -= 1
    return end
