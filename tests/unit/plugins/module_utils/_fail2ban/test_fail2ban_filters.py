# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of daemons under Debian 11, 12 and 13: what counts, against whom, and what strangers cannot do by names."""

from __future__ import annotations

import re

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._fail2ban import filters
from ansible_collections.mailops.mailserver.plugins.module_utils._fail2ban.filters import COURIER, DOVECOT, SMTP, Filter

# A name at a login that looks like the rest of a line.
EVIL = "x>, method=PLAIN, rip=6.6.6.6, lip=1.1.1.1, session=<a>"
REST = "method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, TLS, session=<a>"
FAILED_24 = "Login aborted: Logged out (auth failed, 3 attempts in 26 secs) (auth_failed): "
TEMPORARY = "Login aborted: Logged out (auth service reported temporary failure, 1 attempts in 2 secs) (temp_fail): "
REFUSED = "SASL PLAIN authentication failed: (reason unavailable),"
POSTFIX = "mx postfix/submission/smtpd[8]: warning: "


def matches(item: Filter, line: str, *, attempts: str = filters.ANY) -> str | None:
    """The address that a line, without its date, counts against: as fail2ban finds it, or None."""
    address = r"(?:::ffff:)?(?P<address>[0-9a-f.:]+)"
    for failure in item.failures:
        found = re.search(failure.replace("<ADDR>", address).replace("<attempts>", attempts), line)
        if found:
            return found["address"]
    return None


@pytest.mark.parametrize(
    ("item", "line", "address"),
    [
        (
            SMTP,
            f"{POSTFIX}unknown[192.0.2.7]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=x",
            "192.0.2.7",
        ),
        (
            SMTP,
            "mx postfix/smtpd[8]: warning: a.test[2001:db8::7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
            "2001:db8::7",
        ),
        (
            SMTP,
            f"{POSTFIX}a.test[192.0.2.7]: {REFUSED} sasl_username=x: {REFUSED}, x[6.6.6.6]: {REFUSED}",
            "192.0.2.7",
        ),
        (
            SMTP,
            f"{POSTFIX}a.test[192.0.2.7]: SASL PLAIN authentication failed: Connection lost to authentication server",
            None,
        ),
        (SMTP, "mx postfix/smtpd[8]: warning: hostname a.test does not resolve to address 192.0.2.7", None),
        (SMTP, "mx evil[8]: postfix/smtpd[8]: warning: a[192.0.2.7]: SASL PLAIN authentication failed: ", None),
        (DOVECOT, f"mx dovecot[9]: imap-login: {FAILED_24}user=<a@b.test>, {REST}", "192.0.2.7"),
        (DOVECOT, f"mx dovecot[9]: imap-login: {FAILED_24}user=<{EVIL}>, {REST}", "192.0.2.7"),
        (DOVECOT, f"mx dovecot[9]: managesieve-login: {FAILED_24}user=<{FAILED_24}user=<{EVIL}>, {REST}", "192.0.2.7"),
        (
            DOVECOT,
            f"mx dovecot: pop3-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<info>, {REST}",
            "192.0.2.7",
        ),
        (
            DOVECOT,
            "imap-login: Info: Aborted login (auth failed, 1 attempts in 2 secs): user=<>, rip=::1, lip=::1, TLS",
            "::1",
        ),
        (
            DOVECOT,
            f"mx dovecot[9]: imap-login: {TEMPORARY}user=<a@b.test>, {REST}",
            None,
        ),
        (DOVECOT, f"mx dovecot[9]: imap-login: Disconnected (no auth attempts in 0 secs): user=<>, {REST}", None),
        (DOVECOT, f"mx dovecot[9]: imap-login: Login: user=<{FAILED_24}user=<{EVIL}>, {REST}", None),
        (COURIER, "mx imapd[7]: LOGIN FAILED, user=x, ip=[::ffff:192.0.2.7], port=[44197]", "192.0.2.7"),
        (COURIER, "mx imapd-ssl[7]: LOGIN FAILED, method=PLAIN, ip=[2001:db8::7]", "2001:db8::7"),
        (COURIER, "mx pop3d: LOGIN FAILED, user=x, ip=[6.6.6.6], ip=[::ffff:192.0.2.7]", "192.0.2.7"),
        (
            COURIER,
            "mx pop3d: LOGIN FAILED, user=x, ip=[6.6.6.6], port=[1], ip=[::ffff:192.0.2.7], port=[2]",
            "192.0.2.7",
        ),
        (COURIER, "mx pop3d: LOGIN, user=LOGIN FAILED, user=x, ip=[6.6.6.6]", None),
    ],
)
def test_what_counts(item: Filter, line: str, address: str | None) -> None:
    assert matches(item, line) == address


@pytest.mark.parametrize("number", [1, 2, 5, 9, 10, 19, 99, 100, 305, 1000])
def test_numbers_from_one_on(number: int) -> None:
    expression = re.compile(filters.at_least(number))
    for other in range(1, 2100):
        assert bool(expression.fullmatch(str(other))) == (other >= number), other


def test_many_guesses_in_one_connection() -> None:
    line = f"mx dovecot[9]: imap-login: {FAILED_24}user=<a@b.test>, {REST}"
    assert matches(DOVECOT, line, attempts=filters.at_least(3)) == "192.0.2.7"
    assert matches(DOVECOT, line, attempts=filters.at_least(4)) is None


def test_files() -> None:
    assert "attempts = " in filters.text(DOVECOT)
    assert "[Init]" not in filters.text(SMTP)
    assert "journalmatch = _SYSTEMD_UNIT=postfix.service + _SYSTEMD_UNIT=postfix@-.service\n" in filters.text(SMTP)
