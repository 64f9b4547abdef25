# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of the local aliases, see aliases(5): some lines are ours, all others stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import MailError

BEGIN = "# Managed by Ansible: changes from here to the end mark are overwritten."
END = "# End of what is managed by Ansible."
_HEAD = "# Local aliases, see aliases(5). Lines outside of the managed ones are the administrator's.\n"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_USER = re.compile(rf"\\?({_NAME.pattern})")
_ADDRESS = re.compile(r"[^\s,\"@]+@[^\s,\"@]+")
_OTHER = re.compile(r"(/|\||:include:/)[^\"\\\x00-\x1f]+")
_ENTRY = re.compile(r'\s*"?([^"#:\s][^":]*?)"?\s*:(.*)', re.DOTALL)


def wanted(raw: Mapping[Any, Any]) -> dict[str, list[str]]:
    """The aliases of a variable: name and targets. Raises MailError for what aliases(5) cannot hold."""
    found: dict[str, list[str]] = {}
    for key, value in raw.items():
        name = str(key).lower()
        if not _NAME.fullmatch(name):
            raise _fault(name, "is not a local name", "Write a name without a domain, such as root.")
        targets = [value] if isinstance(value, str) else value
        if not isinstance(targets, Sequence) or not targets:
            raise _fault(name, "has no target", "Write a list of addresses or local users.")
        for target in targets:
            if not isinstance(target, str) or not any(form.fullmatch(target) for form in (_USER, _ADDRESS, _OTHER)):
                raise _fault(
                    name, f"'{target}' cannot be a target", "Write an address, a local user, |command or /a/file."
                )
        found[name] = list(dict.fromkeys(targets))
    return found


def merged(raw: Mapping[Any, Any], root: str) -> dict[str, list[str]]:
    """As ``wanted``, with the recipients of root's mail (separated by commas) in place of an alias for root."""
    named = [target.strip() for target in root.split(",") if target.strip()]
    return wanted({**raw, "root": named} if named else raw)


def change(text: str | None, ours: Mapping[str, Sequence[str]]) -> str:
    """The text with ``ours`` as its managed lines; a line of the administrator for the same name makes room for them.

    There always is a postmaster. Raises MailError when the marks of the managed lines do not match.
    """
    lines = _without_managed(text or _HEAD)
    kept = [(name, raw) for name, raw in _entries(lines) if name not in ours]
    missing = {} if "postmaster" in {name for name, _raw in kept} else {"postmaster": ["root"]}
    managed = {**missing, **ours}
    own = "".join(raw for _name, raw in kept)
    if not managed:
        return own
    written = "".join(f"{name}: {', '.join(map(_written, targets))}\n" for name, targets in sorted(managed.items()))
    return f"{own}{'' if own.endswith(chr(10)) or not own else chr(10)}{BEGIN}\n{written}{END}\n"


def parse(text: str) -> dict[str, list[str]]:
    """All aliases of a text: names in lower case, targets as they are written."""
    found: dict[str, list[str]] = {}
    for name, raw in _entries(text.splitlines(keepends=True)):
        entry = _ENTRY.match(raw) if name else None
        if entry:
            found[name] = [target.strip().strip('"') for target in entry.group(2).split(",")]
    return found


def check(text: str, ours: Mapping[str, Sequence[str]], is_user: Callable[[str], bool]) -> None:
    """Raises MailError for a loop that leads through one of ``ours``, and for a target that nobody has here."""
    there = parse(text)
    for name, targets in ours.items():
        for target in targets:
            user = _USER.fullmatch(target)
            if user and user.group(1).lower() not in there and not is_user(user.group(1)):
                raise _fault(
                    name, f"'{target}' is neither an alias nor a user of this host", "Write an address or a user."
                )
        way = _loop(name, there, (name,))
        if way:
            raise _fault(name, f"leads back to itself: {' -> '.join(way)}", "Send one of them elsewhere.")


def _loop(name: str, there: Mapping[str, Sequence[str]], way: tuple[str, ...]) -> tuple[str, ...]:
    """The way from the first name back to it, by way of others: a name that names itself is delivered, no loop."""
    for target in there.get(name, ()):
        following = target.lower()
        if following == way[0] and len(way) > 1:
            return (*way, following)
        found = _loop(following, there, (*way, following)) if following not in way else ()
        if found:
            return found
    return ()


def _without_managed(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    marks = [line.strip() for line in lines if line.strip() in (BEGIN, END)]
    if marks not in ([], [BEGIN, END]):
        raise MailError(
            "the marks around the managed lines do not match",
            where="local aliases",
            mend="Remove the lines that begin with '# Managed by Ansible' and '# End of what is managed' by hand.",
        )
    inside = False
    kept = []
    for line in lines:
        inside = inside or line.strip() == BEGIN
        if not inside:
            kept.append(line)
        inside = inside and line.strip() != END
    return kept


def _entries(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Names and whole entries with their continuation lines; comments and blank lines have the name ``''``."""
    name, raw = "", ""
    for line in lines:
        if name and line[:1] in (" ", "\t") and line.strip():
            raw += line
            continue
        if raw:
            yield name, raw
        entry = None if line.lstrip().startswith("#") else _ENTRY.match(line)
        name, raw = (entry.group(1).strip().lower() if entry else ""), line
    if raw:
        yield name, raw


def _written(target: str) -> str:
    return f'"{target}"' if target.startswith(("|", ":include:")) or " " in target or "," in target else target


def _fault(name: str, what: str, mend: str) -> MailError:
    return MailError(what, where=f"local alias {name}", mend=f"{mend} Nothing was changed.")
