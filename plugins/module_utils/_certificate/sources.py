# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that certificates come from. None is read that somebody else than root could swap for another."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence

from .._errors import MailError
from . import facts
from .request import PARTS, Entry, Source
from .steps import Given
from .terms import Facts, Pair

_LARGEST = 1 << 20
_MOST_LINKS = 40
_SYSTEM = "/etc/ssl/certs/ca-certificates.crt"


def gather(entry: Entry) -> Given:
    """What the sources of an entry hold. Raises MailError for a file that must not be read; a missing one is named."""
    pairs = []
    for source in entry.sources:
        for path in source.files.values():
            if not os.path.lexists(os.path.realpath(path)):
                return Given(missing=path)
        pairs.append(_pair(source, entry.where))
    return Given(tuple(pairs))


def _pair(source: Source, where: str) -> Pair:
    data, named = {}, {}
    for part in PARTS:
        path = getattr(source, f"{part}_file")
        data[part] = read(path, where) if path else getattr(source, part).encode()
        named[part] = path or (f"option {part}" if data[part] else "")
    return Pair(
        certificate=data["certificate"],
        certificate_where=named["certificate"],
        chain=data["chain"],
        chain_where=named["chain"],
        key=data["key"],
        key_where=named["key"] or named["certificate"],
        passphrase=source.passphrase,
    )


def read(path: str, where: str = "") -> bytes:
    """The bytes of a file that only root (or who runs this) can write or swap. Raises MailError.

    After the way to it was found safe nobody else can change it, so that opening it is safe as well.
    """
    prefix = f"{where}: " if where else ""
    real = safe(path, prefix)
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise MailError(f"cannot be read: {error.strerror}", where=prefix + path) from error
    with os.fdopen(descriptor, "rb") as handle:
        data = handle.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise MailError("is larger than 1 MB: no certificate is", where=prefix + path, mend="Correct the path.")
    return data


def safe(path: str, prefix: str = "") -> str:
    """The path without links, when every directory and link on the way, and the file, belong to root alone."""
    waiting = [part for part in path.split("/") if part][::-1]
    done, links = "/", 0
    while waiting:
        part = waiting.pop()
        if part in (".", ".."):
            done = os.path.dirname(done) if part == ".." else done
            continue
        step = os.path.join(done, part)
        try:
            found = os.lstat(step)
        except OSError as error:
            raise MailError(
                f"cannot be read: {error.strerror}", where=prefix + path, mend="Correct the path."
            ) from error
        if stat.S_ISLNK(found.st_mode):
            links += 1
            target = os.readlink(step)
            if links > _MOST_LINKS:
                raise MailError("is a link that leads in a circle", where=prefix + path, mend="Correct the path.")
            waiting += [part for part in target.split("/") if part][::-1]
            done = "/" if target.startswith("/") else done
        else:
            done = step
        _check_owner(step, found, prefix + path)
    _check_kind(os.lstat(done).st_mode, prefix + path)
    return done


def _check_owner(step: str, found: os.stat_result, where: str) -> None:
    if found.st_uid not in (0, os.geteuid()):
        mend = "Give it and its directories to root, or copy it to where only root can write."
        raise MailError(f"{step} belongs to a user, who could swap the file for another", where=where, mend=mend)
    if stat.S_ISLNK(found.st_mode):
        return
    shared = found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid)
    if shared and not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
        mend = "Take the right to write away from group and others."
        raise MailError(f"{step} can be written by others than root", where=where, mend=mend)


def _check_kind(mode: int, where: str) -> None:
    if stat.S_ISDIR(mode):
        raise MailError("is a directory", where=where, mend="Name the file in it.")
    if not stat.S_ISREG(mode):
        raise MailError("is no file, but a pipe, a socket or a device", where=where, mend="Correct the path.")


class Trust:
    """The authorities of the host and those of ``paths``; read and taken apart only when they are asked for."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._data = [(path, read(path, "trust_files")) for path in paths]
        if os.path.exists(_SYSTEM):
            self._data.append((_SYSTEM, read(_SYSTEM)))
        self._found: tuple[Facts, ...] | None = None

    @property
    def digest(self) -> str:
        return hashlib.sha256(b"".join(hashlib.sha256(data).digest() for _path, data in self._data)).hexdigest()

    def __call__(self) -> Sequence[Facts]:
        if self._found is None:
            self._found = tuple(fact for path, data in self._data for fact in facts.readable(data, where=path))
        return self._found
