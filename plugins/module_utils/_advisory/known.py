# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The advisories that are known here, with the places that they were read in.

Fixed versions are those of Debian's changelogs, which lie in each package as C(changelog.Debian.gz) and at the
addresses below. Severities and the authors' versions are those of the records of the CVE programme (C(lot) names them
as a source), where no other source is named. What has no CVSS score there is C(unrated). A version is entered only from
a source, and from memory never.
"""

from __future__ import annotations

from . import dovecot
from .advisory import lot

KNOWN_ON = "2026-11-22"

_CHANGELOGS = "https://metadata.ftp-master.debian.org/changelogs/main"
_POSTFIX_11 = f"{_CHANGELOGS}/p/postfix/postfix_3.5.25-0+deb11u1_changelog"
_POSTFIX_12 = f"{_CHANGELOGS}/p/postfix/postfix_3.7.11-0+deb12u1_changelog"
_POSTFIX_13 = f"{_CHANGELOGS}/p/postfix/postfix_3.10.13-0+deb13u1_changelog"
_COURIER_13 = f"{_CHANGELOGS}/c/courier/courier_1.4.1-3+deb13u2_changelog"

ADVISORIES = (
    *dovecot.ADVISORIES,
    *lot(
        "postfix",
        [
            (
                "postfix-3.11.6",
                "unrated",
                "policies are passed by after smtpd_end_of_data_restrictions; BDAT takes much memory, or crashes smtpd",
            )
        ],
        fixed={"13": "3.10.13-0+deb13u1"},
        upstream=("3.10.13", "3.11.6"),
        sources=(_POSTFIX_13, "https://www.postfix.org/announcements/postfix-3.11.6.html"),
    ),
    *lot(
        "postfix",
        [("CVE-2026-43964", "low", "a status code without a text after it crashes a process")],
        fixed={"13": "3.10.10-0+deb13u1"},
        vulnerable={"11": "3.5.25-0+deb11u1", "12": "3.7.11-0+deb12u1"},
        upstream=("3.8.16", "3.9.10", "3.10.9", "3.11.2"),
        sources=(_POSTFIX_13, "https://blog.kalfaoglu.net/posts/2026-05-07-postfix-3112-cve-2026-43964-en/"),
    ),
    *lot(
        "postfix",
        [("CVE-2023-51764", "unrated", "SMTP smuggling: a second message in the text of a first one")],
        fixed={"11": "3.5.23-0+deb11u1", "12": "3.7.9-0+deb12u1"},
        upstream=("3.5.23", "3.6.13", "3.7.9", "3.8.4", "3.9.0"),
        mend="Before Postfix 3.9 it takes smtpd_forbid_bare_newline besides, which role postfix sets.",
        sources=(_POSTFIX_11, _POSTFIX_12),
    ),
    *lot(
        "courier",
        [("CVE-2021-38084", "unrated", "commands of POP3 that somebody on the way puts behind STLS are run under TLS")],
        vulnerable={"11": "1.0.16-3", "12": "1.0.16-3"},
        upstream=("1.1.5",),
        packages=("courier-pop",),
        mend="Keep port 110 closed, as role courier does by default, and ignore this (security_ignore).",
        sources=(_COURIER_13,),
    ),
    *lot(
        "fail2ban",
        [("CVE-2021-32749", "medium", "answers of whois servers can run commands through the action mail-whois")],
        upstream=("0.10.7", "0.11.3"),
    ),
    *lot(
        "rspamd",
        [
            (
                "rspamd-4.1.0",
                "unrated",
                "messages with S/MIME or nested URLs, and answers of DNS servers, crash workers",
            )
        ],
        upstream=("4.1.0",),
        sources=(
            "https://docs.rspamd.com/changelog/4.1.0",
            "https://blog.kalfaoglu.net/posts/2026-06-07-rspamd-410-security-mx-rework-en/",
        ),
    ),
)

# Looked at even without an advisory, so that nobody takes silence for an answer.
PACKAGES = ("courier", "courier-authlib", "dovecot", "fail2ban", "postfix", "rspamd")
