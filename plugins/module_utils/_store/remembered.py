# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plaintext passwords that were found to match their stored hash, so that the next run need not hash them all again.

A run over 10,000 plaintexts costs 20 seconds and more when each is hashed. What is remembered is an HMAC-SHA-256 over
address, stored hash and password. Its key is random and lies beside it below /run, in memory only, so that neither disk
nor backup ever holds a fingerprint that is faster to attack than the hash itself. After a reboot one slow run fills it.
"""

from __future__ import annotations

import hmac
import os
import re
import stat

from .._errors import MailError
from .._host import files

PATH = "/run/mailaccounts/verified"
_KEY_BYTES = 32
_KEY = re.compile(f"[0-9a-f]{{{2 * _KEY_BYTES}}}\\Z")


class Remembered:
    """Load, ask, add and save; a file that cannot be trusted or read counts as empty."""

    def __init__(self, path: str = PATH) -> None:
        self._path = path
        self._macs: dict[str, str] = {}
        self._key = os.urandom(_KEY_BYTES)
        self._dirty = False
        self._load()

    def _load(self) -> None:
        try:
            found = os.lstat(self._path)
        except OSError:
            return
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o600:
            return
        key, *lines = (files.read_text(self._path) or "").splitlines() or [""]
        if _KEY.match(key):
            self._key = bytes.fromhex(key)
            self._macs = dict(line.split(" ", 1) for line in lines if line.isascii() and " " in line)

    def _mac(self, address: str, password: str, stored: str) -> str:
        return hmac.new(self._key, f"{address}\0{stored}\0{password}".encode(), "sha256").hexdigest()

    def knows(self, address: str, password: str, stored: str) -> bool:
        """True when this password was found to belong to this hash before."""
        known = self._macs.get(address)
        return known is not None and hmac.compare_digest(known, self._mac(address, password, stored))

    def add(self, address: str, password: str, stored: str) -> None:
        """Learn that this password belongs to this hash."""
        self._macs[address] = self._mac(address, password, stored)
        self._dirty = True

    def save(self) -> None:
        """Keep what was learnt. Failing to do so costs time in the next run and nothing else."""
        if not self._dirty:
            return
        lines = [self._key.hex(), *(f"{address} {mac}" for address, mac in self._macs.items())]
        try:
            files.make_directory(os.path.dirname(self._path), mode=0o700, uid=os.geteuid(), gid=os.getegid())
            data = ("\n".join(lines) + "\n").encode()
            files.publish(self._path, data, mode=0o600, uid=os.geteuid(), gid=os.getegid())
        except (MailError, OSError):
            return
        self._dirty = False
