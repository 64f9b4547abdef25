# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys on disk: ``DOMAIN/SELECTOR.key`` or ``.seed`` with the private key, and beside it what is known of it.

The private file is written first, so a run that was killed leaves a key that the next one takes up.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from .._errors import MailError
from .._host import files
from . import book
from .book import Held
from .plan import SUFFIX, Found

JSON = ".json"
_PRIVATE, _PUBLIC, _DIRECTORY = 0o640, 0o644, 0o750


class Place(NamedTuple):
    """The directory of all keys, and the group that may read them (-1: whichever it is)."""

    directory: str
    gid: int

    def room(self, domain: str) -> str:
        return os.path.join(self.directory, domain)

    def path(self, domain: str, selector: str) -> str:
        """The files of a key, without their suffix."""
        return os.path.join(self.directory, domain, selector)


@contextlib.contextmanager
def locked(place: Place) -> Iterator[None]:
    """Two runs take turns. Where there is no directory yet, there is nothing to lock and nothing to read."""
    try:
        descriptor = os.open(place.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield
        return
    except OSError as error:
        raise MailError(f"cannot be opened: {error.strerror}", where=place.directory) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def prepare(place: Place, path: str) -> None:
    """Make a directory of keys, closed until its owner is right, or give it its mode and owner. Raises MailError."""
    parent = os.path.dirname(path)
    try:
        if not os.path.isdir(parent):
            os.makedirs(parent, 0o755)
            os.chmod(parent, 0o755)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        if wrong(path, place):
            os.chmod(path, 0o700)
            os.chown(path, os.geteuid(), place.gid)
            os.chmod(path, _DIRECTORY)
    except OSError as error:
        what = f"cannot be made a directory of keys: {error.strerror}"
        raise MailError(what, where=path, mend="Mend the cause (free space, rights) and run again.") from error


def wrong(path: str, place: Place) -> str:
    """What mode and owner a directory has instead of the right ones; nothing when they are right or it is not there."""
    try:
        return _wrong(os.lstat(path), _DIRECTORY, place, path)
    except FileNotFoundError:
        return ""


def _wrong(found: os.stat_result, mode: int, place: Place, path: str) -> str:
    kind = stat.S_ISDIR if mode == _DIRECTORY else stat.S_ISREG
    if not kind(found.st_mode):
        what = "is no directory" if mode == _DIRECTORY else "is no ordinary file"
        raise MailError(what, where=path, mend="Move it away: keys are kept here.")
    group = found.st_gid if place.gid < 0 or mode == _PUBLIC else place.gid
    if (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (mode, os.geteuid(), group):
        return ""
    name = os.path.basename(path)
    return f"{name}: mode {stat.S_IMODE(found.st_mode):04o}, owner {found.st_uid}:{found.st_gid}"


def find(place: Place, domain: str, selector: str) -> Found:
    """What is there of a key. Raises MailError when it cannot be read, or is no ordinary file."""
    path = place.path(domain, selector)
    complaints = [wrong(place.room(domain), place)]
    private: dict[str, bytes] = {}
    modified = 0.0
    description: bytes | None = None
    for suffix in (JSON, *SUFFIX.values()):
        try:
            content, found = _read(path + suffix)
        except FileNotFoundError:
            continue
        complaints.append(_wrong(found, _PUBLIC if suffix == JSON else _PRIVATE, place, path + suffix))
        if suffix == JSON:
            description = content
        else:
            private[suffix], modified = content, found.st_mtime
    return Found(description, private, modified, ", ".join(filter(None, complaints)))


def _read(path: str) -> tuple[bytes, os.stat_result]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as handle:
            return handle.read(), os.fstat(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except OSError as error:
        mend = "It must be an ordinary file. Run this as root, and see to the disk."
        raise MailError(f"cannot be read: {error.strerror}", where=path, mend=mend) from error


def repair(place: Place, domain: str, selector: str) -> None:
    """Give the files of a key the modes and owners that they should have."""
    for suffix, mode in ((JSON, _PUBLIC), *((suffix, _PRIVATE) for suffix in SUFFIX.values())):
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(place.path(domain, selector) + suffix, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                os.fchmod(descriptor, 0o600)
                os.fchown(descriptor, os.geteuid(), -1 if mode == _PUBLIC else place.gid)
                os.fchmod(descriptor, mode)
            finally:
                os.close(descriptor)


def write_private(place: Place, domain: str, selector: str, suffix: str, content: bytes) -> None:
    """Publish a private key; nothing may lie there that describes another one."""
    path = place.path(domain, selector)
    files.publish(path + suffix, content, mode=_PRIVATE, uid=os.geteuid(), gid=place.gid)


def write_description(place: Place, domain: str, selector: str, held: Held) -> None:
    path = place.path(domain, selector) + JSON
    files.publish(path, book.write(held), mode=_PUBLIC, uid=os.geteuid(), gid=os.getegid())


def remove(place: Place, domain: str, selector: str, suffixes: tuple[str, ...]) -> None:
    """Remove files of a key, the private ones before the description, and the directory when it is empty."""
    path = place.path(domain, selector)
    try:
        for suffix in suffixes:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path + suffix)
        files.sync_directory(place.room(domain))
    except FileNotFoundError:
        return
    except OSError as error:
        raise MailError(f"cannot be removed: {error.strerror}", where=path) from error


def leave(place: Place, domain: str) -> None:
    """Remove the directory of a domain that has no keys any more."""
    with contextlib.suppress(OSError):
        os.rmdir(place.room(domain))


def domains(place: Place) -> list[str]:
    with contextlib.suppress(FileNotFoundError):
        return sorted(entry.name for entry in os.scandir(place.directory) if entry.is_dir(follow_symlinks=False))
    return []


def selectors(place: Place, domain: str) -> list[str]:
    """The selectors of all keys of a domain."""
    names: set[str] = set()
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(place.room(domain)):
            stem, suffix = os.path.splitext(name)
            if suffix in (JSON, *SUFFIX.values()) and not name.startswith("."):
                names.add(stem)
    return sorted(names)
