# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of role dovecot: what is derived from them, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dovecot import settings
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

VARIABLES: dict[str, Any] = {
    "autoexpunge": "",
    "capacity_check": "warn",
    "login_mode": "security",
    "max_connections": 200,
    "max_connections_per_user_ip": 20,
    "ports": {},
    "process_memory_mb": 1,
    "protocol_limits": {},
    "quota_grace": "0",
    "quota_warning_from": "postmaster@mx.example.test",
    "quota_warning_percent": [90],
    "quota_warning_subject": "Nearly full",
    "courier_clients": False,
    "special_folders": [{"name": "Sent", "special_use": "Sent"}],
    "tls_ciphers": "",
    "tls_min_version": "",
    "tls_policy": "intermediate",
}


def plan(memory_mb: int = 1024, cpus: int = 2, **changed: Any) -> dict[str, Any]:
    return settings.plan({**VARIABLES, **changed}, memory_mb=memory_mb, cpus=cpus)


def login(planned: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in planned["logins"] if item["name"] == name)


def test_the_defaults_give_no_warning_on_a_small_host() -> None:
    planned = plan()
    assert planned["warnings"] == []
    assert planned["protocols"] == ["imap", "pop3", "sieve", "lmtp"]
    assert planned["backends"] == {"imap": 200, "pop3": 200, "managesieve": 20, "lmtp": 30}


def test_both_layers_get_the_limit() -> None:
    planned = plan(max_connections="300")
    assert planned["backends"]["imap"] == login(planned, "imap-login")["process_limit"] == 300


def test_a_protocol_may_have_a_limit_of_its_own() -> None:
    planned = plan(protocol_limits={"pop3": 7, "lmtp": 3, "sieve": 150})
    assert planned["backends"] == {"imap": 200, "pop3": 7, "managesieve": 150, "lmtp": 3}
    assert login(planned, "managesieve-login")["process_limit"] == 150


def test_few_processes_hold_all_connections_in_performance_mode() -> None:
    found = login(plan(login_mode="performance", cpus=4), "imap-login")
    assert (found["process_limit"], found["process_min_avail"], found["reuse"]) == (4, 4, True)
    assert found["client_limit"] > 200


def test_auth_takes_a_connection_of_every_process() -> None:
    planned = plan(max_connections=20000, capacity_check=False)
    processes = sum(planned["backends"].values()) + sum(item["process_limit"] for item in planned["logins"])
    assert planned["auth_client_limit"] > processes


def test_a_service_without_ports_does_not_run() -> None:
    planned = plan(ports={"pop3": 0, "pop3s": 0, "imap": 0})
    assert planned["protocols"] == ["imap", "sieve", "lmtp"]
    assert [item["port"] for item in login(planned, "imap-login")["listeners"]] == [0, 993]


def test_too_little_memory_is_named() -> None:
    assert "the host has 1024 MB" in plan(max_connections=5000)["warnings"][0]
    assert plan(max_connections=5000, capacity_check=False)["warnings"] == []
    assert plan(max_connections=5000, memory_mb=0)["warnings"] == []
    with pytest.raises(MailError, match="need 20070 MB"):
        plan(max_connections=5000, capacity_check="fail")


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (1, 1), (9, 1), (10, 0)])
def test_few_connections_per_user_are_named(limit: int, count: int) -> None:
    planned = plan(max_connections_per_user_ip=limit)
    assert (planned["max_user_ip"], len(planned["warnings"])) == (limit, count)


def test_folders() -> None:
    folders = plan(
        autoexpunge="52 weeks",
        special_folders=[
            {"name": "Sent Items", "special_use": "\\Sent"},
            {"name": "Trash", "special_use": "trash", "auto": False, "autoexpunge": "30d"},
        ],
    )["folders"]
    assert [tuple(folder.values()) for folder in folders] == [
        ("INBOX", "", "no", "52w"),
        ("Sent Items", "Sent", "subscribe", ""),
        ("Trash", "Trash", "no", "30d"),
    ]


def test_clients_of_courier_get_no_folders_that_they_did_not_have() -> None:
    given = [{"name": "Sent", "special_use": "Sent"}, {"name": "Junk", "auto": "create"}]
    folders = plan(courier_clients=True, special_folders=given)["folders"]
    assert [folder["auto"] for folder in folders] == ["no", "create"]


def test_the_highest_warning_comes_first() -> None:
    assert plan(quota_warning_percent=[80, "95", 80])["quota_warnings"] == [95, 80]
    assert plan(quota_warning_percent=90)["quota_warnings"] == [90]
    assert plan(quota_warning_percent=[])["quota_warnings"] == []


def test_a_subject_beyond_ascii_is_encoded() -> None:
    assert plan(quota_warning_subject="Postfach fast voll")["quota_warning_subject"] == "Postfach fast voll"
    assert plan(quota_warning_subject="容量不足")["quota_warning_subject"].startswith("=?utf-8?")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"max_connections": 0}, r"dovecot_max_connections: '0' is not allowed.*from 1 to 20000"),
        ({"max_connections": -5}, r"dovecot_max_connections: '-5' is not allowed"),
        ({"max_connections": "many"}, r"dovecot_max_connections: 'many' is not allowed"),
        ({"max_connections": True}, r"dovecot_max_connections: 'True' is not allowed"),
        ({"max_connections": 20001}, r"from 1 to 20000"),
        ({"max_connections_per_user_ip": -1}, r"dovecot_max_connections_per_user_ip: '-1'.*from 0"),
        ({"max_connections_per_user_ip": "x"}, r"dovecot_max_connections_per_user_ip"),
        ({"protocol_limits": {"imap": 0}}, r"dovecot_protocol_limits\.imap: '0'"),
        ({"protocol_limits": {"smtp": 5}}, r"dovecot_protocol_limits: has no option 'smtp'"),
        ({"login_mode": "fast"}, r"dovecot_login_mode: 'fast'.*security, performance"),
        ({"capacity_check": "maybe"}, r"dovecot_capacity_check: 'maybe'"),
        ({"ports": {"imap": 993}}, r"dovecot_ports\.imaps: port 993 is also that of imap"),
        ({"ports": {"imap": 25}}, r"dovecot_ports\.imap: port 25 is also that of SMTP"),
        ({"ports": {"imap": 70000}}, r"dovecot_ports\.imap: '70000'"),
        ({"ports": {"smtp": 1}}, r"dovecot_ports: has no option 'smtp'"),
        ({"autoexpunge": "30"}, r"dovecot_autoexpunge: '30' is not a duration"),
        ({"quota_warning_percent": [0]}, r"dovecot_quota_warning_percent: '0'"),
        ({"quota_warning_percent": [101]}, r"from 1 to 100"),
        ({"quota_grace": "10%"}, r"dovecot_quota_grace: '10%' is not a size"),
        ({"quota_warning_subject": "a\nBcc: x"}, r"dovecot_quota_warning_subject: must be one line"),
        (
            {"special_folders": [{"name": "A", "special_use": "Sent"}, {"name": "B", "special_use": "Sent"}]},
            "'A' and 'B'",
        ),
        ({"special_folders": [{"name": "A"}, {"name": "a"}]}, "'A' and 'a' have the same name"),
        ({"special_folders": [{"name": "Inbox"}]}, "INBOX is always there"),
        ({"special_folders": [{"name": 'x" }'}]}, "is not a usable folder name"),
        ({"special_folders": [{"name": "A", "special_use": "Spam"}]}, r"special_use: 'Spam'"),
        ({"special_folders": [{"name": "A", "autoexpunge": "soon"}]}, r"autoexpunge: 'soon' is not a duration"),
        ({"special_folders": [{"name": "A", "expunge": "1d"}]}, "has no option 'expunge'"),
    ],
)
def test_bad_values_are_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(MailError, match=words):
        plan(**changed)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {"min_version": "TLSv1.2", "groups": "X25519:prime256v1:secp384r1"}),
        ({"tls_policy": "modern"}, {"min_version": "TLSv1.3"}),
        ({"tls_policy": "modern", "tls_min_version": "TLSv1.2"}, {"min_version": "TLSv1.2"}),
        ({"tls_ciphers": "ECDHE+AESGCM"}, {"suites": "ECDHE+AESGCM"}),
    ],
)
def test_tls_follows_the_policy(changed: dict[str, str], expected: dict[str, str]) -> None:
    found = plan(**changed)["tls"]
    assert found == {**found, **expected}
    assert found["new_groups"].startswith("X25519MLKEM768:X25519:")
