# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new configuration of rspamd is judged, published and proved, or taken back whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import files
from ansible_collections.mailops.mailserver.plugins.module_utils._rspamd import apply, daemon


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A host whose daemon is played: ``words`` is what happens instead of an answer, ``calls`` what it was told."""
    state: dict[str, Any] = {"running": True, "words": [], "calls": [], "notes": [], "file": tmp_path / "spf.conf"}

    def reload_or_start(_socket: str, *, running: bool, wait: float) -> str:
        assert wait == 9
        state["calls"].append("reload" if running else "start")
        return state["words"].pop(0) if state["words"] else ""

    publish = files.publish
    monkeypatch.setattr(files, "publish", lambda path, data, *, mode, **_owner: publish(path, data, mode=mode))
    monkeypatch.setattr(daemon, "is_running", lambda: state["running"])
    monkeypatch.setattr(daemon, "judge", lambda *_args: state["notes"])
    monkeypatch.setattr(daemon, "judge_readable", lambda _paths: None)
    monkeypatch.setattr(daemon, "reload_or_start", reload_or_start)
    monkeypatch.setattr(daemon, "stop", lambda: state["calls"].append("stop"))
    return state


def converge(host: dict[str, Any], text: str, *, check_mode: bool = False, path: str = "") -> Any:
    entry = {"path": path or str(host["file"]), "content": text, "mode": "0644"}
    params = {
        "directory": str(host["file"].parent),
        "files": [entry],
        "readable": [],
        "socket": "/none",
        "wait": 9,
        "daemon": "running",
    }
    return apply.converge(params, check_mode=check_mode)


def names(host: dict[str, Any]) -> list[str]:
    return sorted(path.name for path in host["file"].parent.iterdir())


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
    host.update(running=False, notes=["rspamd is not installed here."])
    outcome = converge(host, "new\n", check_mode=True)
    assert outcome.changed
    assert outcome.facts["started"]
    assert outcome.facts["not_judged"] == ["rspamd is not installed here."]
    assert names(host) == []
    assert host["calls"] == []


def test_a_host_without_rspamd_is_left_alone(host: dict[str, Any]) -> None:
    host.update(running=False, notes=["rspamd is not installed here."])
    with pytest.raises(MailError, match="is not installed"):
        converge(host, "new\n")
    assert names(host) == []


def test_a_daemon_that_does_not_answer_gets_the_old_file_back(host: dict[str, Any]) -> None:
    write(host, "old\n")
    host["words"] = ["milter.sock: Connection refused"]
    with pytest.raises(MailError, match=r"Connection refused.*rspamd serves on"):
        converge(host, "new\n")
    assert host["file"].read_text() == "old\n"
    assert host["calls"] == ["reload", "reload"]
    assert ".mailserver-unproved" not in names(host)


def test_a_first_start_in_vain_leaves_nothing(host: dict[str, Any]) -> None:
    host.update(running=False, words=["it does not start"])
    with pytest.raises(MailError, match="it does not start"):
        converge(host, "new\n")
    assert names(host) == []
    assert host["calls"] == ["start", "stop"]


def test_an_interrupted_run_is_finished_by_the_next(host: dict[str, Any]) -> None:
    write(host, "new\n")
    (host["file"].parent / ".mailserver-unproved").touch()
    assert converge(host, "new\n").changed
    assert host["calls"] == ["reload"]
    assert names(host) == ["spf.conf"]


def test_files_elsewhere_are_refused(host: dict[str, Any]) -> None:
    with pytest.raises(MailError, match="is not below"):
        converge(host, "new\n", path="/etc/passwd")
