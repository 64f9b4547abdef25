# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import master_cf, plan
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.request import Request

MASTER = "smtp inet n - y - - smtpd\nroute-old unix - - y - - smtp -o syslog_name=postfix/route-old\n"


def after(main: str, **asked: Any) -> str:
    request = Request("/etc/postfix", **asked)
    return plan.build(request, (main, MASTER), {"known": ""}, lambda name: f"$default_of_{name}").after[0]


@pytest.mark.parametrize(
    ("main", "asked", "text"),
    [
        ("m = a\n", {"elements": {"m": Elements(last=("b",))}}, "m = a, b\n"),
        ("m = a\n", {"elements": {"m": Elements(remove=("a",))}}, "m =\n"),
        ("", {"elements": {"m": Elements(last=("b",))}}, "m = $default_of_m, b\n"),
        ("", {"elements": {"m": Elements(remove=("b",))}}, ""),
        ("m = a\n", {"parameters": {"m": "x"}, "elements": {"m": Elements(last=("b",))}}, "m = x, b\n"),
        ("m = a\n", {"parameters": {"m": None}, "elements": {"m": Elements(last=("b",))}}, "m = $default_of_m, b\n"),
        ("m = a\n", {"exclusive": True, "elements": {"m": Elements(last=("b",))}}, "m = $default_of_m, b\n"),
        ("route-x_destination_rate_delay = 1s\nroutes = 1\n", {"owned": ["route-"]}, "routes = 1\n"),
        ("", {"if_known": {"known": "1", "younger": "2"}}, "known = 1\n"),
    ],
)
def test_a_request_becomes_a_file(main: str, asked: dict[str, Any], text: str) -> None:
    assert after(main, **asked) == text


def test_services_with_a_prefix_of_ours_go_when_nobody_lists_them() -> None:
    wanted = [master_cf.Wanted("route-new", "unix", command="smtp")]
    built = plan.build(Request("/x", services=wanted, owned=["route-"]), ("", MASTER), {}, str)
    assert [service.name for service in built.services] == ["smtp", "route-new"]


def test_a_service_of_somebody_else_stays_whatever_its_name() -> None:
    foreign = "route-66 unix - - y - - smtp -o syslog_name=mine\n"
    built = plan.build(Request("/x", owned=["route-"]), ("", foreign), {}, str)
    assert [service.name for service in built.services] == ["route-66"]


def test_secrets_are_masked_in_the_diff() -> None:
    main = "smtp_sasl_password_maps = inline:{ a=joe:Old-Secret-1 }\nldap_bind_pw = Kept-Secret-2\n"
    master = f"{MASTER}x unix - - y - - smtp\n  -o x_password=Old-Secret-3\n"
    wanted = [master_cf.Wanted("x", "unix", options=(("x_password", "New-Secret-4"),))]
    parameters = {"smtp_sasl_password_maps": "inline:{ a=joe:New-Secret-5 }"}
    built = plan.build(Request("/x", parameters=parameters, services=wanted), (main, master), {}, str)
    changes = built.changes("/etc/postfix")
    assert "Secret" not in "".join(change.before + change.after for change in changes)
    assert changes[0].after == "smtp_sasl_password_maps = (hidden, new)\nldap_bind_pw = (hidden)\n"
    assert "x_password=(hidden, new)" in changes[1].after
    assert "New-Secret-4" in built.after[1]


@pytest.mark.parametrize(
    ("parameters", "services", "restarted"),
    [
        ({"inet_interfaces": "all"}, [], True),
        ({"biff": "no"}, [], False),
        ({}, [master_cf.Wanted("127.0.0.1:smtp", "inet", command="smtpd")], True),
        ({}, [master_cf.Wanted("127.0.0.1:2525", "inet", command="smtpd")], False),
    ],
)
def test_what_a_reload_cannot_do_needs_a_restart(
    parameters: dict[str, str], services: list[master_cf.Wanted], restarted: bool
) -> None:
    built = plan.build(Request("/x", parameters=parameters, services=services), ("", MASTER), {}, str)
    assert plan.needs_restart(built) is restarted


def test_a_parameter_may_have_values_of_its_own_in_services() -> None:
    master = f"{MASTER}x inet n - y - - smtpd\n  -o tls_server_sni_maps=texthash:/two -o y=z\n"
    built = plan.build(Request("/x"), ("tls_server_sni_maps = texthash:/one\n", master), {}, str)
    assert built.valued("tls_server_sni_maps") == ["texthash:/one", "texthash:/two"]
