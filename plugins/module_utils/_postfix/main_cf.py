# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The grammar of main.cf (postconf(5)): lines that are not touched stay exactly as they were."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")


class Chunk(NamedTuple):
    """A piece of the file as it stands there.

    ``text`` is the exact text with its line ends. ``name`` is empty for comments and blank lines; otherwise ``value``
    is the logical value: continuation lines joined with one space, comments between them left out.
    """

    name: str
    value: str
    text: str


def is_remark(line: str) -> bool:
    """True for a blank line or a comment, which both Postfix files may have anywhere, also inside an entry."""
    stripped = line.strip()
    return not stripped or stripped.startswith("#")


def logical_lines(text: str) -> list[tuple[int, list[str]]]:
    """Group the physical lines of main.cf or master.cf: (number of the first line, its lines with their ends).

    A remark before, between or after entries is a group of its own; inside an entry it belongs to that entry.
    """
    groups: list[tuple[int, list[str]]] = []
    pending: list[tuple[int, list[str]]] = []
    entry: list[str] | None = None
    for number, line in enumerate(re.findall(r"[^\n]*\n|[^\n]+", text), 1):
        if is_remark(line):
            pending.append((number, [line]))
        elif line[0].isspace() and entry is not None:
            entry.extend(remark for _number, remarks in pending for remark in remarks)
            entry.append(line)
            pending = []
        else:
            groups.extend(pending)
            pending = []
            entry = [line]
            groups.append((number, entry))
    return groups + pending


def parse(text: str) -> list[Chunk]:
    """Read main.cf. ``render(parse(text)) == text``.

    Raises MailError for a line that is neither a remark nor ``name = value``.
    """
    chunks = []
    for number, lines in logical_lines(text):
        if is_remark(lines[0]):
            chunks.append(Chunk("", "", lines[0]))
            continue
        name, equals, value = lines[0].partition("=")
        if not equals or not NAME.fullmatch(name.strip()) or name[0].isspace():
            raise MailError(
                f"line {number} is not 'name = value': {lines[0].strip()!r}",
                where="main.cf",
                mend="Mend or remove that line by hand.",
            )
        parts = [value, *(line for line in lines[1:] if not is_remark(line))]
        chunks.append(Chunk(name.strip(), " ".join(part.strip() for part in parts).strip(), "".join(lines)))
    return chunks


def render(chunks: Sequence[Chunk]) -> str:
    """The text of the file."""
    return "".join(chunk.text for chunk in chunks)


def values(chunks: Sequence[Chunk]) -> dict[str, str]:
    """Parameter to logical value; the last of several entries counts, as in Postfix."""
    return {chunk.name: chunk.value for chunk in chunks if chunk.name}


def as_value(name: str, raw: Any) -> str | None:
    """One wanted value in main.cf's notation, or None to remove the parameter.

    Lists are joined with ``, ``, booleans become ``yes`` and ``no``. Raises MailError for what cannot be written.
    """
    if not NAME.fullmatch(name):
        raise MailError("is not the name of a Postfix parameter", where=repr(name))
    if raw is None:
        return None
    if isinstance(raw, list):
        return ", ".join(_scalar(name, item) for item in raw)
    return _scalar(name, raw)


def _scalar(name: str, raw: Any) -> str:
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, int):
        return str(raw)
    if not isinstance(raw, str):
        raise MailError(
            f"cannot be written from {raw!r}",
            where=name,
            mend="Give a string, an integer, a boolean, null or a list of them, and quote numbers such as '3.10'.",
        )
    text = raw.strip()
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise MailError(
            "the value has a line break or another control character",
            where=name,
            mend="Write it on one line, or as a list.",
        )
    return text


def words(value: str) -> list[str]:
    """The words of a list of simple words: what stands between commas and white space."""
    return [word for word in re.split(r"[\s,]+", value) if word]


def change(
    chunks: Sequence[Chunk], wanted: Mapping[str, str | None], *, exclusive: bool = False, owned: Sequence[str] = ()
) -> list[Chunk]:
    """Give ``chunks`` the wanted values; None removes a parameter, ``exclusive`` removes all that are not wanted.

    What is not wanted goes also when its name begins with one of the ``owned`` prefixes.

    A parameter keeps its place; a new one goes to the end. Duplicates of a wanted parameter are removed, except the
    last one, which is the one that counts.
    """
    present = values(chunks)
    last = {chunk.name: position for position, chunk in enumerate(chunks) if chunk.name}
    result = []
    for position, chunk in enumerate(chunks):
        if chunk.name in wanted:
            value = wanted[chunk.name]
            if value is None or position != last[chunk.name]:
                continue
            result.append(chunk if value == chunk.value else _entry(chunk.name, value))
        elif not chunk.name or not (exclusive or chunk.name.startswith(tuple(owned))):
            result.append(chunk)
    added = [_entry(name, value) for name, value in wanted.items() if value is not None and name not in present]
    if added and result and not result[-1].text.endswith("\n"):
        result[-1] = result[-1]._replace(text=result[-1].text + "\n")
    return result + added


def _entry(name: str, value: str) -> Chunk:
    return Chunk(name, value, f"{name} = {value}".rstrip() + "\n")
