# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates on disk: whole versions that never change, and one link per entry that says which of them is live.

A daemon that follows the link finds the old version or the new one, whole. The directory itself is the lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import grp
import json
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping

from .._errors import MailError
from .._host import files
from . import book as _book
from . import links, version
from .links import PART, Links
from .terms import Installed
from .version import Found
from .whole import BOOK, State

# Stands here while daemons may serve another version than the live one; it holds what was live before.
_UNPROVED = ".unproved"
_OF_COURIER = 0o640


@contextlib.contextmanager
def locked(directory: str) -> Iterator[None]:
    """Two runs take turns. Where there is no directory yet there is nothing to lock."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        yield
        return
    except OSError as error:
        raise MailError(f"cannot be opened: {error.strerror}", where=directory, mend="Nothing was changed.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def exists(directory: str) -> bool:
    return os.path.isdir(directory)


def prepare(directory: str) -> None:
    """Make the directories, those of keys private. Raises MailError."""
    owner = {"uid": os.geteuid(), "gid": os.getegid()}
    files.make_directory(directory, mode=0o755, **owner)
    files.make_directory(os.path.join(directory, version.LIVE), mode=0o755, **owner)
    private = os.path.join(directory, version.VERSIONS)
    files.make_directory(private, mode=0o700, **owner)
    found = os.lstat(private)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise MailError("is no directory of root", where=private, mend="Move it away: keys are kept there.")
    os.chmod(private, 0o700)


def book(directory: str) -> _book.Book:
    """What is remembered. Raises MailError when that is damaged."""
    path = os.path.join(directory, BOOK)
    return _book.read(files.read_text(path), directory, where=path)


def read(directory: str) -> list[Installed]:
    """What is installed, for those who only look."""
    installed = []
    for record in book(directory).records:
        entry, live = record.entry, find(directory, record.entry.name)
        path = os.path.join(directory, version.LIVE, entry.name)
        chains = version.chains(live.files, path)
        coming = record.next_tlsa
        installed.append(Installed(entry.name, entry.names, entry.default, path, chains, live.before, coming))
    return installed


def find(directory: str, name: str) -> Found:
    """The live version of ``name``, and which versions there are."""
    room = os.path.join(directory, version.VERSIONS, name)
    stamps: tuple[str, ...] = ()
    with contextlib.suppress(FileNotFoundError):
        stamps = tuple(sorted((stamp for stamp in os.listdir(room) if not stamp.startswith(".")), reverse=True))
    stamp = links.stamp_of(links.target_of(directory, links.link(name)))
    if stamp not in stamps:
        return Found(stamps=stamps)
    found, sound = _version(os.path.join(room, stamp))
    return Found(stamp, found, sound and not os.stat(room).st_mode & 0o077, stamps)


def contents(directory: str, name: str, stamp: str) -> dict[str, bytes]:
    """The files of one version."""
    return _version(os.path.join(directory, version.VERSIONS, name, stamp))[0]


def _version(path: str) -> tuple[dict[str, bytes], bool]:
    """The files that are there, and whether they are whole and readable by nobody else."""
    found: dict[str, bytes] = {}
    sound = not os.stat(path).st_mode & 0o077
    for name, mode in version.MODES.items():
        with contextlib.suppress(OSError), open(os.path.join(path, name), "rb") as handle:
            found[name] = handle.read()
            sound = sound and stat.S_IMODE(os.fstat(handle.fileno()).st_mode) == mode
    return found, sound and version.is_whole(found)


def add(directory: str, name: str, stamp: str, content: Mapping[str, bytes]) -> None:
    """Write a version: aside, synced and read back, then under its own name. Raises MailError."""
    room = os.path.join(directory, version.VERSIONS, name)
    final = os.path.join(room, stamp)
    owner = {"uid": os.geteuid(), "gid": os.getegid()}
    files.make_directory(room, mode=0o700, **owner)
    os.chmod(room, 0o700)
    part = os.path.join(room, PART + stamp)
    try:
        _clear(room)
        os.mkdir(part, 0o700)
        for file, data in content.items():
            files.write_new(os.path.join(part, file), data, mode=version.MODES[file], **owner)
        if _version(part) != (dict(content), True):
            raise OSError(5, "what was written does not read back")
        files.sync_directory(part)
        files.move_into_place(part, final)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        mend = "The old version stays. Mend the cause (free space, rights) and run again."
        raise MailError(f"cannot be written: {error.strerror or error}", where=final, mend=mend) from error


def _courier(directory: str, known: _book.Book) -> dict[str, str]:
    """The files that Courier reads, and the entry whose live version each holds; nothing for one that is not right."""
    entries = [record.entry for record in known.records]
    paths = {name: os.path.join(directory, name) for name in version.courier_names(entries)}
    found = {name: _for_courier(path) for name, path in paths.items() if os.path.lexists(path)}
    owners = {}
    if found:
        owners = {version.for_courier(find(directory, entry.name).files): entry.name for entry in entries}
    return {name: owners.get(data, "") for name, data in sorted(found.items())}


def _for_courier(path: str) -> bytes:
    """What Courier, and nobody else but root, can read there."""
    found = os.lstat(path)
    right = stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) == _OF_COURIER
    with contextlib.suppress(MailError):  # without Courier nobody has to read it
        right = right and found.st_gid == courier_group()
    return (files.read_bytes(path) or b"") if right else b"-"


def courier_group() -> int:
    """The number of Courier's group. Raises MailError when it is not there."""
    try:
        return grp.getgrnam("courier").gr_gid
    except KeyError:
        mend = "Install Courier first (on Debian the package courier-base makes it)."
        raise MailError("there is no such group", where="group courier", mend=mend) from None


def copy_for_courier(directory: str, wanted: Mapping[str, str]) -> None:
    """Let each file hold the live version of its entry; one without entry is removed. Raises MailError.

    Courier reads the file of a name as its own user when a client says STARTTLS, and keys stay where only root goes.
    """
    for name, entry in wanted.items():
        path = os.path.join(directory, name)
        if entry:
            data = version.for_courier(find(directory, entry).files)
            files.publish(path, data, mode=_OF_COURIER, uid=os.geteuid(), gid=courier_group())
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


def save(directory: str, wanted: _book.Book) -> None:
    """Remember this. Raises MailError, with what was remembered before in place."""
    data = _book.write(wanted).encode()
    files.publish(os.path.join(directory, BOOK), data, mode=0o600, uid=os.geteuid(), gid=os.getegid())


def state(directory: str) -> State:
    """What is there besides versions. Raises MailError when that is damaged."""
    left = files.read_text(os.path.join(directory, _UNPROVED))
    interrupted: dict[str, str] = {}
    with contextlib.suppress(ValueError, AttributeError):  # the marker is whole, or was not made here
        interrupted = {str(name): str(to) for name, to in json.loads(left or "{}").items()}
    known = book(directory)
    return State(known, _courier(directory, known), interrupted, proved=left is None)


def begin(directory: str, before: Links) -> None:
    """From here on daemons may serve something else than what is live."""
    data = json.dumps(dict(before)).encode()
    files.publish(os.path.join(directory, _UNPROVED), data, mode=0o600, uid=os.geteuid(), gid=os.getegid())


def end(directory: str) -> None:
    """What daemons serve was looked at."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(directory, _UNPROVED))


def prune(directory: str, known: _book.Book) -> None:
    """Remove old versions, what interrupted runs left behind, and versions of entries without a link.

    What is live and not in the book stays: a daemon's configuration may name it still. Of an entry that was rolled back
    the later versions stay as well: what was given as text may be nowhere else.
    """
    keep = known.options.keep if known.options else 0
    rooms = os.path.join(directory, version.VERSIONS)
    with contextlib.suppress(FileNotFoundError):
        _clear(os.path.join(directory, version.LIVE))
        _clear(directory)
        for name in os.listdir(rooms):
            room = os.path.join(rooms, name)
            record = known.of(name)
            if record is None:
                if os.path.islink(os.path.join(directory, links.link(name))):
                    continue
                shutil.rmtree(room, ignore_errors=True)
                continue
            _clear(room)
            for stamp in version.surplus(find(directory, name), keep, held=bool(record.held)):
                shutil.rmtree(os.path.join(room, stamp), ignore_errors=True)


def drop(directory: str, name: str, stamps: Iterable[str]) -> None:
    """Remove these versions, but never the live one."""
    live = find(directory, name).stamp
    for stamp in stamps:
        if stamp != live:
            shutil.rmtree(os.path.join(directory, version.VERSIONS, name, stamp), ignore_errors=True)


def _clear(room: str) -> None:
    """Remove half-made versions and links; no other run is at work while this one holds the lock."""
    for name in os.listdir(room):
        path = os.path.join(room, name)
        if name.startswith(".") and PART in name:
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
