# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that daemons read: published whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator

from .._errors import MailError


def read_text(path: str) -> str | None:
    """The file's text (UTF-8, undecodable bytes kept as surrogates), or None when there is no such file."""
    data = read_bytes(path)
    return None if data is None else data.decode("utf-8", "surrogateescape")


def read_bytes(path: str) -> bytes | None:
    """The file's bytes, or None when there is no such file."""
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_foreign(path: str) -> str | None:
    """As ``read_text``, in a directory that others write to: None for a link or pipe that they may have planted."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
            return None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as handle:
        return handle.read().decode("utf-8", "surrogateescape")


def publish(path: str, data: bytes, *, mode: int, uid: int = 0, gid: int = 0) -> None:
    """Put ``data`` at ``path``: a reader sees the old file or the new one, whole, also after a crash or a full disk.

    The new file is written aside in the same directory (0600 until it is complete), synced, read back and renamed.
    Raises MailError, with the old file untouched, when any of this fails.
    """
    with aside(path) as temporary:
        write_new(temporary, data, mode=mode, uid=uid, gid=gid)
        if read_bytes(temporary) != data:
            raise OSError(errno.EIO, "what was written does not read back")
        move_into_place(temporary, path)


def rewrite(path: str, text: str) -> None:
    """Publish a text with the mode and owner of the file that is there, else 0644 and root's; a link stays a link."""
    real = os.path.realpath(path)
    try:
        found = os.stat(real)
        mode, uid, gid = stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid
    except FileNotFoundError:
        mode, uid, gid = 0o644, 0, 0
    publish(real, text.encode("utf-8", "surrogateescape"), mode=mode, uid=uid, gid=gid)


def write_new(path: str, data: bytes, *, mode: int, uid: int = 0, gid: int = 0) -> None:
    """Write and sync a file that is not there yet; until it is complete only its writer may read it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fchown(descriptor, uid, gid)
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)


@contextlib.contextmanager
def aside(path: str) -> Iterator[str]:
    """A name beside ``path`` for its successor, unused and hidden from include globs; removed if it is left over.

    Turns OSError into a MailError that names ``path``. What killed runs left behind is cleared first.
    """
    directory, name = os.path.split(path)
    prefix = f".{name}.new-"
    temporary = os.path.join(directory, f"{prefix}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        _clear_leftovers(directory, prefix)
        yield temporary
    except OSError as error:
        raise MailError(
            f"cannot be written: {error.strerror or error}",
            where=path,
            mend="The file was left unchanged. Mend the cause (free space, rights) and run again.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _clear_leftovers(directory: str, prefix: str) -> None:
    for name in os.listdir(directory):
        if name.startswith(prefix):
            pid = name[len(prefix) :].split("-")[0]
            if not (pid.isdigit() and os.path.exists(f"/proc/{pid}")):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(directory, name))


def move_into_place(temporary: str, path: str) -> None:
    """Rename over ``path`` and sync the directory, so that the new name survives a power cut."""
    os.rename(temporary, path)
    sync_directory(os.path.dirname(path))


def sync_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def backup(path: str) -> str:
    """Copy ``path`` to a dated name beside it, with the same mode and owner, and give that name (``''``: no file)."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return ""
    copy = f"{path}.{time.strftime('%Y-%m-%d@%H:%M:%S')}~"
    data = read_bytes(path)
    publish(copy, data or b"", mode=stat.S_IMODE(found.st_mode), uid=found.st_uid, gid=found.st_gid)
    return copy


def make_directory(path: str, *, mode: int, uid: int = 0, gid: int = 0) -> bool:
    """Make a directory with this mode and owner unless there is one; True when it was made. Parents are 0755.

    One that is there is left as it is: it may be shared. Raises MailError, also when something else is in the way.
    """
    if os.path.isdir(path) and not os.path.islink(path):
        return False
    temporary = f"{path}.new-{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        os.mkdir(temporary, 0o700)
        os.chown(temporary, uid, gid)
        os.chmod(temporary, mode)
        os.rename(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.rmdir(temporary)
        raise MailError(
            f"cannot be made a directory: {error.strerror or error}",
            where=path,
            mend="Move what is in its way, or choose another place.",
        ) from error
    return True


def remove_tree(path: str, *, inside: str) -> None:
    """Remove a directory tree that must lie below ``inside``; symbolic links are removed, never followed."""
    real = os.path.realpath(path)
    if os.path.islink(path) or not real.startswith(os.path.realpath(inside) + os.sep):
        raise MailError(f"lies outside {inside}", where=path, mend="It was not removed; remove it by hand if you must.")
    try:
        shutil.rmtree(real)
    except FileNotFoundError:
        return
    except OSError as error:
        raise MailError(f"cannot be removed: {error.strerror or error}", where=path) from error
