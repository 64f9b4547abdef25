# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of role courier mean."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._courier import settings
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

GIVEN: dict[str, Any] = {
    "autoexpunge": {},
    "default_domain": "",
    "listen": "",
    "max_connections": 200,
    "max_connections_per_ip": 20,
    "ports": {},
    "protocol_limits": {},
    "release": "13",
    "tls_min_version": "",
    "tls_policy": "intermediate",
    "tls_priority": "",
}


def plan(**changed: Any) -> dict[str, Any]:
    return settings.plan({**GIVEN, **changed}, store="/store", uid=110, gid=120, certificate="/c.pem")


def test_nothing_needs_to_be_set() -> None:
    found = plan()
    assert found["ports"] == {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995}
    assert found["warnings"] == []
    files = found["settings"]
    assert files["imapd"] == {
        "ADDRESS": "0",
        "PORT": "143",
        "IMAPDSTART": "YES",
        "MAXDAEMONS": "200",
        "MAXPERIP": "20",
        "IMAP_EMPTYTRASH": "",
    }
    assert (files["imapd-ssl"]["IMAP_TLS_REQUIRED"], files["imapd-ssl"]["TLS_CERTFILE"]) == ("1", "/c.pem")
    assert (files["pop3d-ssl"]["POP3_TLS_REQUIRED"], files["pop3d-ssl"]["SSLPORT"]) == ("1", "995")
    assert files["authdaemonrc"]["authmodulelist"] == "authsqlite"
    assert files["authsqliterc"]["SQLITE_DATABASE"] == "/store"
    assert "110, 120" in files["authsqliterc"]["SQLITE_SELECT_CLAUSE"]


@pytest.mark.parametrize(
    ("changed", "versions"),
    [
        ({}, "+VERS-TLS1.3:+VERS-TLS1.2:"),
        ({"tls_policy": "modern"}, "+VERS-TLS1.3:-KX"),
        ({"tls_min_version": "TLSv1.3"}, "+VERS-TLS1.3:-KX"),
    ],
)
def test_tls_is_that_of_all_daemons(changed: dict[str, Any], versions: str) -> None:
    for name in ("imapd-ssl", "pop3d-ssl"):
        assert f":-VERS-ALL:{versions}" in plan(**changed)["settings"][name]["TLS_PRIORITY"]
    assert plan(tls_priority="NORMAL")["settings"]["imapd-ssl"]["TLS_PRIORITY"] == "NORMAL"


def test_protocols_have_their_own_limits() -> None:
    limits = {"imap": {"max_connections": 400, "max_connections_per_ip": 80}, "pop3": {"max_connections_per_ip": 4}}
    found = plan(protocol_limits=limits)
    assert found["limits"] == {
        "imap": {"MAXDAEMONS": "400", "MAXPERIP": "80"},
        "pop3": {"MAXDAEMONS": "200", "MAXPERIP": "4"},
    }
    assert len(found["warnings"]) == 1
    assert "4 for POP3" in found["warnings"][0]


def test_folders_may_expire() -> None:
    found = plan(autoexpunge={"Trash": 30, "Old mail": 7})
    assert found["settings"]["imapd"]["IMAP_EMPTYTRASH"] == "Trash:30,Old mail:7"


def test_a_port_may_be_off_or_elsewhere() -> None:
    found = plan(ports={"pop3": 0, "pop3s": 0, "imap": 1143}, listen="[2001:db8::1]")
    assert (found["ports"]["pop3"], found["settings"]["pop3d"]["PORT"]) == (0, "110")
    assert (found["settings"]["pop3d"]["POP3DSTART"], found["settings"]["pop3d-ssl"]["POP3DSSLSTART"]) == ("NO", "NO")
    assert (found["settings"]["imapd"]["PORT"], found["settings"]["imapd"]["ADDRESS"]) == ("1143", "2001:db8::1")


@pytest.mark.parametrize(
    ("release", "given", "port", "warnings"),
    [("11", {}, 0, 0), ("12", {"imap": 1143}, 0, 0), ("12", {"pop3": 110}, 110, 1), ("13", {"pop3": 110}, 110, 0)],
)
def test_older_releases_have_no_pop3_with_stls(release: str, given: dict[str, int], port: int, warnings: int) -> None:
    found = plan(release=release, ports=given)
    assert (found["ports"]["pop3"], found["ports"]["pop3s"]) == (port, 995)
    assert ["CVE-2021-38084" in sentence for sentence in found["warnings"]] == [True] * warnings


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"max_connections": 20}, "courier_max_connections: 20 connections in all are not more than the 20 of one"),
        ({"max_connections": 0}, "courier_max_connections: '0' is not allowed"),
        ({"max_connections_per_ip": 0}, "courier_max_connections_per_ip: '0' is not allowed"),
        ({"max_connections": "forty"}, "courier_max_connections: 'forty'"),
        ({"max_connections": True}, "courier_max_connections: 'True'"),
        ({"max_connections": 99999}, "from 1 to 20000"),
        (
            {"protocol_limits": {"pop3": {"max_connections": 5}}},
            "courier_protocol_limits.pop3.max_connections: 5 connections in all are not more than the 20",
        ),
        ({"protocol_limits": {"imap": {"max_conections": 5}}}, "Did you mean 'max_connections'?"),
        ({"protocol_limits": {"smtp": {}}}, "courier_protocol_limits: has no option 'smtp'"),
        ({"protocol_limits": {"imap": 7}}, "courier_protocol_limits.imap: is not a dictionary"),
        ({"ports": {"imap": 993}}, "courier_ports.imaps: port 993 is also that of imap"),
        ({"ports": {"imap": 25}}, "port 25 is also that of SMTP"),
        ({"ports": {"sieve": 4190}}, "courier_ports: has no option 'sieve'"),
        ({"listen": "mx.example.com"}, "courier_listen: 'mx.example.com' is no address"),
        ({"autoexpunge": {"Trash": 0}}, "courier_autoexpunge.Trash: '0' is not allowed"),
        ({"autoexpunge": {"Trash,x": 1}}, "is not a usable folder name"),
        ({"tls_policy": "old"}, "mail_tls_policy: 'old' is no policy"),
        ({"default_domain": "x y"}, "is not a domain name"),
    ],
)
def test_what_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(MailError) as error:
        plan(**changed)
    assert words in error.value.message
