# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings are judged, published and proved, or the old files come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._courier import apply, daemon
from ansible_collections.mailops.mailserver.plugins.module_utils._courier.listeners import FILES, LISTENERS, UNITS
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import files
from ansible_collections.mailops.mailserver.plugins.module_utils._host.ports import Holder

PORTS = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995}
TEXTS = {
    "imapd": "# mine\nADDRESS=0\nPORT=143\nMAXDAEMONS=40\nMAXPERIP=20\n",
    "imapd-ssl": "SSLPORT=993\nTLS_CERTFILE=/dev/null\n",
    "pop3d": "ADDRESS=0\nPORT=110\nMAXDAEMONS=40\nMAXPERIP=20\n",
    "pop3d-ssl": "SSLPORT=995\nTLS_CERTFILE=/dev/null\n",
    "authdaemonrc": "daemons=5\n",
    "authsqliterc": "##NAME: MARKER:0\n",
}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A host with Courier's files whose units are played: ``faults`` are what the ports answer, one after the other."""
    units = {unit: {"active": True, "enabled": True} for unit in UNITS}
    listening = {item.standard_port: Holder("7", "couriertcpd", item.unit) for item in LISTENERS}
    state: dict[str, Any] = {"path": tmp_path, "calls": [], "faults": [], "units": units, "listening": listening}
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text)
    publish = files.publish

    def systemctl(word: str, *words: str) -> list[str]:
        state["calls"].append(" ".join([word, *words]).replace(".service", "").replace("courier-", ""))
        for unit in words:
            if word in ("enable", "disable"):
                units.get(unit, {})["enabled"] = word == "enable"
            if word in ("stop", "restart") or (unit in units and "--now" in words):
                units[unit]["active"] = word == "restart"
        return []

    def held(ports: dict[str, int]) -> dict[str, list[Holder]]:
        return {name: [listening[port]] if port in listening else [] for name, port in ports.items()}

    def ask_ports(*_given: Any) -> list[str]:
        return state["faults"].pop(0) if state["faults"] else []

    monkeypatch.setattr(files, "publish", lambda path, data, *, mode, **_owner: publish(path, data, mode=mode))
    monkeypatch.setattr(daemon, "states", lambda names: {unit: dict(units[unit]) for unit in names})
    monkeypatch.setattr(daemon, "systemctl", systemctl)
    monkeypatch.setattr(daemon, "held", held)
    monkeypatch.setattr(daemon, "try_options", lambda *_given: None)
    monkeypatch.setattr(daemon, "ask_accounts", list)
    monkeypatch.setattr(daemon, "ask_ports", ask_ports)
    return state


def converge(host: dict[str, Any], *, check_mode: bool = False, ports: Any = None, **settings: Any) -> Any:
    given = {name.replace("_", "-"): values for name, values in settings.items()}
    params = {"directory": str(host["path"]), "settings": given, "ports": {**PORTS, **(ports or {})}}
    return apply.converge(params, check_mode=check_mode)


def texts(host: dict[str, Any]) -> dict[str, str]:
    return {name: (host["path"] / name).read_text() for name in FILES}


def test_nothing_to_do_is_nothing_done(host: dict[str, Any]) -> None:
    found = converge(host, imapd={"MAXDAEMONS": "40"})
    assert (found.changed, host["calls"], texts(host)) == (False, [], TEXTS)


def test_only_the_listeners_that_read_it_start_again(host: dict[str, Any]) -> None:
    found = converge(host, imapd={"MAXDAEMONS": "400"})
    assert texts(host)["imapd"] == TEXTS["imapd"].replace("=40", "=400")
    assert host["calls"] == ["restart imap imap-ssl"]
    assert found.facts["restarted"] == ["courier-imap.service", "courier-imap-ssl.service"]
    assert [Path(path).read_text() for path in found.facts["backup_files"]] == [TEXTS["imapd"]]
    assert converge(host, imapd={"MAXDAEMONS": "400"}).changed is False


def test_check_mode_writes_nothing(host: dict[str, Any]) -> None:
    found = converge(host, check_mode=True, imapd={"MAXDAEMONS": "400"}, authdaemonrc={"authmodulelist": "authsqlite"})
    assert found.changed
    assert (host["calls"], texts(host), len(list(host["path"].iterdir()))) == ([], TEXTS, len(FILES))


def test_the_old_files_come_back_when_a_port_does_not_answer(host: dict[str, Any]) -> None:
    host["faults"] = [["imap on port 143: closed"]]
    with pytest.raises(MailError, match=r"imap on port 143: closed\. The old files were put back\.\Z"):
        converge(host, imapd={"MAXDAEMONS": "400"})
    assert texts(host) == TEXTS
    assert host["calls"] == ["restart imap imap-ssl", "restart imap imap-ssl"]


def test_it_is_said_when_the_old_files_are_no_better(host: dict[str, Any]) -> None:
    host["faults"] = [["closed"], ["closed as well"]]
    with pytest.raises(MailError, match="but Courier does not serve with them either: closed as well"):
        converge(host, imapd={"MAXDAEMONS": "400"})


def test_a_port_that_is_off_is_stopped_and_one_that_is_deaf_begins_anew(host: dict[str, Any]) -> None:
    del host["listening"][143]
    found = converge(host, ports={"pop3": 0})
    assert host["calls"] == ["disable --now pop", "restart imap"]
    assert (found.facts["stopped"], found.facts["started"]) == (["courier-pop.service"], [])
    assert found.facts["restarted"] == ["courier-imap.service"]
    assert [change.name for change in found.changes] == ["courier-pop.service", "courier-imap.service"]


def test_what_does_not_run_is_started(host: dict[str, Any]) -> None:
    host["units"]["courier-authdaemon.service"]["active"] = False
    host["units"]["courier-imap-ssl.service"] = {"active": False, "enabled": False}
    host["units"]["courier-pop.service"]["enabled"] = False
    del host["listening"][993]
    found = converge(host)
    started = ["courier-authdaemon.service", "courier-imap-ssl.service", "courier-pop.service"]
    assert found.facts["started"] == started
    assert host["calls"] == ["enable authdaemon imap-ssl pop", "restart authdaemon", "restart imap-ssl"]


def test_a_new_port_that_does_not_answer_leaves_all_as_it_was(host: dict[str, Any]) -> None:
    off = {"active": False, "enabled": False}
    host["units"]["courier-pop.service"] = dict(off)
    before = {unit: dict(state) for unit, state in host["units"].items()}
    host["faults"] = [["imap on port 1143: closed"]]
    with pytest.raises(MailError, match="The old files were put back"):
        converge(host, ports={"imap": 1143, "pop3s": 0}, imapd={"PORT": "1143"})
    assert host["units"] == before
    assert texts(host) == TEXTS


@pytest.mark.parametrize("port", [143, 1143])
def test_a_port_that_another_program_has_is_named_before_anything_changes(host: dict[str, Any], port: int) -> None:
    host["listening"][port] = Holder("9", "nginx", "nginx.service")
    settings = {"PORT": str(port), "MAXDAEMONS": "400"}
    with pytest.raises(MailError, match=rf"port {port} for imap: nginx \(process 9\) listens there\. Stop it"):
        converge(host, ports={"imap": port}, imapd=settings)
    assert (texts(host), host["calls"]) == (TEXTS, [])
    assert converge(host, check_mode=True, ports={"imap": port}, imapd=settings).changed


def test_two_listeners_may_change_their_ports(host: dict[str, Any]) -> None:
    converge(host, ports={"imap": 110, "pop3": 143}, imapd={"PORT": "110"}, pop3d={"PORT": "143"})
    assert host["calls"] == ["restart imap imap-ssl pop pop-ssl"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"imapd": {"MAXDAEMONS": "20"}}, "MAXDAEMONS (20) is not larger than MAXPERIP (20)"),
        ({"imapd": {"PORT": "1143"}}, "PORT in imapd: is '1143' and not 143"),
        ({"imapd_ssl": {"TLS_CERTFILE": "/none"}}, "the TLS file /none does not exist"),
        ({"master_cf": {}}, "'master-cf' is not a file with settings"),
    ],
)
def test_what_is_wrong_is_never_written(host: dict[str, Any], settings: dict[str, Any], words: str) -> None:
    with pytest.raises(MailError) as error:
        converge(host, **settings)
    assert words in error.value.message
    assert (texts(host), host["calls"]) == (TEXTS, [])


@pytest.mark.parametrize("line", ["MAXPERIP = 3\n", "if\n"])
def test_a_line_that_the_shell_cannot_read_is_named(host: dict[str, Any], line: str) -> None:
    (host["path"] / "imapd").write_text(TEXTS["imapd"] + line)
    with pytest.raises(MailError, match=r"the shell cannot read imapd and imapd-ssl: .*Mend that line"):
        converge(host, imapd={"MAXDAEMONS": "400"})
    assert host["calls"] == []


def test_a_run_that_was_killed_is_finished(host: dict[str, Any]) -> None:
    (host["path"] / ".mailserver-unproved").write_text("")
    assert converge(host).changed
    assert host["calls"] == ["restart authdaemon", "restart imap imap-ssl pop pop-ssl"]
    assert converge(host).changed is False


def test_without_courier_check_mode_foretells(host: dict[str, Any]) -> None:
    (host["path"] / "imapd").unlink()
    found = converge(host, check_mode=True, imapd={"MAXDAEMONS": "400"})
    assert found.changed
    assert found.facts["not_judged"]
    with pytest.raises(MailError, match="Courier: is not installed"):
        converge(host, imapd={"MAXDAEMONS": "400"})
