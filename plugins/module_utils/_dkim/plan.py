# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of each key: from what is asked for and what lies on disk to what is written and removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .._errors import MailError
from . import book, phase
from .book import Held
from .key import BITS, ED25519, RSA, Key, read
from .request import ALWAYS, NEVER, Wanted

SUFFIX = {RSA: ".key", ED25519: ".seed"}


class Found(NamedTuple):
    """What lies on disk of one key: its description, its private files by their suffixes, and when that was written.

    ``open`` says what of it has another mode or owner than it should have.
    """

    description: bytes | None
    private: Mapping[str, bytes]
    modified: float
    open: str = ""


class Step(NamedTuple):
    """What happens to one key.

    ``content`` is a private file to write. ``make`` is algorithm and size of a key to make, which enters ``phase``.
    ``after`` is None for a key that is made or removed.
    """

    wanted: Wanted
    before: Held | None = None
    after: Held | None = None
    content: bytes | None = None
    make: tuple[str, int] | None = None
    phase: str = ""
    surplus: tuple[str, ...] = ()
    open: str = ""

    @property
    def is_new(self) -> bool:
        """Whether a private file is written."""
        return bool(self.make or self.content)

    @property
    def changes(self) -> bool:
        return bool(self.is_new or self.surplus or self.open or self.before != self.after)


def decide(wanted: Wanted, found: Found, given: Key | None, *, path: str, now: float) -> Step:
    """The step for one key. ``given`` is one to take over; ``path`` is the private file without its suffix.

    Raises MailError where something would be lost or made worse that the administrator has not asked for.
    """
    if not wanted.present:
        return _absent(wanted, found, path)
    before, current = _current(wanted, found, path, now)
    if current is None:
        return _fresh(wanted, before, given, found, now)
    differs = _difference(wanted, current, given)
    replaced = wanted.regenerate != NEVER if differs else wanted.regenerate == ALWAYS and given is None
    if current.phase == phase.RETIRED:
        if wanted.regenerate == ALWAYS:
            raise MailError("is retired", where=wanted.where, mend="Make a key with another selector.")
        replaced, differs = False, ""
    if differs and not replaced:
        mend = "Rotate: make a key with another selector. Or leave the option out, or see regenerate."
        raise MailError(f"is {differs}", where=wanted.where, mend=mend)
    if replaced:
        _allow(current, wanted, "replace")
        return _fresh(wanted, before, given, found, now)
    after = _moved(current, wanted, now)
    surplus = tuple(found.private) if after.phase == phase.RETIRED else ()
    return Step(wanted, before, after, surplus=surplus, open=found.open)


def _current(wanted: Wanted, found: Found, path: str, now: float) -> tuple[Held | None, Held | None]:
    """The key as described and as it is: None for both when there is none; the first is None for one taken up here."""
    before: Held | None = None
    try:
        if found.description is not None:
            before = book.read(found.description, where=f"{path}.json")
        return before, _checked(wanted, found, before, path, now)
    except MailError:
        if wanted.regenerate == ALWAYS and wanted.force:
            return before, None
        raise


def _checked(wanted: Wanted, found: Found, before: Held | None, path: str, now: float) -> Held | None:
    """The key, proved by its seal or else by being read."""
    if before and before.phase == phase.RETIRED:
        return before
    restore = "Put the file back from a backup, or rotate to a new selector."
    if not found.private:
        if before:
            where = path + SUFFIX[before.algorithm]
            raise MailError("the private key is missing", where=where, mend=restore)
        return None
    if len(found.private) > 1:
        mend = "Remove the one whose record is not published."
        raise MailError("has two private keys, .key and .seed", where=wanted.where, mend=mend)
    ((suffix, content),) = found.private.items()
    if before and SUFFIX[before.algorithm] == suffix and book.seal(before.public, content) == before.seal:
        return before
    where = path + suffix
    key = read(content, where=where)
    if SUFFIX[key.algorithm] != suffix:
        mend = "Move it away, and give it as key_file."
        raise MailError(f"is a key of {key.algorithm} under the wrong name", where=where, mend=mend)
    if before is None:
        # One that is to be retired may have signed, for all that is known.
        start = phase.SIGNING if wanted.phase == phase.RETIRED else wanted.phase or phase.PREPARED
        return book.hold(key._replace(content=content), created=found.modified, phase=start, since=now)
    if before.public != key.public:
        what = f"is another key than {path}.json describes, so its record is another"
        mend = f"{restore} If this is the right key, remove the .json and set its phase anew."
        raise MailError(what, where=where, mend=mend)
    return before._replace(seal=book.seal(key.public, content))


def _difference(wanted: Wanted, current: Held, given: Key | None) -> str:
    if given and given.public != current.public:
        return "another key than the one that is given"
    if wanted.algorithm and wanted.algorithm != current.algorithm:
        return f"a key of {current.algorithm}, not of {wanted.algorithm}"
    if wanted.bits and (wanted.bits != current.bits or current.algorithm != RSA):
        return f"a key of {current.algorithm} with {current.bits} bits, not {wanted.bits}"
    return ""


def _moved(current: Held, wanted: Wanted, now: float) -> Held:
    if wanted.phase in ("", current.phase):
        return current
    if not wanted.force or current.phase == phase.RETIRED:
        phase.check_change(current.phase, wanted.phase, where=wanted.where)
    return current._replace(phase=wanted.phase, since=int(now))


def _fresh(wanted: Wanted, before: Held | None, given: Key | None, found: Found, now: float) -> Step:
    """A key that is made or taken over."""
    start = wanted.phase or phase.PREPARED
    if start == phase.RETIRED:
        raise MailError("there is no key to retire", where=wanted.where, mend="Leave phase out.")
    if given is None:
        if start != phase.PREPARED and not wanted.force:
            what = f"is a new key and cannot be {start}: nobody has seen its record yet"
            mend = "Leave phase out, publish the record, and set phase: published when it is seen. Or add force."
            raise MailError(what, where=wanted.where, mend=mend)
        order = (wanted.algorithm or RSA, wanted.bits or BITS[0])
        surplus = tuple(suffix for suffix in found.private if suffix != SUFFIX[order[0]])
        return Step(wanted, before, make=order, phase=start, surplus=surplus)
    after = book.hold(given, created=now, phase=start, since=now)
    differs = _difference(wanted, after, given)
    if differs:
        raise MailError(f"the given key is {differs}", where=wanted.where, mend="Leave algorithm and bits out.")
    surplus = tuple(suffix for suffix in found.private if suffix != SUFFIX[given.algorithm])
    return Step(wanted, before, after, content=given.content, surplus=surplus)


def _absent(wanted: Wanted, found: Found, path: str) -> Step:
    before: Held | None = None
    try:
        if found.description is not None:
            before = book.read(found.description, where=f"{path}.json")
    except MailError:
        if not wanted.force:
            raise
    if before and before.phase in (phase.SIGNING, phase.RETIRING):
        _allow(before, wanted, "remove")
    surplus = (*found.private, *((".json",) if found.description is not None else ()))
    return Step(wanted, before, surplus=surplus)


def _allow(current: Held, wanted: Wanted, what: str) -> None:
    if current.phase != phase.PREPARED and not wanted.force:
        mend = f"Rotate to a new selector first. To {what} it nevertheless, add force."
        raise MailError(f"is {current.phase}: mail could not be verified any more", where=wanted.where, mend=mend)


def check_domains(steps: Sequence[Step], rest: Mapping[str, Iterable[Held]]) -> list[MailError]:
    """A fault for each domain that would lose its signature. ``rest`` are the keys of these that no step is for."""
    grouped: dict[str, list[Step]] = {}
    for step in steps:
        grouped.setdefault(step.wanted.domain, []).append(step)
    faults = []
    for domain, own in grouped.items():
        if any(step.wanted.force for step in own) or not any(map(leaves, own)):
            continue
        others = list(rest.get(domain, ()))
        before = [*others, *(step.before for step in own if step.before)]
        after = [*others, *(step.after for step in own if step.after)]
        try:
            phase.check_signers(*map(_phases, (before, after)), where=f"domain {domain}")
        except MailError as error:
            faults.append(error)
    return faults


def _phases(keys: Iterable[Held]) -> list[tuple[str, str]]:
    return [(held.algorithm, held.phase) for held in keys]


def leaves(step: Step) -> bool:
    """Whether a key ends to sign by this step."""
    signs = step.after is not None and step.after.phase == phase.SIGNING
    return step.before is not None and step.before.phase == phase.SIGNING and not signs
