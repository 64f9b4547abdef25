# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moving mail with its renamed account, so that no message is lost at any moment.

The rename itself is one commit that leaves the account's home where it is, so mail can be read and delivered at once.
The move is noted in the same commit. Then the directory is renamed and the new home committed. A delivery that comes
in just between lands in a new directory at the old place; what lies there afterwards is carried over.
"""

from __future__ import annotations

import contextlib
import os
import secrets

from .._errors import MailError
from .._host import files
from . import accounts
from .connect import Store


def check_target(path: str) -> None:
    """Refuse a rename onto a place where mail lies already. Raises MailError."""
    if os.path.lexists(path):
        raise MailError(
            "there is mail of a former account already", where=path, mend="Move it away or remove it, then run again."
        )


def finish(store: Store) -> None:
    """Carry out every move that is noted, also those of an interrupted run, then commit."""
    moves = accounts.pending_moves(store.connection)
    if not moves or not store.live:
        return
    for move in moves:
        if os.path.isdir(move.from_path) and not os.path.lexists(move.to_path):
            os.makedirs(os.path.dirname(move.to_path), mode=0o755, exist_ok=True)
            parent = os.stat(os.path.dirname(move.from_path))
            os.chown(os.path.dirname(move.to_path), parent.st_uid, parent.st_gid)
            os.rename(move.from_path, move.to_path)
            files.sync_directory(os.path.dirname(move.to_path))
        accounts.set_home(store.connection, move.address, move.to_path)
    store.commit()
    store.begin()
    for move in moves:
        _carry_over(move.from_path, move.to_path)
        accounts.forget_move(store.connection, move.address)
    store.commit()
    store.begin()


def _carry_over(old_home: str, new_home: str) -> None:
    """Put messages that were delivered to ``old_home`` during the move into the new home's inbox."""
    for folder in ("new", "cur"):
        source = os.path.join(old_home, "Maildir", folder)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for name in os.listdir(source):
                target = os.path.join(new_home, "Maildir", "new", name.split(":")[0])
                if os.path.lexists(target):
                    target = f"{target}.{secrets.token_hex(4)}"
                os.rename(os.path.join(source, name), target)
    if os.path.isdir(old_home) and not os.path.islink(old_home):
        left = [name for _root, _dirs, names in os.walk(old_home) for name in names if not name.startswith("dovecot")]
        if set(left) <= {"maildirfolder", "subscriptions"}:
            files.remove_tree(old_home, inside=os.path.dirname(old_home))
