# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What certbot 1.12 (Debian 11), 2.1 (12) and 4.0 (13) printed when they could not issue a certificate."""

from __future__ import annotations

import pathlib
import re

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import complaints

from .test_renewal import FIXTURES, SERVER

VERSIONS = ("1.12", "2.1", "4.0")


def sections(path: pathlib.Path) -> dict[str, str]:
    """Outputs by what was wrong."""
    found = re.findall(r"^=== (\w+)\n((?:(?!=== ).*\n)*)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


OUTPUTS = {version: sections(FIXTURES / version / "failures.txt") for version in VERSIONS}
# As authorities and certbot say it; a server for tests does not.
OTHER = sections(FIXTURES / "other.txt")
DNS, ALL, LATER = "TXT record of _acme-challenge", "hopeless", "later"

# What was printed, the method, what must be said of it (one expression for each sentence), and for whom else it counts.
CASES: list[tuple[str, str, list[str], set[str]]] = [
    ("nxdomain", "standalone", [r"gone\.acme\.test: .*could not resolve", r"nowhere\.acme\.test: .*A and AAAA"], set()),
    (
        "unauthorized",
        "webroot",
        [r"a\.mx\.acme\.test: .*returned 404\. The web server", r"nowhere\.acme\.test: .*A and AAAA"],
        set(),
    ),
    (
        "refused",
        "standalone",
        [r"a\.mx\.acme\.test: .*connection refused\. .*port 80 must be open", r"d\.mx\.acme\.test: "],
        set(),
    ),
    ("inuse", "standalone", [r"main: port 80 is in use on this host\. .*webroot"], {ALL}),
    ("badhook", "hook", [rf"a\.mx\.acme\.test: No TXT records found for DNS challenge\. .*{DNS}"], set()),
    ("badhook2", "hook", [rf"No TXT records found .*The hook said: no such zone\. .*{DNS}"], set()),
    ("rfcbadkey", "rfc2136", [r"rfc2136: the name server refuses the key: The peer didn't like the signature"], {ALL}),
    ("rfcbadname", "rfc2136", [r"rfc2136: the name server refuses the key: The peer didn't know the key"], {ALL}),
    ("rfcbadport", "rfc2136", [r"rfc2136: the name server does not answer: The DNS operation timed out"], {ALL}),
    ("rfczone", "rfc2136", [r"main: the name server of rfc2136 has no zone for _acme-challenge\.other\.test"], set()),
    ("down", "standalone", [rf"{SERVER}: it cannot be reached\. "], {ALL}),
    ("notacme", "standalone", [rf"{SERVER}: it is not the directory of an ACME server\. "], {ALL}),
    ("noname", "standalone", [rf"{SERVER}: its name cannot be resolved on this host\. "], {ALL}),
    ("untrusted", "standalone", [rf"{SERVER}: its certificate is not of an authority .*update-ca-certificates"], {ALL}),
    ("staging", "standalone", [r"main: the server is one for tests.*certbot delete --cert-name main\."], set()),
    ("plugin", "rfc2136", [r"certbot: its plugin for dynamic updates is not installed\. .*certbot-dns-rfc2136"], {ALL}),
    ("another", "standalone", [r"certbot: is running already"], {ALL, LATER}),
]


OTHER_CASES: list[tuple[str, str, set[str]]] = [
    ("rate", r"too many requests: Error creating new order :: too many certificates \(5\)", set()),
    ("nonce", "bad nonce", {LATER}),
    ("email", r"it gives no account: .*invalid email address\. Correct the email", {ALL}),
    ("eab", "it gives no account: .*certbot register", {ALL}),
    ("account", "does not know the account that this host has with it", {ALL}),
    ("options", "its plugin for dynamic updates is not installed", {ALL}),
    ("suffix", r"main: The server will not issue certificates .*public suffix \(TLD\)\. .*letsencrypt\.log", set()),
    ("caa", r"a\.test: CAA record for a\.test prevents issuance\. The CAA record of the name must allow", set()),
    ("new", r"a\.test: something new\. .*letsencrypt\.log has more", set()),
    ("silent", r"main: certbot failed\. .*letsencrypt\.log has more", set()),
    ("nothing", "main: certbot failed", set()),
]


def flags_of(complaint: complaints.Complaint) -> set[str]:
    return {flag for flag in (ALL, LATER) if getattr(complaint, flag)}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_output_has_a_case(version: str) -> None:
    assert set(OUTPUTS[version]) == {case for case, *_more in CASES}
    assert set(OTHER) == {case for case, *_more in OTHER_CASES}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("case", "method", "says", "flags"), CASES, ids=[case for case, *_more in CASES])
def test_what_is_said(version: str, case: str, method: str, says: list[str], flags: set[str]) -> None:
    complaint = complaints.read(OUTPUTS[version][case], name="main", method=method, server=SERVER)
    assert len(complaint.sentences) == len(says)
    for sentence, pattern in zip(sorted(complaint.sentences), says):
        assert re.search(pattern, sentence)
        assert not re.search(r"\n|  ", sentence)
    assert flags_of(complaint) == flags


@pytest.mark.parametrize(("case", "says", "flags"), OTHER_CASES, ids=[case for case, *_more in OTHER_CASES])
def test_what_else_is_said(case: str, says: str, flags: set[str]) -> None:
    complaint = complaints.read(OTHER[case], name="main", method="standalone", server=SERVER)
    assert len(complaint.sentences) == 1
    assert re.search(says, complaint.sentences[0])
    assert flags_of(complaint) == flags
