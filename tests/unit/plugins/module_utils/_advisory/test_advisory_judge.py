# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._advisory import judge, known, report
from ansible_collections.mailops.mailserver.plugins.module_utils._advisory.advisory import Advisory
from ansible_collections.mailops.mailserver.plugins.module_utils._advisory.judge import Installed

ROW = Advisory(
    id="CVE-2030-1",
    package="dovecot",
    severity="high",
    summary="",
    sources=("https://example.com/",),
    fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u2", "13": "1:2.4.1+dfsg1-6+deb13u4"},
    vulnerable={"11": "1:2.3.13+dfsg1-2+deb11u2"},
    upstream=("2.3.21.1", "2.4.3"),
)


@pytest.mark.parametrize(
    ("release", "installed", "state", "fixed_in"),
    [
        ("13", "1:2.4.1+dfsg1-6+deb13u3", "open", "1:2.4.1+dfsg1-6+deb13u4"),
        ("13", "1:2.4.1+dfsg1-6+deb13u4", "fixed", "1:2.4.1+dfsg1-6+deb13u4"),
        ("13", "1:2.4.1+dfsg1-6+deb13u10", "fixed", "1:2.4.1+dfsg1-6+deb13u4"),
        ("13", "1:2.3.19.1+dfsg1-2.1+deb12u9", "open", "1:2.4.1+dfsg1-6+deb13u4"),
        ("12", "1:2.3.19.1+dfsg1-2.1+deb12u1", "open", "1:2.3.19.1+dfsg1-2.1+deb12u2"),
        # A backport of a later line: newer than the fixed version, and yet it need not be mended.
        ("12", "1:2.4.1+dfsg1-6~bpo12+1", "unknown", ""),
        ("12", "1:2.4.3+dfsg1-1~bpo12+1", "fixed", "2.4.3"),
        # The authors' own packages have another epoch.
        ("12", "2:2.3.21-1+debian12", "unknown", ""),
        ("12", "2:2.3.21.1-1+debian12", "fixed", "2.3.21.1"),
        ("12", "2:2.4.2-1+debian12", "unknown", ""),
        ("12", "2:2.4.3-4+debian12", "fixed", "2.4.3"),
        ("12", "2:2.5.0-1+debian12", "fixed", "2.4.3"),
        ("11", "1:2.3.13+dfsg1-2+deb11u1", "open", ""),
        ("11", "1:2.3.13+dfsg1-2+deb11u3", "unknown", ""),
        ("14", "1:2.4.3+dfsg1-1", "fixed", "2.4.3"),
        ("14", "1:2.4.3~rc1+dfsg1-1", "unknown", ""),
        ("", "1:2.3.21+dfsg1-2ubuntu6", "unknown", ""),
    ],
)
def test_judge(release: str, installed: str, state: str, fixed_in: str) -> None:
    verdict = judge.judge(ROW, installed, release)
    assert (verdict.state, verdict.fixed_in) == (state, fixed_in)
    assert bool(verdict.why) == (state != "fixed")


@pytest.mark.parametrize(
    ("release", "package", "installed", "states"),
    [
        # The first version of each release, and the last one whose changelog was read.
        ("12", "dovecot", "1:2.3.19.1+dfsg1-2.1", {"CVE-2024-23185": "open", "CVE-2022-30550": "fixed"}),
        ("12", "dovecot", "1:2.3.19.1+dfsg1-2.1+deb12u4", {"CVE-2026-27855": "open", "CVE-2026-27859": "fixed"}),
        ("12", "dovecot", "1:2.3.19.1+dfsg1-2.1+deb12u7", {"CVE-2026-42007": "fixed", "CVE-2026-42392": "unknown"}),
        ("13", "dovecot", "1:2.4.1+dfsg1-6", {"CVE-2026-42007": "open", "CVE-2026-0394": "fixed"}),
        ("13", "dovecot", "1:2.4.1+dfsg1-6+deb13u7", {"CVE-2026-42007": "fixed", "CVE-2024-23184": "fixed"}),
        ("11", "dovecot", "1:2.3.13+dfsg1-2+deb11u1", {"CVE-2026-42007": "open", "CVE-2026-52681": "unknown"}),
        ("11", "dovecot", "1:2.3.13+dfsg1-2", {"CVE-2021-33515": "fixed", "CVE-2022-30550": "open"}),
        ("11", "dovecot", "1:2.3.13+dfsg1-1", {"CVE-2021-33515": "open", "CVE-2020-24386": "fixed"}),
        ("9", "dovecot", "1:2.2.27-3", {"CVE-2019-11500": "unknown"}),
        ("", "dovecot", "2.2.36.4", {"CVE-2019-11500": "fixed"}),
        ("", "dovecot", "2.3.7.1", {"CVE-2019-11500": "unknown"}),
        ("13", "postfix", "3.10.5-1~deb13u1", {"CVE-2026-43964": "open", "CVE-2023-51764": "fixed"}),
        ("12", "postfix", "3.7.11-0+deb12u1", {"CVE-2026-43964": "open", "postfix-3.11.6": "unknown"}),
        ("12", "postfix", "3.7.6-0+deb12u2", {"CVE-2023-51764": "open"}),
        ("12", "fail2ban", "1.0.2-2", {"CVE-2021-32749": "fixed"}),
        ("11", "fail2ban", "0.11.2-2", {"CVE-2021-32749": "unknown"}),
        ("13", "rspamd", "3.12.1-1", {"rspamd-4.1.0": "unknown"}),
    ],
)
def test_known_advisories(release: str, package: str, installed: str, states: dict[str, str]) -> None:
    found = {row.id: judge.judge(row, installed, release).state for row in known.ADVISORIES if row.package == package}
    assert {name: found[name] for name in states} == states


def test_findings() -> None:
    other = ROW._replace(id="CVE-2030-2", severity="low", packages=("dovecot-sieve",))
    absent = ROW._replace(id="CVE-2030-3", packages=("dovecot-ldap",))
    unknown = ROW._replace(id="CVE-2030-4", severity="critical", fixed={}, upstream=())
    here = Installed("dovecot", "1:2.4.1+dfsg1-6", ("dovecot-core", "dovecot-sieve"), "1:2.4.1+dfsg1-6+deb13u4")
    found = judge.findings([unknown, other, absent, ROW, ROW._replace(package="exim4")], [here], "13")
    assert [row["id"] for row in found] == ["CVE-2030-1", "CVE-2030-2", "CVE-2030-4"]
    assert [row["state"] for row in found] == ["open", "open", "unknown"]
    assert [row["offered"] for row in found] == [True, True, False]
    after = judge.findings([ROW], [judge.as_offered(here)], "13")
    assert (after[0]["state"], after[0]["installed"]) == ("fixed", "1:2.4.1+dfsg1-6+deb13u4")
    assert judge.as_offered(here._replace(candidate="")).version == here.version


def told(installed: Installed, *rows: Advisory, release: str = "13") -> tuple[list[dict[str, Any]], list[str]]:
    found = judge.findings(rows, [installed], release)
    return found, report.faults([installed], found) + report.notices([installed], found, release)


OLD = Installed("dovecot", "1:2.4.1+dfsg1-6", ("dovecot-core", "dovecot-imapd"), "1:2.4.1+dfsg1-6+deb13u4")


def test_what_is_offered_is_named() -> None:
    found, said = told(OLD, ROW)
    assert said == [
        (
            "dovecot 1:2.4.1+dfsg1-6: 1 open; high: CVE-2030-1. "
            "Run apt-get install --only-upgrade dovecot-core dovecot-imapd to get 1:2.4.1+dfsg1-6+deb13u4."
        )
    ]
    assert report.table([OLD], found, "2026-11-22")[0] == "dovecot 1:2.4.1+dfsg1-6: 1 open (1 high)"
    assert "apt offers" in report.table([OLD], found, "2026-11-22", offered=True)[0]
    assert report.counts(found) == {"open": 1, "unknown": 0, "ignored": 0, "fixed": 0}


def test_what_is_ignored_is_counted() -> None:
    rows = [ROW, ROW._replace(id="CVE-2030-2", fixed={"13": "1:2.4.1+dfsg1-6"})]
    found = judge.findings(rows, [OLD], "13", ["CVE-2030-1", "CVE-2030-2"])
    assert [(row["state"], row["offered"]) for row in found] == [("ignored", False), ("fixed", False)]
    assert report.faults([OLD], found) == []
    assert report.table([OLD], found, "2026-11-22")[0] == "dovecot 1:2.4.1+dfsg1-6: 1 ignored"


@pytest.mark.parametrize("candidate", ["", "1:2.4.1+dfsg1-6", "1:2.4.1+dfsg1-6+deb13u3"])
def test_what_is_not_offered_needs_the_lists(candidate: str) -> None:
    said = told(OLD._replace(candidate=candidate), ROW)[1]
    assert len(said) == 1
    assert "1:2.4.1+dfsg1-6+deb13u4 or later is needed, which apt does not offer here. Run apt-get update" in said[0]


def test_what_nothing_mends() -> None:
    here = Installed("dovecot", "1:2.3.13+dfsg1-2+deb11u1", ("dovecot-core",))
    assert told(here, ROW, release="11")[1][0].endswith("a newer release of Debian may have one.")
    assert told(here, ROW._replace(mend="Do that."), release="11")[1][0].endswith("CVE-2030-1: Do that.")


def test_unknown_is_told_and_no_answer_for_safe() -> None:
    here = OLD._replace(version="2:2.4.2-1", candidate="")
    found, said = told(here, ROW)
    assert said[0].startswith("dovecot 2:2.4.2-1: whether it has CVE-2030-1 is not known here. Look at https://")
    assert report.table([here], found, "2026-11-22")[0] == "dovecot 2:2.4.2-1: 1 unknown"


def test_other_notices() -> None:
    mended = OLD._replace(version="1:2.4.1+dfsg1-6+deb13u4", candidate="1:2.4.1+dfsg1-6+deb13u5")
    assert told(mended, ROW._replace(mend="Do that."))[1] == [
        "dovecot 1:2.4.1+dfsg1-6+deb13u4: apt offers 1:2.4.1+dfsg1-6+deb13u5.",
        "CVE-2030-1: Do that.",
    ]
    assert "no release of Debian with a number" in told(mended._replace(candidate=""), release="")[1][0]


def test_a_host_with_nothing() -> None:
    lines = report.table([], [], "2026-11-22")
    assert lines[0] == "None of the packages that are looked at is installed here."
    assert "2026-11-22, not all that there are" in lines[1]
    assert report.faults([], []) == []


def test_no_line_says_safe() -> None:
    here = Installed("dovecot", "1:2.4.9-1", ("dovecot-core",))
    found, said = told(here, ROW)
    lines = [*said, *report.table([here, here._replace(name="fail2ban")], found, "2026-11-22")]
    assert lines[:2] == [
        "dovecot 1:2.4.9-1: none open of 1 known here",
        "fail2ban 1:2.4.9-1: no advisory known here",
    ]
    assert "safe" not in " ".join(lines)
    assert "secure" not in " ".join(lines)


def test_warnings() -> None:
    own = [ROW, ROW._replace(id="CVE-2030-2", package="dovecot-core")]
    assert report.warnings(own, own, ["CVE-2030-1", "CVE-2030-7"], {"dovecot"}) == [
        "ignore: no advisory that is known here is called 'CVE-2030-7'.",
        "advisories: nothing of the source package 'dovecot-core' is installed here, which CVE-2030-2 is about.",
    ]
