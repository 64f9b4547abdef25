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
import pwd
import secrets
from collections.abc import Iterable, Iterator

from .._errors import MailError
from .._host import files, rights
from . import accounts
from .connect import Settings, Store

# What Dovecot makes anew by itself, besides files whose name begins with "dovecot".
_REMADE = ("maildirfolder", "subscriptions")


def make_homes(homes: Iterable[str], settings: Settings) -> None:
    """Make the homes of accounts with an automatic reply, for the mail owner only. Raises MailError.

    Dovecot makes a home with the first message, but 2.3.13 then forgets whom it has answered, and answers twice. That
    is no reason to make ten thousand homes in advance, which would take most of the time of writing the accounts.
    """
    try:
        owner = pwd.getpwnam(settings.mail_owner)
    except KeyError:
        return
    files.make_directory(settings.mail_directory, mode=0o770, uid=owner.pw_uid, gid=owner.pw_gid)
    parents = set()
    with _translated(settings.mail_directory), rights.as_named(settings.mail_owner):
        for home in homes:
            parent = os.path.dirname(home)
            if parent not in parents:
                os.makedirs(parent, mode=0o700, exist_ok=True)
                parents.add(parent)
            with contextlib.suppress(FileExistsError):
                os.mkdir(home, 0o700)


def purge(homes: Iterable[str], settings: Settings) -> None:
    """Remove homes with the mail in them. Raises MailError for one outside the mail directory."""
    with rights.as_named(settings.mail_owner):
        for home in homes:
            files.remove_tree(home, inside=settings.mail_directory)


def check_target(path: str) -> None:
    """Refuse a rename onto a place where mail lies already. Raises MailError."""
    if not _is_free(path):
        raise MailError(
            "there is mail of a former account already", where=path, mend="Move it away or remove it, then run again."
        )


def _is_free(path: str) -> bool:
    """True where nothing is, and for the empty home of an account that never got mail."""
    if os.path.islink(path) or not os.path.isdir(path):
        return not os.path.lexists(path)
    return not os.listdir(path)


def finish(store: Store) -> list[str]:
    """Carry out every move that is noted, also those of an interrupted run, and commit each.

    Returns the old homes in which something is left that is no message, and so was not carried over. Raises MailError
    when a directory cannot be moved; the account is then still read at its old home.
    """
    moves = accounts.pending_moves(store.connection) if store.live else []
    settings = store.settings()
    left = []
    for move in moves:
        with _translated(move.from_path):
            with rights.as_named(settings.mail_owner):
                if os.path.isdir(move.from_path) and _is_free(move.to_path):
                    _move(move.from_path, move.to_path)
            accounts.set_home(store.connection, move.address, move.to_path)
            _commit(store)
            if not accounts.is_home(store.connection, move.from_path):
                with rights.as_named(settings.mail_owner):
                    _carry_over(move.from_path, move.to_path)
                left += [move.from_path] if os.path.lexists(move.from_path) else []
        accounts.forget_move(store.connection, move.address)
        _commit(store)
    return left


def _commit(store: Store) -> None:
    store.commit()
    store.begin()


@contextlib.contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MailError(
            f"a home cannot be made or moved: {error.strerror or error}",
            where=path,
            mend="No mail is lost. Mend the cause and run again.",
        ) from error


def _move(old: str, new: str) -> None:
    """Rename a directory, and make those on the way to ``new``."""
    parent = os.path.dirname(new)
    os.makedirs(parent, mode=0o700, exist_ok=True)
    os.rename(old, new)
    files.sync_directory(parent)


def _carry_over(old_home: str, new_home: str) -> None:
    """Put messages that were delivered to ``old_home`` during the move where their owner finds them."""
    old_maildir, new_maildir = os.path.join(old_home, "Maildir"), os.path.join(new_home, "Maildir")
    if not os.path.isdir(old_home) or os.path.islink(old_home):
        return
    if not os.path.lexists(new_home):
        _move(old_home, new_home)
    elif os.path.isdir(old_maildir) and not os.path.lexists(new_maildir):
        _move(old_maildir, new_maildir)
    for directory, _directories, names in os.walk(old_maildir):
        if os.path.basename(directory) in ("new", "cur"):
            folder = os.path.relpath(os.path.dirname(directory), old_maildir)
            for name in names:
                _deliver(os.path.join(directory, name), new_maildir, folder)
    _remove_empty(old_home)


def _deliver(message: str, maildir: str, folder: str) -> None:
    """Move a message into a folder's ``new``, or into the inbox when there is no such folder."""
    directory = os.path.join(maildir, folder, "new")
    if not os.path.isdir(directory):
        directory = os.path.join(maildir, "new")
    target = os.path.join(directory, os.path.basename(message).split(":")[0])
    if os.path.lexists(target):
        target = f"{target}.{secrets.token_hex(4)}"
    os.rename(message, target)


def _remove_empty(home: str) -> None:
    """Remove what holds no message. A delivery that is still going on keeps its directory."""
    for directory, _directories, names in os.walk(home, topdown=False):
        for name in names:
            if name.startswith("dovecot") or name in _REMADE:
                os.unlink(os.path.join(directory, name))
        with contextlib.suppress(OSError):
            os.rmdir(directory)
