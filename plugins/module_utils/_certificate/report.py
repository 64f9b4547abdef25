# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of certificates on disk and of those that are served: what is wrong, how to mend it, and a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .._errors import MailError
from . import facts, names, version
from .book import Book
from .compare import Comparison
from .terms import Facts, Installed

# soon: it expires soon, but not so soon that it is a fault; or a new one waits.
Result = Literal["ok", "soon", "failed"]

DISK = "disk"
_FEW = 3
_WIDEST = 60
_RUNS = (
    "Is the service running (systemctl status, ss -ltn), and what does its log say (journalctl)? Give port 0 for a "
    "service that is not offered."
)
_NAME = "Let a certificate be for it: add the name to an entry of mail_certificates."
_INSTALL = "Install it anew with mail_certificate, which puts its chain in order."
_RENEW = "Renew it where it comes from, and let the daemon read it."


class Limits(NamedTuple):
    """``now`` is in seconds since 1970. Fewer than ``min_days`` left are a fault, fewer than ``warn_days`` are soon."""

    now: float
    min_days: int
    warn_days: int


class Look(NamedTuple):
    """What a port showed for a name. ``rsa_only``: to a client that takes no other certificates than RSA."""

    compared: Comparison
    chain: tuple[Facts, ...] = ()
    unreadable: str = ""
    rsa_only: bool = False

    @property
    def area(self) -> str:
        return f"{self.compared.served.service} {self.compared.served.port}"

    @property
    def client(self) -> str:
        """The client that asked, in words."""
        return f"{self.compared.served.name or 'without SNI'}{' (RSA only)' if self.rsa_only else ''}"


class Finding(NamedTuple):
    """One thing that was found. ``area`` is a service with its port, or the disk; ``what`` a name."""

    area: str
    what: str
    result: Result
    detail: str
    mend: str = ""


def read(compared: Comparison, *, rsa_only: bool = False) -> Look:
    """A comparison with what its certificates say."""
    look = Look(compared, rsa_only=rsa_only)
    try:
        return look._replace(chain=tuple(facts.read(der, where=look.area) for der in compared.served.chain))
    except MailError as error:
        return look._replace(unreadable=error.what)


def findings(
    installed: Sequence[Installed], looks: Iterable[Look], origins: Mapping[str, str], limits: Limits
) -> list[Finding]:
    """Everything that is to be said; ``origins`` says for each entry where the next certificate comes from."""
    found = [finding for entry in installed for finding in _of_disk(entry, origins.get(entry.name, ""), limits)]
    return found + [finding for look in looks for finding in _of_look(look, limits)]


def origins(book: Book) -> dict[str, str]:
    """By entry, where its next certificate comes from, and so what to do when none comes."""
    words = {}
    for record in book.records:
        files = [path for source in record.entry.sources for path in source.files.values()]
        if files:
            listed = ", ".join(dict.fromkeys(files))
            words[record.entry.name] = f"Renew what lies in {listed}; mailserver-certificates.timer installs it."
        elif record.entry.self_signed or record.entry.stand_in:
            words[record.entry.name] = (
                "It is signed by itself: look why mailserver-certificates.timer did not renew it."
            )
        else:
            words[record.entry.name] = "It was given as text: write a new one into the inventory and run again."
    return words


def _of_disk(entry: Installed, origin: str, limits: Limits) -> Iterator[Finding]:
    if not entry.chains:
        mend = "Run mail_certificate again; clients get what the daemons still remember."
        yield Finding(DISK, entry.name, "failed", "no version is live, or it cannot be read", mend)
    if entry.next_tlsa:
        mend = "Publish TLSA {} for it as well (playbook publish_dns); it comes when that has been there for two TTLs."
        detail = "a new certificate waits until senders can know its key (DANE)"
        yield Finding(DISK, entry.name, "soon", detail, mend.format(" and ".join(entry.next_tlsa)))
    for chain in entry.chains:
        yield _lasting(Finding(DISK, entry.name, "ok", _words(chain[0]), origin), chain, limits)


def _of_look(look: Look, limits: Limits) -> Iterator[Finding]:
    compared = look.compared
    place = Finding(look.area, look.client, "ok", "")
    faults = []
    if look.unreadable or not look.chain:
        yield place._replace(result="failed", detail=look.unreadable or compared.why, mend=compared.mend or _RUNS)
        return
    if compared.mend:
        faults.append((compared.why, compared.mend))
    else:
        name = compared.served.name
        if compared.state == "unknown" and not _in_order(look.chain):
            faults.append(("the chain is out of order, or a certificate is missing in it", _INSTALL))
        if name and not names.covers(look.chain[0].names, name):
            faults.append((f"the certificate that is served is not for this name: {_words(look.chain[0])}", _NAME))
    for why, mend in faults:
        yield place._replace(result="failed", detail=why, mend=mend)
    told = place._replace(detail=_words(look.chain[0]))
    if compared.state == "unknown":  # how long one lasts that is installed, the line of the disk says
        told = _lasting(told._replace(mend=_RENEW), look.chain, limits)
    if not faults or told.result != "ok":
        yield told


def _lasting(finding: Finding, chain: Sequence[Facts], limits: Limits) -> Finding:
    """The finding, or that the chain is not valid yet, expires soon or has expired."""
    first = min(chain, key=lambda link: link.not_after)
    days = version.days_left(first.not_after, limits.now)
    whose = finding.detail if first is chain[0] else f"{finding.detail}; its intermediate {first.subject}"
    later = next((link for link in chain if link.not_before > limits.now), None)
    if later:
        what = f"{whose} is valid only from {version.moment(later.not_before)} on"
        mend = "Is the clock of this host right? Else install the certificate from before until then."
        return finding._replace(result="failed", detail=what, mend=mend)
    if first.not_after <= limits.now:
        return finding._replace(result="failed", detail=f"{whose} expired on {version.moment(first.not_after)}")
    ends = f"{whose} expires in {days} days"
    if days < limits.min_days:
        return finding._replace(result="failed", detail=ends)
    if days < limits.warn_days:
        return finding._replace(result="soon", detail=ends)
    return finding._replace(detail=f"{finding.detail}, {days} days left", mend="")


def _in_order(chain: Sequence[Facts]) -> bool:
    return all(one.issuer == other.subject for one, other in zip(chain, chain[1:]))


def _words(leaf: Facts) -> str:
    """A certificate in a few words."""
    return f"{leaf.subject or names.some(leaf.names[:1])} ({leaf.key}, {leaf.fingerprint[:8]})"


class _Group(NamedTuple):
    """Findings that differ in area and name alone."""

    areas: str
    names: str
    finding: Finding


def _grouped(found: Sequence[Finding]) -> list[_Group]:
    """What holds on many ports or for many names is said once."""
    every = tuple(dict.fromkeys(one.area for one in found if one.area != DISK))
    areas: dict[Finding, list[str]] = {}
    for one in found:
        areas.setdefault(one._replace(area=""), []).append(one.area)
    groups: dict[tuple[tuple[str, ...], Finding], list[str]] = {}
    for one, where in areas.items():
        groups.setdefault((tuple(dict.fromkeys(where)), one._replace(what="")), []).append(one.what)
    asked = tuple(dict.fromkeys(one.what for one in found if one.area != DISK))
    return [
        _Group(
            "every port" if where == every and len(every) > 1 else ", ".join(where),
            "every name" if tuple(whose) == asked and len(asked) > _FEW else _some(whose),
            one,
        )
        for (where, one), whose in groups.items()
    ]


def _some(whose: Sequence[str]) -> str:
    more = f" and {len(whose) - _FEW} more" if len(whose) > _FEW else ""
    return ", ".join(whose[:_FEW]) + more


def table(found: Sequence[Finding]) -> list[str]:
    """The findings as lines of equal columns."""
    groups = _grouped(found)
    areas = min(max([len(one.areas) for one in groups] + [0]), _WIDEST)
    whose = min(max([len(one.names) for one in groups] + [0]), _WIDEST)
    return [
        f"{one.finding.result:<7}  {one.areas:<{areas}}  {one.names:<{whose}}  {one.finding.detail}" for one in groups
    ]


def advice(found: Sequence[Finding], result: Result) -> list[str]:
    """What was found with this result and, below all that it mends, each hint once."""
    by_mend: dict[str, list[str]] = {}
    for one in (group for group in _grouped(found) if group.finding.result == result):
        by_mend.setdefault(one.finding.mend, []).append(f"{one.areas}: {one.names}: {one.finding.detail}")
    return [line for mend, lines in by_mend.items() for line in (*lines, *([f"  -> {mend}"] if mend else []))]


def shown(look: Look, now: float) -> dict[str, Any]:
    """What a module returns of one look."""
    compared = look.compared
    served = compared.served
    return {
        "service": served.service,
        "port": served.port,
        "name": served.name,
        "rsa_only": look.rsa_only,
        "certificate": compared.entry.name if compared.entry else "",
        "agrees": None if compared.state == "unknown" else compared.agrees,
        "why": compared.why,
        "error": served.error or look.unreadable,
        "names": list(look.chain[0].names) if look.chain else [],
        **version.facts_shown(look.chain, now),
    }
