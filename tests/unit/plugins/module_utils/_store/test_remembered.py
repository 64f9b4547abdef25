# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of verified passwords, and when it is not trusted."""

from __future__ import annotations

import os
import pathlib
import stat

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._store.remembered import Remembered

ALICE, PASSWORD, HASH = "alice@example.com", "Correct-horse-9", "$6$saltsalt$" + "a" * 86


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    """A file in which one password is remembered."""
    found = tmp_path / "run" / "verified"
    filled = Remembered(str(found))
    filled.add(ALICE, PASSWORD, HASH)
    filled.save()
    return found


def test_it_knows_what_it_learnt_and_nothing_else(path: pathlib.Path) -> None:
    again = Remembered(str(path))
    assert again.knows(ALICE, PASSWORD, HASH)
    assert not again.knows(ALICE, PASSWORD + "x", HASH)
    assert not again.knows(ALICE, PASSWORD, HASH.replace("a", "b"))
    assert not again.knows("bob@example.com", PASSWORD, HASH)
    assert not again.knows(ALICE, f"{PASSWORD}\0", HASH)


def test_it_learns_more(path: pathlib.Path) -> None:
    again = Remembered(str(path))
    again.add("bob@example.com", "x", "y")
    again.add(ALICE, "new", "hash")
    again.save()
    third = Remembered(str(path))
    assert third.knows("bob@example.com", "x", "y")
    assert third.knows(ALICE, "new", "hash")
    assert not third.knows(ALICE, PASSWORD, HASH)


def test_the_file_is_private_and_holds_no_secret(path: pathlib.Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    text = path.read_text()
    assert PASSWORD not in text
    assert HASH not in text


def test_two_hosts_have_two_keys(tmp_path: pathlib.Path, path: pathlib.Path) -> None:
    other = tmp_path / "other" / "verified"
    filled = Remembered(str(other))
    filled.add(ALICE, PASSWORD, HASH)
    filled.save()
    assert set(other.read_text().split()) & set(path.read_text().split()) == {ALICE}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o700])
def test_a_file_that_others_may_touch_is_not_trusted(path: pathlib.Path, mode: int) -> None:
    path.chmod(mode)
    assert not Remembered(str(path)).knows(ALICE, PASSWORD, HASH)


def test_somebody_elses_file_is_not_trusted(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert not Remembered(str(path)).knows(ALICE, PASSWORD, HASH)


def test_a_link_is_not_trusted(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    assert not Remembered(str(link)).knows(ALICE, PASSWORD, HASH)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"x",
        b"x" * 64,
        b"\xff" * 64 + b"\n",
        b"a" * 63 + b"\n",
        b"\0" * 1000,
        b"a" * 64 + b"\nalice@example.com\n",
        b"a" * 64 + b"\nalice@example.com \xc3\xa4\xff\n",
    ],
)
def test_a_damaged_file_counts_as_empty_and_is_replaced(path: pathlib.Path, data: bytes) -> None:
    path.write_bytes(data)
    damaged = Remembered(str(path))
    assert not damaged.knows(ALICE, PASSWORD, HASH)
    damaged.add(ALICE, PASSWORD, HASH)
    damaged.save()
    assert Remembered(str(path)).knows(ALICE, PASSWORD, HASH)


def test_nothing_learnt_is_nothing_written(tmp_path: pathlib.Path) -> None:
    Remembered(str(tmp_path / "run" / "verified")).save()
    assert list(tmp_path.iterdir()) == []


def test_not_to_be_able_to_remember_is_no_error(tmp_path: pathlib.Path) -> None:
    (tmp_path / "run").write_text("a file in the way")
    blocked = Remembered(str(tmp_path / "run" / "verified"))
    blocked.add(ALICE, PASSWORD, HASH)
    blocked.save()
    assert blocked.knows(ALICE, PASSWORD, HASH)
