# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists on the Internet that answer by DNS whether a client's address is known to be bad, or good.

An answer counts only when it has the form that the list documents. A resolver that the list has blocked, or one that
makes up answers for names that do not exist, gets another one, and must never be a reason to refuse all mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._mail import values
from .options import Options, is_domain

BLOCKED = "127.0.0.[2..255]"
ALLOWED = "127.0.[0..255].[1..3]"
_FIELDS = ("zone", "weight", "replies")
_FIELD = r"(\d{1,3}|\[\d{1,3}(\.\.\d{1,3})?(;\d{1,3}(\.\.\d{1,3})?)*\])"
_REPLIES = re.compile(rf"127\.{_FIELD}\.{_FIELD}\.{_FIELD}\Z")


class Zone(NamedTuple):
    """A list with the answers that count, in Postfix's notation, and its weight in postscreen's sum."""

    name: str
    replies: str
    weight: int

    @property
    def filtered(self) -> str:
        return f"{self.name}={self.replies}"


def zones(options: Options, name: str, *, replies: str, sign: int = 1) -> list[Zone]:
    """The lists of a variable: names, or mappings with ``zone``, ``weight`` and ``replies``."""
    given = options.given[name]
    if not isinstance(given, (list, tuple)):
        raise options.fault(name, "is not a list", "Write a list of zones, or [] for none.")
    found = [_zone(options, name, item, replies=replies, sign=sign) for item in given]
    if len({zone.name for zone in found}) < len(found):
        raise options.fault(name, "a zone is given twice", "List each zone once.")
    unfit = [zone.name for zone in found if zone.name in options.given.get("unfit_zones", ())]
    for zone in unfit:
        options.warn(name, f"{zone} is left out, because it does not answer this host as such a list must.")
    return [zone for zone in found if zone.name not in unfit]


def total(options: Options, name: str, *, replies: str) -> int:
    """The weights of all lists of a variable together, also of those that are left out for now."""
    return sum(_zone(options, name, item, replies=replies, sign=1).weight for item in options.given[name])


def unweighted(options: Options, name: str, found: list[Zone]) -> None:
    """Raises MailError for weights that nobody adds up: only postscreen does."""
    wrong = [zone for zone in found if abs(zone.weight) != 1]
    if wrong:
        raise options.fault(
            name,
            f"{wrong[0].name} has a weight, which only postscreen counts",
            f"Set {options.prefix}postscreen to true, or leave out the weight.",
        )


def _zone(options: Options, name: str, item: Any, *, replies: str, sign: int) -> Zone:
    raw: Mapping[str, Any] = {"zone": item} if isinstance(item, str) else item
    if not isinstance(raw, Mapping) or "zone" not in raw:
        raise options.fault(name, f"'{item}' is no zone", "Write zen.example.org, or {zone: …, weight: 2}.")
    unknown = [field for field in raw if field not in _FIELDS]
    if unknown:
        raise options.fault(name, f"unknown option '{unknown[0]}'", values.near_miss(str(unknown[0]), _FIELDS))
    zone = str(raw["zone"]).lower().rstrip(".")
    if not is_domain(zone):
        raise options.fault(name, f"'{raw['zone']}' is no zone", "Write a domain such as zen.example.org.")
    own = Options(raw, prefix=f"{options.prefix}{name} {zone}: ")
    weight = own.number("weight", low=1, high=100) if "weight" in raw else 1
    answers = str(raw.get("replies", replies)).replace(" ", "")
    if not _REPLIES.match(answers) or _numbers(answers) > 255 or re.match(r"127\.\[?255", answers):
        raise own.fault(
            "replies",
            f"'{answers}' is no pattern of answers",
            f"Write one such as {BLOCKED}; answers in 127.255 are errors of the list, not listings.",
        )
    return Zone(zone, answers, sign * weight)


def _numbers(pattern: str) -> int:
    return max(int(number) for number in re.findall(r"\d+", pattern))
