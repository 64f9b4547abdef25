# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an advisory is, and how one is written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import version

SEVERITIES = ("critical", "high", "medium", "low", "unrated")

_RECORD = "https://www.cve.org/CVERecord?id="


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
    vulnerable: Mapping[str, str] = {}
    upstream: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    mend: str = ""


def lot(package: str, rows: Iterable[tuple[str, str, str]], **rest: Any) -> list[Advisory]:
    """Defects (name, severity, summary) that the same versions mend; each with the record of its CVE as a source."""
    shared = {**rest, "package": package}
    sources = tuple(shared.pop("sources", ()))
    return [
        Advisory(
            id=name,
            severity=severity,
            summary=summary,
            sources=((f"{_RECORD}{name}",) if name.startswith("CVE-") else ()) + sources,
            **shared,
        )
        for name, severity, summary in rows
    ]


def of_words(given: Sequence[Mapping[str, Any]]) -> list[Advisory]:
    """The advisories of an administrator. Raises MailError for words that are none."""
    names = [words["id"] for words in given]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise MailError(f"'{name}' is there twice", where=f"advisories[{number}]", mend="Leave one of them out.")
    return [_of_words(words, f"advisories[{number}]") for number, words in enumerate(given)]


def _of_words(words: Mapping[str, Any], where: str) -> Advisory:
    fixed, vulnerable = (_releases(words.get(key) or {}, f"{where}.{key}") for key in ("fixed", "vulnerable"))
    upstream = tuple(_version(text, f"{where}.upstream") for text in words.get("upstream") or ())
    if not (fixed or vulnerable or upstream):
        raise MailError("no version is given", where=where, mend="Give fixed, vulnerable or upstream.")
    return Advisory(
        id=words["id"],
        package=words["package"],
        severity=words.get("severity") or "unrated",
        summary=words.get("summary") or "",
        sources=tuple(words.get("sources") or ()),
        fixed=fixed,
        vulnerable=vulnerable,
        upstream=upstream,
        packages=tuple(words.get("packages") or ()),
        mend=words.get("mend") or "",
    )


def _releases(given: Mapping[Any, Any], where: str) -> dict[str, str]:
    wrong = [str(key) for key in given if not str(key).isdigit()]
    if wrong:
        raise MailError(
            f"'{wrong[0]}' is no release of Debian", where=where, mend="Write its number: {'12': '3.7.9-0+deb12u1'}."
        )
    return {str(key): _version(value, where) for key, value in given.items()}


def _version(given: Any, where: str) -> str:
    """A version as text. YAML makes the number 3.1 of 3.10, which is another version."""
    if not isinstance(given, str) or not version.numbers(given):
        raise MailError(f"'{given}' is no text with a version", where=where, mend="Put the version into quotes.")
    return given.strip()
