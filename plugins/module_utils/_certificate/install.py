# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates from their sources to the daemons: judged, written, switched, proved, and taken back if they fail."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import MailError
from .._outcome import Outcome
from . import request, rollover, services, sources, steps, store, switch, version, whole
from .book import Record
from .request import Entry, Options
from .steps import Context, Step
from .whole import Plan


def options_of(params: Mapping[str, Any]) -> Options:
    """The options of the module, with what earlier runs were told. Raises MailError for one that cannot be used."""
    return request.options(params, store.book(request.directory(params)).options)


def converge(options: Options, entries: Sequence[Entry], *, able: bool, check_mode: bool) -> Outcome:
    """Make the certificates what ``entries`` say. Raises MailError, with the old ones live, when one is not right.

    ``able`` is whether certificates can be read here; only check mode can do without.
    """
    context = context_of(options, able=able, check_mode=check_mode)
    if options.courier and not check_mode:
        store.courier_group()
    if not check_mode and not store.exists(options.directory):
        _plan(options, entries, context)  # nothing is made when an entry is refused
        store.prepare(options.directory)
    with store.locked(options.directory):
        plan = _plan(options, entries, context)
        named = _still_named(plan)
        request.insist([] if check_mode else named)
        if check_mode:
            told = services.running() if options.reload and plan.switches else []
        else:
            told = switch.apply(plan, context)
    facts = {"certificates": whole.shown(plan, context.now), "reloaded": told}
    warnings = [*plan.warnings, *(fault.message for fault in named)]
    if not able:
        warnings.insert(0, "python3-cryptography is not installed yet, so the certificates could not be judged.")
    return Outcome(whole.changes(plan), facts, warnings)


def context_of(options: Options, *, able: bool = True, check_mode: bool = False, renewing: bool = False) -> Context:
    """What holds for all entries of this run. Raises MailError when a file of authorities cannot be read."""
    trust = sources.Trust(options.trust_files)
    return Context(time.time(), options.min_days, trust, trust.digest, able, check_mode, renewing)


def _plan(options: Options, entries: Sequence[Entry], context: Context) -> Plan:
    """The plan for all entries. Raises MailError that names every entry with a fault."""
    state = store.state(options.directory)
    found, faults = take_steps(options, entries, state.book.records, context)
    request.insist(faults)
    found = rollover.heed(options, found, state.book.records, context)
    gone = [
        entry
        for entry in entries
        if entry.state == "absent" and (state.book.of(entry.name) or store.find(options.directory, entry.name).stamps)
    ]
    return whole.build(options, found, gone, state)


def take_steps(
    options: Options, entries: Sequence[Entry], records: Sequence[Record], context: Context
) -> tuple[list[Step], list[MailError]]:
    """What is to be done for each entry that is to be there, and what is wrong with the others."""
    found, faults = [], []
    known = {record.entry.name: record for record in records}
    for entry in entries:
        if entry.state != "absent":
            try:
                found.append(_step(options, entry, known.get(entry.name), context))
            except MailError as error:
                faults.append(error)
    return found, faults


def _step(options: Options, entry: Entry, record: Record | None, context: Context) -> Step:
    found = store.find(options.directory, entry.name)
    if entry.state == "present":
        return steps.decide(entry, record, found, sources.gather(entry), context)
    given = steps.Given()
    if record:
        with contextlib.suppress(MailError):  # of a source that is broken now, nothing is known
            given = sources.gather(record.entry)
    older = {}
    if found.before:
        older = store.contents(options.directory, entry.name, found.before[0])
    return steps.put_back(entry, record, found, steps.Older(options.directory, older, given), context)


def _still_named(plan: Plan) -> list[MailError]:
    """Removed files that a daemon's configuration names: those of entries, and Courier's."""
    directory = plan.options.directory
    owners = {f"{directory}/{version.LIVE}/{entry.name}": entry.where for entry in plan.gone}
    if plan.courier.get(version.COURIER) == "":
        path = f"{directory}/{version.COURIER}"
        owners[path] = path
    if not owners:
        return []
    mend = "Take it out there before it is removed."
    return [
        MailError(f"is still named in {', '.join(places)}", where=owners[path], mend=mend)
        for path, places in services.users(list(owners)).items()
    ]
