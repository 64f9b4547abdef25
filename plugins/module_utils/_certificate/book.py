# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of installed certificates (``renewal.json``): by it the renewal program finds their sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .request import Entry, Options, Source
from .terms import Watch

_VERSION = 1
_OF_ONE_RUN = ("directory", "reload", "exclusive")


class Record(NamedTuple):
    """One installed certificate.

    ``seal`` is a digest of all that it was judged by and of what lies on disk: as long as it is the same, nothing has
    to be judged again. ``held`` is the digest of a source that was rolled back: the renewal program passes it over.
    ``warnings`` are what the judgement said, for the runs that need no new one. ``watch`` is what was seen of the TLSA
    records of names, ``next_tlsa`` the data of those that a new certificate waits for.
    """

    entry: Entry
    seal: str = ""
    held: str = ""
    warnings: tuple[str, ...] = ()
    watch: Mapping[str, Watch] = {}
    next_tlsa: tuple[str, ...] = ()


class Book(NamedTuple):
    """Options and records; the options are None when nothing was ever installed."""

    options: Options | None = None
    records: tuple[Record, ...] = ()

    def of(self, name: str) -> Record | None:
        return next((record for record in self.records if record.entry.name == name), None)


def write(book: Book) -> str:
    """The book as JSON; no part of it is secret."""
    options = book.options._asdict() if book.options else {}
    for option in _OF_ONE_RUN:
        options.pop(option, None)
    content = {"version": _VERSION, "options": options, "certificates": [_plain(record) for record in book.records]}
    return json.dumps(content, indent=1, sort_keys=True, default=dict) + "\n"


def words(book: Book) -> str:
    """The book for a diff: without digests and what others publish; empty when nothing was ever installed."""
    if not book.options:
        return ""
    records = (record._replace(seal="", held="yes" * bool(record.held), watch={}) for record in book.records)
    return write(Book(book.options, tuple(record._replace(next_tlsa=()) for record in records)))


def read(text: str | None, directory: str, *, where: str) -> Book:
    """The book of ``directory``. Raises MailError when the text is none, or one of a newer release."""
    if text is None:
        return Book()
    mend = "Move it away and run again; what it held is then remembered anew."
    try:
        content = json.loads(text)
        if content["version"] > _VERSION:
            raise MailError("was written by a newer release", where=where, mend="Use that release or a later one.")
        records = tuple(_record(raw) for raw in content["certificates"])
        known = content["options"]
        if not known:  # the first installation was taken back
            return Book()
        listed = {option: tuple(known.get(option) or ()) for option in ("trust_files", "mx_names")}
        return Book(Options(**{**known, "directory": directory, **listed}), records)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MailError("is damaged", where=where, mend=mend) from error


def _plain(record: Record) -> dict[str, Any]:
    entry = record.entry
    plain: dict[str, Any] = {"name": entry.name, "names": entry.names, "default": entry.default}
    plain["sources"] = [source.files for source in entry.sources]
    plain["self_signed"], plain["stand_in"] = entry.self_signed, entry.stand_in
    plain["watch"] = {name: watch._asdict() for name, watch in record.watch.items()}
    plain["next_tlsa"] = record.next_tlsa
    return {**plain, "seal": record.seal, "held": record.held, "warnings": record.warnings}


def _record(raw: dict[str, Any]) -> Record:
    entry = Entry(
        name=str(raw["name"]),
        names=tuple(raw["names"]),
        default=bool(raw["default"]),
        sources=tuple(Source(**source) for source in raw["sources"]),
        self_signed=bool(raw["self_signed"]),
        stand_in=bool(raw["stand_in"]),
    )
    watch = {str(name): Watch(**seen) for name, seen in (raw.get("watch") or {}).items()}
    coming = tuple(raw.get("next_tlsa") or ())
    return Record(entry, str(raw["seal"]), str(raw["held"]), tuple(raw["warnings"]), watch, coming)


def settle_names(records: Sequence[Record], listed: Sequence[Entry], *, before: str) -> tuple[list[Record], list[str]]:
    """Records in which no name is twice and one is the default; what is listed wins. And warnings of moved names.

    The entry ``before``, which was the default, stays it until another one says that it is.
    """
    claimed = {name: entry.name for entry in listed for name in entry.names}
    said = next((entry.name for entry in listed if entry.default), "")
    kept = next((record.entry.name for record in records if record.entry.name == before), "")
    first = records[0].entry.name if records else ""
    default = said or kept or first
    settled, warnings = [], []
    for record in records:
        entry = record.entry
        gone = [name for name in entry.names if claimed.get(name, entry.name) != entry.name]
        for name in gone:
            warnings.append(f"{entry.where}: {name} is now served with the certificate {claimed[name]}.")
        names = tuple(name for name in entry.names if name not in gone)
        settled.append(record._replace(entry=entry._replace(names=names, default=entry.name == default)))
    return settled, warnings
