# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Login by the short name, that is the part before the ``@``: only where it can mean one mailbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._errors import MailError
from .address import domain_name


def conflicts(domains: Iterable[Mapping[str, Any]], default_domain: str) -> list[str]:
    """The accounts of ``default_domain`` whose name another domain has too, as ``info@a.example and info@b.example``.

    ``domains`` has the shape of ``mail_domains``; accounts that are to be absent do not count. Raises MailError for a
    default domain that is not one of them, when there are any.
    """
    if not default_domain:
        return []
    default = domain_name(default_domain)
    names: dict[str, list[str]] = {}
    known = []
    for domain in domains:
        if domain.get("state", "present") == "absent":
            continue
        name = domain_name(domain.get("name"))
        known.append(name)
        for account in domain.get("accounts") or ():
            if account.get("state", "present") != "absent":
                local = str(account.get("name", "")).partition("@")[0].lower()
                names.setdefault(local, []).append(name)
    if known and default not in known:
        raise MailError(
            f"'{default}' is not one of the domains of this server",
            where="dovecot_default_domain",
            mend=f"Give one of {', '.join(known)}, or leave it empty.",
        )
    return [
        " and ".join(f"{local}@{name}" for name in sorted(set(found), key=lambda item: (item != default, item)))
        for local, found in sorted(names.items())
        if default in found and len(set(found)) > 1
    ]
