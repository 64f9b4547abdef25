# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links that each lead to one version of a certificate, and are led elsewhere with one rename."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping

from .._errors import MailError
from .._host import files
from . import version

PART = ".new-"  # begins the names of what is not complete; only the run that holds the lock makes such

Links = Mapping[str, str]


def link(name: str) -> str:
    """The link of an entry, relative to the directory, as all links are here."""
    return f"{version.LIVE}/{name}"


def target(name: str, stamp: str) -> str:
    """Where the link of an entry leads when this version is live."""
    return f"../{version.VERSIONS}/{name}/{stamp}"


def stamp_of(target: str) -> str:
    return os.path.basename(target)


def targets(directory: str, links: Iterable[str]) -> dict[str, str]:
    """Where these links lead; nothing for one that is not there. Raises MailError when something else is there."""
    return {name: target_of(directory, name) for name in links}


def target_of(directory: str, link: str) -> str:
    """Where one link leads."""
    path = os.path.join(directory, link)
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise MailError("is no link", where=path, mend="Move it away and run again.") from error


def point(directory: str, links: Links) -> None:
    """Let each link lead to its target with one rename; one without target is removed. Raises MailError."""
    for name, target in links.items():
        path = os.path.join(directory, name)
        if not target:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            continue
        part = os.path.join(os.path.dirname(path), PART + "link")
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
            os.symlink(target, part)
            os.rename(part, path)
        except OSError as error:
            mend = "Mend the cause (free space, rights) and run again."
            raise MailError(f"cannot be switched: {error.strerror}", where=path, mend=mend) from error
    for room in {os.path.dirname(os.path.join(directory, name)) for name in links}:
        files.sync_directory(room)
