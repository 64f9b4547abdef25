# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One relay host for all mail."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import relay_host
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements, Part, Places

AT = Places()


def rows(part: Part) -> dict[str, tuple[tuple[str, str], ...]]:
    return {table.name: table.rows for table in part.tables}


@pytest.mark.parametrize("raw", [None, {}, {"host": ""}, {"host": None, "port": 587}])
def test_none_removes_everything(raw: Any) -> None:
    part = relay_host.part(raw, at=AT)
    assert part.parameters == {"relayhost": None}
    assert rows(part) == {"relay_tls": (), "relay_password": ()}
    assert part.elements["smtp_sasl_password_maps"] == Elements(remove=("lmdb:/etc/postfix/tables/relay_password",))
    assert (part.services, relay_host.transport(raw)) == ([], "")


def test_with_credentials() -> None:
    raw = {"host": "smtp.example.net", "port": 587, "username": "ann", "password": "pa:ss word"}
    part = relay_host.part(raw, at=AT)
    assert part.parameters["relayhost"] == "[smtp.example.net]:587"
    assert part.parameters["smtp_sasl_auth_enable"] == "${smtp_sasl_password_maps?{yes}:{no}}"
    assert part.parameters["smtp_sasl_security_options"] == "noplaintext, noanonymous"
    assert rows(part) == {
        "relay_tls": (("[smtp.example.net]:587", "encrypt"),),
        "relay_password": (("[smtp.example.net]:587", "ann:pa:ss word"),),
    }
    assert [table.name for table in part.tables if table.secret] == ["relay_password"]


@pytest.mark.parametrize(
    ("raw", "hop", "policy", "options"),
    [
        ({"host": "example.net", "mx": True, "tls": "may"}, "example.net", "may", None),
        (
            {"host": "r.example", "tls": "secure", "tls_names": ["r.example", ".r.example"]},
            "[r.example]",
            "secure match=r.example:.r.example",
            None,
        ),
        (
            {"host": "r.example", "tls": "wrapper"},
            "[r.example]:465",
            "encrypt",
            {"smtp_tls_wrappermode": "yes", "smtp_tls_security_level": "encrypt"},
        ),
        (
            {"host": "r.example", "tls": "secure", "ca_file": "/etc/ssl/own.pem"},
            "[r.example]",
            "secure",
            {"smtp_tls_CAfile": "/etc/ssl/own.pem", "smtp_tls_CApath": ""},
        ),
    ],
)
def test_tls(raw: dict[str, Any], hop: str, policy: str, options: dict[str, str] | None) -> None:
    part = relay_host.part(raw, at=AT)
    assert rows(part)["relay_tls"] == ((hop, policy),)
    assert relay_host.transport(raw) == ("relay-host" if options else "")
    named = {"syslog_name": "postfix/relay-host", **(options or {})}
    assert [service["options"] for service in part.services] == ([named] if options else [])


def test_a_password_in_the_clear_on_loopback_alone() -> None:
    raw = {"host": "127.0.0.1", "port": 2525, "tls": "none", "username": "ann", "password": "secret"}
    assert relay_host.part(raw, at=AT).parameters["smtp_sasl_security_options"] == "noanonymous"


def test_dane_asks_for_dnssec() -> None:
    assert relay_host.part({"host": "r.example", "tls": "dane-only"}, at=AT).parameters == {
        "relayhost": "[r.example]",
        "smtp_dns_support_level": "dnssec",
    }


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"host": "r.example", "user": "x"}, "relay host: user: no such option"),
        ({"host": "r.example:587"}, "relay host: host: 'r.example:587' is more than a host"),
        ({"host": "r.example", "port": 70000}, "relay host: port: 70000 is not a port"),
        ({"host": "r.example", "password": "hidden"}, "relay host: has a password but no username"),
        ({"host": "r.example", "username": "x"}, "relay host: has a username but no password"),
        ({"host": "r.example", "username": "x:y", "password": "hidden"}, "relay host: username: holds a colon"),
        ({"host": "r.example", "username": "x", "password": "hidden\n"}, "relay host: password: cannot stand"),
        ({"host": "r.example", "username": "x", "password": 123456}, "relay host: password: cannot stand"),
        (
            {"host": "r.example", "username": "x", "password": "hidden", "tls": "may"},
            "relay host: tls: the password would travel in the clear when tls is may",
        ),
        (
            {"host": "r.example", "username": "x", "password": "hidden", "tls": "dane"},
            "relay host: tls: the password would travel in the clear",
        ),
        ({"host": "r.example", "tls": "encrpyt"}, "relay host: tls: 'encrpyt' is no way to use TLS. Did you mean"),
        ({"host": "r.example", "tls": "encrypt", "ca_file": "/x"}, "relay host: ca_file: counts only where"),
        ({"host": "r.example", "tls_names": ["x"]}, "relay host: tls_names: counts only where"),
        ({"host": "r.example", "tls": "secure", "ca_file": "x.pem"}, "relay host: ca_file: 'x.pem' is not a full path"),
        ({"host": "r.example", "tls": "secure", "tls_names": ["a b"]}, "relay host: tls_names: 'a b' is not"),
        ({"host": "192.0.2.1", "tls": "secure"}, "relay host: tls: nothing can be verified about the bare address"),
    ],
)
def test_what_is_refused(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as caught:
        relay_host.part(raw, at=AT)
    assert caught.value.message.startswith(message)
    assert "hidden" not in caught.value.message
    assert "123456" not in caught.value.message
