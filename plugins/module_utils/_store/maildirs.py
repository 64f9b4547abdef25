# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maildirs for a server that makes none itself: Courier refuses users who have not got one yet.

They are made wherever Courier's configuration names the store, as the mail owner: below its directory nothing is
written with more rights.
"""

from __future__ import annotations

import contextlib
import os

from .._errors import MailError
from .._host import files, rights
from .._outcome import Change
from .connect import Settings, Store

CONFIG = "/etc/courier/authsqliterc"
# Dovecot 2.4 leaves it in a Maildir that it makes; in the topmost it leads Courier to look for the quota one level up.
_MISPLACED = "maildirfolder"


def publish(store: Store, settings: Settings) -> list[Change]:
    """Make the Maildirs that are missing; with a store that is not live only say which."""
    if store.path not in (files.read_text(CONFIG) or ""):
        return []
    homes = [row[0] for row in store.connection.execute("SELECT home FROM account WHERE mailbox = 1 ORDER BY home")]
    missing, misplaced = [], []
    with rights.as_named(settings.mail_owner) as owner:
        for home in homes:
            maildir = os.path.join(home, "Maildir")
            if not os.path.isdir(os.path.join(maildir, "cur")):
                missing.append(maildir)
            elif os.path.lexists(os.path.join(maildir, _MISPLACED)):
                misplaced.append(os.path.join(maildir, _MISPLACED))
        if store.live and owner:
            _make(missing)
            for path in misplaced:
                with contextlib.suppress(OSError):  # the owner of the mail may keep it
                    os.unlink(path)
    return [
        *(Change(f"mailbox {path}", "", "made\n") for path in missing),
        *(Change(f"file {path}", "misplaced\n", "") for path in misplaced),
    ]


def _make(maildirs: list[str]) -> None:
    mask = os.umask(0o077)  # for the directories above them
    try:
        _make_each(maildirs)
    finally:
        os.umask(mask)


def _make_each(maildirs: list[str]) -> None:
    for maildir in maildirs:
        try:
            for name in ("tmp", "new", "cur"):
                os.makedirs(os.path.join(maildir, name), mode=0o700, exist_ok=True)
        except OSError as error:
            mend = "Make room there for the owner of the mail, and run again."
            raise MailError(f"cannot be made: {error.strerror}", where=maildir, mend=mend) from error
