# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mailops.mailserver.plugins.module_utils import _apt_policy

POLICY = """dovecot-core:
  Installed: 1:2.3.19.1+dfsg1-2.1
  Candidate: 1:2.3.19.1+dfsg1-2.1+deb12u1
  Version table:
 *** 1:2.3.19.1+dfsg1-2.1 500
dovecot-ldap:
  Installed: (none)
  Candidate: 1:2.3.19.1+dfsg1-2.1+deb12u1
"""


def test_what_is_installed_and_what_would_be() -> None:
    newer = "1:2.3.19.1+dfsg1-2.1+deb12u1"
    assert _apt_policy.read(POLICY) == {
        "dovecot-core": {"Installed": "1:2.3.19.1+dfsg1-2.1", "Candidate": newer},
        "dovecot-ldap": {"Candidate": newer},
    }


def test_a_package_that_apt_does_not_know() -> None:
    assert _apt_policy.read("") == {}
