# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import pwd

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands, look

SHOWN = "installed postfix 3.10.13-0+deb13u1\nconfig-files exim4 4.98-1\n"
UNITS = {
    "up.service": "ActiveState=active\nUnitFileState=enabled\n",
    "down.service": "ActiveState=inactive\nUnitFileState=disabled\n",
    "masked.service": "ActiveState=active\nUnitFileState=masked\n",
    "none.service": "ActiveState=inactive\nUnitFileState=\n",
}


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(argv: list[str]) -> commands.Result:
        return commands.Result(0, SHOWN if "dpkg-query" in argv[0] else UNITS[argv[-1]], "")

    monkeypatch.setattr(commands, "find", lambda name: f"/bin/{name}")
    monkeypatch.setattr(commands, "run", run)
    monkeypatch.setattr(look.os.path, "isdir", lambda path: path == "/run/systemd/system")


@pytest.mark.usefixtures("programs")
def test_only_installed_packages_count() -> None:
    assert look.packages(["postfix", "exim4"]) == {"postfix": "3.10.13-0+deb13u1"}


@pytest.mark.usefixtures("programs")
def test_units() -> None:
    found = look.units(list(UNITS))
    assert {name: (state["active"], state["enabled"]) for name, state in found.items()} == {
        "up.service": (True, True),
        "down.service": (False, False),
        "masked.service": (True, False),
        "none.service": (False, False),
    }


def test_a_host_without_dpkg_and_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "find", lambda _name: None)
    assert look.packages(["postfix"]) == look.units(["postfix.service"]) == {}


def test_first_words(tmp_path: pathlib.Path) -> None:
    (tmp_path / "said").write_text("dovecot\n", encoding="ascii")
    (tmp_path / "empty").write_text("", encoding="ascii")
    names = [str(tmp_path / name) for name in ("said", "empty", "none")]
    assert look.first_words(names) == {names[0]: "dovecot", names[1]: ""}


def test_users() -> None:
    own = pwd.getpwuid(os.getuid())
    found = look.users([own.pw_name, "nobody-has-this-name"])
    assert list(found) == [own.pw_name]
    assert (found[own.pw_name]["uid"], found[own.pw_name]["home"]) == (own.pw_uid, own.pw_dir)


def test_paths(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("four", encoding="ascii")
    (tmp_path / "file").chmod(0o640)
    (tmp_path / "link").symlink_to("file")
    found = look.paths([str(tmp_path / name) for name in ("file", "link", "none", ".")])
    assert [item["type"] for item in found.values()] == ["file", "link", "directory"]
    file = found[str(tmp_path / "file")]
    assert (file["mode"], file["size"], file["owner"]) == ("0640", 4, pwd.getpwuid(os.getuid()).pw_name)
