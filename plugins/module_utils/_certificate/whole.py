# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All entries together: who is remembered, who is the default, which links there are, and what changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._outcome import Change
from . import book as _book
from . import version
from .book import Book, Record
from .request import Entry, Options
from .steps import Step

BOOK = "renewal.json"


class State(NamedTuple):
    """What is on disk besides versions: what is remembered, and whose live version each file of Courier holds.

    ``proved`` is False when an interrupted run may have left daemons untold; ``interrupted`` is where links led before.
    """

    book: Book
    courier: Mapping[str, str]
    interrupted: Mapping[str, str]
    proved: bool


class Plan(NamedTuple):
    """All that is to be done: ``courier`` are its files that change, ``gone`` the removed entries."""

    options: Options
    steps: Sequence[Step]
    state: State
    after: Book
    gone: Sequence[Entry]
    courier: Mapping[str, str]
    warnings: Sequence[str] = ()

    @property
    def switches(self) -> bool:
        """Whether daemons have to hear of it."""
        return bool(self.gone) or not self.state.proved or any(step.changed for step in self.steps)


def build(options: Options, found: Sequence[Step], gone: Sequence[Entry], state: State) -> Plan:
    """The plan of all steps. Entries that are remembered and not listed stay, unless the list is exclusive."""
    removed = {entry.name for entry in gone}
    stepped = {step.entry.name: step.record for step in found}
    kept = [
        record
        for record in state.book.records
        if record.entry.name in stepped or not (options.exclusive or record.entry.name in removed)
    ]
    records = [stepped.pop(record.entry.name, record) for record in kept]
    before = next((record.entry.name for record in state.book.records if record.entry.default), "")
    listed = [step.entry for step in found if not step.back]
    records, warnings = _book.settle_names([*records, *stepped.values()], listed, before=before)
    courier, more = _for_courier(records, found) if options.courier else ({}, [])
    renewed = {step.entry.name for step in found if step.changed}
    return Plan(
        options=options,
        steps=found,
        state=state,
        after=Book(options, tuple(records)) if records or state.book.options else state.book,
        gone=gone,
        courier={
            name: courier.get(name, "")
            for name in {**courier, **state.courier}
            if courier.get(name) != state.courier.get(name) or courier.get(name) in renewed
        },
        warnings=[*dict.fromkeys(word for step in found for word in (*step.told, *step.warnings)), *warnings, *more],
    )


def _for_courier(records: Sequence[Record], found: Sequence[Step]) -> tuple[dict[str, str], list[str]]:
    """The files in which Courier looks for the certificate of a name, each with its entry, and what to know of them."""
    entries = [record.entry for record in records]
    words = [f"{step.entry.where}: Courier serves its first pair only." for step in found if len(step.chains) > 1]
    files = version.courier_names(entries)
    for entry in entries:
        for name in entry.names:
            owner = files.get(f"{version.COURIER}.{name[2:]}", entry.name)
            if name.startswith("*.") and owner != entry.name:
                words.append(f"{entry.where}: Courier serves {owner} for {name} too, since that is for {name[2:]}.")
    return files, words


def changes(plan: Plan) -> list[Change]:
    """What is different afterwards; no key is in it."""
    directory, before, after = plan.options.directory, _entries(plan.state.book), _entries(plan.after)
    found = []
    for step in plan.steps:
        name = step.entry.name
        old, new = version.text(before.get(name), step.before), version.text(after[name], step.chains)
        if step.changed and (old == new or not step.chains):
            new += "a new version of its files\n" if step.chains else "a certificate that is not known yet\n"
        found.append(Change(f"{directory}/{version.LIVE}/{name}", old, new))
    for entry in plan.gone:
        found.append(Change(f"{directory}/{version.LIVE}/{entry.name}", version.text(entry, ()), ""))
    copies = {**plan.state.courier, **plan.courier}
    kept = {name: entry for name, entry in copies.items() if plan.courier.get(name) != ""}
    found.append(Change(f"{directory}/{version.COURIER}", _listed(plan.state.courier), _listed(kept)))
    found.append(Change(f"{directory}/{BOOK}", _book.words(plan.state.book), _book.words(plan.after)))
    if not plan.state.proved:
        found.append(Change("the daemons", "perhaps not told of what is live\n", "told\n"))
    return [change for change in found if change.before != change.after]


def _entries(book: Book) -> dict[str, Entry]:
    return {record.entry.name: record.entry for record in book.records}


def _listed(copies: Mapping[str, str]) -> str:
    return "".join(f"{name}: {entry or 'not as it should be'}\n" for name, entry in sorted(copies.items()))


def shown(plan: Plan, now: float) -> list[dict[str, Any]]:
    """What a module returns of the entries."""
    entries, directory = _entries(plan.after), plan.options.directory
    found = []
    for step in plan.steps:
        before = step.previous[: plan.options.keep]
        made = version.shown(entries[step.entry.name], step.chains, directory, before=before, now=now)
        found.append({**made, "next_tlsa": list(step.record.next_tlsa)})
    return found
