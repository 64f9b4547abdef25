# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of the queue saved as files, before they are deleted."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import shutil
import stat
from collections.abc import Iterable
from typing import IO

from .._errors import MailError
from .._host import files
from . import records
from .door import Queue
from .message import NOBODY, Digest, moment

_INDEX = "index.jsonl"
_BLOCK = 4096  # what a small file takes on disk
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def check(path: str, sizes: Iterable[int]) -> None:
    """Raise MailError unless messages of these sizes fit there, and nobody but root can read or replace them."""
    if not os.path.isabs(path):
        raise MailError(f"{path!r} is no full path", where="archive_to", mend="Begin it with a stroke.")
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        _fits(os.path.dirname(path), sizes)
        return
    except OSError as error:
        mend = "Choose another place with archive_to."
        raise MailError(f"cannot be used: {error.strerror or error}", where=path, mend=mend) from error
    if not stat.S_ISDIR(found.st_mode):
        raise MailError("is no directory", where=path, mend="Choose another place with archive_to.")
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        mend = "Choose a directory of root's alone with archive_to; one that is not there yet is made."
        raise MailError("others may write there", where=path, mend=mend)
    _fits(path, sizes)


def _fits(path: str, sizes: Iterable[int]) -> None:
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    disk = os.statvfs(path)
    needed, free = sum(_BLOCK + size for size in sizes), disk.f_bavail * disk.f_frsize
    if free < needed:
        raise MailError(
            f"the messages may take {needed / 1024**2:.0f} MB, and {free / 1024**2:.0f} MB are free",
            where=path,
            mend="Choose another place with archive_to.",
        )


def save(queue: Queue, path: str, digests: Iterable[Digest], places: Iterable[str]) -> list[Digest]:
    """Save messages, which are looked for in ``places``, and return those that are on disk.

    Each becomes a file ``TIME-ID.eml``; one whose file is damaged is copied as it is, as ``TIME-ID.queue``. Who sent
    it, and to whom, is in ``index.jsonl``. Raises MailError when something cannot be written.
    """
    files.make_directory(path, mode=0o700)
    try:
        with open(os.open(f"{path}/{_INDEX}", _FLAGS | os.O_APPEND, 0o600), "w", encoding="utf-8") as index:
            saved = [digest for digest in digests if _save(queue, path, digest, places, index)]
        os.sync()
    except OSError as error:
        raise MailError(f"messages cannot be saved: {error.strerror or error}", where=path) from error
    return saved


def _save(queue: Queue, path: str, digest: Digest, places: Iterable[str], index: IO[str]) -> bool:
    """Save one message; False when it is gone."""
    found = (queue.open(place, digest.id) for place in places)
    descriptor = next((number for number in found if number is not None), None)
    if descriptor is None:
        return False
    name = f"{moment(digest.arrived).replace(':', '')}-{digest.id}"
    with open(descriptor, "rb") as handle:
        try:
            with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data:
                recipients = _write(f"{path}/{name}.eml", data)
            name += ".eml"
        except (MailError, ValueError):  # the latter says of an empty file that it cannot be mapped
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{path}/{name}.eml")
            recipients = []
            name += ".queue"
            with _file(f"{path}/{name}") as copy:
                shutil.copyfileobj(handle, copy)
    entry = {
        "file": name,
        "queue_id": digest.id,
        "arrived": moment(digest.arrived),
        "sender": digest.sender or NOBODY,
        "recipients": recipients,
        "login": digest.origin.login,
        "client_address": digest.origin.client,
    }
    index.write(f"{json.dumps(entry)}\n")
    return True


def _write(path: str, data: mmap.mmap) -> list[str]:
    """Write the message of a queue file to ``path`` and return its recipients that still wait."""
    recipients, inside = [], False
    with _file(path) as handle:
        for kind, value in records.walk(data):
            if kind in (records.CONTENT, records.EXTRACTED):
                inside = kind == records.CONTENT
            elif kind == records.RECIPIENT:
                recipients.append(value.decode("utf-8", "replace"))
            elif inside and kind in (records.TEXT, records.PART):
                handle.write(value + b"\n" if kind == records.TEXT else value)
    return recipients


def _file(path: str) -> IO[bytes]:
    """A file for root alone; one that an interrupted run has left there is written anew."""
    return open(os.open(path, _FLAGS | os.O_TRUNC, 0o600), "wb")
