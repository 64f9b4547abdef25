# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an advisory is, and what it says of a version that is installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import version

SEVERITIES = ("critical", "high", "medium", "low", "unrated")
OPEN, UNKNOWN, FIXED = "open", "unknown", "fixed"

_STATES = (OPEN, UNKNOWN, FIXED)


class Advisory(NamedTuple):
    """A defect of a source package.

    ``fixed`` and ``vulnerable`` have a Debian release (``12``) as key: the first version in which it is mended, and
    the last one that is known to have it. ``upstream`` are the first mended releases of the authors, one for each
    line of releases. ``packages`` are the binary packages that have the defect, all of the source if empty. ``mend``
    is what else must be done, or can be.
    """

    id: str
    package: str
    severity: str
    summary: str
    sources: tuple[str, ...]
    fixed: Mapping[str, str] = {}
    upstream: tuple[str, ...] = ()
    vulnerable: Mapping[str, str] = {}
    packages: tuple[str, ...] = ()
    mend: str = ""


class Installed(NamedTuple):
    """A source package of a host: its version, its binary packages, and what apt would install instead."""

    name: str
    version: str
    packages: tuple[str, ...]
    candidate: str = ""


class Verdict(NamedTuple):
    """``state`` and why, with the version that mends it if one is known."""

    state: str
    fixed_in: str = ""
    why: str = ""


def judge(advisory: Advisory, installed: str, release: str) -> Verdict:
    """What ``advisory`` says of ``installed`` on this release of Debian, empty for another system.

    Distributors mend defects without taking the authors' new version. So a version is open only where the fixed
    version of this very release is known, or where it is known to have the defect; else it is unknown.
    """
    target = advisory.fixed.get(release, "")
    if target and _same_line(installed, target):
        if version.compare(installed, target) >= 0:
            return Verdict(FIXED, target)
        return Verdict(OPEN, target, f"fixed in {target}")
    last = advisory.vulnerable.get(release, "")
    if last and version.compare(installed, last) <= 0:
        return Verdict(OPEN, "", "no version that mends it is known here")
    line = version.branch(installed)
    for first in advisory.upstream:
        if version.branch(first) == line and version.numbers(installed) >= version.numbers(first):
            return Verdict(FIXED, first)
    known = [*advisory.upstream, *([target] if target else [])]
    if known and line and line > max(version.branch(first) for first in known):
        return Verdict(FIXED, max(known, key=version.branch))
    return Verdict(UNKNOWN, "", _not_known(advisory, release))


def findings(known: Iterable[Advisory], installed: Sequence[Installed], release: str) -> list[dict[str, Any]]:
    """What each advisory says of each package that is there, the worst first."""
    here = {source.name: source for source in installed}
    found = []
    for advisory in known:
        source = here.get(advisory.package)
        if source is None or (advisory.packages and not {*advisory.packages} & {*source.packages}):
            continue
        verdict = judge(advisory, source.version, release)
        found.append(
            {
                "id": advisory.id,
                "package": advisory.package,
                "severity": advisory.severity,
                "state": verdict.state,
                "installed": source.version,
                "fixed_in": verdict.fixed_in,
                "offered": bool(verdict.fixed_in and _offers(source, verdict.fixed_in)),
                "why": verdict.why,
                "summary": advisory.summary,
                "mend": advisory.mend,
                "sources": [*advisory.sources],
            }
        )
    return sorted(found, key=_worst_first)


def of_words(given: Sequence[Mapping[str, Any]]) -> list[Advisory]:
    """The advisories of an administrator. Raises MailError for words that are none."""
    return [_of_words(words, f"advisories[{number}]") for number, words in enumerate(given)]


def _of_words(words: Mapping[str, Any], where: str) -> Advisory:
    releases = {**(words.get("fixed") or {}), **(words.get("vulnerable") or {})}
    for key, value in releases.items():
        if not str(key).isdigit() or not version.numbers(str(value)):
            raise MailError(
                f"'{key}: {value}' is not a release of Debian and a version of a package",
                where=where,
                mend="Write fixed: {'12': '1:2.3.19.1+dfsg1-2.1+deb12u2'}.",
            )
    upstream = tuple(str(text) for text in words.get("upstream") or ())
    if not releases and not any(version.branch(text) for text in upstream):
        raise MailError("no version is given", where=where, mend="Give fixed, vulnerable or upstream.")
    return Advisory(
        id=words["id"],
        package=words["package"],
        severity=words.get("severity") or "unrated",
        summary=words.get("summary") or "",
        sources=tuple(words.get("sources") or ()),
        fixed={str(key): str(value) for key, value in (words.get("fixed") or {}).items()},
        upstream=upstream,
        vulnerable={str(key): str(value) for key, value in (words.get("vulnerable") or {}).items()},
        packages=tuple(words.get("packages") or ()),
        mend=words.get("mend") or "",
    )


def _same_line(installed: str, target: str) -> bool:
    """Whether both are of one line of releases and one numbering: other archives count with an epoch of their own."""
    return version.parse(installed).epoch == version.parse(target).epoch and version.branch(
        installed
    ) == version.branch(target)


def _offers(source: Installed, wanted: str) -> bool:
    return bool(source.candidate) and version.compare(source.candidate, wanted) >= 0


def _not_known(advisory: Advisory, release: str) -> str:
    where = f"Debian {release}" if release else "this system"
    text = f"no fixed version for {where} is known here"
    return f"{text}; the authors mended it in {', '.join(advisory.upstream)}" if advisory.upstream else text


def _worst_first(finding: Mapping[str, Any]) -> tuple[int, int, str, str]:
    return (
        _STATES.index(finding["state"]),
        SEVERITIES.index(finding["severity"]),
        finding["package"],
        finding["id"],
    )
