# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings in words: a table of the packages, what is wrong, and what is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import judge, version
from .advisory import SEVERITIES, Advisory
from .judge import Installed

Finding = Mapping[str, Any]


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings have which state."""
    states = Counter(finding["state"] for finding in findings)
    return {state: states[state] for state in judge.STATES}


def table(
    installed: Sequence[Installed], findings: Sequence[Finding], known_on: str, *, offered: bool = False
) -> list[str]:
    """A line for each package, and one that says how far this goes: never that a host is safe."""
    lines = ["These are the versions that apt offers, not those that are installed."] if installed and offered else []
    lines += [_line(source, [row for row in findings if row["package"] == source.name]) for source in installed]
    lines = lines or ["None of the packages that are looked at is installed here."]
    return [*lines, f"The advisories are those known here on {known_on}, not all that there are."]


def faults(installed: Sequence[Installed], findings: Sequence[Finding]) -> list[str]:
    """A sentence for each package that has open ones among ``findings``: which they are, and how to mend them."""
    sentences = []
    for source in installed:
        rows = [row for row in findings if row["package"] == source.name and row["state"] == judge.OPEN]
        if rows:
            sentences.append(_fault(source, rows))
    return sentences


def notices(installed: Sequence[Installed], findings: Sequence[Finding], release: str) -> list[str]:
    """What is not known, what apt offers besides, and what a new version alone does not mend."""
    sentences = []
    if not release:
        sentences.append("This is no release of Debian with a number, so that only the authors' versions are compared.")
    for source in installed:
        rows = [row for row in findings if row["package"] == source.name]
        unknown = [row["id"] for row in rows if row["state"] == judge.UNKNOWN]
        if unknown:
            sentences.append(
                f"{source.name} {source.version}: whether it has {', '.join(unknown)} is not known here. "
                f"Look at https://security-tracker.debian.org/tracker/source-package/{source.name}."
            )
        is_open = any(row["state"] == judge.OPEN for row in rows)
        if not is_open and source.candidate and version.compare(source.candidate, source.version) > 0:
            sentences.append(f"{source.name} {source.version}: apt offers {source.candidate}.")
        sentences += [f"{row['id']}: {row['mend']}" for row in rows if _half_mended(row)]
    return sentences


def warnings(known: Iterable[Advisory], own: Iterable[Advisory], ignore: Iterable[str], here: set[str]) -> list[str]:
    """Words that change nothing: ignored names of no advisory, and own advisories on packages that are not ``here``."""
    names = {row.id for row in known}
    unheard = [f"ignore: no advisory that is known here is called '{name}'." for name in ignore if name not in names]
    absent = [
        f"advisories: nothing of the source package '{row.package}' is installed here, which {row.id} is about."
        for row in own
        if row.package not in here
    ]
    return unheard + absent


def _half_mended(row: Finding) -> bool:
    """Whether the new version needs something besides: a later line of releases has it by itself."""
    here, mended = version.branch(row["installed"]), version.branch(row["fixed_in"])
    return bool(row["mend"]) and row["state"] == judge.FIXED and here == mended


def _line(source: Installed, rows: Sequence[Finding]) -> str:
    said = [f"{number} {state}" for state, number in counts(rows).items() if number and state != judge.FIXED]
    if not rows:
        said = ["no advisory known here"]
    elif not said:
        said = [f"none open of {len(rows)} known here"]
    ratings = Counter(row["severity"] for row in rows if row["state"] == judge.OPEN)
    if ratings:
        said[0] += f" ({', '.join(f'{ratings[severity]} {severity}' for severity in SEVERITIES if ratings[severity])})"
    return f"{source.name} {source.version}: {', '.join(said)}"


def _names(rows: Sequence[Finding]) -> str:
    """The open findings by severity: ``high: CVE-1, CVE-2; low: CVE-3``."""
    by_severity = {severity: [row["id"] for row in rows if row["severity"] == severity] for severity in SEVERITIES}
    return "; ".join(f"{severity}: {', '.join(names)}" for severity, names in by_severity.items() if names)


def _fault(source: Installed, rows: Sequence[Finding]) -> str:
    text = f"{source.name} {source.version}: {len(rows)} open; {_names(rows)}."
    target = max((row["fixed_in"] for row in rows if row["fixed_in"]), key=version.order, default="")
    if target and all(row["offered"] for row in rows if row["fixed_in"]):
        text += f" Run apt-get install --only-upgrade {' '.join(source.packages)} to get {source.candidate}."
    elif target:
        text += (
            f" {target} or later is needed, which apt does not offer here. Run apt-get update, and see that the "
            "security archive of this release is among the sources of apt."
        )
    text += "".join(f" {row['id']}: {row['mend']}" for row in rows if row["mend"])
    lasting = sum(not row["fixed_in"] and not row["mend"] for row in rows)
    if lasting:
        text += f" For {lasting} of them no mended version is known here; a newer release of Debian may have one."
    return text
