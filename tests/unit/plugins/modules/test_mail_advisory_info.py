# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison with known advisories, from what dpkg, apt and /etc/os-release print to what is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mailops.mailserver.plugins.module_utils._advisory import look, release
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.modules import mail_advisory_info

Run = Callable[..., "dict[str, Any]"]

# As Debian 12 prints it: a package that was removed, one that was rebuilt, and one whose version is not its source's.
LISTED = """\
config-files\texim4\t4.96-15+deb12u6\texim4-base
installed\tcourier\t1.0.16-3\tcourier-imap
installed\tcourier\t1.0.16-3\tcourier-pop
installed\tdovecot\t1:2.3.19.1+dfsg1-2.1+deb12u6\tdovecot-core
half-configured\tdovecot\t1:2.3.19.1+dfsg1-2.1+deb12u5\tdovecot-imapd
not-installed\tpostfix\t\tpostfix
installed\tzlib\t1:1.2.13.dfsg-1\tzlib1g
"""
POLICY = """\
courier-imap:
  Installed: 5.0.13+1.0.16-3+b6
  Candidate: 5.0.13+1.0.16-3+b6
  Version table:
 *** 5.0.13+1.0.16-3+b6 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
courier-pop:
  Installed: 1.0.16-3+b6
  Candidate: 1.0.16-4+b1
dovecot-core:
  Installed: 1:2.3.19.1+dfsg1-2.1+deb12u6
  Candidate: 1:2.3.19.1+dfsg1-2.1+deb12u7
dovecot-imapd:
  Installed: 1:2.3.19.1+dfsg1-2.1+deb12u5
  Candidate: 1:2.3.19.1+dfsg1-2.1+deb12u7
dovecot-ldap:
  Installed: (none)
  Candidate: (none)
"""
NAMES = ("courier", "dovecot", "postfix")


def test_packages() -> None:
    courier, dovecot = release.sources(LISTED, NAMES)
    assert courier == ("courier", "1.0.16-3", ("courier-imap", "courier-pop"), "")
    assert dovecot.version == "1:2.3.19.1+dfsg1-2.1+deb12u5"
    candidates = release.candidates(POLICY)
    assert candidates["dovecot-ldap"] == ("", "")
    assert release.with_candidate(courier, candidates).candidate == "1.0.16-4"
    assert release.with_candidate(dovecot, candidates).candidate == "1:2.3.19.1+dfsg1-2.1+deb12u7"
    assert release.with_candidate(dovecot, {}).candidate == ""
    assert release.sources("", NAMES) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n', "12"),
        ("ID=debian\nVERSION_CODENAME=forky\n", ""),
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n', ""),
        ("", ""),
    ],
)
def test_release(text: str, expected: str) -> None:
    assert release.debian(text) == expected


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The module on a host that has no packages of Debian."""
    monkeypatch.setattr(commands, "find", lambda _name: None)
    monkeypatch.setattr(AnsibleModule, "_log_to_syslog", lambda _self, _message: None)
    warned: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _self, message: warned.append(message))

    def _run(**options: Any) -> dict[str, Any]:
        warned.clear()
        with patch_module_args(options), pytest.raises(SystemExit):
            mail_advisory_info.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return {**result, "warned": [*warned]}

    return _run


@pytest.fixture
def bookworm(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The module on a host that prints what stands above."""
    printed = {"dpkg-query": LISTED, "apt-cache": POLICY}
    monkeypatch.setattr(commands, "find", lambda name: name if name in printed else None)
    monkeypatch.setattr(commands, "run", lambda argv: commands.Result(0, printed[argv[0]], ""))
    monkeypatch.setattr(look, "system", lambda: "12")
    return run


def state(result: dict[str, Any], name: str) -> str:
    found: str = next(row["state"] for row in result["findings"] if row["id"] == name)
    return found


def test_what_is_found(bookworm: Run) -> None:
    result = bookworm(severities=["critical", "high"])
    assert not result["changed"]
    assert [package["name"] for package in result["packages"]] == ["courier", "dovecot"]
    assert [state(result, name) for name in ("CVE-2026-33603", "CVE-2026-27858", "CVE-2021-38084")] == [
        "open",
        "fixed",
        "open",
    ]
    assert len(result["faults"]) == 1
    assert result["faults"][0].startswith(
        "dovecot 1:2.3.19.1+dfsg1-2.1+deb12u5: 6 open; critical: CVE-2026-42007; high"
    )
    assert "medium" not in result["faults"][0]
    assert bookworm(_ansible_check_mode=True) == bookworm()


def test_what_is_offered(bookworm: Run) -> None:
    result = bookworm(of="offered")
    assert state(result, "CVE-2026-42007") == "fixed"
    assert state(result, "CVE-2021-38084") == "unknown"
    assert result["faults"] == []
    assert "apt offers" in result["table"][0]


def test_what_is_ignored(bookworm: Run) -> None:
    result = bookworm(ignore=["CVE-2021-38084", "CVE-2026-27858", "cve-2026-1"])
    assert [row["id"] for row in result["findings"] if row["state"] == "ignored"] == ["CVE-2021-38084"]
    assert not any("CVE-2021-38084" in text for text in result["faults"] + result["notices"])
    assert result["warned"] == ["ignore: no advisory that is known here is called 'cve-2026-1'."]


def test_advisories_of_an_administrator(bookworm: Run) -> None:
    own = {"package": "zlib", "fixed": {"12": "1:1.2.13.dfsg-2"}, "severity": "low"}
    instead = {"id": "CVE-2026-42007", "package": "dovecot", "fixed": {"12": "1:2.3.19.1+dfsg1-1"}}
    result = bookworm(advisories=[{**own, "id": "own-1"}, instead])
    assert [state(result, name) for name in ("own-1", "CVE-2026-42007")] == ["open", "fixed"]
    absent = bookworm(advisories=[{**own, "id": "own-1", "package": "exim4"}])
    assert "nothing of the source package 'exim4' is installed here" in absent["warned"][0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"severities": ["hihg"]}, "value of severities must be one or more of: critical, high, medium, low, unrated"),
        ({"of": "newest"}, "value of of must be one of: installed, offered"),
        ({"advisories": [{"id": "x", "package": "dovecot"}]}, "advisories[0]: no version is given"),
        ({"advisories": [{"id": "x", "package": "dovecot", "upstream": [3.1]}]}, "Put the version into quotes"),
        ({"advisories": [{"id": "x", "upstream": ["3.1"]}]}, "missing required arguments: package"),
    ],
)
def test_bad_words(bookworm: Run, options: dict[str, Any], words: str) -> None:
    result = bookworm(**options)
    assert result["failed"]
    assert words in result["msg"]


def test_a_host_without_dpkg(run: Run) -> None:
    result = run()
    assert result["failed"]
    assert result["msg"].startswith("dpkg-query: is not there, so nothing is known of the versions on this host.")


def test_dpkg_that_fails(bookworm: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        commands, "run", lambda argv: commands.Result(2, "", "cannot open status: Input/output error\n")
    )
    assert bookworm()["msg"] == (
        "dpkg-query: cannot open status: Input/output error. See whether 'dpkg --audit' complains."
    )
