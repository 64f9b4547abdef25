# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix's configuration told as data, without its secrets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from . import main_cf, master_cf, verdict

HIDDEN = "(hidden)"
_SECRET = re.compile(r"pass|secret|credential|(^|_)pw|pw$", re.IGNORECASE)
_REFERENCE = re.compile(r"\$[({]?(\w+)")
# What may stand in a parameter of such a name and is no secret itself: tables elsewhere, files, other parameters.
_TYPES = "btree|cdb|cidr|dbm|hash|ldap|lmdb|memcache|mysql|nis|pcre|pgsql|regexp|sdbm|socketmap|sqlite|tcp|texthash"
_HARMLESS = re.compile(rf"(proxy:|maybe:)?({_TYPES}):\S+|/\S*|\$\w+|\$[({{]\w+[)}}]|yes|no")


def hidden(values: Mapping[str, str]) -> set[str]:
    """The names of parameters that hold a secret, or take one from such a parameter with ``$name``.

    Raw values are needed: those in which ``$name`` stands as it was written.
    """
    secret = {name for name in values if _SECRET.search(name)}
    secret |= {other for name in secret for other in _REFERENCE.findall(values[name])}
    secret = {name for name in secret if not _is_harmless(values.get(name, ""))}
    return secret | {name for name, value in values.items() if secret & {*_REFERENCE.findall(value)}}


def masked(values: Mapping[str, str], secret: Collection[str]) -> dict[str, str]:
    """The values, those of the ``secret`` names hidden."""
    return {name: HIDDEN if name in secret else value for name, value in values.items()}


def _is_harmless(value: str) -> bool:
    return all(_HARMLESS.fullmatch(word) for word in main_cf.words(value))


def service(found: master_cf.Service) -> dict[str, Any]:
    """A service as the option ``services`` of the modules takes it; None is Postfix's default."""
    return {
        "name": found.name,
        "type": found.type,
        "private": _flag(found.private),
        "unprivileged": _flag(found.unprivileged),
        "chroot": _flag(found.chroot),
        "wakeup": None if found.wakeup == "-" else found.wakeup,
        "process_limit": int(found.process_limit) if found.process_limit.isdecimal() else None,
        "command": found.command,
        "options": masked(dict(found.options), hidden(dict(found.options))),
        "arguments": [_argument(word) for word in found.arguments],
    }


def _flag(field: str) -> bool | None:
    return {"y": True, "n": False}.get(field)


def _argument(word: str) -> str:
    name, equals, value = word.partition("=")
    return f"{name}={HIDDEN}" if equals and value and _SECRET.search(name) else word


def listener(found: master_cf.Service, values: Mapping[str, str]) -> dict[str, Any]:
    """An SMTP service on the network as a client meets it; ``values`` are main.cf's parameters with their defaults."""
    counts = {**values, **dict(found.options)}
    level = counts.get("smtpd_tls_security_level", "")
    enforced, used = (counts.get(name) == "yes" for name in ("smtpd_enforce_tls", "smtpd_use_tls"))
    if counts.get("smtpd_tls_wrappermode") == "yes":
        tls = "wrapped"
    elif level == "encrypt" or (not level and enforced):
        tls = "required"
    else:
        tls = "offered" if level == "may" or (not level and used) else "none"
    return {
        "name": found.name,
        "command": found.command,
        "addresses": [found.host] if found.host else main_cf.words(values.get("inet_interfaces", "all")),
        "port": found.port,
        "tls": tls,
        "auth": counts.get("smtpd_sasl_auth_enable") == "yes",
    }


def table(found: verdict.Table, named_by: Iterable[str], times: Mapping[str, float]) -> dict[str, Any]:
    """A lookup table and its state: ``missing`` without the file that Postfix opens, ``stale`` when its source is
    newer. ``times`` are the times of change of the files that exist, in epoch seconds.
    """
    state = "current"
    if found.file not in times:
        state = "missing"
    elif times.get(found.path, 0.0) > times[found.file]:
        state = "stale"
    return {
        "name": f"{found.type}:{found.path}",
        "file": found.file,
        "state": state,
        "named_by": sorted(set(named_by)),
    }


def naming(values: Mapping[str, str], services: Sequence[master_cf.Service]) -> dict[verdict.Table, list[str]]:
    """The tables in files that main.cf and master.cf name, each with the parameters that do."""
    pairs = [*values.items(), *(pair for found in services for pair in found.options)]
    named: dict[verdict.Table, list[str]] = {}
    for name, value in pairs:
        for found in verdict.tables([value]):
            named.setdefault(found, []).append(name)
    return named
