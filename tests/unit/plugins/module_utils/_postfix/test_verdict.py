# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of Postfix, as its releases say them, and where it listens."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import listeners, master_cf, request, verdict

CHECKERS = {
    "postconf: warning: /etc/postfix/main.cf: unused parameter: mesage_size_limit=5": "'message_size_limit'?",
    "postmap: fatal: open database /nonexistent.lmdb: No such file or directory": "/nonexistent.lmdb",
    "postmap: warning: regexp map /etc/x, line 1: Unmatched ( or \\(": "line 1",
}
LOG = """\
Nov 22 10:00:00 mx postfix/master[752]: daemon started -- version 3.7.11, configuration /etc/postfix
Nov 22 10:00:01 mx postfix/smtpd[754]: connect from localhost[127.0.0.1]
Nov 22 10:00:01 mx postfix/smtpd[754]: warning: dict_nis_init: NIS domain name not set - NIS lookups disabled
Nov 22 10:00:02 mx postfix/smtpd[754]: warning: connect to private/quota-status: No such file or directory
Nov 22 10:00:03 mx postfix/submission/smtpd[755]: fatal: no SASL authentication mechanisms
Nov 22 10:00:03 mx postfix/master[752]: warning: process /usr/lib/postfix/sbin/smtpd pid 755 exit status 1
"""


@pytest.mark.parametrize(("line", "words"), CHECKERS.items())
def test_a_word_of_a_checker_is_a_fault(line: str, words: str) -> None:
    (fault,) = verdict.of_checker(line, ["message_size_limit"], "3.10.13").faults
    assert words in fault.message


def test_the_log_tells_faults_from_circumstances() -> None:
    found = verdict.of_log(LOG.splitlines())
    assert [fault.what for fault in found.faults] == ["postfix/submission/smtpd: no SASL authentication mechanisms"]
    assert found.notes == ["postfix/smtpd: connect to private/quota-status: No such file or directory"]


def test_faults_are_told_together_and_once() -> None:
    found = verdict.Verdict([MailError("a"), MailError("b", mend="Did you mean c?"), MailError("a")])
    with pytest.raises(MailError, match=r"^/etc/postfix: a; b. Did you mean c\? Nothing was changed.$"):
        found.insist(where="/etc/postfix", unchanged="Nothing was changed.")


@pytest.mark.parametrize(
    ("command", "code", "text", "is_fault"),
    [
        ("RCPT", 250, "2.1.5 Ok", False),
        ("RCPT", 550, "5.1.1 User unknown", False),
        ("RCPT", 554, "5.7.1 Relay access denied", False),
        ("RCPT", 450, "4.2.0 Greylisted", False),
        ("RCPT", 451, "4.3.5 Server configuration error", True),
        ("RCPT", 451, "4.3.0 Temporary lookup failure", True),
        ("MAIL", 452, "4.3.1 Insufficient system storage", True),
        ("RCPT", 452, "4.5.3 Error: too many recipients", False),
        ("STARTTLS", 421, "4.7.0 mx.example.com Error: too many new TLS sessions", False),
        ("STARTTLS", 454, "4.7.0 TLS not available", True),
        ("EHLO", 421, "4.3.2 No system resources", True),
        ("EHLO", 502, "5.5.2 unknown", True),
        ("RCPT", 0, "the connection was closed", True),
    ],
)
def test_replies(command: str, code: int, text: str, is_fault: bool) -> None:
    assert (verdict.of_reply(command, code, text) is not None) == is_fault


def test_tables_are_found_in_any_value() -> None:
    values = ["check_recipient_access lmdb:/a/refused, proxy:cdb:/b", "inline:{ { x = y } }, regexp:/c lmdb:/a/refused"]
    found = verdict.tables(values)
    assert [table.file for table in found] == ["/a/refused.lmdb", "/b.cdb", "/c"]


def test_listeners() -> None:
    text = (
        "smtp inet n - y - - smtpd\n"
        "192.0.2.1:submission inet n - y - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes\n"
        "465 inet n - y - - smtpd -o smtpd_tls_wrappermode=yes\n"
        "cleanup unix n - y - 0 cleanup\n"
    )
    found = listeners.listeners(master_cf.services(master_cf.parse(text)), {"smtpd_tls_security_level": "may"})
    assert [(item.host, item.port, item.wrapped, item.offers_tls, item.sasl) for item in found] == [
        ("127.0.0.1", "25", False, True, False),
        ("192.0.2.1", "587", False, True, True),
        ("127.0.0.1", "465", True, False, False),
    ]


@pytest.mark.parametrize(
    ("values", "host"),
    [
        ({"inet_interfaces": "loopback-only"}, "127.0.0.1"),
        ({"inet_interfaces": "192.0.2.7, localhost"}, "192.0.2.7"),
        ({"inet_interfaces": "all", "inet_protocols": "ipv6"}, "::1"),
    ],
)
def test_where_a_client_finds_the_service(values: dict[str, str], host: str) -> None:
    services = master_cf.services(master_cf.parse("smtp inet n - y - - smtpd\n"))
    assert listeners.listeners(services, values)[0].host == host


def test_a_later_entry_changes_what_it_names() -> None:
    first = {
        "name": "submission",
        "type": "inet",
        "state": "present",
        "command": "smtpd",
        "options": {"a": 1, "b": True},
    }
    later = {"name": "submission", "type": "inet", "state": "present", "command": None, "options": {"a": 2, "b": None}}
    asked = request.of_master({"config_directory": "/e", "services": [first, later], "expected_paths": []})
    (service,) = asked.services
    assert (service.command, service.options) == ("smtpd", (("a", "2"),))


def test_a_later_entry_without_options_takes_none_away() -> None:
    first = {"name": "submission", "type": "inet", "state": "present", "command": "smtpd", "options": {"a": 1}}
    later = {"name": "submission", "type": "inet", "state": "present", "command": None, "options": {}}
    asked = request.of_master({"config_directory": "/e", "services": [first, later], "expected_paths": []})
    assert asked.services[0].options == (("a", "1"),)
