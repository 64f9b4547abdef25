# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Headers that the server completes, rewrites and removes (header_checks(5), RFC 6409 section 8).

always_add_missing_headers and header_checks belong to cleanup(8), so that mail of submission gets a cleanup service of
its own, with tables of its own before those that act on all mail. Headers inside of attached messages are left alone: a
change there would break the signature of the message that carries them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail import values as _values
from . import marks
from .part import Part, Places, Table

SERVICE = "cleanup-submission"
ADD_MISSING = ("submission", "all", "local")
SENDER = ("off", "submission")
DATE = ("keep", "force")
DEFAULTS: dict[str, Any] = {
    "add_missing": "submission",
    "sender": "off",
    "date": "keep",
    "strip": [],
    "log_stripped": True,
    "hide_client": False,
    "hide_user_agent": False,
}
_NO_PART = Part()
_USER_AGENTS = ("User-Agent", "X-Mailer", "X-MimeOLE", "X-MSMail-Priority")
_CLIENT_ADDRESSES = ("X-Originating-IP", "X-Sender-IP", "X-Client-IP")
# The line that smtpd(8) writes for a client that logged in; the part from "by" on stays, and counts as one hop.
_OWN_RECEIVED = r"/^Received: from .*[[:space:]](by [^[:space:]]+ \([^)]*\) with (ESMTP|UTF8SMTP)S?A .*)$/"
# Addresses that need no quotes in a header; the null sender is not among them.
_PLAIN_ADDRESS = r"/^([[:alnum:]!#$%&'*+=?^_`{|}~.-]+@[[:alnum:].-]+)$/"


class Headers(NamedTuple):
    """``part`` for main.cf and master.cf; ``submission_options`` are options of each submission service."""

    part: Part
    submission_options: Mapping[str, Any]


def plan(
    options: Mapping[str, Any],
    *,
    at: Places,
    token: str,
    marking: Part = _NO_PART,
    data_restrictions: Sequence[str] = ("reject_unauth_pipelining",),
) -> Headers:
    """What becomes of headers. ``marking`` is what access lists and the like ask, merged.

    ``data_restrictions`` are those that main.cf has anyway; submission's own list repeats them and the ones of
    ``marking``, because it hides main.cf's. Raises MailError that names the option.
    """
    chosen = _chosen(options)
    everywhere = Table("header_all", _stripped(chosen["strip"], chosen["log_stripped"]), kind="regexp")
    submission = Table("header_submission", _of_submission(chosen, token), kind="regexp")
    sender = Table("header_sender", _sender_rows(token) if chosen["sender"] == "submission" else (), kind="regexp")
    shared = [*_listed(marking, "header_checks"), *([at.of(everywhere)] if everywhere.rows else [])]
    needs = bool(submission.rows) or chosen["add_missing"] == "submission"
    inside = "" if shared else None
    part = Part(
        parameters={
            "always_add_missing_headers": True if chosen["add_missing"] == "all" else None,
            "mime_header_checks": inside,
            "nested_header_checks": inside,
        },
        elements={"header_checks": at.listed(everywhere)},
        services=[_cleanup(chosen, submission, shared, at) if needs else {**_NAMED, "state": "absent"}],
        tables=[everywhere, submission, sender],
        warnings=_warnings(chosen),
    )
    service: dict[str, Any] = {"cleanup_service_name": SERVICE} if needs else {}
    if sender.rows:
        marked = _listed(marking, "smtpd_data_restrictions")
        service["smtpd_data_restrictions"] = [*data_restrictions, *marked, f"check_sender_access {at.of(sender)}"]
    return Headers(part, service)


_NAMED = {"name": SERVICE, "type": "unix"}


def _cleanup(chosen: Mapping[str, Any], own: Table, shared: Sequence[str], at: Places) -> dict[str, Any]:
    """The cleanup service of submission. Its list of tables hides main.cf's, so it names them all."""
    options: dict[str, Any] = {"syslog_name": "postfix/submission"}
    if chosen["add_missing"] == "submission" or chosen["date"] == "force":
        options["always_add_missing_headers"] = True
    if own.rows:
        options["header_checks"] = [at.of(own), *shared]
        options.update(mime_header_checks="", nested_header_checks="")
    columns = {"private": False, "chroot": True, "process_limit": 0, "command": "cleanup"}
    return {**_NAMED, **columns, "options": options}


def _listed(part: Part, parameter: str) -> list[str]:
    elements = part.elements.get(parameter)
    return [*elements.first, *elements.last] if elements else []


def _stripped(names: Sequence[str], log: bool) -> tuple[tuple[str, str], ...]:
    return tuple(marks.row(name, "STRIP" if log else "IGNORE") for name in dict.fromkeys(names))


def _of_submission(chosen: Mapping[str, Any], token: str) -> tuple[tuple[str, str], ...]:
    rows = []
    if chosen["sender"] == "submission":
        rows += [marks.row("Sender", "IGNORE")]
        rows += [(f"/^{marks.internal('Sender', token=token)}: *(.*)$/", "REPLACE Sender: <$1>")]
    if chosen["date"] == "force":
        rows += [marks.row("Date", "IGNORE")]
    if chosen["hide_client"]:
        rows += [(_OWN_RECEIVED, "REPLACE Received: $1"), *(marks.row(name, "IGNORE") for name in _CLIENT_ADDRESSES)]
    if chosen["hide_user_agent"]:
        rows += [marks.row(name, "IGNORE") for name in _USER_AGENTS]
    return tuple(rows)


def _sender_rows(token: str) -> tuple[tuple[str, str], ...]:
    return ((_PLAIN_ADDRESS, f"PREPEND {marks.internal('Sender', token=token)}: $1"),)


def _chosen(options: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(options) - set(DEFAULTS))
    if unknown:
        mend = _values.near_miss(unknown[0], DEFAULTS)
        raise MailError(f"has no option '{unknown[0]}'", where="headers", mend=mend)
    chosen = {**DEFAULTS, **{name: value for name, value in options.items() if value is not None}}
    for name, words in (("add_missing", ADD_MISSING), ("sender", SENDER), ("date", DATE)):
        if chosen[name] not in words:
            raise MailError(
                f"'{chosen[name]}' is not possible", where=f"headers: {name}", mend=f"Use {' or '.join(words)}."
            )
    for name in ("log_stripped", "hide_client", "hide_user_agent"):
        try:
            chosen[name] = bool(_values.switch(chosen[name]))
        except MailError as error:
            raise MailError(error.what, where=f"headers: {name}", mend=error.mend) from error
    chosen["strip"] = [_strippable(name) for name in _values.strings(chosen["strip"])]
    return chosen


def _strippable(name: str) -> str:
    marks.header_name(name, where="headers: strip")
    if marks.is_standard(name):
        raise MailError(
            f"{name} is a header that mail, its delivery or its signature lives on",
            where="headers: strip",
            mend="Only headers such as X-PHP-Originating-Script can be removed.",
        )
    return name


def _warnings(chosen: Mapping[str, Any]) -> list[str]:
    found = []
    if chosen["date"] == "force":
        found.append(
            "headers: date: force replaces the date of every submitted message with the time at which this server got "
            "it. A signature that the sender made breaks, and copies of one mail that are handed in one by one get "
            "different dates."
        )
    if chosen["add_missing"] == "all":
        found.append(
            "headers: add_missing: all changes mail from outside, too. A signature that covers the absence of a header "
            "breaks; submission is enough for mail of one's own."
        )
    return found
