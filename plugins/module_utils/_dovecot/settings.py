# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that the configuration templates need, worked out and checked from the role's variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.header import Header
from typing import Any

from .._errors import MailError
from .._mail import tls_policy
from . import folders, services, values

_FEW_CONNECTIONS = 10


def plan(variables: Mapping[str, Any], *, memory_mb: int, cpus: int) -> dict[str, Any]:
    """``variables`` are the role's without the prefix ``dovecot_``; the result holds plain lists and dictionaries.

    Keys: tls (min_version, suites, groups, and new_groups for Dovecot 2.4), protocols, logins, backends,
    auth_client_limit, anvil_client_limit, max_user_ip, folders, quota_warnings (percent, highest first),
    quota_warning_from and quota_warning_subject (ready as headers), quota_grace and warnings (sentences for the
    administrator). Raises MailError for a value out of range, and for too little memory when the
    capacity check is set to fail.
    """
    planned = services.plan(
        variables["ports"], variables["max_connections"], variables["protocol_limits"], variables["login_mode"], cpus
    )
    warnings = _capacity(planned, variables["process_memory_mb"], memory_mb, variables["capacity_check"])
    per_user = values.number(
        variables["max_connections_per_user_ip"], name="dovecot_max_connections_per_user_ip", low=0, high=20000
    )
    if 0 < per_user < _FEW_CONNECTIONS:
        warnings.append(
            f"dovecot_max_connections_per_user_ip is {per_user}: one mail program alone opens about 5 connections, and "
            f"a user's devices at one site often share an address. {_FEW_CONNECTIONS} or more is advisable."
        )
    return {
        "tls": _tls(variables),
        "protocols": planned.protocols,
        "logins": [
            {**login._asdict(), "listeners": [listener._asdict() for listener in login.listeners]}
            for login in planned.logins
        ],
        "backends": planned.backends,
        "auth_client_limit": planned.auth_client_limit,
        "anvil_client_limit": planned.anvil_client_limit,
        "max_user_ip": per_user,
        "folders": [
            folder._asdict()
            for folder in folders.parse_all(
                variables["special_folders"],
                inbox_autoexpunge=variables["autoexpunge"],
                auto="no" if variables["courier_clients"] else "subscribe",
            )
        ],
        "quota_warnings": _percentages(variables["quota_warning_percent"]),
        "quota_warning_from": _header(variables["quota_warning_from"], "dovecot_quota_warning_from"),
        "quota_warning_subject": _header(variables["quota_warning_subject"], "dovecot_quota_warning_subject"),
        "quota_grace": values.size(variables["quota_grace"], name="dovecot_quota_grace"),
        "warnings": warnings,
    }


def _tls(variables: Mapping[str, Any]) -> dict[str, str]:
    policy = tls_policy.read(variables["tls_policy"], variables["tls_min_version"])
    return {
        "min_version": policy.min_version,
        "suites": str(variables["tls_ciphers"] or ":".join(tls_policy.SUITES)),
        "groups": ":".join(tls_policy.GROUPS),
        "new_groups": ":".join(tls_policy.NEW_GROUPS),
    }


def _percentages(value: Any) -> list[int]:
    given = value if isinstance(value, (list, tuple)) else [value]
    name = "dovecot_quota_warning_percent"
    return sorted({values.number(item, name=name, low=1, high=100) for item in given}, reverse=True)


def _header(value: Any, name: str) -> str:
    """``value`` as the text of a mail header (RFC 2047 where it is not ASCII)."""
    text = str(value).strip()
    if not text or re.search(r"[\x00-\x1f\x7f]", text):
        raise MailError("must be one line of text", where=name, mend="Write it without line breaks.")
    return text if text.isascii() else Header(text, "utf-8", header_name="Subject").encode()


def _capacity(planned: services.Services, process_memory_mb: Any, memory_mb: int, check: Any) -> list[str]:
    """At full load every process exists at once. Shared pages are not counted, so the figure is a process's own."""
    mode = values.word(check, name="dovecot_capacity_check", choices=("warn", "fail", "off"))
    each = values.number(process_memory_mb, name="dovecot_process_memory_mb", low=1, high=4096)
    needed = planned.processes * each
    if mode == "off" or memory_mb <= 0 or needed <= memory_mb:
        return []
    text = (
        f"{planned.processes} Dovecot processes of {each} MB need {needed} MB at full load, "
        f"and the host has {memory_mb} MB"
    )
    if mode == "fail":
        raise MailError(
            text, where="dovecot_max_connections", mend="Lower the limits or set dovecot_capacity_check to warn."
        )
    return [f"dovecot_max_connections: {text}. Lower the limits or add memory."]
