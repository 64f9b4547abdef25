# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration files on disk: found, published, and taken back when the daemon does not serve with them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import Callable, NamedTuple

from .._config_files import Found
from .._errors import MailError
from . import files


class Daemon(NamedTuple):
    """How files of a daemon are written and proved.

    ``mark`` stands beside the files while new ones are published but not proved: the next run finishes that.
    ``serve`` makes the daemon take the new files up and says what is wrong with it then. ``put_back`` gets a path and
    its backup. ``restore`` makes the daemon what it was before, with the old files back, and says how it is now.
    """

    name: str
    mark: str
    write: Callable[[str], None]
    serve: Callable[[], list[str]]
    put_back: Callable[[str, str], None]
    restore: Callable[[], str]

    @property
    def is_unproved(self) -> bool:
        return os.path.exists(self.mark)


def found(path: str) -> Found:
    """The file as it is on disk."""
    text = files.read_text(path)
    return Found(None, 0) if text is None else Found(text, os.stat(path).st_mode & 0o7777)


def put(path: str, old: Found, backup: str) -> None:
    """Put back what ``path`` was before: the text of its backup, or nothing."""
    if old.text is None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    else:
        data = files.read_bytes(backup) if backup else old.text.encode("utf-8", "surrogateescape")
        files.publish(path, data or b"", mode=old.mode)


def publish(paths: Iterable[str], daemon: Daemon) -> dict[str, str]:
    """The backups made, by path. Raises MailError, with the old files back, when the daemon does not serve."""
    note = f"{daemon.name} has not been seen serving with this configuration.\n"
    files.publish(daemon.mark, note.encode(), mode=0o600)
    backups: dict[str, str] = {}
    try:
        backups.update((path, files.backup(path)) for path in paths)
        for path in backups:
            daemon.write(path)
        words = daemon.serve()
    except MailError as error:
        words = [error.message]
    how = _take_back(backups, daemon) if words else ""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(daemon.mark)
    if words:
        where = f"{daemon.name} does not serve with the new configuration"
        raise MailError("; ".join(words), where=where, mend=f"The old files were put back{how}.")
    return backups


def _take_back(backups: dict[str, str], daemon: Daemon) -> str:
    for path, backup in backups.items():
        daemon.put_back(path, backup)
    return daemon.restore()
