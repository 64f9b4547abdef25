# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How rspamd is asked to judge, and how it is waited for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._config_files import Wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.module_utils._rspamd import daemon, milter


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What rspamadm is asked, with the files that it would read; ``answer`` is what it says."""
    state: dict[str, Any] = {"answer": commands.Result(0, "syntax OK\n", ""), "argv": [], "files": {}}

    def run(argv: list[str], **_more: Any) -> commands.Result:
        state["argv"] = argv
        stage = Path(next(word for word in argv if word.startswith("--var=LOCAL_CONFDIR=")).split("=", 2)[2])
        state["stage"] = str(stage)
        state["files"] = {str(path.relative_to(stage)): path.read_text() for path in stage.rglob("*") if path.is_file()}
        result: commands.Result = state["answer"]
        return result._replace(stderr=result.stderr.replace("STAGE", str(stage)))

    monkeypatch.setattr(commands, "find", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(commands, "run", run)
    return state


def configuration(tmp_path: Path) -> str:
    for name in ("local.d", "override.d"):
        (tmp_path / name).mkdir()
    (tmp_path / "override.d" / "spf.conf").write_text("own\n")
    (tmp_path / "local.d" / "spf.conf").write_text("old\n")
    return str(tmp_path)


def test_new_files_are_judged_with_those_of_the_administrator(asked: dict[str, Any], tmp_path: Path) -> None:
    directory = configuration(tmp_path)
    assert daemon.judge([Wanted(f"{directory}/local.d/spf.conf", "new\n", 0o644, False)], directory) == []
    assert asked["files"] == {"local.d/spf.conf": "new\n", "override.d/spf.conf": "own\n"}
    assert asked["argv"][-1] == f"{asked['stage']}/rspamd.conf"
    assert (tmp_path / "local.d" / "spf.conf").read_text() == "old\n"
    assert not Path(asked["stage"]).exists()


def test_what_it_refuses_is_told_with_the_real_path(asked: dict[str, Any], tmp_path: Path) -> None:
    directory = configuration(tmp_path)
    asked["answer"] = commands.Result(1, "syntax BAD\n", "failed to load config: STAGE/override.d/spf.conf: line 1\n")
    with pytest.raises(MailError) as raised:
        daemon.judge([], directory)
    assert f"failed to load config: {directory}/override.d/spf.conf: line 1" in raised.value.message
    assert "Nothing was changed." in raised.value.message


def test_without_rspamd_nothing_is_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(commands, "find", lambda _name: None)
    assert "not installed" in daemon.judge([], str(tmp_path))[0]


class Host:
    """A systemd with rspamd: its workers and restarts in turn, the last of them for ever."""

    def __init__(self, workers: list[set[str]], restarts: list[int], answers: str = "") -> None:
        self.workers, self.restarts, self.answers = workers, restarts, answers
        self.verbs: list[str] = []

    def play(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(daemon, "_STEP", 0)
        monkeypatch.setattr(daemon, "_workers", lambda: self._next(self.workers))
        monkeypatch.setattr(daemon, "_restarts", lambda: self._next(self.restarts))
        monkeypatch.setattr(daemon, "_property", lambda _name: "active")
        monkeypatch.setattr(daemon, "_systemctl", self.verbs.append)
        monkeypatch.setattr(milter, "answers", lambda _path: self.answers)

    def _next(self, values: list[Any]) -> Any:
        return values.pop(0) if len(values) > 1 else values[0]


@pytest.mark.parametrize(
    ("host", "running", "words"),
    [
        (Host([{"5"}, {"5"}, {"5", "6"}], [0]), True, ""),
        (Host([set(), set(), {"6"}], [0]), False, ""),
        (Host([{"5"}], [0]), True, "the old processes go on"),
        (Host([set()], [0]), False, "it does not start"),
        (Host([set()], [0, 1]), False, "it ends again and again"),
        (Host([{"5"}, {"6"}], [0], "milter.sock: Connection refused"), True, "Connection refused"),
    ],
)
def test_new_processes_must_answer(monkeypatch: pytest.MonkeyPatch, host: Host, running: bool, words: str) -> None:
    host.play(monkeypatch)
    said = daemon.reload_or_start("/none", running=running, wait=0.05)
    assert words in said
    assert bool(words) == bool(said)
    assert host.verbs == ["reload" if running else "start"]
