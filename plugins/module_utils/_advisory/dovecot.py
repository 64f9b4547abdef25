# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The advisories of Dovecot and Pigeonhole that are known here; see C(known)."""

from __future__ import annotations

from typing import NamedTuple

from .judge import Advisory

_CHANGELOGS = "https://metadata.ftp-master.debian.org/changelogs/main/d/dovecot"
_DEBIAN_11 = f"{_CHANGELOGS}/dovecot_2.3.13+dfsg1-2+deb11u1_changelog"
_DEBIAN_12 = f"{_CHANGELOGS}/dovecot_2.3.19.1+dfsg1-2.1+deb12u7_changelog"
_DEBIAN_13 = f"{_CHANGELOGS}/dovecot_2.4.1+dfsg1-6+deb13u7_changelog"
_RATED_2024 = "https://www.wiz.io/vulnerability-database/cve/cve-2024-23184"


class _Defect(NamedTuple):
    """One of several defects that the same versions mend."""

    id: str
    summary: str
    severity: str = "unrated"
    source: str = ""


def _lot(defects: list[_Defect], sources: tuple[str, ...], fixed: dict[str, str], upstream: str) -> list[Advisory]:
    return [
        Advisory(
            id=defect.id,
            package="dovecot",
            severity=defect.severity,
            summary=defect.summary,
            sources=sources + ((defect.source,) if defect.source else ()),
            fixed=fixed,
            upstream=(upstream,),
        )
        for defect in defects
    ]


_OF_2026_09 = _lot(
    [
        _Defect("CVE-2026-27852", "a message with a bad header is a denial of service"),
        _Defect("CVE-2026-33263", "submission-login crashes at mail_max_userip_connections"),
        _Defect("CVE-2026-33604", "SMTP smuggling by a dot after a bare carriage return"),
        _Defect("CVE-2026-33605", "managesieve-login crashes before a login"),
        _Defect("CVE-2026-33606", "a message can inject commands into dsync"),
        _Defect("CVE-2026-33607", "IMAP LIST with many wildcards takes all of a processor"),
        _Defect("CVE-2026-40013", "buffer underflow in ManageSieve's CHECKSCRIPT and PUTSCRIPT"),
        _Defect("CVE-2026-40014", "IMAP THREAD=REFERENCES takes all of a processor"),
        _Defect("CVE-2026-40015", "imap-hibernate can be crashed"),
        _Defect("CVE-2026-40017", "IMAP THREAD takes all of a processor by chosen hash values"),
        _Defect("CVE-2026-40018", "SQL injection with characters of several bytes"),
        _Defect("CVE-2026-40203", "IMAP COMPRESS tells whether a mail holds a chosen text"),
        _Defect("CVE-2026-40204", "lda_mailbox_autocreate gets around access lists"),
        _Defect("CVE-2026-40205", "the scopes of OAuth2 tokens are not enforced"),
        _Defect("CVE-2026-42007", "Sieve scripts with editheader can run code"),
        _Defect("CVE-2026-42008", "a trusted proxy's XCLIENT FORWARD can inject nopassword"),
        _Defect("CVE-2026-42391", "memory grows with the IMAP command ID before a login"),
        _Defect("CVE-2026-42393", "the length of doveadm_password leaks by timing"),
        _Defect("CVE-2026-42394", "Sieve follows links and shows files of others"),
        _Defect("CVE-2026-42395", "XCLIENT FORWARD with a NUL byte crashes login processes"),
        _Defect("CVE-2026-52681", "limits of Sieve's processor time are lost when scripts change"),
        _Defect("CVE-2026-52687", "IMAP COMPRESS is a denial of service"),
        _Defect("CVE-2026-73208", "the claim aud of OAuth2 tokens is taken for a scope"),
        _Defect("CVE-2026-73209", "imap-login crashes while it decompresses"),
    ],
    (_DEBIAN_12, _DEBIAN_13),
    {"12": "1:2.3.19.1+dfsg1-2.1+deb12u7", "13": "1:2.4.1+dfsg1-6+deb13u7"},
    "2.4.5",
)
_OF_2026_05 = _lot(
    [
        _Defect("CVE-2026-33603", "SASL data with tabs reaches the authentication server"),
        _Defect(
            "CVE-2026-40016",
            "Sieve scripts exceed their processor time",
            "medium",
            "https://cve.report/api/cve/CVE-2026-40016.json",
        ),
        _Defect(
            "CVE-2026-40020",
            "folders can be shared with everyone where that is not allowed",
            "low",
            "https://patchsiren.com/cves/open-xchange-gmbh/cve-2026-40020",
        ),
        _Defect(
            "CVE-2026-42006",
            "imap-login takes much memory before a login",
            "medium",
            "https://patchsiren.com/cves/open-xchange-gmbh/cve-2026-42006",
        ),
    ],
    (_DEBIAN_12, _DEBIAN_13, "https://releaseport.com/r/dovecot-core/2-4-4"),
    {"12": "1:2.3.19.1+dfsg1-2.1+deb12u6", "13": "1:2.4.1+dfsg1-6+deb13u6"},
    "2.4.4",
)
_OF_2026_03 = _lot(
    [
        _Defect("CVE-2025-59031", "the script decode2text is unsafe"),
        _Defect("CVE-2025-59032", "ManageSieve AUTHENTICATE crashes the login process"),
        _Defect(
            "CVE-2026-27855",
            "logins by OTP can be repeated",
            "medium",
            "https://nextguardhq.com/en/vulnerabilities/7b0dfc61-2d40-11f1-a4d5-02420afe0d42",
        ),
        _Defect(
            "CVE-2026-27856",
            "doveadm's password leaks by timing",
            "high",
            "https://www.cvelogic.com/cve/CVE-2026-27856",
        ),
        _Defect(
            "CVE-2026-27857",
            "imap-login takes much memory for many parentheses",
            "medium",
            "https://cve-explore.com/cve/CVE-2026-27857",
        ),
        _Defect(
            "CVE-2026-27858",
            "managesieve-login takes much memory before a login",
            "high",
            "https://access.redhat.com/hydra/rest/securitydata/cve/CVE-2026-27858.json",
        ),
    ],
    (_DEBIAN_12, _DEBIAN_13, "https://security-tracker.debian.org/CVE-2026-27859"),
    {"12": "1:2.3.19.1+dfsg1-2.1+deb12u2", "13": "1:2.4.1+dfsg1-6+deb13u4"},
    "2.4.3",
)
_OF_2_4 = [
    Advisory(
        "CVE-2026-42392",
        "dovecot",
        "unrated",
        "imap-urlauth shows memory in error messages",
        (_DEBIAN_13,),
        fixed={"13": "1:2.4.1+dfsg1-6+deb13u7"},
        upstream=("2.4.5",),
    ),
    Advisory(
        "CVE-2026-27851",
        "dovecot",
        "high",
        "the filter safe makes all that follows it safe, which lets SQL and LDAP be injected",
        (_DEBIAN_13, "https://patchsiren.com/cves/open-xchange-gmbh/cve-2026-27851"),
        fixed={"13": "1:2.4.1+dfsg1-6+deb13u6"},
        upstream=("2.4.4",),
    ),
    *_lot(
        [
            _Defect(
                "CVE-2025-59028",
                "invalid SASL data ends the logins of others",
                "medium",
                "https://security-resilience.ai/cve/CVE-2025-59028.html",
            ),
            _Defect(
                "CVE-2026-24031",
                "SQL injection at logins where auth_username_chars was emptied",
                "high",
                "https://www.cvelogic.com/cve/CVE-2026-24031",
            ),
            _Defect(
                "CVE-2026-27860",
                "LDAP injection at logins where auth_username_chars was emptied",
                "low",
                "https://www.cvelogic.com/cve/CVE-2026-27860",
            ),
        ],
        (_DEBIAN_13, "https://security-tracker.debian.org/CVE-2026-27859"),
        {"13": "1:2.4.1+dfsg1-6+deb13u4"},
        "2.4.3",
    ),
    Advisory(
        "CVE-2025-30189",
        "dovecot",
        "unrated",
        "with a login cache, users can be logged in as somebody else",
        (_DEBIAN_13, "https://www.sentinelone.com/vulnerability-database/cve-2025-30189/"),
        fixed={"13": "1:2.4.1+dfsg1-6+deb13u1"},
        upstream=("2.4.2",),
    ),
]
_SINGLE = [
    Advisory(
        "CVE-2026-27859",
        "dovecot",
        "medium",
        "a message with many MIME parameters takes all of a processor",
        ("https://security-tracker.debian.org/CVE-2026-27859", "https://www.cvelogic.com/cve/CVE-2026-27859"),
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u2", "13": "1:2.4.1+dfsg1-6+deb13u4"},
        upstream=("2.4.3",),
        vulnerable={"11": "1:2.3.13+dfsg1-2+deb11u2"},
    ),
    Advisory(
        "CVE-2026-0394",
        "dovecot",
        "medium",
        "other files can be read as password files where each domain has one",
        (_DEBIAN_12, "https://cyber.phasetransitions.ai/cve/CVE-2026-0394/"),
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u2"},
    ),
    Advisory(
        "CVE-2024-23184",
        "dovecot",
        "medium",
        "a message with many addresses takes all of a processor",
        (
            _DEBIAN_12,
            "https://vulert.com/vuln-db/debian-11-dovecot-169049",
            _RATED_2024,
        ),
        fixed={"11": "1:2.3.13+dfsg1-2+deb11u2", "12": "1:2.3.19.1+dfsg1-2.1+deb12u1"},
        upstream=("2.3.21.1",),
    ),
    Advisory(
        "CVE-2024-23185",
        "dovecot",
        "high",
        "very large headers take much memory",
        (_DEBIAN_12, _DEBIAN_13, _RATED_2024),
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u1"},
        upstream=("2.3.21.1",),
    ),
    Advisory(
        "CVE-2022-30550",
        "dovecot",
        "high",
        "with two password databases, rights of one can be had by the other",
        (_DEBIAN_11, _DEBIAN_12, _RATED_2024),
        fixed={
            "11": "1:2.3.13+dfsg1-2+deb11u1",
            "12": "1:2.3.19.1+dfsg1-2",
            "13": "1:2.3.19.1+dfsg1-2",
        },
    ),
    Advisory(
        "CVE-2021-33515",
        "dovecot",
        "unrated",
        "commands can be injected before STARTTLS of the submission service",
        (_DEBIAN_11,),
        fixed={"11": "1:2.3.13+dfsg1-2", "12": "1:2.3.13+dfsg1-2", "13": "1:2.3.13+dfsg1-2"},
    ),
    Advisory(
        "CVE-2021-29157",
        "dovecot",
        "unrated",
        "local users can have OAuth2 tokens judged by a key of theirs",
        (_DEBIAN_11,),
        fixed={"11": "1:2.3.13+dfsg1-2", "12": "1:2.3.13+dfsg1-2", "13": "1:2.3.13+dfsg1-2"},
    ),
    Advisory(
        "CVE-2020-24386",
        "dovecot",
        "unrated",
        "with IMAP hibernation, mail of others can be read",
        (_DEBIAN_11,),
        upstream=("2.3.13",),
    ),
    Advisory(
        "CVE-2019-11500",
        "dovecot",
        "unrated",
        "quoted strings with a NUL byte write beyond a buffer, in IMAP and ManageSieve, before a login too",
        (_DEBIAN_11, "notice of a hosting company to its customers, 2019-10-01"),
        upstream=("2.2.36.4", "2.3.7.2"),
    ),
]
ADVISORIES = (*_OF_2026_09, *_OF_2026_05, *_OF_2026_03, *_OF_2_4, *_SINGLE)
