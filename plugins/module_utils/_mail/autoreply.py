# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Automatic replies as Sieve scripts (RFC 5230 vacation, RFC 5260 date, RFC 5229 variables).

RFC 5230 section 4.6 and Pigeonhole keep the reply away from lists, bulk mail, other automatic replies and the null
sender.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import MailError
from . import address as _address
from . import values as _values

HEADER = "# Written by Ansible (mailops.mailserver); changes are overwritten."
DEFAULT_SUBJECT = "Auto: %s"
_KEYS = ("subject", "text", "from", "until", "days", "sender")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_MACRO = re.compile(r"%[sm%]")


class Autoreply(NamedTuple):
    """First and last day as YYYY-MM-DD or empty; ``days`` must pass before a sender is answered again."""

    text: str
    subject: str = DEFAULT_SUBJECT
    start: str = ""
    end: str = ""
    days: int = 7
    sender: str = ""


def parse(value: Mapping[str, Any] | None, *, address: str) -> Autoreply | None:
    """The reply that ``value`` describes; None for an empty one (no reply). Raises MailError that names the account."""
    where = f"account {address}: autoreply"
    if value is not None and not isinstance(value, Mapping):
        raise MailError("is not a dictionary", where=where, mend=f"Give {', '.join(_KEYS)}.")
    given = {key: item for key, item in (value or {}).items() if item is not None}
    if not given:
        return None
    unknown = sorted(set(given) - set(_KEYS))
    if unknown:
        raise MailError(f"has no option '{unknown[0]}'", where=where, mend=f"Its options are {', '.join(_KEYS)}.")
    reply = Autoreply(
        text=str(given.get("text", "")),
        subject=str(given.get("subject", DEFAULT_SUBJECT)),
        start=_date(given.get("from", ""), f"{where}: from"),
        end=_date(given.get("until", ""), f"{where}: until"),
        days=_days(given.get("days", 7), where),
        sender=_address.own_address(given["sender"]) if given.get("sender") else "",
    )
    _check(reply, where)
    return reply


def _check(reply: Autoreply, where: str) -> None:
    if not reply.text.strip():
        raise MailError("has no text", where=where, mend="Give text, or {} for no reply.")
    if _values.UNFIT_IN_LINE.search(reply.subject):
        raise MailError("subject holds a line break or control character", where=where, mend="Write it on one line.")
    if _values.UNFIT_IN_TEXT.search(reply.text):
        raise MailError("text holds a control character", where=where, mend="Use printable characters.")
    if reply.start and reply.end and reply.start > reply.end:
        raise MailError(f"ends ({reply.end}) before it begins ({reply.start})", where=where, mend="Swap the dates.")


def _date(value: Any, where: str) -> str:
    text = str(value)
    try:
        if text:
            datetime.date.fromisoformat(text if _DATE.match(text) else "")
    except ValueError as error:
        raise MailError(f"{text!r} is not a day", where=where, mend="Write YYYY-MM-DD.") from error
    return text


def _days(value: Any, where: str) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or not 1 <= int(value) <= 365:
        raise MailError(f"days {value!r} is not between 1 and 365", where=where, mend="7 is usual.")
    return int(value)


def _quote(text: str) -> str:
    """A Sieve quoted string (RFC 5228 section 2.4.2). ``${`` is broken up so that it names no variable."""
    text = re.sub(r'(["\\])', r"\\\1", text)
    text = re.sub(r"\r\n?|\n", "\r\n", text)
    return f'"{text.replace("${", "${dollar}{")}"'


def _subject(template: str, address: str) -> str:
    """``%s`` is the original's subject, ``%m`` the address that replies, ``%%`` a percent sign."""
    parts = {"%s": "${subject}", "%m": address, "%%": "%"}
    quoted = _quote(template)
    return _MACRO.sub(lambda match: parts[match[0]], quoted)


def render(reply: Autoreply, *, address: str, addresses: Iterable[str]) -> str:
    """The Sieve script; ``addresses`` are the further addresses whose mail reaches this account (aliases)."""
    extensions = ["vacation", "variables"]
    conditions = []
    for test, day in (("ge", reply.start), ("le", reply.end)):
        if day:
            conditions.append(f'currentdate :value "{test}" "date" "{day}"')
    if conditions:
        extensions += ["date", "relational"]
    command = [f"vacation :days {reply.days}", f":subject {_subject(reply.subject, address)}"]
    if reply.sender:
        command.append(f":from {_quote(reply.sender)}")
    known = ", ".join(_quote(item) for item in sorted({address, *addresses}))
    command += [f":addresses [{known}]", f"{_quote(reply.text)};"]
    lines = [
        HEADER,
        f"require [{', '.join(_quote(item) for item in extensions)}];",
        'set "dollar" "$";',
        'if header :matches "subject" "*" { set "subject" "${1}"; }',
    ]
    indent = "  " if conditions else ""
    if conditions:
        lines.append(f"if allof (true, {', '.join(conditions)}) {{")
    lines.append(indent + f"\n{indent}  ".join(command))
    if conditions:
        lines.append("}")
    return "\n".join(lines) + "\n"
