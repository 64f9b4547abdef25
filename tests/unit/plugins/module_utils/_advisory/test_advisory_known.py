# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written down of advisories, and what an administrator may write."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._advisory import advisory, known, version
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

OWN = {"id": "CVE-2030-1", "package": "dovecot", "fixed": {"13": "1:2.4.1+dfsg1-6+deb13u9"}}


@pytest.mark.parametrize("row", known.ADVISORIES, ids=lambda row: row.id)
def test_an_advisory_is_whole(row: advisory.Advisory) -> None:
    assert row.sources
    assert all(source.startswith("https://") for source in row.sources)
    assert row.severity in advisory.SEVERITIES
    assert row.summary
    assert row.summary.strip(". ") == row.summary
    assert row.summary.isascii()
    assert row.package in known.PACKAGES
    assert row.fixed or row.upstream
    assert {*row.fixed, *row.vulnerable} <= {"11", "12", "13"}
    assert not {*row.fixed} & {*row.vulnerable}
    for text in (*row.fixed.values(), *row.vulnerable.values()):
        assert version.numbers(text), text
        assert version.parse(text).revision, text
    for text in row.upstream:
        assert ".".join(map(str, version.numbers(text))) == text
    assert len({version.branch(text) for text in row.upstream}) == len(row.upstream)


@pytest.mark.parametrize("row", known.ADVISORIES, ids=lambda row: row.id)
def test_a_severity_has_a_source(row: advisory.Advisory) -> None:
    assert row.severity == "unrated" or f"https://www.cve.org/CVERecord?id={row.id}" in row.sources


def test_no_advisory_is_there_twice() -> None:
    names = [row.id for row in known.ADVISORIES]
    assert len(names) == len({*names})
    assert all(not name.lower().startswith("cve") or advisory_number(name) for name in names)


def advisory_number(name: str) -> bool:
    """Whether a CVE is written as ``CVE-2019-11500``."""
    letters, year, number = name.split("-")
    return letters == "CVE" and len(year) == 4 and len(number) >= 4 and (year + number).isdigit()


def test_the_one_that_hosting_companies_wrote_about() -> None:
    row = next(row for row in known.ADVISORIES if row.id == "CVE-2019-11500")
    assert row.upstream == ("2.2.36.4", "2.3.7.2")


def test_words() -> None:
    given = [{**OWN, "severity": "high", "upstream": ["2.4.9"], "vulnerable": {12: "1:2.3.19.1+dfsg1-2.1+deb12u7 "}}]
    assert advisory.of_words(given) == [
        advisory.Advisory(
            id="CVE-2030-1",
            package="dovecot",
            severity="high",
            summary="",
            sources=(),
            fixed={"13": "1:2.4.1+dfsg1-6+deb13u9"},
            vulnerable={"12": "1:2.3.19.1+dfsg1-2.1+deb12u7"},
            upstream=("2.4.9",),
        )
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([{**OWN, "fixed": {}}], r"advisories\[0\]: no version is given. Give fixed, vulnerable or upstream"),
        ([{**OWN, "fixed": {"trixie": "1:2"}}], r"advisories\[0\].fixed: 'trixie' is no release of Debian. Write its"),
        ([{**OWN, "fixed": {"13": "newest"}}], r"advisories\[0\].fixed: 'newest' is no text with a version"),
        ([{**OWN, "vulnerable": {"13": ""}}], r"advisories\[0\].vulnerable: '' is no text with a version"),
        (
            [OWN, {**OWN, "id": "x", "upstream": [3.1]}],
            r"\[1\].upstream: '3.1' is no text .* Put the version into quot",
        ),
        ([OWN, OWN], r"advisories\[1\]: 'CVE-2030-1' is there twice"),
    ],
)
def test_words_that_are_none(given: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(MailError, match=words):
        advisory.of_words(given)
