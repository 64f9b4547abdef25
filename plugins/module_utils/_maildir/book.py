# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of every account between the runs of a migration, in files that only root can read."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator

from .._errors import MailError
from .._host import files
from .terms import SERVERS, Page

_SERVES = "serves"
PATIENCE = 60.0
_STEP = 0.2


@contextlib.contextmanager
def only_run(directory: str) -> Iterator[None]:
    """Keep other migrations of this host out: one whose play was killed may be at its end. Raises MailError."""
    files.make_directory(directory, mode=0o700, uid=os.geteuid(), gid=os.getegid())
    descriptor = os.open(os.path.join(directory, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    end = time.monotonic() + PATIENCE
    while not _locked(descriptor):
        if time.monotonic() > end:
            os.close(descriptor)
            raise MailError("another migration is at work", where=directory, mend="Wait for its end.")
        time.sleep(_STEP)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def serves(directory: str) -> str:
    """The server that serves now, where that has been written down, or nothing."""
    word = (files.read_text(os.path.join(directory, _SERVES)) or "").strip()
    return word if word in SERVERS else ""


def path(directory: str, maildir: str) -> str:
    return os.path.join(directory, hashlib.sha256(maildir.encode("utf-8", "surrogateescape")).hexdigest() + ".json")


def read(directory: str, maildir: str) -> Page:
    """Raises MailError for what was not written here."""
    where = path(directory, maildir)
    data = files.read_bytes(where)
    if data is None:
        return Page()
    try:
        found = json.loads(data)
        moves = [(str(old), str(new)) for old, new in found["moves"]]
        return Page(str(found["to"]), str(found["phase"]), moves, int(found["inode"]))
    except (ValueError, TypeError, KeyError) as error:
        mend = "Put it back from a backup; without it nobody knows which server's files count."
        raise MailError("is damaged", where=where, mend=mend) from error


def write(directory: str, maildir: str, page: Page) -> None:
    data = {"maildir": maildir, **page._asdict(), "moves": [list(move) for move in page.moves]}
    files.publish(
        path(directory, maildir),
        (json.dumps(data, indent=1) + "\n").encode(),
        mode=0o600,
        uid=os.geteuid(),
        gid=os.getegid(),
    )
