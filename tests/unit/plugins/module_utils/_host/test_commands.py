# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs: found where the system keeps them, run without a shell, in the C locale."""

from __future__ import annotations

import pathlib
import sys

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands

NAME = "a-program-that-no-system-has"


def program(directory: pathlib.Path, mode: int = 0o755) -> pathlib.Path:
    directory.mkdir(exist_ok=True)
    path = directory / NAME
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


def test_the_system_comes_first(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "sh"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commands.find("sh") in ("/usr/bin/sh", "/bin/sh")


def test_a_short_path_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH", raising=False)
    assert commands.find("sh")
    assert commands.find(NAME) is None
    assert commands.require("sh", "Dash") == commands.find("sh")
    with pytest.raises(MailError, match=f"Dash: the program '{NAME}' is not installed. Install Dash first."):
        commands.require(NAME, "Dash")


def test_other_directories_of_path_count(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path}:{path.parent}")
    assert commands.find(NAME) == str(path)
    path.chmod(0o644)
    assert commands.find(NAME) is None


@pytest.mark.parametrize("path", ["", ".", ":", "bin", "/nowhere::"])
def test_nothing_is_run_from_the_current_directory(
    path: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path)
    program(tmp_path / "bin")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path)
    assert commands.find(NAME) is None


def test_a_directory_is_no_program(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / NAME).mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commands.find(NAME) is None


def test_arguments_and_input_arrive_as_they_are() -> None:
    script = (
        "import sys; print(sys.argv[1:]); print(sys.stdin.read().upper()); print('e', file=sys.stderr); sys.exit(3)"
    )
    result = commands.run([sys.executable, "-c", script, "$HOME", "~", "a b", "'", "*"], stdin="secret ü")
    assert result.status == 3
    assert result.stdout == "['$HOME', '~', 'a b', \"'\", '*']\nSECRET Ü\n"
    assert result.stderr == "e\n"


def test_the_locale_is_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    script = "import os; print(*(os.environ[name] for name in ('LANG', 'LC_ALL', 'LC_MESSAGES')))"
    assert commands.run([sys.executable, "-c", script]).stdout == "C C C\n"


def test_output_that_is_not_utf8_is_kept() -> None:
    out = commands.run([sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'\\xff')"]).stdout
    assert out.encode("utf-8", "surrogateescape") == b"\xff"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["/nowhere/postmap", "x"], "/nowhere/postmap: cannot be run: No such file or directory"),
        (["/", "x"], "/: cannot be run: Permission denied"),
        ([sys.executable, "-c", "import time; time.sleep(9)"], f"{sys.executable}: did not end within 0.2 seconds"),
    ],
)
def test_a_failure_names_the_program(argv: list[str], message: str) -> None:
    with pytest.raises(MailError) as error:
        commands.run(argv, stdin="secret", timeout=0.2)
    assert error.value.message == message
