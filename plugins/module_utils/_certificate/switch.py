# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan carried out: versions written, links switched, daemons told and looked at, all put back if one fails."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .._errors import MailError
from . import links as _links
from . import names, services, steps, store, version
from .book import Book
from .request import Options
from .services import Chain
from .steps import Context
from .whole import Plan

_SAMPLES = 5  # daemons read all files the same way: of many certificates that change at once, so many are looked at


class _Moved(NamedTuple):
    """An entry whose link leads elsewhere: the names to ask for, and the chains before and after, as sent."""

    name: str
    asked: tuple[str, ...]
    before: Sequence[Chain]
    after: Sequence[Chain]


def apply(plan: Plan, context: Context) -> list[str]:
    """Do what the plan says; the names of the daemons that were told. Raises MailError with the old versions live."""
    directory = plan.options.directory
    told: list[str] = []
    try:
        store.prepare(directory)
        links = _write(plan, context)
        if links or plan.courier or not plan.state.proved:
            told = _switch(plan, links, context)
        else:
            _remember(plan, context)
        for step in plan.steps:
            if step.changed:  # what was rolled back is not what to go back to
                store.drop(directory, step.entry.name, step.found.later)
        store.prune(directory, plan.after)
    except OSError as error:
        raise _fault(error) from error
    return told


def _write(plan: Plan, context: Context) -> dict[str, str]:
    """Write the new versions; no daemon reads them yet. Gives all links that are to be switched."""
    links = {_links.link(entry.name): "" for entry in plan.gone}
    for step in plan.steps:
        if step.changed:
            stamp = step.stamp or version.stamp(context.now, step.chains[0][0].fingerprint, step.found.stamps)
            if step.files is not None:
                store.add(plan.options.directory, step.entry.name, stamp, step.files)
            links[_links.link(step.entry.name)] = _links.target(step.entry.name, stamp)
    return links


def _switch(plan: Plan, links: Mapping[str, str], context: Context) -> list[str]:
    options, directory = plan.options, plan.options.directory
    before = {**_links.targets(directory, links), **plan.state.interrupted}
    tell = options.reload and plan.switches
    moved = _moved(plan.after, directory, before, {**_links.targets(directory, before), **links}) if tell else []
    watched = _watched(options, moved)
    store.begin(directory, before)
    try:
        _links.point(directory, links)
        store.copy_for_courier(directory, plan.courier)
        _remember(plan, context)
        told = services.reload() if tell else services.Told()
        _prove(options, watched, told.words)
    except (MailError, OSError) as error:
        _take_back(plan, before, tell=tell)
        fault = error if isinstance(error, MailError) else _fault(error)
        mend = f"{fault.mend} The previous certificates are back.".strip()
        raise MailError(fault.what, where=fault.where, mend=mend) from error
    store.end(directory)
    return list(told.names)


def _fault(error: OSError) -> MailError:
    mend = "Mend the cause (free space, rights) and run again."
    return MailError(f"cannot be written: {error.strerror or error}", where=str(error.filename or ""), mend=mend)


def _take_back(plan: Plan, before: Mapping[str, str], *, tell: bool) -> None:
    directory = plan.options.directory
    _links.point(directory, before)
    store.copy_for_courier(directory, {name: plan.state.courier.get(name, "") for name in plan.courier})
    store.save(directory, plan.state.book)
    if tell:
        with contextlib.suppress(MailError):
            services.reload()
    store.end(directory)
    store.prune(directory, plan.state.book)


def _remember(plan: Plan, context: Context) -> None:
    """Write down what is installed now, with the seals by which the next run knows that nothing has changed."""
    directory = plan.options.directory
    by_name = {step.entry.name: step for step in plan.steps}
    records = []
    for record in plan.after.records:
        step = by_name.get(record.entry.name)
        if step:
            found = store.find(directory, record.entry.name) if step.changed else step.found
            records.append(steps.sealed(record, step.given, found, context.trusted))
        else:
            records.append(record)
    after = Book(plan.after.options, tuple(records))
    if after != plan.state.book:
        store.save(directory, after)


def _moved(book: Book, directory: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[_Moved]:
    """The entries that had a certificate before and have another one now."""
    found = []
    for record in book.records:
        entry, link = record.entry, _links.link(record.entry.name)
        old, new = (_chains(directory, entry.name, side.get(link, "")) for side in (before, after))
        if old and new and old != new:
            hosts = [name for name in entry.names if not names.ip(name)][:1]
            found.append(_Moved(entry.name, (*hosts, *([""] if entry.default else [])), old, new))
    return sorted(found, key=lambda moved: "" not in moved.asked)[:_SAMPLES]


def _chains(directory: str, name: str, target: str) -> list[Chain]:
    if not target:
        return []
    found = version.chains(store.contents(directory, name, _links.stamp_of(target)), name)
    return [tuple(link.der for link in chain) for chain in found]


def _watched(options: Options, moved: Sequence[_Moved]) -> dict[tuple[str, str], _Moved]:
    """Where the old certificates are served now: there the new ones must be served afterwards."""
    by_name = {name: item for item in moved for name in item.asked}
    seen = services.seen(options.address, options.ports, list(by_name))
    return {place: by_name[place[1]] for place, chain in seen.items() if chain in by_name[place[1]].before}


def _prove(options: Options, watched: Mapping[tuple[str, str], _Moved], words: Sequence[str]) -> None:
    """Wait until the new certificates are served. Raises MailError, with the daemons' ``words``, when they are not."""
    late = services.await_chains(options.address, options.ports, {place: item.after for place, item in watched.items()})
    if late:
        places = ", ".join(dict.fromkeys(service for service, _name in late))
        said = f" (in the log: {'; '.join(words)})" if words else ""
        raise MailError(
            f"{places} still serve the old certificate after a reload{said}",
            where=", ".join(dict.fromkeys(f"certificate {watched[place].name}" for place in late)),
            mend="See which files the daemon names, and its log.",
        )
