# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the role's variables: each value is checked once, and what is wrong with it names the variable."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import MailError
from .._mail import values
from . import ranges

UNLIMITED = 2147483647
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_LARGEST = 1024**4
_DOMAIN = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")


class Options:
    """The variables without their prefix, and what is told of them.

    ``version`` is Postfix's; one without its third number stands for the newest of its series. ``warnings`` and
    ``prefix`` are for the administrator: a message names ``<prefix><name>``, or what ``names`` says instead.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        *,
        version: str = "",
        prefix: str = "postfix_",
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.given = given
        self.version = version
        self.prefix = prefix
        self.warnings: list[str] = []
        self._names = names or {}

    def label(self, name: str) -> str:
        """What the administrator calls it."""
        return self._names.get(name, f"{self.prefix}{name}")

    def warn(self, name: str, text: str) -> None:
        self.warnings.append(f"{self.label(name)}: {text}")

    def fault(self, name: str, what: str, mend: str = "") -> MailError:
        return MailError(what, where=self.label(name), mend=mend)

    def has(self, *versions: str) -> bool:
        """True when Postfix is at least one of ``versions``: the newest, or as new in the series of another."""
        number = ranges.as_numbers(self.version or "99")
        wanted = sorted(ranges.as_numbers(text) for text in versions)
        exact = number if len(number) > 2 else (*number, 999)
        return exact >= wanted[-1] or any(exact[:2] == item[:2] and exact >= item for item in wanted)

    def unset(self, name: str) -> bool:
        return self.given.get(name) in (None, "")

    def switch(self, name: str) -> bool:
        try:
            return bool(values.switch(self.given[name]))
        except MailError as error:
            raise self.fault(name, error.what, error.mend) from error

    def word(self, name: str, choices: Sequence[str]) -> str:
        """One of ``choices``; an unquoted ``no`` or ``off``, which YAML reads as false, is taken back."""
        value = self.given[name]
        text = str(value)
        if isinstance(value, bool):
            text = next((word for word in choices if word in (("yes", "on") if value else ("no", "off"))), text)
        if text not in choices:
            raise self.fault(name, f"'{value}' is not possible", f"Write one of {', '.join(choices)}.")
        return text

    def words(self, name: str, choices: Sequence[str]) -> list[str]:
        """Several of ``choices``, in the order of ``choices``."""
        given = self.strings(name)
        wrong = [word for word in given if word not in choices]
        if wrong:
            raise self.fault(name, f"'{wrong[0]}' is not possible", f"Write some of {', '.join(choices)}.")
        return [word for word in choices if word in given]

    def strings(self, name: str) -> list[str]:
        try:
            return [values.line(item) for item in values.strings(self.given[name])]
        except MailError as error:
            raise self.fault(name, error.what, error.mend) from error

    def number(self, name: str, *, low: int, high: int) -> int:
        value = self.given[name]
        text = str(value).strip()
        if isinstance(value, (bool, float)) or not re.fullmatch(r"\d{1,12}", text) or not low <= int(text) <= high:
            raise self.fault(name, f"'{value}' is not possible", f"Write a whole number from {low} to {high}.")
        return int(text)

    def count(self, name: str, *, high: int) -> int:
        """A number of at least 1; ``unlimited`` is as much as Postfix can count to, with a warning."""
        if self.given[name] == "unlimited":
            self.warn(name, "unlimited lets one message use all the memory and time of the server.")
            return UNLIMITED
        try:
            return self.number(name, low=1, high=high)
        except MailError as error:
            raise MailError(error.what, where=error.where, mend=f"{error.mend} Or write unlimited.") from error

    def seconds(self, name: str, *, low: int, high: int) -> int:
        """A time with a unit (s, m, h, d, w) in seconds; 0 needs none."""
        value = self.given[name]
        text = str(value).strip()
        found = re.fullmatch(r"(\d{1,9})([smhdw])", text)
        time = int(found[1]) * _SECONDS[found[2]] if found else (0 if text == "0" else -1)
        if isinstance(value, bool) or time < 0:
            raise self.fault(name, f"'{value}' is no time", "Write a number with a unit (s, m, h, d, w), such as 30s.")
        if not low <= time <= high:
            raise self.fault(name, f"'{value}' is out of range", f"Write a time from {spell(low)} to {spell(high)}.")
        return time

    def time(self, name: str, *, low: int = 1, high: int) -> str:
        """As seconds(), in Postfix's notation with the greatest unit that fits."""
        return spell(self.seconds(name, low=low, high=high))

    def size(self, name: str) -> int:
        """Bytes, a number with K, M or G (powers of 1024), or ``unlimited``, which is 0."""
        value = self.given[name]
        text = str(value).strip().upper()
        found = re.fullmatch(r"(\d{1,13})(\.\d{1,3})?([KMG]?)B?", text)
        if text == "UNLIMITED":
            return 0
        if isinstance(value, bool) or not found or (found[2] and not found[3]):
            raise self.fault(
                name, f"'{value}' is no size", "Write bytes, a number with K, M or G such as 50M, or unlimited."
            )
        size = int(float(found[1] + (found[2] or "")) * _BYTES[found[3]])
        if size and not 65536 <= size < _LARGEST:
            raise self.fault(name, f"{size} bytes are out of range", "Write a size from 64K to 1023G, or unlimited.")
        return size

    def networks(self, name: str, *, widest: tuple[int, int] = (0, 0)) -> list[str]:
        """Networks in Postfix's notation, IPv6 in brackets; ``widest`` are the shortest prefixes of IPv4 and IPv6.

        Bits of the host are cleared and told: Postfix would answer every recipient with 451 because of them.
        """
        found = []
        for item in self.strings(name):
            network = self._network(name, item)
            if network.prefixlen < widest[network.version == 6]:
                raise self.fault(
                    name,
                    f"{item} is wider than /{widest[network.version == 6]}, which is a good part of the Internet",
                    "Name the networks that are meant.",
                )
            text = str(network) if network.version == 4 else f"[{network.network_address}]/{network.prefixlen}"
            if text not in found:
                found.append(text)
        return found

    def _network(self, name: str, item: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        bare = re.sub(r"\[(.*)\]", r"\1", item.strip())
        try:
            if "%" in bare:
                raise ValueError
            network = ipaddress.ip_network(bare, strict=False)
        except ValueError:
            raise self.fault(
                name, f"'{item}' is no network", "Write an address or a network, 192.0.2.0/24 or 2001:db8::/32."
            ) from None
        if ipaddress.ip_address(bare.partition("/")[0]) != network.network_address:
            self.warn(name, f"{item} has bits of a host and is taken as {network}.")
        return network

    def domains(self, name: str) -> list[str]:
        found = [item.lower().rstrip(".") for item in self.strings(name)]
        for item in found:
            if not is_domain(item):
                raise self.fault(name, f"'{item}' is no domain", "Write names such as example.org.")
        return list(dict.fromkeys(found))


def is_domain(text: str) -> bool:
    """True for a domain of at least two labels in ASCII, lower case."""
    return bool(_DOMAIN.match(text))


def spell(seconds: int) -> str:
    """A time in Postfix's notation: ``300s``, ``4h``, ``5d``; hours and days only where they are whole."""
    for unit in ("d", "h"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"


def unless_stressed(value: int, *, stressed: int) -> str:
    """A number that falls to ``stressed`` while all processes of a service are busy, as Postfix's own defaults do."""
    return str(value) if value <= stressed else f"${{stress?{{{stressed}}}:{{{value}}}}}"
