# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is refused, set aside or marked: lists of clients, HELO names, senders and recipients (access(5)).

Within a list the networks come first, in their order, then names and addresses, the most specific one first. Refusals
stand at the head of the list's restrictions. Marks stand in smtpd_data_restrictions, the one place where Postfix adds
a header once and not once for each recipient; there every other entry of the list is written as well, as DUNNO, so that
the first match counts for marks, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._errors import MailError
from . import marks
from .access_entry import KINDS, MARKING, Entry, parse
from .part import Elements, Part, Places, Table, merge

PREFIX = "access_"
_CHECKS = {
    "clients": "check_client_access",
    "helos": "check_helo_access",
    "senders": "check_sender_access",
    "recipients": "check_recipient_access",
}
_STEMS = {"clients": "client", "helos": "helo", "senders": "sender", "recipients": "recipient"}


def part(raw: Mapping[str, Any], *, at: Places, token: str, imap_server: str = "dovecot") -> Part:
    """What the lists ask of Postfix. ``token`` is a text of this server that outsiders do not know.

    Raises MailError that names the entry.
    """
    parsed = _parsed(raw, imap_server)
    finals = [entry.mark for entries in parsed.values() for entry in entries if entry.mark]
    parts = [marks.checks(f"{PREFIX}header", finals, token=token, at=at)]
    for kind, entries in parsed.items():
        for table in _refusals(kind, entries):
            parameter = f"smtpd_{_STEMS[kind]}_restrictions"
            listed = at.listed(table, first=True, before=_CHECKS[kind])
            parts.append(Part(elements={parameter: listed}, tables=[table]))
        for table in _marking(kind, entries, token):
            listed = at.listed(table, before=_CHECKS[kind])
            parts.append(Part(elements={"smtpd_data_restrictions": listed}, tables=[table]))
    # With it, example.net would stand for every name below it as well, and .example.net for nothing.
    parts.append(Part(elements={"parent_domain_matches_subdomains": Elements(remove=("smtpd_access_maps",))}))
    return merge(parts)


def client_checks(raw: Mapping[str, Any], *, at: Places) -> list[str]:
    """The restrictions about clients for a submission service, whose own list of client restrictions hides main.cf's.

    They belong into its smtpd_helo_restrictions: there an accepted client is spared from the rest of that list only,
    while its smtpd_client_restrictions still ask everybody to log in.
    """
    return _restrictions("clients", raw, at)


def sender_checks(raw: Mapping[str, Any], *, at: Places) -> list[str]:
    """The restrictions about senders for a submission service. They belong at the end of its
    smtpd_sender_restrictions: before reject_sender_login_mismatch, an accepted sender would be open to everybody."""
    return _restrictions("senders", raw, at)


def _restrictions(kind: str, raw: Mapping[str, Any], at: Places) -> list[str]:
    tables = _refusals(kind, _parsed(raw, "dovecot")[kind])
    return [f"{_CHECKS[kind]} {at.of(table)}" for table in tables if table.rows]


def _parsed(raw: Mapping[str, Any], imap_server: str) -> dict[str, list[Entry]]:
    unknown = sorted(set(raw) - set(KINDS))
    if unknown:
        raise MailError(f"there is no list '{unknown[0]}'", where="access", mend=f"Known are {', '.join(KINDS)}.")
    return {kind: parse(kind, raw.get(kind) or [], imap_server=imap_server) for kind in KINDS}


def _refusals(kind: str, entries: Sequence[Entry]) -> list[Table]:
    """The tables of a list for all that is not a mark; without rows when every entry only marks."""
    rows = [(entry, "DUNNO" if entry.mark else entry.answer) for entry in entries]
    return _tables(kind, _STEMS[kind], rows, used=lambda entry: entry.action not in MARKING)


def _marking(kind: str, entries: Sequence[Entry], token: str) -> list[Table]:
    if kind == "recipients":
        return []
    rows = [(entry, marks.prepend(entry.mark, token=token) if entry.mark else "DUNNO") for entry in entries]
    return _tables(kind, f"mark_{_STEMS[kind]}", rows, used=lambda entry: bool(entry.mark))


def _tables(kind: str, stem: str, rows: Iterable[tuple[Entry, str]], *, used: Any) -> list[Table]:
    """One table of networks (clients only) and one of names; each needs an entry that it is ``used`` for."""
    given = list(rows)
    found = []
    for networks in (True, False) if kind == "clients" else (False,):
        mine = [(entry, answer) for entry, answer in given if (entry.network is not None) is networks]
        name = f"{PREFIX}{stem}" + {True: "_network", False: ""}[networks]
        lines = tuple((entry.key, answer) for entry, answer in mine) if any(used(entry) for entry, _a in mine) else ()
        found.append(Table(name, lines, kind="cidr" if networks else "indexed"))
    return found
