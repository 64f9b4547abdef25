# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of one version of a certificate: what each daemon reads, and what is said of them."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import facts, names, pem
from .request import Entry
from .terms import Bundle, Facts, Pair

CERTIFICATE, KEY, COMBINED = "certificate.pem", "key.pem", "combined.pem"
ALSO = "alt-"
MODES = {CERTIFICATE: 0o644, KEY: 0o600, COMBINED: 0o600, ALSO + CERTIFICATE: 0o644, ALSO + KEY: 0o600}
LIVE, VERSIONS, COURIER = "live", "versions", "courier.pem"

Chains = tuple[tuple[Facts, ...], ...]
Files = Mapping[str, bytes]


class Found(NamedTuple):
    """What is live of an entry. ``stamp`` is empty when nothing is; ``sound``: every file is there with its mode.

    ``stamps`` are all versions on disk, newest first.
    """

    stamp: str = ""
    files: Files = {}
    sound: bool = False
    stamps: tuple[str, ...] = ()

    @property
    def before(self) -> tuple[str, ...]:
        """The versions that are older than the live one, newest first."""
        return tuple(stamp for stamp in self.stamps if stamp < self.stamp)

    @property
    def later(self) -> tuple[str, ...]:
        """The versions that are newer than the live one: rolled back, taken back or never served."""
        return tuple(stamp for stamp in self.stamps if self.stamp and stamp > self.stamp)

    @property
    def digest(self) -> str:
        """What tells this version from every other, and whole files from damaged ones."""
        parts = [self.stamp, str(self.sound)]
        parts += [f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in sorted(self.files.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def files(bundles: Sequence[Bundle]) -> dict[str, bytes]:
    """The files of one or two pairs. The key comes first where a daemon wants all in one file.

    A single pair is also in the place of the second: a daemon that still names both finds its files.
    """
    chains = [b"".join(pem.armour("CERTIFICATE", link.der) for link in bundle.chain) for bundle in bundles]
    halves = [(chain, bundle.key_pem) for chain, bundle in zip(chains, bundles)]
    made = {COMBINED: b"".join(key + chain for chain, key in halves)}
    for prefix, (chain, key) in zip(("", ALSO), (*halves, halves[0])):
        made.update({prefix + CERTIFICATE: chain, prefix + KEY: key})
    return made


def _prefixes(found: Files) -> tuple[str, ...]:
    """What begins the names of the files of each pair."""
    second = found.get(ALSO + CERTIFICATE)
    return ("", ALSO) if second is not None and second != found.get(CERTIFICATE) else ("",)


def for_courier(found: Files) -> bytes:
    """What Courier reads, whose GnuTLS takes all certificates of a file for one chain: the first pair alone."""
    return found.get(KEY, b"") + found.get(CERTIFICATE, b"")


def courier_names(entries: Sequence[Entry]) -> dict[str, str]:
    """The names of the files in which Courier looks for a certificate, each with its entry.

    For ``imap.example.com`` it tries that name, then ``example.com``, and last the file without a name.
    """
    found: dict[str, str] = {}
    for entry in entries:
        if entry.default:
            found[COURIER] = entry.name
    for stars in (True, False):
        for entry in entries:
            wanted = [name for name in entry.names if name.startswith("*.") == stars and not names.ip(name)]
            found.update({f"{COURIER}.{name[2:] if stars else name}": entry.name for name in wanted})
    return found


def is_whole(found: Files) -> bool:
    """Whether these are all files of a version, and no others."""
    return set(found) in ({CERTIFICATE, KEY, COMBINED}, set(MODES))


def chains(found: Files, where: str) -> Chains:
    """The chains of a version; none where its files cannot be read."""
    try:
        return tuple(
            tuple(facts.read(der, where=where) for der in pem.read(found[name], where=where).certificates)
            for name in (prefix + CERTIFICATE for prefix in _prefixes(found))
            if name in found
        )
    except MailError:
        return ()


def pairs(found: Files, directory: str) -> list[Pair]:
    """The pairs of a version, to be judged again."""
    made = []
    for prefix in _prefixes(found):
        if prefix + CERTIFICATE in found:
            certificate, key = found[prefix + CERTIFICATE], found.get(prefix + KEY, b"")
            where = [f"{directory}/{prefix}{name}" for name in (CERTIFICATE, KEY)]
            own = is_self_signed(chains({CERTIFICATE: certificate}, where[0]))
            made.append(Pair(certificate, where[0], key=key, key_where=where[1], self_signed=own))
    return made


def is_self_signed(found: Chains) -> bool:
    return len(found) == 1 and len(found[0]) == 1 and facts.is_self_issued(found[0][0])


def last_day(found: Chains) -> float:
    """When the first of the certificates expires (seconds since 1970)."""
    return min((link.not_after for chain in found for link in chain), default=0)


def served(leaves: Sequence[Facts], wanted: Iterable[str]) -> list[str]:
    """Those of ``wanted`` that each of the certificates is for."""
    return [name for name in wanted if all(names.covers(leaf.names, name) for leaf in leaves)]


def lacks(found: Chains, wanted: Sequence[str], now: float, min_days: int) -> list[str]:
    """What is wrong with installed certificates: that they end soon, or are not for all ``wanted`` names."""
    words = []
    days = days_left(last_day(found), now)
    if found and days < min_days:
        words.append(f"expires in {days} days" if days >= 0 else "has expired")
    right = served([chain[0] for chain in found], wanted)
    gone = [name for name in wanted if name not in right]
    return [*words, *([f"is not for {names.some(gone)}"] if gone else [])]


def stamp(now: float, fingerprint: str, taken: Sequence[str]) -> str:
    """The name of a new version: its time and the start of its fingerprint. It is later than all that are there."""
    latest = max((_time_of(name) for name in taken), default=0.0)
    return f"{_utc(max(now, latest + 1)).strftime('%Y%m%dT%H%M%SZ')}-{fingerprint[:8]}"


def _time_of(name: str) -> float:
    try:
        moment = datetime.datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%SZ")
    except ValueError:
        return 0.0
    return moment.replace(tzinfo=datetime.timezone.utc).timestamp()


def surplus(found: Found, keep: int, *, held: bool) -> list[str]:
    """The versions to remove: the oldest, and those that are later than the live one unless that was ``held`` back."""
    return [*(() if held else found.later), *found.before[keep:]] if found.stamp else []


def _utc(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def moment(seconds: float) -> str:
    """A time in ISO 8601, UTC."""
    return _utc(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def days_left(seconds: float, now: float) -> int:
    return int((seconds - now) // 86400)


def text(entry: Entry | None, found: Chains) -> str:
    """What a diff shows of an entry."""
    if entry is None:
        return ""
    lines = [f"served for: {', '.join(entry.names)}", *(["default"] if entry.default else [])]
    for chain in found:
        leaf = chain[0]
        lines += [
            f"subject: {leaf.subject}",
            f"names: {', '.join(leaf.names)}",
            f"issuer: {leaf.issuer}",
            f"valid: {moment(leaf.not_before)} to {moment(leaf.not_after)}",
            f"key: {leaf.key}",
            f"fingerprint: {leaf.fingerprint}",
            *(f"intermediate: {link.subject} ({link.fingerprint})" for link in chain[1:]),
        ]
    return "\n".join(lines) + "\n"


def shown(entry: Entry, found: Chains, directory: str, *, before: Sequence[str], now: float) -> dict[str, Any]:
    """What a module returns of an entry; what check mode cannot know is empty."""
    live = f"{directory}/{LIVE}/{entry.name}"
    first, *rest = [facts_shown(chain, now) for chain in found] or [facts_shown((), now)]
    names = {"certificate": CERTIFICATE, "key": KEY, "combined": COMBINED}
    names.update({f"alt_{kind}": ALSO + names[kind] for kind in ("certificate", "key") if rest})
    return {
        "name": entry.name,
        "names": list(entry.names),
        "default": entry.default,
        **first,
        "also": rest,
        "files": {kind: f"{live}/{name}" for kind, name in names.items()},
        "previous": list(before),
    }


def facts_shown(chain: Sequence[Facts], now: float) -> dict[str, Any]:
    """What a module returns of one chain; ``tlsa`` is the data of a TLSA record (RFC 6698)."""
    leaf = chain[0] if chain else None
    return {
        "subject": leaf.subject if leaf else "",
        "issuer": leaf.issuer if leaf else "",
        "not_before": moment(leaf.not_before) if leaf else "",
        "not_after": moment(leaf.not_after) if leaf else "",
        "days_left": days_left(leaf.not_after, now) if leaf else 0,
        "fingerprint": leaf.fingerprint if leaf else "",
        "tlsa": f"3 1 1 {leaf.tlsa}" if leaf else "",
        "key": leaf.key if leaf else "",
        "chain": [link.subject for link in chain],
    }
