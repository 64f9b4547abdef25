# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mail domain is: options to columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import MailError
from . import address as _address
from . import quota as _quota
from . import values as _values
from .graph import KEYWORDS

OPTIONS = frozenset(("name", "state", "mail_service", "catch_all", "quota", "note"))
DEFAULTS: dict[str, Any] = {"mail_service": 1, "catch_all": "reject", "quota_bytes": 0, "note": ""}


class Wanted(NamedTuple):
    """A domain as a task wants it; columns that are not there stay as they are."""

    name: str
    columns: dict[str, Any]
    present: bool = True


def parse(entry: Mapping[str, Any], *, omitted: str = "keep", restricted: Collection[str] = ()) -> Wanted:
    """The wanted domain of one entry. ``restricted`` names may not be created here. Raises MailError that names it."""
    name = _address.domain_name(entry.get("name"))
    where = f"domain {name}"
    columns = dict(DEFAULTS) if omitted == "default" else {}
    for option, value in entry.items():
        if value is None:
            continue
        try:
            if option == "mail_service":
                columns["mail_service"] = _values.switch(value)
            elif option == "catch_all":
                columns["catch_all"] = value if value in KEYWORDS else _address.target_address(value)
            elif option == "quota":
                columns["quota_bytes"] = _quota.parse_size(value, what="")
            elif option == "note":
                columns["note"] = _values.line(value)
            elif option not in OPTIONS:
                raise MailError("no such option", mend=_values.near_miss(str(option), OPTIONS))
        except MailError as error:
            what = f"{error.where} {error.what}".strip()
            raise MailError(what, where=f"{where}: {option}", mend=error.mend) from error
    state = entry.get("state") or "present"
    if state not in ("present", "absent"):
        raise MailError(f"{state!r} is not a state", where=where, mend="Write present or absent.")
    if state == "present" and name in restricted:
        raise MailError(
            "belongs to somebody else and may not be created on this server",
            where=where,
            mend="Take it out, or change restricted_domains if it really is yours.",
        )
    return Wanted(name, columns, state == "present")


def parse_all(
    entries: Iterable[Mapping[str, Any]], *, omitted: str = "keep", restricted: Collection[str] = ()
) -> list[Wanted]:
    """The wanted domains of a list, each name at most once."""
    known = frozenset(_address.domain_name(name) for name in restricted)
    wanted = [parse(entry, omitted=omitted, restricted=known) for entry in entries]
    seen: set[str] = set()
    for item in wanted:
        if item.name in seen:
            raise MailError("is listed twice", where=f"domain {item.name}", mend="Merge the two entries.")
        seen.add(item.name)
    return wanted


def options_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns in the words of the module's options."""
    return {
        "mail_service": bool(columns["mail_service"]),
        "catch_all": columns["catch_all"],
        "quota": _quota.render_size(columns["quota_bytes"]),
        "note": columns["note"],
    }


def describe(columns: Mapping[str, Any] | None) -> str:
    """A domain as text for a diff, one option per line."""
    options = options_of(columns) if columns else {}
    return "".join(f"{option}: {value}\n" for option, value in options.items() if value != "")
