# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an alias is: one address to many targets, or one domain (``@alias.example``) to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import MailError
from . import address as _address
from . import values as _values
from .account import MAX_FORWARDS

OPTIONS = frozenset(("name", "state", "to"))


class Wanted(NamedTuple):
    """An alias as a task wants it. ``source`` is an address, or ``@domain`` with one target ``@domain``."""

    source: str
    targets: frozenset[str]
    present: bool = True

    @property
    def is_domain(self) -> bool:
        return self.source.startswith("@")


def parse(entry: Mapping[str, Any], *, delimiter: str = "+") -> Wanted:
    """The wanted alias of one entry. Raises MailError that names it."""
    name = entry.get("name")
    where = f"alias {name}"
    unknown = sorted(str(option) for option in entry if option not in OPTIONS)
    if unknown:
        raise MailError("no such option", where=f"{where}: {unknown[0]}", mend=_values.near_miss(unknown[0], OPTIONS))
    state = entry.get("state") or "present"
    if state not in ("present", "absent"):
        raise MailError(f"{state!r} is not a state", where=where, mend="Write present or absent.")
    try:
        is_domain = str(name).startswith("@")
        source = (
            f"@{_address.domain_name(str(name)[1:])}" if is_domain else _address.own_address(name, delimiter=delimiter)
        )
        items = [_target(item, is_domain) for item in _values.strings(entry.get("to") or [])]
    except MailError as error:
        raise MailError(f"{error.where} {error.what}".strip(), where=where, mend=error.mend) from error
    _check(source, items, where, present=state == "present")
    return Wanted(source, frozenset(items), state == "present")


def _target(item: str, is_domain: bool) -> str:
    if not is_domain:
        return _address.target_address(item)
    if not item.startswith("@"):
        raise MailError(f"{item!r} is not a domain", mend="A domain alias leads to one @domain.")
    return f"@{_address.domain_name(item[1:])}"


def _check(source: str, items: list[str], where: str, *, present: bool) -> None:
    if present and not items:
        raise MailError("has no target", where=where, mend="Give at least one address in 'to'.")
    if len(set(items)) < len(items):
        raise MailError("has the same target twice", where=where, mend="Take one of them out.")
    if source in items:
        raise MailError(f"mail would run in a loop: {source} -> {source}", where=where, mend="Take it out of 'to'.")
    if source.startswith("@") and len(items) > 1:
        raise MailError("is a domain alias with more than one target", where=where, mend="Give one @domain.")
    if len(items) > MAX_FORWARDS:
        raise MailError(f"has more than {MAX_FORWARDS} targets", where=where, mend="Use a mailing list manager.")


def parse_all(entries: Iterable[Mapping[str, Any]], *, delimiter: str = "+") -> list[Wanted]:
    """The wanted aliases of a list, each source at most once."""
    wanted = [parse(entry, delimiter=delimiter) for entry in entries]
    seen: set[str] = set()
    for item in wanted:
        if item.source in seen:
            raise MailError("is listed twice", where=f"alias {item.source}", mend="Merge the two entries.")
        seen.add(item.source)
    return wanted


def describe(targets: Iterable[str]) -> str:
    """Targets as text for a diff, one per line."""
    return "".join(f"to: {target}\n" for target in sorted(targets))
