# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The grammar of certbot's renewal configurations (/etc/letsencrypt/renewal/NAME.conf), the same from 1.12 to 4.0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_LINE = re.compile(
    r"\s*(?:(?P<open>\[+)\s*(?P<section>[^\[\]]+?)\s*\]+|(?P<key>[^#=\[\s][^=]*?)\s*=\s*(?P<value>.*?))\s*\Z"
)
_PARAMS = "renewalparams"
# The files that certbot looks for; without one of these lines it takes the certificate for broken.
FILES = ("cert", "privkey", "chain", "fullchain")


class Renewal(NamedTuple):
    """What a renewal configuration says: its own options, those of certbot, and the web root of each name."""

    options: Mapping[str, str]
    params: Mapping[str, str]
    webroots: Mapping[str, str]

    @property
    def complete(self) -> bool:
        """Whether certbot can renew by it."""
        return all(self.options.get(name) for name in FILES) and "authenticator" in self.params


def read(text: str) -> Renewal:
    """What ``text`` says. Lines that are neither a section nor an option are passed over."""
    found: dict[str, dict[str, str]] = {"": {}, _PARAMS: {}, "webroot_map": {}}
    section = ""
    for line in text.splitlines():
        match = _LINE.match(line)
        if match and match["section"]:
            section = match["section"]
        elif match:
            found.setdefault(section, {})[match["key"]] = _value(match["value"])
    return Renewal(found[""], found[_PARAMS], found["webroot_map"])


def write(text: str, params: Mapping[str, str]) -> str:
    """``text`` with these options of certbot; an empty value takes one away. All other lines stay as they are."""
    left = {key: value for key, value in params.items() if value}
    lines: list[str] = []
    section, end = "", 0
    for line in text.splitlines():
        match = _LINE.match(line)
        section = match["section"] or section if match else section
        key = match["key"] if match and section == _PARAMS else None
        if key not in params:
            lines.append(line)
        elif key in left:
            lines.append(f"{key} = {left.pop(key)}")
        if match and section == _PARAMS:
            end = len(lines)
    lines[end:end] = [f"{key} = {value}" for key, value in left.items()]
    return "\n".join(lines) + "\n"


def _value(text: str) -> str:
    """A value without quotes; of a list, which ends with a comma when it has one element, that element."""
    value = text.rstrip(", ")
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
