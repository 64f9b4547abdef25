# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the words of Postfix mean: its checkers' warnings, its log and its SMTP replies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .._errors import MailError
from . import ranges

_LOGGED = re.compile(r"(?P<who>\S+?)(\[\d+\])?: (?P<level>warning|error|fatal|panic): (?P<words>.*)$")
_UNUSED = re.compile(r"unused parameter: ([^=\s]+)\s*=")
_TABLE = re.compile(r"(?<![A-Za-z0-9_-])(cdb|lmdb|hash|btree|dbm|sdbm|regexp|pcre|cidr|texthash):(/[^\s,{}]+)")

_TOLD = 5

# The server's own limits: too many connections, errors or TLS sessions of one client, too many recipients.
_LIMITS = ((421, "4.7."), (452, "4.5."))

# No fault of the configuration: parts of the host that are missing or slow while it is judged.
_CIRCUMSTANCES = re.compile(
    r"inet_protocols: disabling|symlink leaves directory"
    r"|does not resolve to address|problem talking to server|Milter service|connect to (private|public|inet|unix)"
    r"|and /.* differ$|timeout on |using backwards-compatible default|COMPATIBILITY_README|backwards compatibility use"
)
_ECHOES = re.compile(r"process .* exit status|bad command startup|NIS domain name not set|cannot get .* from SASL")


class Verdict(NamedTuple):
    """``faults`` stop the change; ``notes`` are told as warnings."""

    faults: Sequence[MailError] = ()
    notes: Sequence[str] = ()

    def __add__(self, other: object) -> Verdict:
        if not isinstance(other, Verdict):
            return NotImplemented
        return Verdict([*self.faults, *other.faults], [*self.notes, *other.notes])

    def insist(self, *, where: str, unchanged: str) -> None:
        """Raise one MailError that tells all faults, if there are any."""
        told = [text.rstrip(".") for text in dict.fromkeys(fault.message for fault in self.faults)]
        if told:
            more = f" (and {len(told) - _TOLD} more)" if len(told) > _TOLD else ""
            text = "; ".join(told[:_TOLD]) + more
            raise MailError(f"{text}{'' if text.endswith('?') else '.'} {unchanged}", where=where)


class Table(NamedTuple):
    """A lookup table in a file, as a parameter names it."""

    type: str
    path: str

    @property
    def file(self) -> str:
        """The file that Postfix opens."""
        suffix = {"lmdb": ".lmdb", "cdb": ".cdb", "hash": ".db", "btree": ".db"}.get(self.type, "")
        return self.path + suffix


def of_checker(stderr: str, known: Iterable[str], version: str) -> Verdict:
    """Judge the standard error of postconf, postmap or ``postfix check``: every warning counts."""
    names = list(known)
    verdict = Verdict()
    for line in stderr.splitlines():
        unused = _UNUSED.search(line)
        if unused:
            verdict += Verdict([ranges.unknown(unused.group(1), names, version)])
        elif line.strip():
            verdict += _told(line)
    return verdict


def of_log(lines: Iterable[str]) -> Verdict:
    """Judge what the daemons logged while they were spoken to."""
    verdict = Verdict()
    for line in lines:
        if _LOGGED.search(line):
            verdict += _told(line)
    return verdict


def _told(line: str) -> Verdict:
    found = _LOGGED.search(line)
    words = f"{found.group('who')}: {found.group('words')}" if found else line.strip()
    if _ECHOES.search(words):
        return Verdict()
    if _CIRCUMSTANCES.search(words) and not (found and found.group("level") in ("fatal", "panic")):
        return Verdict([], [words])
    return Verdict([MailError(words)])


def of_reply(command: str, code: int, text: str) -> MailError | None:
    """The fault that an SMTP reply shows, if it shows one; ``code`` 0 means that the connection ended.

    A refusal by policy (5xx, greylisting) is an answer; a server that cannot do its work is a fault.
    """
    if code == 0:
        return MailError(f"no answer to {command}: {text}")
    if (code, text[:4]) in _LIMITS:
        return None
    if code == 454 and command != "STARTTLS":  # Debian's own way to refuse relaying
        return None
    if code in (421, 452, 454) or re.match(r"[45]\.3\.", text) or code < 200 or (command == "EHLO" and code != 250):
        return MailError(f"answered {command} with '{code} {text}'")
    return None


def tables(values: Iterable[str]) -> list[Table]:
    """The tables in files that these values name, each once."""
    return list(dict.fromkeys(Table(*found) for value in values for found in _TABLE.findall(value)))
