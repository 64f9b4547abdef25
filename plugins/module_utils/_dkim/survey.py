# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keys there are, for those who only look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._errors import MailError
from .._mail.address import domain_name
from . import book, plan, store
from .phase import SIGNING
from .request import Wanted


def survey(directory: str, domains: Sequence[str] | None) -> dict[str, Any]:
    """The keys of ``domains`` (None: of all), those that sign, and what is wrong. Raises MailError."""
    where = store.Place(directory, -1)
    keys: list[dict[str, Any]] = []
    signing: dict[str, list[str]] = {}
    faults: list[str] = []
    damaged: dict[str, list[str]] = {}
    with store.locked(where):
        for domain in store.domains(where) if domains is None else map(domain_name, domains):
            for selector in store.selectors(where, domain):
                try:
                    key, complaint = _key(where, domain, selector)
                except MailError as error:
                    faults.append(error.message)
                    damaged.setdefault(domain, []).append(error.message)
                    continue
                keys.append(key)
                faults += complaint
                if key["phase"] == SIGNING:
                    signing.setdefault(domain, []).append(selector)
    return {"dkim_keys": keys, "signing": signing, "faults": faults, "damaged": damaged}


def _key(where: store.Place, domain: str, selector: str) -> tuple[dict[str, Any], list[str]]:
    """A key, and what is wrong with its files."""
    path = where.path(domain, selector)
    found = store.find(where, domain, selector)
    step = plan.decide(Wanted(domain, selector), found, None, path=path, now=found.modified)
    if step.after is None:
        raise MailError("disappeared", where=path, mend="Run again.")
    shown = book.shown(domain, selector, step.after, path + plan.SUFFIX[step.after.algorithm])
    mend = "Module mail_dkim_key puts that right."
    return shown, [f"{where.room(domain)}: {found.open}. {mend}"] if found.open else []
