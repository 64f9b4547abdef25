# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""master.cf: what is not touched stays, services are told apart by name and type."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import master_cf
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.master_cf import Wanted

FILE = """\
# service type  private unpriv  chroot  wakeup  maxproc command + args
smtp      inet  n       -       y       -       -       smtpd
#submission inet n - y - - smtpd
#  -o syslog_name=postfix/submission
cleanup   unix  n       -       y       -       0       cleanup
relay     unix  -       -       y       -       -       smtp
        -o syslog_name=${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name
587       inet  n - n - 20 smtpd -v
  -o { smtpd_client_restrictions = permit_sasl_authenticated, reject }
# a remark between
  -osmtpd_sasl_auth_enable=yes
maildrop  unix  -       n       n       -       -       pipe
  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient} -o x=y
"""


def service(text: str, name: str) -> master_cf.Service:
    return {found.name: found for found in master_cf.services(master_cf.parse(text))}[name]


@pytest.mark.parametrize("text", [FILE, "", "#\n", "a unix - - - - - error"])
def test_what_is_read_is_written_back(text: str) -> None:
    assert master_cf.render(master_cf.parse(text)) == text
    assert master_cf.change(master_cf.parse(text), []) == master_cf.parse(text)


def test_fields_options_and_arguments() -> None:
    found = service(FILE, "587")
    assert (found.private, found.chroot, found.process_limit, found.command) == ("n", "n", "20", "smtpd")
    assert found.options == (
        ("smtpd_client_restrictions", "permit_sasl_authenticated, reject"),
        ("smtpd_sasl_auth_enable", "yes"),
    )
    assert found.arguments == ("-v",)
    assert service(FILE, "maildrop").arguments[-3:] == ("${recipient}", "-o", "x=y")
    assert service(FILE, "maildrop").options == ()


def test_every_service_survives_being_written_anew() -> None:
    for found in master_cf.services(master_cf.parse(FILE)):
        assert master_cf.services(master_cf.parse(master_cf.entry(found))) == [found]


def test_only_the_named_service_changes() -> None:
    after = master_cf.render(master_cf.change(master_cf.parse(FILE), [Wanted("smtp", "inet", process_limit="50")]))
    assert after == FILE.replace("y       -       -       smtpd\n", "y       -       50      smtpd\n", 1)


def test_equal_options_in_any_order_leave_the_text() -> None:
    wanted = Wanted(
        "587",
        "inet",
        options=(
            ("smtpd_sasl_auth_enable", "yes"),
            ("smtpd_client_restrictions", "permit_sasl_authenticated, reject"),
        ),
    )
    assert master_cf.render(master_cf.change(master_cf.parse(FILE), [wanted])) == FILE


def test_a_new_service_goes_to_the_end() -> None:
    wanted = Wanted("127.0.0.1:10025", "inet", command="smtpd", options=(("a", "b c"), ("d", "")))
    after = master_cf.render(master_cf.change(master_cf.parse("a unix - - - - - error"), [wanted]))
    assert after == (
        "a unix - - - - - error\n"
        "127.0.0.1:10025 inet  n       -       -       -       -       smtpd\n"
        "  -o { a=b c }\n"
        "  -o d=\n"
    )


def test_a_port_is_swept_whatever_its_address_or_name() -> None:
    text = FILE + "192.0.2.1:submission inet n - y - - smtpd\n"
    wanted = [
        Wanted("*:submission", "inet", present=False),
        Wanted("192.0.2.2:submission", "inet", command="smtpd"),
    ]
    names = [found.name for found in master_cf.services(master_cf.change(master_cf.parse(text), wanted))]
    assert names == ["smtp", "cleanup", "relay", "maildrop", "192.0.2.2:submission"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted("new", "unix"), "has no command"),
        (Wanted("a b", "inet", command="smtpd"), "not a possible name"),
        (Wanted("*:25", "inet", command="smtpd"), "not a possible name"),
        (Wanted("new", "unix", command="a\nb"), "control character"),
        (Wanted("new", "unix", command="smtpd", options=(("a", "b\nc"),)), "control character"),
        (Wanted("new", "tcp", command="smtpd"), "is not one of"),
    ],
)
def test_impossible_services(wanted: Wanted, message: str) -> None:
    with pytest.raises(MailError, match=message):
        master_cf.change([], [wanted])


@pytest.mark.parametrize("text", ["smtp inet n - y\n", "smtp tcp n - y - - smtpd\n", "  -o a=b\n"])
def test_a_broken_file_is_named(text: str) -> None:
    with pytest.raises(MailError, match="line 1 is not a service"):
        master_cf.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("25 inet n - y - - smptd", "not in the daemon directory"),
        ("25 inet n - y - many smtpd", "process limit 'many'"),
        ("a unix n - y often - smtpd", "wakeup time 'often'"),
        ("smtp inet n - y - - smtpd\n25 inet n - y - - smtpd", "same port as service smtp"),
        ("192.0.2.1:25 inet n - y - - smtpd\nsmtp inet n - y - - smtpd", "same port"),
        ("a unix n - y - - smtpd\na unix n - y - - smtpd", "defined twice"),
    ],
)
def test_faults(text: str, message: str) -> None:
    told = "; ".join(fault.message for fault in master_cf.faults(master_cf.services(master_cf.parse(text)), ["smtpd"]))
    assert message in told


def test_two_addresses_may_share_a_port() -> None:
    text = "192.0.2.1:25 inet n - y - - smtpd\n[2001:db8::1]:smtp inet n - y - - smtpd\n"
    assert master_cf.faults(master_cf.services(master_cf.parse(text)), ["smtpd"]) == []


@pytest.mark.parametrize(("kind", "private"), [("inet", "n"), ("unix", "-"), ("pass", "-")])
def test_only_a_port_is_public_by_itself(kind: str, private: str) -> None:
    wanted = master_cf.Wanted("smtpd", kind, command="smtpd")
    assert master_cf.services(master_cf.change([], [wanted]))[0].private == private
