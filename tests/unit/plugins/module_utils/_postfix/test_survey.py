# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import master_cf, survey, verdict

MASTER = """\
smtp      inet  n       -       y       -       -       smtpd
192.0.2.1:submission inet n - y - 50 smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
465       inet  n       -       y       -       -       smtpd -o smtpd_tls_wrappermode=yes
pickup    unix  n       -       y       60?     1       pickup
outside   unix  -       -       n       -       -       smtp
  -o smtp_sasl_password_maps=static:user:Hunter2
agent     unix  -       n       n       -       -       pipe
  flags=R user=vmail argv=/bin/agent password=Hunter2
"""
SERVICES = master_cf.services(master_cf.parse(MASTER))


@pytest.mark.parametrize(
    ("values", "secret"),
    [
        ({"smtp_sasl_password_maps": "lmdb:/etc/postfix/tables/relay_password"}, []),
        ({"smtp_sasl_password_maps": "proxy:mysql:/etc/postfix/sasl.cf, hash:$config_directory/sasl"}, []),
        ({"smtp_sasl_password_maps": ""}, []),
        ({"smtp_sasl_password_maps": "static:user:Hunter2"}, ["smtp_sasl_password_maps"]),
        ({"smtp_sasl_password_maps": "static:{user:Hunter 2}"}, ["smtp_sasl_password_maps"]),
        ({"smtp_sasl_password_maps": "inline:{ [mx.test]=user:Hunter2 }"}, ["smtp_sasl_password_maps"]),
        ({"smtp_sasl_password_maps": "lmdb:/etc/x static:user:Hunter2"}, ["smtp_sasl_password_maps"]),
        ({"ldap_bind_pw": "Hunter2"}, ["ldap_bind_pw"]),
        ({"db_password": "user:Hunter2"}, ["db_password"]),
        ({"bind_passwd_file": "/etc/postfix/secret"}, []),
        ({"smtp_sasl_password_maps": "static:$login", "login": "user:Hunter2"}, ["login", "smtp_sasl_password_maps"]),
        ({"smtp_sasl_password_maps": "$own", "own": "static:user:Hunter2"}, ["own", "smtp_sasl_password_maps"]),
        ({"smtp_sasl_password_maps": "$own", "own": "lmdb:/etc/x"}, []),
        ({"db_password": "Hunter2", "other": "x ${db_password} y"}, ["db_password", "other"]),
        ({"myhostname": "mx.example.test", "smtpd_banner": "$myhostname ESMTP"}, []),
    ],
)
def test_parameters_that_hold_secrets(values: dict[str, str], secret: list[str]) -> None:
    assert sorted(survey.hidden(values)) == secret


def test_hidden_values() -> None:
    assert survey.masked({"a": "1", "b": "2"}, {"b"}) == {"a": "1", "b": "(hidden)"}


def test_a_service_in_the_notation_of_the_module() -> None:
    assert survey.service(SERVICES[1]) == {
        "name": "192.0.2.1:submission",
        "type": "inet",
        "private": False,
        "unprivileged": None,
        "chroot": True,
        "wakeup": None,
        "process_limit": 50,
        "command": "smtpd",
        "options": {"smtpd_tls_security_level": "encrypt", "smtpd_sasl_auth_enable": "yes"},
        "arguments": [],
    }
    assert survey.service(SERVICES[3])["wakeup"] == "60?"


def test_secrets_of_services() -> None:
    assert survey.service(SERVICES[4])["options"] == {"smtp_sasl_password_maps": "(hidden)"}
    assert survey.service(SERVICES[5])["arguments"] == [
        "flags=R",
        "user=vmail",
        "argv=/bin/agent",
        "password=(hidden)",
    ]


@pytest.mark.parametrize(
    ("number", "values", "expected"),
    [
        (0, {}, {"addresses": ["all"], "port": "25", "tls": "none", "auth": False}),
        (0, {"smtpd_tls_security_level": "may"}, {"tls": "offered"}),
        (0, {"smtpd_use_tls": "yes"}, {"tls": "offered"}),
        (0, {"smtpd_enforce_tls": "yes"}, {"tls": "required"}),
        (0, {"inet_interfaces": "192.0.2.1, 2001:db8::1"}, {"addresses": ["192.0.2.1", "2001:db8::1"]}),
        (1, {}, {"addresses": ["192.0.2.1"], "port": "587", "tls": "required", "auth": True}),
        (2, {"smtpd_tls_security_level": "may"}, {"port": "465", "tls": "wrapped", "auth": False}),
    ],
)
def test_a_listener(number: int, values: dict[str, str], expected: dict[str, object]) -> None:
    found = survey.listener(SERVICES[number], values)
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("kind", "times", "state"),
    [
        ("lmdb", {"/t/a": 1.0, "/t/a.lmdb": 2.0}, "current"),
        ("lmdb", {"/t/a": 2.0, "/t/a.lmdb": 2.0}, "current"),
        ("lmdb", {"/t/a": 3.0, "/t/a.lmdb": 2.0}, "stale"),
        ("lmdb", {"/t/a.lmdb": 2.0}, "current"),
        ("lmdb", {"/t/a": 3.0}, "missing"),
        ("cidr", {"/t/a": 3.0}, "current"),
        ("cidr", {}, "missing"),
    ],
)
def test_the_state_of_a_table(kind: str, times: dict[str, float], state: str) -> None:
    found = survey.table(verdict.Table(kind, "/t/a"), ["x", "b", "x"], times)
    assert (found["state"], found["named_by"]) == (state, ["b", "x"])


def test_who_names_a_table() -> None:
    services = master_cf.services(
        master_cf.parse("smtp inet n - y - - smtpd\n  -o smtpd_client_restrictions=check_client_access,cidr:/t/c\n")
    )
    named = survey.naming({"virtual_alias_maps": "lmdb:/t/a", "alias_maps": "lmdb:/t/a", "x": "no table"}, services)
    assert named == {
        verdict.Table("lmdb", "/t/a"): ["virtual_alias_maps", "alias_maps"],
        verdict.Table("cidr", "/t/c"): ["smtpd_client_restrictions"],
    }
