# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail domains and addresses (RFC 5321 sections 2.3.5, 4.1.2 and 4.5.3.1; A-labels as in RFC 5890)."""

from __future__ import annotations

import functools
import re
from typing import Any

from .._errors import MailError

MAX_LOCAL_PART = 64
MAX_DOMAIN = 253
MAX_ADDRESS = 254

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
# What an account or alias of this server may be called: safe as a file name, in a lookup table and as a login name.
_OWN_LOCAL_PART = re.compile(r"[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*\Z")
# Where mail may be sent on to: RFC 5321 atoms, without what means routing (% !), a program or a file (| /).
_ANY_LOCAL_PART = re.compile(r"[A-Za-z0-9#$&'*+=?^_{}~-]+(?:\.[A-Za-z0-9#$&'*+=?^_{}~-]+)*\Z")
# IDNA 2003 and 2008 map these to different names, so a guess could send mail to a stranger.
_AMBIGUOUS = "ßς\u200c\u200d"


def domain_name(value: Any) -> str:
    """``value`` as a domain in lower case with A-labels. Raises MailError when it is not one."""
    if not isinstance(value, str) or not value:
        raise MailError("is not a domain name", where=f"domain {value!r}", mend="Write a name such as example.com.")
    return _domain_name(value)


@functools.lru_cache(maxsize=4096)
def _domain_name(value: str) -> str:
    where = f"domain {value!r}"
    name = value.lower()
    if not name.isascii():
        name = _a_labels(name, where)
    labels = name.split(".")
    if len(name) > MAX_DOMAIN or len(labels) < 2 or labels[-1].isdigit() or not all(map(_LABEL.match, labels)):
        raise MailError(
            "is not a domain name",
            where=where,
            mend="Write two or more labels of letters, digits and hyphens, at most 63 characters each and 253 in all.",
        )
    return name


def _a_labels(name: str, where: str) -> str:
    if any(character in name for character in _AMBIGUOUS):
        raise MailError(
            "has a character that the two IDNA standards read differently",
            where=where,
            mend="Write the name with its A-label (xn--...).",
        )
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise MailError(
            "cannot be written with A-labels (RFC 5890)", where=where, mend="Write it with its A-label (xn--...)."
        ) from error


def own_address(value: Any, *, delimiter: str = "") -> str:
    """``value`` as an address of this server, in lower case: letters, digits and ``. _ -`` before the ``@``.

    ``delimiter`` holds the characters that separate an address extension; none of them may be in the name, because such
    an account would never get mail. Raises MailError.
    """
    given, domain = _split(value)
    local = given.lower()
    if not given.isascii() or not _OWN_LOCAL_PART.match(local) or len(local) > MAX_LOCAL_PART:
        raise MailError(
            "is not a usable mail name",
            where=f"address {value!r}",
            mend="Before the @ use letters, digits and . _ - (no dot first, last or twice), at most 64 characters.",
        )
    for character in delimiter:
        if character in local:
            raise MailError(
                f"holds '{character}', which separates address extensions here",
                where=f"address {value!r}",
                mend="Choose another name, or another recipient delimiter for the server.",
            )
    return _whole(f"{local}@{domain}", value)


def target_address(value: Any) -> str:
    """``value`` as an address that mail is sent on to, here or elsewhere; the domain in lower case. May raise."""
    local, domain = _split(value)
    if not _ANY_LOCAL_PART.match(local) or len(local) > MAX_LOCAL_PART:
        raise MailError(
            "is not an address that mail can be sent on to",
            where=f"address {value!r}",
            mend="Write name@domain without spaces, quotes, %, !, | and /.",
        )
    return _whole(f"{local}@{domain}", value)


def _split(value: Any) -> tuple[str, str]:
    if not isinstance(value, str) or value.count("@") != 1:
        raise MailError("is not a mail address", where=f"address {value!r}", mend="Write name@domain.")
    local, _at, domain = value.partition("@")
    try:
        return local, domain_name(domain)
    except MailError as error:
        raise MailError(f"{error.where} {error.what}", where=f"address {value!r}", mend=error.mend) from error


def _whole(address: str, value: Any) -> str:
    if len(address) > MAX_ADDRESS:
        raise MailError(
            f"is longer than {MAX_ADDRESS} characters", where=f"address {value!r}", mend="Choose a shorter one."
        )
    return address


def without_extension(address: str, delimiter: str) -> str:
    """``alice@d`` for ``alice+shop@d``: the address that Postfix looks up when it does not know the whole one."""
    local, _at, domain = address.partition("@")
    for character in delimiter:
        local = local.partition(character)[0] or local
    return f"{local}@{domain}"
