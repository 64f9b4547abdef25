# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys made to be as they are asked for: read, planned as a whole, written one by one."""

from __future__ import annotations

import grp
import importlib.util
import os
import time
from collections.abc import Sequence
from typing import Any

from .._errors import MailError
from .._host import files
from .._outcome import Change, Outcome
from . import book, making, plan, store
from . import key as _key
from .book import Held
from .phase import RETIRED, SIGNING
from .plan import SUFFIX, Step
from .record import record
from .request import Wanted, insist
from .store import Place

_NAMED = 5  # keys that one warning names


def place(directory: str, group: str, *, check_mode: bool) -> Place:
    """Raises MailError when there is no such group; in check mode an earlier task would make it."""
    try:
        return Place(directory, grp.getgrnam(group).gr_gid)
    except KeyError as error:
        if check_mode:
            return Place(directory, -1)
        mend = "Install the daemon that signs before, or name another group."
        raise MailError("there is no such group", where=f"group {group}", mend=mend) from error


def converge(where: Place, wanted: Sequence[Wanted], *, check_mode: bool) -> Outcome:
    """Bring the keys to what is wanted. Raises MailError, for all faults that show beforehand with nothing written."""
    before = store.wrong(where.directory, where) if os.path.lexists(where.directory) else "no directory"
    if not check_mode and any(key.present for key in wanted):
        store.prepare(where, where.directory)
    with store.locked(where):
        steps = _plan(where, wanted, time.time(), check_mode=check_mode)
        held = {} if check_mode else _apply(where, steps)
    steps = [step._replace(after=held.get(number, step.after)) for number, step in enumerate(steps)]
    changes = [_change(where, step) for step in steps if step.changes]
    if before and any(key.present for key in wanted):
        changes.insert(0, Change(where.directory, f"{before}\n", "a directory that its group may read\n"))
    shown = [_shown(where, step) for step in steps if step.wanted.present]
    return Outcome(changes, {"dkim_keys": shown}, _warnings(steps))


def _plan(where: Place, wanted: Sequence[Wanted], now: float, *, check_mode: bool) -> list[Step]:
    """The steps. Raises MailError that names all faults."""
    steps: list[Step] = []
    faults: list[MailError] = []
    given: dict[tuple[str, str], _key.Key] = {}
    for one in wanted:
        try:
            found = store.find(where, one.domain, one.selector)
            key = _given(one, given, is_there=bool(found.private or found.description), check_mode=check_mode)
            path = where.path(one.domain, one.selector)
            step = plan.decide(one, found, key, path=path, now=now)
            steps.append(step)
        except MailError as error:
            faults.append(error)
    faults += plan.check_domains(steps, _rest(where, steps))
    insist(faults)
    return steps


def _given(
    wanted: Wanted, known: dict[tuple[str, str], _key.Key], *, is_there: bool, check_mode: bool
) -> _key.Key | None:
    """The key to take over. Once it is here, its source may be gone."""
    if not (wanted.is_given and wanted.present):
        return None
    source = (wanted.text, wanted.key_file)
    if source in known:
        return known[source]
    if check_mode and not is_able():
        return None
    where = f"{wanted.where}: {wanted.key_file or 'the key that is given'}"
    try:
        data = wanted.text.encode() if wanted.text else files.read_bytes(wanted.key_file)
    except OSError as error:
        raise MailError(f"cannot be read: {error.strerror}", where=where, mend="Name a file on the host.") from error
    if data is None:
        if is_there:
            return None
        raise MailError("there is no such file on the host", where=where, mend="Copy it there, or give it as key.")
    known[source] = _key.read(data, where=where)
    return known[source]


def is_able() -> bool:
    """Whether keys can be made and read here; to see that nothing lies there yet, nothing is needed."""
    return importlib.util.find_spec("cryptography") is not None


def _rest(where: Place, steps: Sequence[Step]) -> dict[str, list[Held]]:
    """The keys that no step is for, of domains where a key ends to sign."""
    named = {(step.wanted.domain, step.wanted.selector) for step in steps}
    rest: dict[str, list[Held]] = {}
    for domain in {step.wanted.domain for step in steps if plan.leaves(step)}:
        others = [name for name in store.selectors(where, domain) if (domain, name) not in named]
        found = [store.find(where, domain, name).description for name in others]
        rest[domain] = [book.read(data, where=where.path(domain, name)) for name, data in zip(others, found) if data]
    return rest


def _apply(where: Place, steps: Sequence[Step]) -> dict[int, Held]:
    """What became of each step that changes something. Keys that begin to sign come before those that end."""
    held: dict[int, Held] = {}
    for domain in dict.fromkeys(step.wanted.domain for step in steps if step.wanted.present and step.changes):
        store.prepare(where, where.room(domain))
    order = sorted(range(len(steps)), key=lambda number: not _signs(steps[number]))
    for number in order:
        if steps[number].changes and not steps[number].make:
            _write(where, steps[number])
    made = [number for number in order if steps[number].make]
    for place, key in making.keys([steps[number].make or ("", 0) for number in made]):
        step, now = steps[made[place]], time.time()
        after = book.hold(key, created=now, phase=step.phase, since=now)
        _write(where, step._replace(content=key.content, after=after))
        held[made[place]] = after
    return held


def _signs(step: Step) -> bool:
    return step.after is not None and step.after.phase == SIGNING


def _write(where: Place, step: Step) -> None:
    name = (step.wanted.domain, step.wanted.selector)
    if step.after is None:
        store.remove(where, *name, step.surplus)
        store.leave(where, name[0])
        return
    if step.content is not None:
        store.remove(where, *name, (".json", *step.surplus))
        store.write_private(where, *name, SUFFIX[step.after.algorithm], step.content)
    if step.before != step.after or step.content is not None:
        store.write_description(where, *name, step.after)
    if step.content is None:
        store.remove(where, *name, step.surplus)
    if step.open:
        store.repair(where, *name)


def _change(where: Place, step: Step) -> Change:
    after = book.described(step.after)
    if step.make and step.after is None:
        after = f"algorithm: {step.make[0]}\nbits: {_bits(step.make)}\nphase: {step.phase}\n"
    before = book.described(step.before) + (f"{step.open}\n" if step.open else "")
    return Change(where.path(step.wanted.domain, step.wanted.selector), before, after)


def _bits(order: tuple[str, int]) -> int:
    return order[1] if order[0] == _key.RSA else _key.ED25519_BITS


def _shown(where: Place, step: Step) -> dict[str, Any]:
    domain, selector = step.wanted.domain, step.wanted.selector
    path = where.path(domain, selector)
    if step.after:
        return book.shown(domain, selector, step.after, path + SUFFIX[step.after.algorithm])
    order = step.make or ("", 0)
    known = {"algorithm": order[0], "bits": _bits(order), "phase": step.phase, "path": path + SUFFIX[order[0]]}
    return book.foretold(domain, selector, known)


def _warnings(steps: Sequence[Step]) -> list[str]:
    weak, large = [], []
    for step in steps:
        held = step.after
        if held is None or held.phase == RETIRED:
            continue
        name = f"{step.wanted.selector} of {step.wanted.domain}"
        if held.algorithm == _key.RSA and held.bits < _key.WEAK:
            weak.append(f"{name} ({held.bits} bits)")
        entry = record(step.wanted.domain, step.wanted.selector, held.algorithm, held.public)
        if step.is_new and entry.is_large:
            large.append(f"{name} ({held.bits} bits)")
    said = (
        (
            weak,
            f"fewer than {_key.WEAK} bits can be broken, and some receivers pass such signatures over. Rotate them.",
        ),
        (large, "the records are longer than what every resolver gets by UDP, and may not be found everywhere."),
    )
    return [f"DKIM keys {_some(names)}: {text}" for names, text in said if names]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
