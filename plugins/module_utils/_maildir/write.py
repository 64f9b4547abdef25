# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing into Maildirs with their users' rights: whole files by rename, and no link is followed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

from .folder import Work
from .look import directory, raw

_NEW = ".mailserver-new"


def publish(parent: int, name: str, content: str) -> None:
    """A reader sees the old file or the new one. A link in its place is replaced, not followed."""
    temporary = raw(name + _NEW)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(temporary, flags, 0o600, dir_fd=parent)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content.encode("utf-8", "surrogateescape"))
            handle.flush()
            os.fsync(descriptor)
        os.rename(temporary, raw(name), src_dir_fd=parent, dst_dir_fd=parent)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=parent)
        raise


def carry_out(maildir: int, work: Work) -> None:
    """First the files, then the names of messages: whatever interrupts it, the next run finds the rest to do."""
    with directory(maildir, work.name) as here:
        if here is None:
            return
        try:
            _carry_out(here, work)
        except FileNotFoundError:
            if os.fstat(here).st_nlink:  # otherwise a client has just deleted the folder
                raise


def _carry_out(here: int, work: Work) -> None:
    for path, content in work.write.items():
        _put(here, path, content)
    for path in work.remove:
        _remove(here, path)
    if work.rename:
        _rename(here, work.rename)
    if work.settle:
        _settle(here, work.settle)
    os.fsync(here)


def _put(here: int, path: str, content: str) -> None:
    parent, _slash, name = path.rpartition("/")
    if parent:
        with contextlib.suppress(FileExistsError):
            os.mkdir(raw(parent), 0o700, dir_fd=here)
    with directory(here, parent) as place:
        if place is not None:
            publish(place, name, content)


def _remove(here: int, path: str) -> None:
    parent, _slash, name = path.rpartition("/")
    with directory(here, parent) as place:
        if place is not None:
            with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
                os.unlink(raw(name), dir_fd=place)


def _rename(here: int, pairs: Sequence[tuple[str, str]]) -> None:
    with directory(here, "cur") as cur:
        if cur is None:
            return
        for old, new in pairs:
            if not _there(cur, new):
                with contextlib.suppress(FileNotFoundError):
                    os.rename(raw(old), raw(new), src_dir_fd=cur, dst_dir_fd=cur)
        os.fsync(cur)


def _settle(here: int, found: Sequence[str]) -> None:
    with directory(here, "new") as new, directory(here, "cur") as cur:
        if new is None or cur is None:
            return
        for name in found:
            seen = name if ":2," in name else f"{name}:2,"
            if not _there(cur, seen):
                with contextlib.suppress(FileNotFoundError):
                    os.rename(raw(name), raw(seen), src_dir_fd=new, dst_dir_fd=cur)
        os.fsync(cur)
        os.fsync(new)


def move_folders(maildir: int, moves: Sequence[tuple[str, str]]) -> None:
    """Directories of folders that get another name; those that have it already are skipped."""
    for old, new in moves:
        if _there(maildir, old) and not _there(maildir, new):
            os.rename(raw(old), raw(new), src_dir_fd=maildir, dst_dir_fd=maildir)
    os.fsync(maildir)


def _there(parent: int, name: str) -> bool:
    try:
        os.stat(raw(name), dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
