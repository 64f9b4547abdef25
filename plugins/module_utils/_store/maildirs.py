# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maildirs for a server that makes none itself: Courier refuses users who have not got one yet.

They are made while Courier is installed and its configuration names the store, as the mail owner: below its directory
nothing is written with more rights.
"""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from .._host import files, rights
from .._outcome import Change
from .connect import Settings, Store

CONFIG = "/etc/courier/authsqliterc"
# The configuration stays when the package goes.
UNITS = ("/lib/systemd/system/courier-imap.service", "/usr/lib/systemd/system/courier-imap.service")
# Dovecot 2.4 leaves it in a Maildir that it makes; in the topmost it leads Courier to look for the quota one level up.
_MISPLACED = "maildirfolder"


class Made(NamedTuple):
    """What changes, and which Maildirs cannot be made."""

    changes: list[Change]
    warnings: list[str]


def publish(store: Store, settings: Settings) -> Made:
    """Make the Maildirs that are missing; with a store that is not live only say which."""
    if not any(map(os.path.exists, UNITS)) or store.path not in (files.read_text(CONFIG) or ""):
        return Made([], [])
    homes = [row[0] for row in store.connection.execute("SELECT home FROM account WHERE mailbox = 1 ORDER BY home")]
    missing, misplaced = [], []
    faults: dict[str, str] = {}
    with rights.as_named(settings.mail_owner) as owner:
        for home in homes:
            maildir = os.path.join(home, "Maildir")
            if not os.path.isdir(os.path.join(maildir, "cur")):
                missing.append(maildir)
            elif os.path.lexists(os.path.join(maildir, _MISPLACED)):
                misplaced.append(os.path.join(maildir, _MISPLACED))
        if store.live and owner:
            faults = _make(missing)
            for path in misplaced:
                with contextlib.suppress(OSError):  # the owner of the mail may keep it
                    os.unlink(path)
    changes = [
        *(Change(f"mailbox {path}", "", "made\n") for path in missing if path not in faults),
        *(Change(f"file {path}", "misplaced\n", "") for path in misplaced),
    ]
    return Made(changes, [_warning(path, fault) for path, fault in faults.items()])


def _make(maildirs: list[str]) -> dict[str, str]:
    """Why some of them cannot be made."""
    faults = {}
    mask = os.umask(0o077)  # for the directories above them
    try:
        for maildir in maildirs:
            try:
                for name in ("tmp", "new", "cur"):
                    os.makedirs(os.path.join(maildir, name), mode=0o700, exist_ok=True)
            except OSError as error:
                faults[maildir] = error.strerror or str(error)
    finally:
        os.umask(mask)
    return faults


def _warning(maildir: str, fault: str) -> str:
    return (
        f"{maildir}: cannot be made: {fault}, so that its user cannot log in. Make room there for the owner of the "
        "mail, and run again."
    )
