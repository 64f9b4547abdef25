# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new configuration of fail2ban is judged, published and proved, or taken back whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._fail2ban import apply, daemon
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands, files


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A host whose daemon is played: ``words`` is what goes wrong, ``calls`` what it was told."""
    state: dict[str, Any] = {"running": True, "words": [], "calls": [], "notes": [], "jails": {"mail"}}
    state["file"] = tmp_path / "jail.conf"

    def reload_or_start(_jails: list[str], *, running: bool) -> list[str]:
        state["calls"].append("reload" if running else "start")
        return [state["words"].pop(0)] if state["words"] else []

    publish = files.publish
    monkeypatch.setattr(files, "publish", lambda path, data, *, mode, **_owner: publish(path, data, mode=mode))
    monkeypatch.setattr(daemon, "is_running", lambda: state["running"])
    monkeypatch.setattr(daemon, "missing", lambda wanted: [name for name in wanted if name not in state["jails"]])
    monkeypatch.setattr(daemon, "judge", lambda *_args: state["notes"])
    monkeypatch.setattr(daemon, "reload_or_start", reload_or_start)
    monkeypatch.setattr(daemon, "stop", lambda: state["calls"].append("stop"))
    return state


def converge(host: dict[str, Any], text: str, *, check_mode: bool = False, path: str = "") -> Any:
    entry = {"path": path or str(host["file"]), "content": text, "mode": "0644"}
    params = {"directory": str(host["file"].parent), "files": [entry], "jails": ["mail"], "logs": [], "nftables": True}
    return apply.converge(params, check_mode=check_mode)


def write(host: dict[str, Any], text: str) -> None:
    host["file"].write_text(text)
    host["file"].chmod(0o644)


def test_published_kept_and_reloaded(host: dict[str, Any]) -> None:
    write(host, "old\n")
    outcome = converge(host, "new\n")
    assert outcome.changed
    assert host["file"].read_text() == "new\n"
    assert [Path(path).read_text() for path in outcome.facts["backup_files"]] == ["old\n"]
    assert not converge(host, "new\n").changed
    assert host["calls"] == ["reload"]


def test_check_mode_writes_nothing(host: dict[str, Any]) -> None:
    host.update(running=False, notes=["fail2ban is not installed here."])
    outcome = converge(host, "new\n", check_mode=True)
    assert outcome.changed
    assert outcome.facts["started"]
    assert list(host["file"].parent.iterdir()) == []
    assert host["calls"] == []


def test_a_host_without_fail2ban_is_left_alone(host: dict[str, Any]) -> None:
    host.update(running=False, notes=["fail2ban is not installed here."])
    with pytest.raises(MailError, match="is not installed"):
        converge(host, "new\n")
    assert list(host["file"].parent.iterdir()) == []


def test_a_jail_that_does_not_watch_gets_the_old_file_back(host: dict[str, Any]) -> None:
    write(host, "old\n")
    host["words"] = ["it does not run with mail"]
    with pytest.raises(MailError, match=r"does not run with mail.*runs on with them"):
        converge(host, "new\n")
    assert host["file"].read_text() == "old\n"
    assert host["calls"] == ["reload", "reload"]


def test_a_first_start_in_vain_leaves_nothing(host: dict[str, Any]) -> None:
    host.update(running=False, words=["it does not start"])
    with pytest.raises(MailError, match="it does not start"):
        converge(host, "new\n")
    assert list(host["file"].parent.iterdir()) == []
    assert host["calls"] == ["start", "stop"]


def test_a_jail_that_was_stopped_by_hand_is_started(host: dict[str, Any]) -> None:
    write(host, "new\n")
    host["jails"] = set()
    assert converge(host, "new\n").changed
    assert host["calls"] == ["reload"]


def test_an_interrupted_run_is_finished_by_the_next(host: dict[str, Any]) -> None:
    write(host, "new\n")
    (host["file"].parent / ".mailserver-unproved").touch()
    assert converge(host, "new\n").changed
    assert host["calls"] == ["reload"]
    assert [path.name for path in host["file"].parent.iterdir()] == ["jail.conf"]


def test_files_elsewhere_are_refused(host: dict[str, Any]) -> None:
    with pytest.raises(MailError, match="is not below"):
        converge(host, "new\n", path="/etc/passwd")


def test_nftables_that_cannot_ban_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = commands.Result(1, "", "netlink: Error: cache initialization failed: Operation not permitted\n")
    monkeypatch.setattr(commands, "find", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(commands, "run", lambda *_args, **_words: refusal)
    params = {"directory": str(tmp_path), "logs": [], "nftables": True}
    with pytest.raises(MailError, match=r"nftables can ban nobody here: .*Operation not permitted"):
        daemon.judge([], params)
    with pytest.raises(MailError, match="there is no such file"):
        daemon.judge([], {**params, "logs": [str(tmp_path / "mail.log")]})
