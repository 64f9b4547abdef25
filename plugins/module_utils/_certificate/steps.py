# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of one entry: kept as it is, replaced, signed anew, or put back to the version before."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .._errors import MailError
from . import issue, judge, version
from .book import Record
from .request import Entry
from .terms import Bundle, Facts, Pair
from .version import Chains, Files, Found

SELF_SIGNED_DAYS = 800
RENEW_DAYS = 30
_DAY = 86400
_OWN = "signed by itself"


class Given(NamedTuple):
    """What the sources of an entry hold. ``missing`` is the file that is not there, if one is not."""

    pairs: tuple[Pair, ...] = ()
    missing: str = ""

    @property
    def digest(self) -> str:
        """What tells these pairs from others; of a passphrase nothing goes into it."""
        total = hashlib.sha256()
        for pair in self.pairs:
            for data in (pair.certificate, pair.chain, pair.key):
                total.update(hashlib.sha256(data).digest())
        return total.hexdigest() if self.pairs else ""


class Older(NamedTuple):
    """What is needed to put the version before back: its files, and what the source holds now."""

    directory: str
    files: Files
    given: Given


class Context(NamedTuple):
    """What holds for all entries. ``able`` is whether certificates can be read here at all.

    ``trust`` are the authorities, read only when they are needed; ``trusted`` is a digest of their files. ``renewing``
    is whether the renewal program runs: it leaves alone what was rolled back.
    """

    now: float
    min_days: int
    trust: Callable[[], Sequence[Facts]]
    trusted: str
    able: bool = True
    check_mode: bool = False
    renewing: bool = False


class Step(NamedTuple):
    """What is to be done for an entry.

    ``files`` are None when nothing is to be written; ``stamp`` is a version that is put back. ``chains`` are those that
    are live afterwards; empty where check mode cannot know. ``changed`` without files: not known before it is done.
    ``back``: its names are those of before, and other entries may take them. ``told`` is what the renewal program
    complains of, too.
    """

    record: Record
    found: Found
    before: Chains
    chains: Chains
    changed: bool = False
    files: Files | None = None
    stamp: str = ""
    given: Given = Given()
    warnings: tuple[str, ...] = ()
    back: bool = False
    told: tuple[str, ...] = ()

    @property
    def entry(self) -> Entry:
        return self.record.entry

    @property
    def keeps_key(self) -> bool:
        """Whether the live key is taken again when the entry gets a certificate that is signed by itself."""
        return self.found.sound or version.is_self_signed(self.before)

    @property
    def previous(self) -> tuple[str, ...]:
        """The versions before the one that is live afterwards, newest first."""
        if self.stamp:
            return self.found.before[1:]
        live = (self.found.stamp,) if self.changed and self.found.stamp else ()
        return (*live, *self.found.before)


def decide(entry: Entry, record: Record | None, found: Found, given: Given, context: Context) -> Step:
    """The step for an entry that is to be there. Raises MailError that names the entry and the file."""
    chains = version.chains(found.files, entry.where) if context.able else ()
    kept = (record or Record(entry))._replace(entry=entry.remembered, seal="", next_tlsa=())
    step = Step(kept, found, chains, chains, given=given)
    if context.renewing and record and (_is_text(entry) or record.held == _held(entry, given)):
        return _expiring(step._replace(record=record, given=Given()), context)
    if entry.self_signed:
        return _own(step, context)
    if not given.missing:
        return _given(step, record, given, context)
    if not entry.stand_in:
        mend = "Correct the path, or write if_missing: self_signed if it comes later."
        raise MailError("there is no such file", where=f"{entry.where}: {given.missing}", mend=mend)
    real = found.stamp and not (context.able and version.is_self_signed(chains))
    if not real:
        return _own(step, context)
    word = f"{entry.where}: there is no file {given.missing}, so the installed certificate stays."
    return _expiring(step._replace(warnings=(word,)), context)


def _is_text(entry: Entry) -> bool:
    """Whether nothing is remembered of where it came from."""
    return not entry.sources and not entry.self_signed


def _held(entry: Entry, given: Given) -> str:
    """What is remembered of a source that was rolled back."""
    return given.digest or (_OWN if entry.self_signed else "text")


def seal(entry: Entry, given: Given, found: Found, trusted: str) -> str:
    """A digest of all that the live version was judged by."""
    parts = [given.digest, ",".join(entry.names), trusted, found.digest]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def sealed(record: Record, given: Given, found: Found, trusted: str) -> Record:
    """The record of a step that is done; ``found`` is what is on disk then."""
    return record._replace(seal=seal(record.entry, given, found, trusted)) if given.pairs else record


def _expiring(step: Step, context: Context) -> Step:
    """The step with what was said before, and with what is wrong with what is live afterwards."""
    words = [*step.record.warnings, *step.warnings]
    for lack in version.lacks(step.chains, step.entry.names, context.now, context.min_days):
        words.append(f"{step.entry.where}: the installed certificate {lack}, and its source has no better one yet.")
    return step._replace(warnings=tuple(words))


def _given(step: Step, record: Record | None, given: Given, context: Context) -> Step:
    record_seal = record.seal if record else ""
    if record_seal and record_seal == seal(step.entry, given, step.found, context.trusted):
        return _expiring(step, context)
    if not context.able:
        return step._replace(changed=True)
    try:
        bundles = _judged(given.pairs, step.entry, context)
    except judge.LackError as lack:
        return _lacking(step, lack, context)
    return _installed(step, bundles)


def _judged(pairs: Sequence[Pair], entry: Entry, context: Context) -> tuple[Bundle, ...]:
    return judge.bundles(
        pairs,
        names=entry.names,
        now=context.now,
        min_days=context.min_days,
        trust=context.trust(),
        entry=entry.name,
    )


def _lacking(step: Step, lack: judge.LackError, context: Context) -> Step:
    """The step for a source that is not for all names or not for long enough. Raises ``lack`` where that is a fault.

    It is none when the source is live already and for all names, nor when somebody else brings it (``stand_in``) and
    may come later. Then what is live stays, unless the source is better.
    """
    entry, pairs = step.entry, step.given.pairs
    leaves, live = judge.leaves(pairs, entry=entry.name), [chain[0] for chain in step.before]
    names = tuple(version.served(leaves, entry.names))
    same = {leaf.fingerprint for leaf in leaves} == {leaf.fingerprint for leaf in live}
    if not entry.stand_in and not (same and names == entry.names):
        raise lack
    real = bool(live) and not version.is_self_signed(step.before)
    if same or (names and not (real and _is_worse(leaves, live, entry))):
        with contextlib.suppress(judge.LackError):  # it has expired
            bundles = _judged(pairs, entry._replace(names=names), context._replace(min_days=0))
            return _expiring(_installed(step, bundles)._replace(warnings=()), context)
    step = step._replace(given=Given())
    if same:
        return _expiring(step, context)
    if real and context.renewing:
        raise lack
    stays = step._replace(warnings=(f"{lack.message} Until then the installed certificate stays.",))
    return _expiring(stays, context) if real else _own(step._replace(warnings=(lack.message,)), context)


def _is_worse(leaves: Sequence[Facts], live: Sequence[Facts], entry: Entry) -> bool:
    """Whether one of ``live`` is for more names, or all of them last as long."""
    fewer = set(version.served(live, entry.names)) - set(version.served(leaves, entry.names))
    return bool(fewer) or min(leaf.not_after for leaf in leaves) <= min(leaf.not_after for leaf in live)


def _installed(step: Step, bundles: Sequence[Bundle]) -> Step:
    words = tuple(word for bundle in bundles for word in bundle.warnings)
    return _install(step, version.files(bundles), tuple(bundle.chain for bundle in bundles), words)


def _install(step: Step, files: Files, chains: Chains, words: tuple[str, ...]) -> Step:
    """The step that makes ``files`` live, unless they are."""
    changed = not step.found.sound or dict(step.found.files) != dict(files)
    return step._replace(
        record=step.record._replace(held="", warnings=words),
        chains=chains,
        changed=changed,
        files=files if changed else None,
        warnings=words,
    )


def _own(step: Step, context: Context) -> Step:
    """One that is signed by itself: kept while it is for the same names and lasts; its key is kept longer."""
    own = version.is_self_signed(step.before)
    names = step.entry.names
    source = "its certificate is not there yet" if step.entry.stand_in else "no authority signed it"
    word = (
        f"{step.entry.where}: {source}, so it is signed by itself and clients will not trust it. Give it one of an "
        "authority: certificate_file and key_file, in role common also acme: true."
    )
    words = (*step.warnings, word)
    step = step._replace(record=step.record._replace(warnings=(), held=""), warnings=words)
    lasts = version.last_day(step.before) > context.now + RENEW_DAYS * _DAY
    right = own and lasts and set(step.before[0][0].names) == set(names)
    if step.found.sound and (right or not context.able):
        return step
    if context.check_mode:
        return step._replace(changed=True, chains=())
    old = step.found.files.get(version.KEY) if step.keeps_key else None
    certificate, key = issue.self_signed(names, now=context.now, days=SELF_SIGNED_DAYS, key_pem=old)
    pair = Pair(certificate, "the new certificate", key=key, key_where="its key", self_signed=True)
    bundles = judge.bundles([pair], names=names, now=context.now, min_days=0, trust=(), entry=step.entry.name)
    made = _install(step, version.files(bundles), tuple(bundle.chain for bundle in bundles), words)
    return made._replace(record=step.record)


def put_back(entry: Entry, record: Record | None, found: Found, older: Older, context: Context) -> Step:
    """The step that makes the version before live again, once. Raises MailError when there is none that is right."""
    if record is None or not found.stamp:
        raise MailError("is not installed", where=entry.where, mend="Install it first, with state: present.")
    chains = version.chains(found.files, entry.where) if context.able else ()
    step = Step(record, found, chains, chains, back=True)
    if record.held:
        return _expiring(step, context)
    if not found.before:
        raise MailError("has no version before this one", where=entry.where, mend="Give the certificate itself.")
    stamp = found.before[0]
    held = record._replace(held=_held(record.entry, older.given), seal="", warnings=(), next_tlsa=())
    step = step._replace(record=held, changed=True, stamp=stamp)
    if not context.able:
        return step._replace(chains=())
    pairs = version.pairs(older.files, f"{older.directory}/{version.VERSIONS}/{entry.name}/{stamp}")
    bundles = _judged(pairs, record.entry, context)
    return step._replace(chains=tuple(bundle.chain for bundle in bundles))
