# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Password hashing and checking by the system's libcrypt (crypt(3)), which knows every scheme that the daemons know.

Python's own ``crypt`` module is gone from Python 3.13.
"""

from __future__ import annotations

import ctypes
import functools
import hmac
import os
from typing import Any

from .._errors import MailError

_BUFFER = 32768  # sizeof(struct crypt_data) in libxcrypt
_SETTING = 192  # CRYPT_GENSALT_OUTPUT_SIZE
_RANDOM = 32

PREFIXES = {"sha512-crypt": b"$6$", "bcrypt": b"$2b$", "yescrypt": b"$y$"}


@functools.lru_cache(maxsize=1)
def _library() -> Any:
    for name in ("libcrypt.so.1", "libcrypt.so.2"):
        try:
            library = ctypes.CDLL(name)
            library.crypt_rn.restype = ctypes.c_char_p
            library.crypt_rn.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
            library.crypt_gensalt_rn.restype = ctypes.c_char_p
            library.crypt_gensalt_rn.argtypes = [
                *(ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p),
                *(ctypes.c_int, ctypes.c_char_p, ctypes.c_int),
            ]
        except (OSError, AttributeError):
            continue
        return library
    raise MailError(
        "the system has no libcrypt (libxcrypt) to hash passwords with",
        mend="Give ready hashes instead of plaintext passwords, or install libcrypt1.",
    )


def _crypt(password: str, setting: bytes) -> bytes:
    """The crypt(5) string, or nothing when libcrypt refuses the setting."""
    buffer = ctypes.create_string_buffer(_BUFFER)
    result: bytes | None = _library().crypt_rn(password.encode(), setting, buffer, _BUFFER)
    return b"" if not result or result.startswith(b"*") else result


def new_hash(password: str, scheme: str) -> str:
    """A salted hash of ``password``; ``scheme`` is a key of PREFIXES and the cost is libcrypt's default."""
    setting = ctypes.create_string_buffer(_SETTING)
    random = os.urandom(_RANDOM)
    made = _library().crypt_gensalt_rn(PREFIXES[scheme], 0, random, _RANDOM, setting, _SETTING)
    result = _crypt(password, made) if made else b""
    if not result:
        raise MailError(f"this system's libcrypt cannot make {scheme} hashes", mend="Choose sha512-crypt.")
    return result.decode("ascii")


def verify(password: str, stored: str) -> bool:
    """True when ``password`` belongs to the ``stored`` crypt(5) string."""
    setting = stored.encode()
    result = _crypt(password, setting)
    return bool(result) and hmac.compare_digest(result, setting)
