# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New keys and TLSA records: where senders go by the record of the old key, that of the new one must be known first.

A cache may have the records of before for as long as their TTL, and a secondary name server may lag behind. So RFC 7671
section 8.1 has the new record published for two TTLs before its key is served.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from . import facts, version
from .book import Record
from .names import covers, ip
from .request import Entry
from .steps import Context, Given, Step
from .terms import Facts, Watch

_TTLS = 2
_OF_HOST, _OF_AUTHORITY = ("1", "3"), ("0", "2")  # Postfix and others take PKIX-EE for DANE-EE, PKIX-TA for DANE-TA

_DIGESTS = {"1": "sha256", "2": "sha512"}


class Published(NamedTuple):
    """The TLSA records of a name, each ``USAGE SELECTOR TYPE HEX``. ``why`` says why nobody could tell."""

    values: tuple[str, ...] = ()
    ttl: int = 0
    signed: bool = False
    why: str = ""


class _Wait(NamedTuple):
    """What keeps a certificate from being served at a host: a record that is missing, or not there for long enough."""

    host: str
    old: str
    record: str
    ttl: int
    due: float = 0


def owner_name(host: str) -> str:
    """Where the records for mail to ``host`` are."""
    return f"_25._tcp.{host}"


def hosts(entry: Entry, entries: Sequence[Entry], mx_names: Iterable[str]) -> list[str]:
    """The names under which senders ask for the certificate of ``entry``: its own, and ``mx_names`` that it is for."""
    own = [name for name in entry.names if not (ip(name) or name.startswith("*."))]
    return [*own, *(name for name in mx_names if name not in own and _owner(name, entries) == entry.name)]


def _owner(host: str, entries: Sequence[Entry]) -> str:
    """Whose certificate is served for ``host``."""
    exact = [entry.name for entry in entries if host in entry.names]
    above = [entry.name for entry in entries if covers(entry.names, host)]
    return next(iter([*exact, *above, *(entry.name for entry in entries if entry.default)]), "")


def differs(step: Step) -> bool:
    """Whether clients that were served one certificate get another one."""
    old, new = ([link.fingerprint for chain in chains for link in chain] for chains in (step.before, step.chains))
    return step.changed and bool(old and new) and old != new


def unforeseen(step: Step) -> bool:
    """Whether clients that were served one certificate get another one that check mode cannot know yet."""
    return step.changed and bool(step.before) and not step.chains


def heed(step: Step, known: Record, said: Mapping[str, Published], context: Context) -> Step:
    """The step with what was seen of the records; one that leaves all as ``known`` when the certificate has to wait."""
    found = {host: seen(known.watch.get(host), answer, step.before, context.now) for host, answer in said.items()}
    watch = {host: one for host, one in found.items() if one}
    step = step._replace(record=step.record._replace(watch=watch))
    if unforeseen(step):
        return step._replace(told=tuple(_perhaps(step, watch, context.now)))
    if not differs(step):
        return step
    waits = [wait for host, one in watch.items() for wait in _waits(host, one, step, context.now)]
    if waits:
        return _kept(step, known, waits, context)
    return step._replace(told=tuple(_doubts(step, {host: said[host].why for host in said if host not in watch})))


def _doubts(step: Step, silent: Mapping[str, str]) -> list[str]:
    """What is to be said of a new key when nobody could tell of a host whether it has records, and why not."""
    unknown = [host for host, why in silent.items() if why]
    if not unknown or _keys(step.chains) <= _keys(step.before):
        return []
    word = f"the new key is installed, although nobody could tell whether {owner_name(unknown[0])} has TLSA records"
    mend = "If there are any, publish that of the new key at once."
    return [f"{step.entry.where}: {word}: {silent[unknown[0]]}. {mend}"]


def seen(before: Watch | None, said: Published, live: version.Chains, now: float) -> Watch | None:
    """What is known of the records of a name after they said this; None when it has none.

    At the first look, those of the live certificate are taken to be as old as it is.
    """
    if said.why:
        return before
    ttl = max(said.ttl, before.ttl if before else 0)
    known = dict(before.due) if before else {text: now for text in said.values if _fits(text, live)}
    due = {text: known.get(text, now + _TTLS * ttl) for text in said.values}
    return Watch(said.ttl, said.signed, due) if due else None


def _waits(host: str, watch: Watch, step: Step, now: float) -> list[_Wait]:
    """What the new certificates wait for at a host."""
    old = _holding(watch, step, now)
    if not old:
        return []
    found = []
    for chain in step.chains:
        due, record = min(((when, text) for text, when in watch.due.items() if _fits(text, [chain])), default=(0, ""))
        if not record or due > now:
            found.append(_Wait(host, old[0], record or _record(chain[0]), watch.ttl, due))
    return found


def _holding(watch: Watch, step: Step, now: float) -> list[str]:
    """The records of a host by which senders go to the old certificate.

    Records that do not fit the old one either keep nothing back: they stop mail as it is. Those of usage 3 hold for an
    expired certificate, too (RFC 7672 section 3.1.1), but nobody goes by them without DNSSEC.
    """
    expired = version.last_day(step.before) <= now
    return [text for text in watch.due if _fits(text, step.before) and (not expired or _outlives(text, watch))]


def _perhaps(step: Step, watch: Mapping[str, Watch], now: float) -> list[str]:
    """What check mode says of a certificate that is not made yet, and will be signed by itself."""
    hosts = [host for host, one in watch.items() if _holding(one, step, now) and not _known(one, step, now)]
    if not hosts:
        return []
    word = "the new certificate is not known yet and may have to wait for its TLSA record while the old one stays"
    places = ", ".join(owner_name(host) for host in hosts)
    return [f"{step.entry.where}: {word}, because senders go by the TLSA records of {places} (DANE)."]


def _known(watch: Watch, step: Step, now: float) -> bool:
    """Whether a certificate that takes the live key again has its record: one of the key alone."""
    of_key = [text for text, due in watch.due.items() if due <= now and text.split()[:2] in (["3", "1"], ["1", "1"])]
    return step.keeps_key and any(_fits(text, step.before[:1]) for text in of_key)


def _outlives(text: str, watch: Watch) -> bool:
    return watch.signed and text.startswith(_OF_HOST)


def _kept(step: Step, known: Record, waits: Sequence[_Wait], context: Context) -> Step:
    """The step that leaves the old certificate where it is, and says what the new one waits for."""
    coming = tuple(_record(chain[0]) for chain in step.chains)
    record = known._replace(entry=step.record.entry, watch=step.record.watch, next_tlsa=coming)
    word = f"{step.entry.where}: {_words(waits)}"
    lacks = version.lacks(step.before, step.entry.names, context.now, context.min_days)
    return step._replace(
        record=record,
        chains=step.before,
        changed=False,
        files=None,
        stamp="",
        given=Given(),
        told=(word,),
        warnings=tuple(f"{step.entry.where}: the installed certificate {lack}." for lack in lacks),
    )


def _words(waits: Sequence[_Wait]) -> str:
    """One sentence for all: of what is missing, else of what is there and has to become older."""
    missing = [wait for wait in waits if not wait.due]
    one = missing[0] if missing else max(waits, key=lambda wait: wait.due)
    places = ", ".join(dict.fromkeys(owner_name(wait.host) for wait in missing or waits))
    records = " and ".join(dict.fromkeys(wait.record for wait in missing or waits))
    start = (
        f"the new certificate waits and the old one stays, because senders go by the TLSA records of {places} (DANE)"
    )
    if missing:
        return (
            f"{start}: {one.old} is there, {records} is not. Publish that beside it (playbook publish_dns), let "
            f"{_TTLS} TTLs ({_TTLS * one.ttl} seconds) pass after the next run has seen it, and run again. "
            "tlsa_check: false (in roles mail_certificate_tlsa_check) does not wait; mail of those senders then stops."
        )
    return (
        f"{start}: {records} is there, but only from {version.moment(one.due)} on every cache has it. Run again then."
    )


def _record(leaf: Facts) -> str:
    return f"3 1 1 {leaf.tlsa}"


def _keys(chains: version.Chains) -> set[str]:
    return {chain[0].tlsa for chain in chains}


def _fits(text: str, chains: Iterable[Sequence[Facts]]) -> bool:
    """Whether a sender who goes by this record takes one of the chains as they are sent (RFC 6698 section 2.1).

    Anybody may publish anything: nobody goes by a record that is not whole, so it fits nothing.
    """
    usage, selector, kind, data = (*text.lower().split(maxsplit=3), "", "", "", "")[:4]
    data = "".join(data.split())  # zone files may have spaces in it
    if usage not in (*_OF_HOST, *_OF_AUTHORITY) or selector not in ("0", "1") or not data:
        return False
    parts = [link for chain in chains for link in (chain[:1] if usage in _OF_HOST else chain[1:])]
    return any(_digest(kind, link.der if selector == "0" else facts.public_key(link)) == data for link in parts)


def _digest(kind: str, data: bytes) -> str:
    """What a record of this matching type holds for ``data``, in hex."""
    if kind == "0":
        return data.hex()
    return hashlib.new(_DIGESTS[kind], data).hexdigest() if kind in _DIGESTS else ""
