# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration files on disk: found, published, and taken back when the daemon does not serve with them."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
from typing import Callable, NamedTuple

from .._config_files import Found, Wanted
from .._errors import MailError
from . import files


class Daemon(NamedTuple):
    """How a daemon is proved. ``mark`` stands beside the files while new ones are published and not proved.

    ``serve`` makes the daemon take new files up and says what is wrong with it then. ``restore`` makes it what it was,
    once the old files are back, and says how it is, to go on with "The old files were put back".
    """

    name: str
    mark: str
    serve: Callable[[], list[str]]
    restore: Callable[[], str]


def found(path: str) -> Found:
    """The file as it is on disk."""
    text = files.read_text(path)
    return Found(None, 0) if text is None else Found(text, os.stat(path).st_mode & 0o7777)


def stage(wanted: Iterable[Wanted], directory: str, copy: str) -> None:
    """Make ``copy`` what ``directory`` would be with the wanted files, for a daemon's own program to judge."""
    shutil.copytree(directory, copy, ignore_dangling_symlinks=True)
    for item in wanted:
        staged = os.path.join(copy, os.path.relpath(item.path, directory))
        os.makedirs(os.path.dirname(staged), exist_ok=True)
        with open(staged, "wb") as handle:
            handle.write(item.text.encode("utf-8", "surrogateescape"))


def publish(
    paths: Iterable[str], daemon: Daemon, *, write: Callable[[str], None], put_back: Callable[[str, str], None]
) -> dict[str, str]:
    """The backups made, by path. Raises MailError, with the old files back, when the daemon does not serve.

    ``write`` gets the path of a new file, ``put_back`` that of an old one and its backup. A run that is killed leaves
    the mark, and the next one finishes the work.
    """
    note = f"{daemon.name} has not been seen serving with this configuration.\n"
    files.publish(daemon.mark, note.encode(), mode=0o600)
    backups: dict[str, str] = {}
    mend = ""
    try:
        backups.update((path, files.backup(path)) for path in paths)
        for path in backups:
            write(path)
        words = daemon.serve()
    except MailError as error:
        words = [error.message]
    if words:
        for path, backup in backups.items():
            put_back(path, backup)
        mend = f"The old files were put back{daemon.restore()}."
    with contextlib.suppress(FileNotFoundError):
        os.unlink(daemon.mark)
    if words:
        raise MailError("; ".join(words), where=f"{daemon.name} does not serve with the new configuration", mend=mend)
    return backups


def publish_whole(changed: Iterable[Wanted], before: Mapping[str, Found], daemon: Daemon) -> dict[str, str]:
    """The same for whole files; ``before`` has those that they replace."""
    wanted = {item.path: item for item in changed}

    def write(path: str) -> None:
        files.publish(path, wanted[path].text.encode("utf-8", "surrogateescape"), mode=wanted[path].mode)

    return publish(wanted, daemon, write=write, put_back=lambda path, backup: _put(path, before[path], backup))


def _put(path: str, old: Found, backup: str) -> None:
    """Put back what ``path`` was before: the text of its backup, or nothing."""
    if old.text is None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    else:
        data = files.read_bytes(backup) if backup else old.text.encode("utf-8", "surrogateescape")
        files.publish(path, data or b"", mode=old.mode)
