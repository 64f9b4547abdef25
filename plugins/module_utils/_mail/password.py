# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords: what is a hash, and what is too weak. No message here ever holds a password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import MailError
from . import values as _values

# crypt(5); the fields after the salt have a fixed length in each scheme.
_HASHES = re.compile(
    r"(?:\$6\$(?:rounds=\d{1,9}\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{86}"
    r"|\$5\$(?:rounds=\d{1,9}\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{43}"
    r"|\$2[aby]\$\d\d\$[./0-9A-Za-z]{53}"
    r"|\$y\$[./0-9A-Za-z]+\$[./0-9A-Za-z]{0,86}\$[./0-9A-Za-z]{43})\Z",
    re.ASCII,
)
_SCHEME = re.compile(r"\{(CRYPT|SHA512-CRYPT|SHA256-CRYPT|BLF-CRYPT)\}", re.IGNORECASE)
_LOOKS_LIKE_HASH = re.compile(
    r"\$(?:[0-9a-z]{1,3}|argon2(?:id?|d)|sha1|scrypt|(?:bcrypt|pbkdf2)[0-9a-z-]*)\$|\{[A-Z0-9.-]+\}", re.IGNORECASE
)
_MAX_BYTES = 512  # CRYPT_MAX_PASSPHRASE_SIZE
_BCRYPT_MAX_BYTES = 72


class Password(NamedTuple):
    """Either a plaintext or a bare crypt(5) hash."""

    text: str
    is_hash: bool


class Policy(NamedTuple):
    """What a new plaintext password must have."""

    enabled: bool = True
    min_length: int = 8
    lower: bool = True
    upper: bool = True
    digit: bool = True
    symbol: bool = True
    deny_name: bool = True


def policy(options: Mapping[str, Any] | None) -> Policy:
    """The policy of a ``password_policy`` option; keys that are left out keep their default. Raises MailError."""
    chosen: dict[str, Any] = {}
    for key, value in (options or {}).items():
        if key not in Policy._fields:
            mend = _values.near_miss(str(key), Policy._fields)
            raise MailError("no such option", where=f"password_policy: {key}", mend=mend)
        if value is not None:
            chosen[key] = _min_length(value) if key == "min_length" else _rule(key, value)
    return Policy(**chosen)


def _min_length(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or not 1 <= int(value) <= _MAX_BYTES:
        raise MailError(
            f"{value!r} is not a number from 1 to {_MAX_BYTES}",
            where="password_policy: min_length",
            mend="8 or more is sensible.",
        )
    return int(value)


def _rule(key: str, value: Any) -> bool:
    try:
        return bool(_values.switch(value))
    except MailError as error:
        raise MailError(error.what, where=f"password_policy: {key}", mend=error.mend) from error


def parse(value: Any, *, address: str) -> Password:
    """Tell a hash from a plaintext. Prefixes ``{SHA512-CRYPT}``, ``{BLF-CRYPT}``, ``{CRYPT}`` are taken off.

    Raises MailError for a broken or unsupported hash (it would lock the user out, or be a password of its own).
    """
    if isinstance(value, str) and _HASHES.match(value):
        return Password(value, True)
    where = f"account {address}: password"
    if not isinstance(value, str) or not value:
        raise MailError("is empty or not a string", where=where, mend="Give a plaintext or a crypt(5) hash.")
    bare = value
    match = _SCHEME.match(value)
    if match:
        bare = value[match.end() :]
    if _HASHES.match(bare):
        return Password(bare, True)
    if match or _LOOKS_LIKE_HASH.match(value):
        raise MailError(
            "looks like a hash but is not one that every mail daemon can check",
            where=where,
            mend="Give a whole $6$, $5$, $2b$ or $y$ string, bare or with {SHA512-CRYPT}, {SHA256-CRYPT}, {BLF-CRYPT} "
            "or {CRYPT} before it.",
        )
    if _values.UNFIT_IN_LINE.search(value):
        raise MailError("holds a line break or control character", where=where, mend="Use printable characters.")
    if len(value.encode()) > _MAX_BYTES:
        raise MailError(f"is longer than {_MAX_BYTES} bytes", where=where, mend="Choose a shorter one.")
    return Password(value, False)


def check(password: Password, rules: Policy, *, address: str, scheme: str = "") -> None:
    """Raise MailError, naming the account and the rule, when a plaintext is too weak. A hash cannot be judged."""
    if password.is_hash:
        return
    if scheme == "bcrypt" and len(password.text.encode()) > _BCRYPT_MAX_BYTES:
        raise MailError(
            f"is longer than the {_BCRYPT_MAX_BYTES} bytes that bcrypt looks at",
            where=f"account {address}: password",
            mend="Choose sha512-crypt or yescrypt, or a shorter password.",
        )
    broken = _broken_rules(password.text, rules, address.partition("@")[0]) if rules.enabled else []
    if broken:
        raise MailError(
            f"is too weak: it needs {', '.join(broken)}",
            where=f"account {address}: password",
            mend="Choose a stronger one, or change password_policy (mail_password_policy in the roles).",
        )


def _broken_rules(text: str, rules: Policy, name: str) -> list[str]:
    broken = []
    if len(text) < rules.min_length:
        broken.append(f"at least {rules.min_length} characters")
    if rules.lower and not any(map(str.islower, text)):
        broken.append("a lower-case letter")
    if rules.upper and not any(map(str.isupper, text)):
        broken.append("an upper-case letter")
    if rules.digit and not any(map(str.isdigit, text)):
        broken.append("a digit")
    if rules.symbol and all(map(str.isalnum, text)):
        broken.append("a symbol")
    if rules.deny_name and len(name) > 2 and name in text.lower():
        broken.append("to do without the mail name")
    return broken
