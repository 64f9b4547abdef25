# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program is one file that runs without Ansible, and its units come and go with it."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import zipfile

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import program
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands

pytestmark = pytest.mark.usefixtures("any_user")


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setattr(program, "PATH", str(tmp_path / "program"))
    monkeypatch.setattr(program, "_UNITS", str(tmp_path))
    monkeypatch.setattr(commands, "find", lambda name: None)
    return tmp_path


def test_the_same_bytes_each_time_and_nothing_of_ansible() -> None:
    packed = program.archive("/etc/ssl/mailserver")
    assert packed == program.archive("/etc/ssl/mailserver")
    assert packed != program.archive("/elsewhere")
    assert packed.startswith(b"#!/usr/bin/python3 -I\n")
    assert b"import ansible" not in packed
    assert b"from ansible" not in packed


def test_it_runs(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(program.archive(str(tmp_path)))
    assert "mailserver/_certificate/__init__.py" in zipfile.ZipFile(path).namelist()
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "No certificate is installed.\n", "")


def test_it_says_what_is_wrong(tmp_path: pathlib.Path) -> None:
    (tmp_path / "renewal.json").write_text("{", encoding="ascii")
    path = tmp_path / "program"
    path.write_bytes(program.archive(str(tmp_path)))
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{tmp_path}/renewal.json: is damaged" in done.stderr


def test_one_program_looks_after_one_directory(place: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("it's")
    (other / "renewal.json").touch()
    program.converge(str(other), present=True, check_mode=False)
    before = {path: path.read_bytes() for path in place.iterdir()}
    assert program.converge("/b", present=False, check_mode=False) == []
    for check_mode in (True, False):
        with pytest.raises(MailError, match=rf"looks after the certificates in {other} already\. Set program: false"):
            program.converge("/b", present=True, check_mode=check_mode)
    assert {path: path.read_bytes() for path in place.iterdir()} == before
    program.converge(str(other), present=False, check_mode=False)
    assert program.converge("/b", present=True, check_mode=False)


def test_a_program_whose_directory_is_gone_is_replaced(place: pathlib.Path) -> None:
    program.converge(str(place / "gone"), present=True, check_mode=False)
    assert program.converge("/b", present=True, check_mode=False)
    assert (place / "program").read_bytes() == program.archive("/b")


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"PK"])
def test_what_is_no_program_is_replaced(place: pathlib.Path, content: bytes) -> None:
    (place / "program").write_bytes(content)
    assert program.converge("/a", present=True, check_mode=False)
    assert (place / "program").read_bytes() == program.archive("/a")


def test_installed_and_removed(place: pathlib.Path) -> None:
    def converge(present: bool, check_mode: bool = False) -> list[str]:
        changes = program.converge("/etc/ssl/mailserver", present=present, check_mode=check_mode)
        return [pathlib.Path(change.name).name for change in changes]

    files = ["program", "mailserver-certificates.service", "mailserver-certificates.timer"]
    assert converge(True, check_mode=True) == files
    assert not list(place.iterdir())
    assert converge(True) == files
    assert (place / "program").stat().st_mode & 0o777 == 0o755
    assert converge(True) == []
    (place / "program").chmod(0o777)
    assert converge(True) == ["program"]
    assert converge(False, check_mode=True) == files
    assert converge(False) == files
    assert not list(place.iterdir())
    assert converge(False) == []
