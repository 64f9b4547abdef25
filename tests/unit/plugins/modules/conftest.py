# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules run as Ansible runs them, in this process: arguments as JSON in, the result as JSON out, then an exit."""

from __future__ import annotations

import functools
import importlib
import json
import pathlib
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply_accounts, remembered

MODULES = "ansible_collections.mailops.mailserver.plugins.modules"


class Play:
    """A host on which modules run. Everything that they say, to Ansible or to the system log, is kept in ``said``.

    ``warnings`` are those of the last run.
    """

    def __init__(self, root: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.said: list[str] = []
        self.warnings: list[str] = []
        self.store = str(root / "store" / "directory.sqlite")
        self._capsys = capsys

    def run(self, module: str, *, check: bool = False, diff: bool = True, **options: Any) -> dict[str, Any]:
        """The result of a module, with ``failed`` when it failed."""
        name = importlib.import_module(f"{MODULES}.{module}")
        self.warnings.clear()
        given = {"path": self.store, **options, "_ansible_check_mode": check, "_ansible_diff": diff}
        with patch_module_args(given), pytest.raises(SystemExit) as end:
            name.main()
        out, err = self._capsys.readouterr()
        self.said += [out, err, *self.warnings]
        result: dict[str, Any] = json.loads(out)
        assert bool(end.value.code) == bool(result.get("failed"))
        assert result["invocation"] == {} or result.get("failed")
        return result

    def create(self, **options: Any) -> dict[str, Any]:
        """Run mail_store with every path below the root."""
        paths = {"mail_directory": "vmail", "postfix_tables": "tables", "autoreply_directory": "autoreply"}
        return self.run("mail_store", **{**{key: str(self.root / name) for key, name in paths.items()}, **options})

    def tree(self) -> dict[str, tuple[int, bytes]]:
        """Mode and content of everything on the host."""
        return {
            str(path.relative_to(self.root)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in sorted(self.root.rglob("*"))
        }


@pytest.fixture
def fresh(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, any_user: None
) -> Play:
    """A host that has nothing, not even mail programs."""
    monkeypatch.setattr(commands, "find", lambda _name: None)
    path = str(tmp_path / "run" / "verified")
    monkeypatch.setattr(apply_accounts, "Remembered", functools.partial(remembered.Remembered, path))
    root = tmp_path / "host"
    root.mkdir()
    play = Play(root, capsys)
    monkeypatch.setattr(AnsibleModule, "warn", lambda _self, message: play.warnings.append(message))
    monkeypatch.setattr(AnsibleModule, "_log_to_syslog", lambda _self, message: play.said.append(str(message)))
    return play


@pytest.fixture
def play(fresh: Play) -> Play:
    """A host with a store and the domain example.com."""
    fresh.create()
    fresh.run("mail_domain", name="example.com")
    return fresh
