# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What doveconf and apt-cache print, as captured on Debian 11 to 13."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dovecot import listing, packages
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

SERVICES_23 = """\
service auth {
  protocol =
  unix_listener /var/spool/postfix/private/auth {
    group = postfix
    mode = 0600
    user = postfix
  }
  unix_listener hidden {
    mode = 0
  }
  user = $default_internal_user
  vsz_limit = 18446744073709551615 B
}
service imap-login {
  inet_listener imap {
    address =
    port = 0
    ssl = no
  }
  inet_listener imaps {
    port = 993
    ssl = yes
  }
  protocol = imap
  user = $default_login_user
}
service submission-login {
  inet_listener submission {
    port = 587
  }
  protocol = submission
}
"""
SERVICES_24 = """\
service imap-login {
  imap_capability {
    IMAP4rev1 = yes
  }
  protocol = imap
  user = $SET:default_login_user
  inet_listener imap {
    port = 143
  }
  unix_listener "srv.imap-login/%{pid}" {
    mode = 0600
  }
}
"""
POLICY = """\
dovecot-core:
  Installed: 1:2.3.19.1+dfsg1-2.1+deb12u7
  Candidate: 1:2.3.19.1+dfsg1-2.1+deb12u7
  Version table:
 *** 1:2.3.19.1+dfsg1-2.1+deb12u7 100
        100 /var/lib/dpkg/status
dovecot-imapd:
  Installed: (none)
  Candidate: 1:2.3.19.1+dfsg1-2.1+deb12u7
"""


def test_services_of_protocols_that_do_not_run_do_not_count() -> None:
    found = listing.read(SERVICES_23, ["imap", "lmtp"])
    assert found.ports == [listing.Port("imap-login", "imaps", 993, True)]
    assert found.sockets == [listing.Socket("auth", "/var/spool/postfix/private/auth", "postfix", "postfix")]
    assert found.users == ["$default_internal_user", "$default_login_user"]


def test_quoted_names_and_blocks_in_blocks() -> None:
    found = listing.read(SERVICES_24, ["imap"])
    assert found.ports == [listing.Port("imap-login", "imap", 143, False)]
    assert found.sockets == [listing.Socket("imap-login", "srv.imap-login/%{pid}", "", "")]


@pytest.mark.parametrize("text", ["imap pop3 lmtp\n", "imap = yes\npop3 = yes\nsieve = no\nlmtp = yes\n"])
def test_protocols(text: str) -> None:
    assert listing.protocols(text) == ["imap", "pop3", "lmtp"]


def test_complaints() -> None:
    harmless = "doveconf: Error: t_readlink(/run/dovecot/dovecot.conf) failed: readlink() failed: No such file\n"
    bad = "doveconf: Warning: service auth { client_limit=1000 } is lower than required under max. load (1124)\n"
    assert listing.complaints(harmless) == []
    assert listing.complaints(harmless + bad) == [bad.strip()[len("doveconf: ") :]]


def test_the_installed_version_decides() -> None:
    found = packages.read(POLICY, ["dovecot-core", "dovecot-imapd", "dovecot-sieve"])
    assert found == (["dovecot-imapd", "dovecot-sieve"], "1:2.3.19.1+dfsg1-2.1+deb12u7", True, "2.3")


def test_else_what_apt_would_install() -> None:
    found = packages.read("dovecot-core:\n  Installed: (none)\n  Candidate: 1:2.4.1+dfsg1-6\n", ["dovecot-core"])
    assert found == (["dovecot-core"], "1:2.4.1+dfsg1-6", False, "2.4")


def test_nothing_is_known() -> None:
    assert packages.read("", ["dovecot-core"]) == (["dovecot-core"], "", False, "")


@pytest.mark.parametrize("version", ["1:2.2.36-1", "2.5.0", "3.0", "unknown"])
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(MailError, match="syntax that is not known here"):
        packages.syntax(version)


KEYS_23 = """\
# 2.3.13 (89f716dc2): d.conf
ssl = required
ssl_alt_cert = </t/rsa.crt
ssl_alt_key = </t/rsa.key
ssl_cert = </t/mx.crt
ssl_key = </t/mx.key
local_name a.test {
  ssl_cert = </t/a.crt
  ssl_key = </t/a.key
}
local_name b.test {
  ssl_cert = </t/a.crt
  ssl_key = </t/a.key
}
"""
KEYS_24 = """\
dovecot_config_version = 2.4.0
ssl_server {
  alt_cert_file = /t/rsa.crt
  alt_key_file = /t/rsa.key
  cert_file = /t/mx.crt
  key_file = /t/mx.key
}
local_name a.test {
  ssl_server {
    cert_file = /t/a.crt
    key_file = /t/a.key
  }
}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEYS_23, [("/t/mx.crt", "/t/mx.key"), ("/t/rsa.crt", "/t/rsa.key"), ("/t/a.crt", "/t/a.key")]),
        (KEYS_24, [("/t/mx.crt", "/t/mx.key"), ("/t/rsa.crt", "/t/rsa.key"), ("/t/a.crt", "/t/a.key")]),
        ("ssl = no\nssl_cert =\nssl_key =\n", []),
    ],
)
def test_the_certificates_of_every_name(text: str, expected: list[tuple[str, str]]) -> None:
    assert listing.key_pairs(text) == expected
