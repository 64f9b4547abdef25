# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The advisories of Dovecot and Pigeonhole that are known here; see C(known)."""

from __future__ import annotations

from .advisory import lot

_CHANGELOGS = "https://metadata.ftp-master.debian.org/changelogs/main/d/dovecot"
_DEBIAN_11 = f"{_CHANGELOGS}/dovecot_2.3.13+dfsg1-2+deb11u1_changelog"
_DEBIAN_12 = f"{_CHANGELOGS}/dovecot_2.3.19.1+dfsg1-2.1+deb12u7_changelog"
_DEBIAN_13 = f"{_CHANGELOGS}/dovecot_2.4.1+dfsg1-6+deb13u7_changelog"
# Older than 2026 (see the page on CVE-2026-27859), so it has what was found in 2.3.13 since then.
_LAST_OF_11 = "1:2.3.13+dfsg1-2+deb11u2"

ADVISORIES = (
    *lot(
        "dovecot",
        [
            ("CVE-2026-27852", "high", "a message with very many addresses takes much memory when it is read"),
            ("CVE-2026-33263", "medium", "submission-login crashes at mail_max_userip_connections"),
            ("CVE-2026-33604", "medium", "SMTP smuggling by a dot after a bare carriage return"),
            ("CVE-2026-33605", "high", "managesieve-login crashes before a login"),
            ("CVE-2026-33606", "medium", "a message can inject commands into dsync"),
            ("CVE-2026-33607", "medium", "IMAP LIST with many wildcards takes all of a processor"),
            ("CVE-2026-40013", "medium", "buffer underflow in ManageSieve's CHECKSCRIPT and PUTSCRIPT"),
            ("CVE-2026-40014", "medium", "IMAP THREAD=REFERENCES takes all of a processor"),
            ("CVE-2026-40015", "medium", "imap-hibernate can be crashed"),
            ("CVE-2026-40017", "medium", "IMAP THREAD takes all of a processor by chosen hash values"),
            ("CVE-2026-40018", "high", "SQL injection with characters of several bytes"),
            ("CVE-2026-40203", "low", "IMAP COMPRESS tells whether a mail holds a chosen text"),
            ("CVE-2026-40204", "low", "lda_mailbox_autocreate gets around access lists"),
            ("CVE-2026-40205", "medium", "the scopes of OAuth2 tokens are not enforced"),
            ("CVE-2026-42007", "critical", "Sieve scripts with editheader can run code"),
            ("CVE-2026-42008", "medium", "a trusted proxy's XCLIENT FORWARD can inject nopassword"),
            ("CVE-2026-42391", "high", "memory grows with the IMAP command ID before a login"),
            ("CVE-2026-42393", "low", "the length of doveadm_password leaks by timing"),
            ("CVE-2026-42395", "medium", "XCLIENT FORWARD with a NUL byte crashes login processes"),
            ("CVE-2026-52687", "medium", "IMAP COMPRESS is a denial of service"),
            ("CVE-2026-73208", "high", "the claim aud of OAuth2 tokens is taken for a scope"),
            ("CVE-2026-73209", "medium", "an IMAP process crashes while it decompresses"),
        ],
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u7", "13": "1:2.4.1+dfsg1-6+deb13u7"},
        vulnerable={"11": _LAST_OF_11},
        upstream=("2.4.5",),
        sources=(_DEBIAN_12, _DEBIAN_13),
    ),
    *lot(
        "dovecot",
        [
            ("CVE-2026-42394", "unrated", "Sieve follows links and shows files of others"),
            ("CVE-2026-52681", "low", "limits of Sieve's processor time are lost when scripts change"),
        ],
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u7", "13": "1:2.4.1+dfsg1-6+deb13u7"},
        upstream=("2.4.5",),
        sources=(_DEBIAN_12, _DEBIAN_13),
    ),
    *lot(
        "dovecot",
        [("CVE-2026-42392", "medium", "imap-urlauth shows memory in error messages")],
        fixed={"13": "1:2.4.1+dfsg1-6+deb13u7"},
        upstream=("2.4.5",),
        sources=(_DEBIAN_13,),
    ),
    *lot(
        "dovecot",
        [
            ("CVE-2026-33603", "medium", "SASL data with tabs reaches the authentication server"),
            ("CVE-2026-40016", "medium", "Sieve scripts exceed their processor time"),
            ("CVE-2026-40020", "low", "folders can be shared with everyone where that is not allowed"),
            ("CVE-2026-42006", "medium", "imap-login takes much memory for many opening parentheses"),
        ],
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u6", "13": "1:2.4.1+dfsg1-6+deb13u6"},
        upstream=("2.4.4",),
        sources=(_DEBIAN_12, _DEBIAN_13, "https://releaseport.com/r/dovecot-core/2-4-4"),
    ),
    *lot(
        "dovecot",
        [("CVE-2026-27851", "high", "what follows the filter safe is safe too, which lets SQL and LDAP be injected")],
        fixed={"13": "1:2.4.1+dfsg1-6+deb13u6"},
        upstream=("2.4.4",),
        sources=(_DEBIAN_13,),
    ),
    *lot(
        "dovecot",
        [
            ("CVE-2025-59031", "medium", "the script decode2text is unsafe"),
            ("CVE-2025-59032", "high", "ManageSieve AUTHENTICATE crashes the login process"),
            ("CVE-2026-27856", "high", "doveadm's password leaks by timing"),
            ("CVE-2026-27857", "medium", "imap-login takes much memory for many parentheses"),
            ("CVE-2026-27858", "high", "managesieve-login takes much memory before a login"),
        ],
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u2", "13": "1:2.4.1+dfsg1-6+deb13u4"},
        upstream=("2.4.3",),
        sources=(_DEBIAN_12, _DEBIAN_13),
    ),
    *lot(
        "dovecot",
        [("CVE-2026-27855", "medium", "logins by OTP can be repeated")],
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u5", "13": "1:2.4.1+dfsg1-6+deb13u4"},  # half mended in deb12u2
        upstream=("2.4.3",),
        sources=(_DEBIAN_12, _DEBIAN_13),
    ),
    *lot(
        "dovecot",
        [("CVE-2026-27859", "medium", "a message with many MIME parameters takes all of a processor")],
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u2", "13": "1:2.4.1+dfsg1-6+deb13u4"},
        vulnerable={"11": _LAST_OF_11},
        upstream=("2.4.3",),
        sources=("https://security-tracker.debian.org/CVE-2026-27859",),
    ),
    *lot(
        "dovecot",
        [
            ("CVE-2025-59028", "medium", "invalid SASL data ends the logins of others"),
            ("CVE-2026-24031", "high", "SQL injection at logins where auth_username_chars was emptied"),
            ("CVE-2026-27860", "low", "LDAP injection at logins where auth_username_chars was emptied"),
        ],
        fixed={"13": "1:2.4.1+dfsg1-6+deb13u4"},
        upstream=("2.4.3",),
        sources=(_DEBIAN_13,),
    ),
    *lot(
        "dovecot",
        [("CVE-2026-0394", "medium", "other files can be read as password files where each domain has one")],
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u2"},
        upstream=("2.4.0",),
        sources=(_DEBIAN_12, "https://blog.pentestnepal.tech/cve/cve-2026-0394/"),
    ),
    *lot(
        "dovecot",
        [("CVE-2025-30189", "high", "with a login cache, users can be logged in as somebody else")],
        fixed={"13": "1:2.4.1+dfsg1-6+deb13u1"},
        upstream=("2.4.2",),
        sources=(_DEBIAN_13, "https://www.sentinelone.com/vulnerability-database/cve-2025-30189/"),
    ),
    *lot(
        "dovecot",
        [("CVE-2024-23184", "medium", "a message with many addresses takes all of a processor")],
        fixed={"11": "1:2.3.13+dfsg1-2+deb11u2", "12": "1:2.3.19.1+dfsg1-2.1+deb12u1"},
        upstream=("2.3.21.1",),
        sources=(
            _DEBIAN_12,
            "https://vulert.com/vuln-db/debian-11-dovecot-293597",
            "https://www.wiz.io/vulnerability-database/cve/cve-2024-23184",
        ),
    ),
    *lot(
        "dovecot",
        [("CVE-2024-23185", "high", "very large headers take much memory")],
        fixed={"12": "1:2.3.19.1+dfsg1-2.1+deb12u1"},
        upstream=("2.3.21.1",),
        sources=(_DEBIAN_12, _DEBIAN_13),
    ),
    *lot(
        "dovecot",
        [("CVE-2022-30550", "high", "with two password databases, rights of one can be had by the other")],
        fixed={"11": "1:2.3.13+dfsg1-2+deb11u1", "12": "1:2.3.19.1+dfsg1-2"},
        upstream=("2.3.20",),
        sources=(_DEBIAN_11, _DEBIAN_12),
    ),
    *lot(
        "dovecot",
        [
            ("CVE-2021-29157", "high", "local users can have OAuth2 tokens judged by a key of theirs"),
            ("CVE-2021-33515", "unrated", "commands can be injected before STARTTLS of the submission service"),
        ],
        fixed={"11": "1:2.3.13+dfsg1-2"},
        upstream=("2.3.15",),
        sources=(_DEBIAN_11,),
    ),
    *lot(
        "dovecot",
        [("CVE-2020-24386", "unrated", "with IMAP hibernation, mail of others can be read")],
        upstream=("2.3.13",),
        sources=(_DEBIAN_11,),
    ),
    *lot(
        "dovecot",
        [("CVE-2019-11500", "unrated", "quoted strings with a NUL byte write beyond a buffer, before a login too")],
        upstream=("2.2.36.4", "2.3.7.2"),
        sources=(_DEBIAN_11,),
    ),
)
