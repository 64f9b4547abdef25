# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What advisories say of the versions that are installed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from . import version
from .advisory import SEVERITIES, Advisory

OPEN, UNKNOWN, IGNORED, FIXED = STATES = ("open", "unknown", "ignored", "fixed")


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

    Distributors mend defects without taking the authors' new version. So a version is open only where it is older than
    the fixed one of this very release, or known to have the defect. The authors' versions show only that it is mended.
    """
    target = advisory.fixed.get(release, "")
    if target and version.compare(installed, target) < 0:
        return Verdict(OPEN, target, f"fixed in {target}")
    if target and version.descends(installed, target):
        return Verdict(FIXED, target)
    last = advisory.vulnerable.get(release, "")
    if last and version.compare(installed, last) <= 0:
        return Verdict(OPEN, "", "no version that mends it is known here")
    for first in advisory.upstream:
        if version.reaches(installed, first):
            return Verdict(FIXED, first)
    newest = max(advisory.upstream, key=version.branch, default="")
    if newest and version.branch(installed) > version.branch(newest):
        return Verdict(FIXED, newest)
    return Verdict(UNKNOWN, "", _not_known(advisory, release))


def findings(
    known: Iterable[Advisory], installed: Sequence[Installed], release: str, ignore: Collection[str] = ()
) -> list[dict[str, Any]]:
    """What each advisory says of each package that is there, the worst first.

    Those that are named in ``ignore`` become ``ignored`` unless they are fixed.
    """
    here = {source.name: source for source in installed}
    found = []
    for advisory in known:
        source = here.get(advisory.package)
        if source is None or (advisory.packages and not {*advisory.packages} & {*source.packages}):
            continue
        verdict = judge(advisory, source.version, release)
        ignored = advisory.id in ignore and verdict.state != FIXED
        found.append(
            {
                "id": advisory.id,
                "package": advisory.package,
                "severity": advisory.severity,
                "state": IGNORED if ignored else verdict.state,
                "installed": source.version,
                "fixed_in": verdict.fixed_in,
                "offered": verdict.state == OPEN and not ignored and _offers(source, verdict.fixed_in),
                "why": verdict.why,
                "summary": advisory.summary,
                "mend": advisory.mend,
                "sources": [*advisory.sources],
            }
        )
    return sorted(found, key=_worst_first)


def as_offered(source: Installed) -> Installed:
    """``source`` as it would be after an upgrade."""
    return source._replace(version=source.candidate or source.version)


def _offers(source: Installed, wanted: str) -> bool:
    return bool(wanted and source.candidate) and version.compare(source.candidate, wanted) >= 0


def _not_known(advisory: Advisory, release: str) -> str:
    where = f"Debian {release}" if release else "this system"
    text = f"no fixed version for {where} is known here"
    return f"{text}; the authors mended it in {', '.join(advisory.upstream)}" if advisory.upstream else text


def _worst_first(finding: Mapping[str, Any]) -> tuple[int, int, str, str]:
    return (
        STATES.index(finding["state"]),
        SEVERITIES.index(finding["severity"]),
        finding["package"],
        finding["id"],
    )
