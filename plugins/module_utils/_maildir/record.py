# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen of accounts, kept under a name: a directory for root alone, with a file for each account."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable

from .._errors import MailError
from .._host import files
from . import view
from .view import View

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def place(directory: str, name: str) -> str:
    """Raises MailError for a name that cannot be part of a path."""
    if not _NAME.fullmatch(name):
        raise MailError(f"'{name}' is not a usable name", mend="Use lower-case letters, digits, - and _.")
    return os.path.join(directory, f"view-{name}")


def make(directory: str) -> None:
    """Have a directory for records, of root alone."""
    for made in (os.path.dirname(directory), directory):
        files.make_directory(made, mode=0o700, uid=os.geteuid(), gid=os.getegid())


def read(directory: str, address: str) -> View:
    """Raises MailError when there is nothing, or what was not written here."""
    path = os.path.join(directory, _file(address))
    data = files.read_bytes(path)
    if data is None:
        mend = "Look at it under that name first."
        raise MailError(f"was not looked at before ({_called(directory)})", where=address, mend=mend)
    try:
        return view.from_data(json.loads(data))
    except (ValueError, KeyError, TypeError) as error:
        mend = "Look at the account again before anything is changed."
        raise MailError("is damaged", where=path, mend=mend) from error


def keep(directory: str, address: str, seen: View, *, check_mode: bool) -> bool:
    """Write down what was seen, in a directory that was made; True when that is something new."""
    data = (json.dumps(view.as_data(seen), sort_keys=True) + "\n").encode()
    path = os.path.join(directory, _file(address))
    if files.read_bytes(path) == data:
        return False
    if not check_mode:
        files.publish(path, data, mode=0o600, uid=os.geteuid(), gid=os.getegid())
    return True


def kept(directory: str, addresses: Iterable[str]) -> list[str]:
    """Those that were looked at under this name. Raises MailError when nobody was."""
    there = _files(directory)
    found = [address for address in addresses if _file(address) in there]
    if not found:
        raise MailError("has no account", where=f"The record {_called(directory)}", mend="Look under that name first.")
    return found


def forget_others(directory: str, addresses: Iterable[str]) -> None:
    """Leave nothing of earlier times beside what was seen of these."""
    for name in _files(directory) - {_file(address) for address in addresses}:
        os.unlink(os.path.join(directory, name))


def _file(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest() + ".json"


def _files(directory: str) -> set[str]:
    return {name for name in os.listdir(directory) if name.endswith(".json")} if os.path.isdir(directory) else set()


def _called(directory: str) -> str:
    return os.path.basename(directory).partition("-")[2]
