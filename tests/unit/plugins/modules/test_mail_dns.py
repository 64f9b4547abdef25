# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that ask name servers and update them, from arguments to results."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import ask, publish, update
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.answer import Answer
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.publish import Set
from ansible_collections.mailops.mailserver.plugins.modules import mail_dns_info, mail_dns_record

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
MX = {"name": "example.com", "type": "MX", "values": ["10 mx.example.com"], "purpose": "mx", "domain": "example.com"}
PTR = {"name": "25.2.0.192.in-addr.arpa", "type": "PTR", "values": ["mx.example.com."], "purpose": "reverse"}


@pytest.fixture(name="server", autouse=True)
def fixture_server(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], Set]:
    """A primary server that is a dictionary."""
    sets: dict[tuple[str, str], Set] = {}

    def change(_self: Any, _zone: str, moves: list[publish.Move]) -> bool:
        sets.update({(move.name, move.type): move.after for move in moves})
        return True

    monkeypatch.setattr(update.Primary, "read", lambda _self, name, kind: sets.get((name, kind), Set()))
    monkeypatch.setattr(update.Primary, "zone_of", lambda _self, name: "example.com")
    monkeypatch.setattr(update.Primary, "update", change)
    monkeypatch.setattr(AnsibleModule, "_log_to_syslog", lambda _self, _message: None)
    return sets


class Runner:
    """Runs a module in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, module: Any, *, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(given), pytest.raises(SystemExit):
            module.main()
        out, _err = self._capsys.readouterr()
        assert SECRET not in out
        result: dict[str, Any] = json.loads(out)
        return result


@pytest.fixture(name="run")
def fixture_run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


def publishing(run: Runner, *records: dict[str, Any], **options: Any) -> dict[str, Any]:
    key = {"key_name": "mail", "key_secret": SECRET}
    return run(mail_dns_record, **{"server": "192.0.2.53", "records": list(records), **key, **options})


def test_check_mode_foretells_what_is_done(run: Runner, server: dict[tuple[str, str], Set]) -> None:
    foretold = publishing(run, MX, PTR, check=True)
    assert server == {}
    done = publishing(run, MX, PTR)
    assert server == {("example.com", "MX"): Set(3600, ("10 mx.example.com.",))}
    assert {**foretold, "changed": True} == done
    assert done["zones"] == [
        {
            "zone": "example.com",
            "records": [{"name": "example.com", "type": "MX", "before": [], "after": ["10 mx.example.com."]}],
        }
    ]
    assert done["diff"][0]["after"] == "example.com. 3600 IN MX 10 mx.example.com.\n"
    again = publishing(run, MX, PTR)
    assert (again["changed"], again["zones"], again["diff"]) == (False, [], [])


def test_reverse_names_are_published_when_asked_for(run: Runner, server: dict[tuple[str, str], Set]) -> None:
    publishing(run, PTR, skip_purposes=[])
    assert (PTR["name"], "PTR") in server


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key_secret": None}, "its secret is not base64"),
        ({"key_secret": "%%%"}, "its secret is not base64"),
        ({"state": "gone"}, "value of state must be one of"),
        ({"records": [{**MX, "type": "NS"}]}, "value of type must be one of"),
        ({"records": [{**MX, "values": ["mx"]}]}, "record 1 (example.com): 'mx' is no value of type MX"),
        ({"zone": "a b"}, "zone: 'a b' is not a name of DNS"),
        ({"server": "ns.example.com"}, "server: 'ns.example.com' is no address"),
        ({"port": 0}, "port: 0 is out of range"),
        ({"timeout": 0}, "timeout: 0.0 is out of range"),
    ],
)
def test_wrong_options_of_mail_dns_record(run: Runner, options: dict[str, Any], message: str) -> None:
    result = publishing(run, MX, **options)
    assert result["failed"]
    assert message in result["msg"]


def test_a_key_has_a_name_and_a_secret(run: Runner) -> None:
    result = run(mail_dns_record, server="192.0.2.53", records=[MX], key_name="mail")
    assert "parameters are required together: key_name, key_secret" in result["msg"]


def test_what_is_found(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        ("example.com", "MX"): Answer("ok", ("10 mx.example.com.",)),
        ("mx.example.com", "A"): Answer("ok", ("::",)),
    }
    monkeypatch.setattr(
        ask.Asker, "resolve", lambda _self, _servers, name, kind: answers.get((name, kind), Answer("nxdomain"))
    )
    gone = {**MX, "name": "old.example.com", "state": "absent"}
    found = run(mail_dns_info, records=[MX, gone], resolvers=["192.0.2.53@5353"], check=True)
    assert found["changed"] is False
    assert found["summary"] == {"ok": 1, "extra": 0, "unknown": 0, "missing": 0, "wrong": 0}
    assert found["checks"][0]["seen"][0]["server"] == "192.0.2.53@5353"
    described = mail_dns_info.RETURN
    assert all(f"    {key}:\n" in described for key in found["checks"][0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resolvers": ["one.example"]}, "resolvers: 'one.example' is no address"),
        ({"resolvers": ["192.0.2.53@x"]}, "resolvers: '192.0.2.53@x' is no address"),
        ({"resolvers": ["192.0.2.53@0"]}, "resolvers: 0 is no port"),
        ({"timeout": 0}, "timeout: 0.0 is out of range"),
        ({"at_once": -1}, "at_once: -1 is out of range"),
        ({"address_lists": ["a b"]}, "address_lists: 'a b' is not a name"),
        ({"domain_lists": [{"zone": "bl.example", "listed": "a b"}]}, "domain_lists: listed: 'a b' is not a name"),
        ({"records": ["x"]}, "dict"),
    ],
)
def test_wrong_options_of_mail_dns_info(run: Runner, options: dict[str, Any], message: str) -> None:
    result = run(mail_dns_info, **{"records": [MX], **options})
    assert result["failed"]
    assert message in result["msg"]


def test_a_host_without_a_resolver(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "host_resolvers", lambda: iter(()))
    assert "this host has no resolver" in run(mail_dns_info, records=[MX])["msg"]


@pytest.mark.parametrize("module", [mail_dns_info, mail_dns_record])
def test_without_the_library(run: Runner, module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dns.resolver", None)
    options = {"server": "192.0.2.53"} if module is mail_dns_record else {}
    assert "Install the package python3-dnspython" in run(module, records=[MX], **options)["msg"]
