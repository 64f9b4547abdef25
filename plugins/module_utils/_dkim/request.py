# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an administrator asks for: entries that each name domains, taken apart into single keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail.address import domain_name
from .key import ED25519
from .record import name_of, selector_name

NEVER, MISMATCH, ALWAYS = REGENERATE = ("never", "mismatch", "always")
_TOLD = 10  # faults that one message names


class Wanted(NamedTuple):
    """One key. What is empty is left as it is, or has its default when the key is made.

    ``text`` or ``key_file`` is a key that is to be taken over.
    """

    domain: str
    selector: str
    algorithm: str = ""
    bits: int = 0
    text: str = ""
    key_file: str = ""
    phase: str = ""
    regenerate: str = NEVER
    force: bool = False
    present: bool = True

    @property
    def where(self) -> str:
        return f"key {self.selector} of {self.domain}"

    @property
    def is_given(self) -> bool:
        """Whether it is taken over and not made here."""
        return bool(self.text or self.key_file)

    def __repr__(self) -> str:
        return self.where


def wanted(given: Sequence[Mapping[str, Any]]) -> list[Wanted]:
    """The keys in the order of the entries. Raises MailError that names every faulty one."""
    found: list[Wanted] = []
    faults: list[MailError] = []
    for number, raw in enumerate(given, 1):
        where = f"keys: entry {number}"
        for domain in raw["domains"]:
            try:
                found.append(_wanted(raw, domain, where))
            except MailError as error:
                faults.append(MailError(error.message, where=where))
    names: set[str] = set()
    for key in found:
        name = name_of(key.domain, key.selector)
        if name in names:
            mend = "Keys that sign side by side, RSA and Ed25519, have different selectors."
            faults.append(MailError("is listed twice", where=key.where, mend=mend))
        names.add(name)
    insist(faults)
    return found


def _wanted(raw: Mapping[str, Any], domain: str, where: str) -> Wanted:
    domain = domain_name(domain)
    key = Wanted(
        domain=domain,
        selector=selector_name(raw["selector"], domain),
        algorithm=raw.get("algorithm") or "",
        bits=raw.get("bits") or 0,
        text=raw.get("key") or "",
        key_file=raw.get("key_file") or "",
        phase=raw.get("phase") or "",
        regenerate=raw.get("regenerate") or NEVER,
        force=bool(raw.get("force")),
        present=raw.get("state") != "absent",
    )
    if key.bits and key.algorithm == ED25519:
        raise MailError("Ed25519 has one size", where="bits", mend="Leave bits out.")
    return key


def insist(faults: Sequence[MailError]) -> None:
    """Raise one MailError that says ``faults``, if there are any."""
    if len(faults) == 1:
        raise MailError(faults[0].what, where=faults[0].where, mend=f"{faults[0].mend} No key was changed.".strip())
    if faults:
        listed = "; ".join(f"({number}) {fault.message}" for number, fault in enumerate(faults[:_TOLD], 1))
        more = f"; and {len(faults) - _TOLD} more" if len(faults) > _TOLD else ""
        raise MailError(f"{len(faults)} faults: {listed}{more}", where="keys", mend="No key was changed.")
