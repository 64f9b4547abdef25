# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new configuration of Dovecot is judged, published and proved, or taken back whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dovecot import apply, daemon, probe
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A host whose daemon is played: ``words`` is what it says against a reload, ``calls`` what it was told."""
    state: dict[str, Any] = {"running": True, "words": [], "calls": [], "broken": [], "config": tmp_path / "main.conf"}

    def reload_or_start(*, running: bool) -> list[str]:
        state["calls"].append("reload" if running else "start")
        return state["words"].pop(0) if state["words"] else []

    monkeypatch.setattr(daemon, "is_running", lambda: state["running"])
    monkeypatch.setattr(daemon, "judge", lambda *_args, **_more: [])
    monkeypatch.setattr(daemon, "reload_or_start", reload_or_start)
    monkeypatch.setattr(daemon, "stop", lambda: state["calls"].append("stop"))
    monkeypatch.setattr(apply, "_probe", lambda _config: probe.Findings(state["broken"], []))
    return state


def converge(host: dict[str, Any], text: str, *, check_mode: bool = False, wanted: str = "running") -> Any:
    config = str(host["config"])
    entry = {"path": config, "content": text, "mode": "0644", "secret": False}
    return apply.converge({"config": config, "files": [entry], "daemon": wanted}, check_mode=check_mode)


def names(host: dict[str, Any]) -> list[str]:
    return sorted(path.name for path in host["config"].parent.iterdir())


def test_published_kept_and_reloaded(host: dict[str, Any]) -> None:
    host["config"].write_text("old\n")
    host["config"].chmod(0o644)
    outcome = converge(host, "new\n")
    assert outcome.changed
    assert host["config"].read_text() == "new\n"
    assert [Path(path).read_text() for path in outcome.facts["backup_files"]] == ["old\n"]
    assert host["calls"] == ["reload"]
    assert not converge(host, "new\n").changed
    assert host["calls"] == ["reload"]


def test_check_mode_writes_nothing(host: dict[str, Any]) -> None:
    host["running"] = False
    outcome = converge(host, "new\n", check_mode=True)
    assert outcome.changed
    assert outcome.facts["started"]
    assert names(host) == []
    assert host["calls"] == []


def test_what_is_only_judged_is_not_written(host: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def judge(*_args: object, **more: Any) -> list[str]:
        asked.append(more)
        return ["a note"]

    monkeypatch.setattr(daemon, "judge", judge)
    outcome = converge(host, "new\n", wanted="untouched")
    assert (outcome.changed, outcome.facts["not_judged"], asked) == (
        False,
        ["a note"],
        [{"foretell": False, "listen": False}],
    )
    assert (names(host), host["calls"]) == ([], [])


@pytest.mark.parametrize("how", ["words", "broken"])
def test_a_daemon_that_does_not_serve_gets_the_old_file_back(host: dict[str, Any], how: str) -> None:
    host["config"].write_text("old\n")
    host["words"] = [["config: Error: no such setting"]] if how == "words" else []
    host["broken"] = ["imap on port 143: refused"] if how == "broken" else []
    with pytest.raises(MailError, match=r"no such setting|refused"):
        converge(host, "new\n")
    assert host["config"].read_text() == "old\n"
    assert host["calls"] == ["reload", "reload"]
    assert not [name for name in names(host) if name.endswith(".unproved")]


def test_a_first_start_in_vain_leaves_nothing(host: dict[str, Any]) -> None:
    host["running"] = False
    host["words"] = [["master: Fatal: bind failed"]]
    with pytest.raises(MailError, match="bind failed"):
        converge(host, "new\n")
    assert names(host) == []
    assert host["calls"] == ["start", "stop"]


def test_an_interrupted_run_is_finished_by_the_next(host: dict[str, Any]) -> None:
    host["config"].write_text("new\n")
    host["config"].chmod(0o644)
    (host["config"].parent / "main.conf.unproved").touch()
    assert converge(host, "new\n").changed
    assert host["calls"] == ["reload"]
    assert names(host) == ["main.conf"]
