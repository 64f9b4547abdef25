# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files are published whole or not at all."""

from __future__ import annotations

import errno
import os
import pathlib
import stat
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import files

pytestmark = pytest.mark.usefixtures("any_user")

ME: dict[str, int] = {"uid": os.geteuid(), "gid": os.getegid()}


def mode(path: Any) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def test_reading(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    assert files.read_text(str(path)) is None
    assert files.read_bytes(str(path)) is None
    path.write_bytes(b"\xffb\r\n")
    assert files.read_bytes(str(path)) == b"\xffb\r\n"
    text = files.read_text(str(path))
    assert text is not None
    assert text.encode("utf-8", "surrogateescape") == b"\xffb\r\n"
    assert files.read_text(f"{path}/below") is None


def test_what_others_planted_is_not_read(tmp_path: pathlib.Path) -> None:
    path, link, pipe = (tmp_path / name for name in ("file", "link", "pipe"))
    assert files.read_foreign(str(path)) is None
    path.write_bytes(b"\xffb")
    link.symlink_to(path)
    os.mkfifo(pipe)
    assert files.read_foreign(str(path)) == files.read_text(str(path))
    assert [files.read_foreign(str(other)) for other in (link, pipe, tmp_path)] == [None, None, None]


@pytest.mark.parametrize("wanted", [0o600, 0o640, 0o644])
@pytest.mark.parametrize("data", [b"", b"text\n", bytes(range(256)) * 4096])
def test_a_file_is_published_with_its_mode(tmp_path: pathlib.Path, wanted: int, data: bytes) -> None:
    path = tmp_path / "file"
    for _again in range(2):
        files.publish(str(path), data, mode=wanted, **ME)
        assert path.read_bytes() == data
        assert mode(path) == wanted
        assert os.listdir(tmp_path) == ["file"]


def test_a_new_secret_is_never_wider_than_its_mode(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    fsync, fchown = os.fsync, os.fchown

    def watch(descriptor: int, *args: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        (fchown if args else fsync)(descriptor, *args)

    monkeypatch.setattr(os, "fchown", watch)
    monkeypatch.setattr(os, "fsync", watch)
    old_mask = os.umask(0)
    try:
        files.publish(str(tmp_path / "secret"), b"x", mode=0o600, **ME)
    finally:
        os.umask(old_mask)
    assert set(seen[:2]) == {0o600}


@pytest.mark.parametrize("step", ["write", "fchown", "fchmod", "fsync", "read back", "rename"])
def test_the_old_file_stays_when_any_step_fails(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail(*_args: Any, **_options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "write":
        monkeypatch.setattr(os, "open", fail)
    elif step == "read back":
        monkeypatch.setattr(files, "read_bytes", lambda _path: b"half")
    else:
        monkeypatch.setattr(os, step, fail)
    with pytest.raises(MailError) as error:
        files.publish(str(path), b"new", mode=0o644, **ME)
    monkeypatch.undo()
    assert error.value.where == str(path)
    assert "The file was left unchanged. Mend the cause (free space, rights) and run again." in error.value.message
    assert ("read back" if step == "read back" else "No space left") in error.value.message
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_directory_that_is_not_there_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(MailError, match=r"none/file: cannot be written: No such file or directory"):
        files.publish(str(tmp_path / "none" / "file"), b"", mode=0o600, **ME)


def test_what_killed_runs_left_is_cleared_and_nothing_else(tmp_path: pathlib.Path) -> None:
    dead = f".file.new-{2**22 + 1}-aaaa"
    for name in (dead, f"{dead}.lmdb", ".file.new-", f".file.new-{os.getpid()}-aaaa", ".other.new-1x", "file~"):
        (tmp_path / name).write_text("")
    files.publish(str(tmp_path / "file"), b"x", mode=0o600, **ME)
    left = {"file", "file~", ".other.new-1x", f".file.new-{os.getpid()}-aaaa"}
    assert set(os.listdir(tmp_path)) == left


def test_no_symbolic_link_is_written_through(tmp_path: pathlib.Path) -> None:
    target = tmp_path / "target"
    target.write_text("untouched")
    (tmp_path / "file").symlink_to(target)
    files.publish(str(tmp_path / "file"), b"new", mode=0o600, **ME)
    assert target.read_text() == "untouched"
    assert not (tmp_path / "file").is_symlink()


def test_a_backup_looks_like_the_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    assert files.backup(str(path)) == ""
    path.write_text("old")
    path.chmod(0o640)
    copy = files.backup(str(path))
    assert copy.startswith(f"{path}.2")
    assert copy.endswith("~")
    assert pathlib.Path(copy).read_text() == "old"
    assert mode(copy) == 0o640


def test_a_directory_is_made_once(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "a" / "b" / "c")
    assert files.make_directory(path, mode=0o700, **ME) is True
    assert mode(path) == 0o700
    assert files.make_directory(path, mode=0o700, **ME) is False
    assert files.make_directory(path, mode=0o755, **ME) is False
    assert mode(path) == 0o700


@pytest.mark.parametrize("kind", ["file", "link", "below a file"])
def test_what_is_in_the_way_of_a_directory_is_named(tmp_path: pathlib.Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "link":
        path.symlink_to(tmp_path)
    else:
        path.write_text("")
    wanted = str(path / "y") if kind == "below a file" else str(path)
    with pytest.raises(MailError) as error:
        files.make_directory(wanted, mode=0o700, **ME)
    assert error.value.message.startswith(f"{wanted}: ")
    assert "directory" in error.value.message


def test_a_tree_is_removed_with_its_links_but_not_what_they_lead_to(tmp_path: pathlib.Path) -> None:
    home = tmp_path / "vmail" / "example.com" / "alice"
    (home / "Maildir" / "cur").mkdir(parents=True)
    (home / "Maildir" / "cur" / "1").write_text("mail")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    (home / "link").symlink_to(outside)
    files.remove_tree(str(home), inside=str(tmp_path / "vmail"))
    assert not home.exists()
    assert (outside / "kept").exists()
    files.remove_tree(str(home), inside=str(tmp_path / "vmail"))


@pytest.mark.parametrize("path", ["outside", "vmail", "vmail/../outside", "vmail/link", "vmail/link/below", "vmail-2"])
def test_nothing_outside_is_removed(tmp_path: pathlib.Path, path: str) -> None:
    for name in ("outside/below", "vmail/alice", "vmail-2"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "vmail" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(MailError) as error:
        files.remove_tree(str(tmp_path / path), inside=str(tmp_path / "vmail"))
    assert error.value.message.startswith(f"{tmp_path / path}: lies outside {tmp_path / 'vmail'}")
    assert "not removed" in error.value.message
    for name in ("outside/below", "vmail/alice", "vmail-2"):
        assert (tmp_path / name).is_dir()


def test_a_rewritten_file_keeps_its_mode_and_a_link_stays_one(tmp_path: pathlib.Path) -> None:
    real, link = tmp_path / "real.cf", tmp_path / "main.cf"
    real.write_text("old\n")
    real.chmod(0o640)
    link.symlink_to(real)
    files.rewrite(str(link), "new\n")
    assert link.is_symlink()
    assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == ("new\n", 0o640)
