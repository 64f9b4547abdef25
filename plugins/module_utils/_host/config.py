# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole configuration files on disk."""

from __future__ import annotations

import contextlib
import os

from .._config_files import Found
from . import files


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
