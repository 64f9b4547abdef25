# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs and logs say of sessions: rows of ``doveadm who``, lines of smtpd(8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .._log import when
from .._outcome import Change


class Session(NamedTuple):
    """Somebody who has logged in: through which server and service, from where, and which processes serve it."""

    account: str
    server: str
    service: str
    clients: tuple[str, ...]
    processes: tuple[int, ...]


def described(session: Session) -> Change:
    """The end of a session as a change."""
    return Change(f"session {session.account}", f"{session.service} {' '.join(session.clients)}\n", "")


class Line(NamedTuple):
    """A line of smtpd(8) in a log: when (seconds since 1970), which process, and what it says."""

    time: float
    process: int
    text: str


_TIME = r"\d{9,}\.\d+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,30}"
_SMTPD = re.compile(rf"(?P<head>{_TIME}) \S+ [\w./-]*smtpd\[(?P<pid>\d+)\]: (?P<text>.*)\Z", re.ASCII)
_SECONDS = re.compile(r"\d+\.\d+")
# Words of a client stand before the address, never behind it.
_CLIENT = re.compile(
    r"[0-9A-Za-z]+: client=\S*\[(?P<client>[0-9a-fA-F.:]+)\](?::\d+)?, .*?sasl_username=(?P<login>[^,\s]+)"
)


def who(text: str) -> list[Session]:
    """The sessions in ``doveadm -f tab who``; each version has columns of its own."""
    lines = text.splitlines()
    names = [name.strip("()") for name in lines[0].split("\t")] if lines else []
    found = []
    for line in lines[1:]:
        row = dict(zip(names, line.split("\t")))
        if row.get("username"):
            found.append(
                Session(
                    row["username"],
                    "dovecot",
                    row.get("proto") or row.get("service") or "",
                    tuple(re.findall(r"[0-9a-fA-F.:]+", row.get("ips") or row.get("ip") or "")),
                    tuple(int(pid) for pid in re.findall(r"\d+", row.get("pids") or row.get("pid") or "")),
                )
            )
    return found


def smtpd_lines(lines: Iterable[str], now: float) -> list[Line]:
    """The lines of smtpd(8) processes in a log in the forms of rsyslog and of ``journalctl -o short-unix``."""
    clock = when.Clock(now)
    found = []
    for line in lines:
        match = _SMTPD.match(line)
        if match:
            head = match["head"]
            seconds = float(head) if _SECONDS.fullmatch(head) else clock.read(head)
            found.append(Line(seconds or 0.0, int(match["pid"]), match["text"]))
    return found


def smtp_sessions(lines: Sequence[Line], begun: Mapping[int, float]) -> list[Session]:
    """Who sends through which process now. ``begun`` says when each process that lives began.

    A process serves one client after the other, so what counts is what it said since the last one came.
    """
    serving: dict[int, Session] = {}
    for line in lines:
        if line.time < begun.get(line.process, float("inf")) - 1:
            continue
        if line.text.startswith(("connect from ", "disconnect from ")):
            serving.pop(line.process, None)
            continue
        match = _CLIENT.match(line.text)
        if match:
            serving[line.process] = Session(
                match["login"].lower(), "postfix", "smtp", (match["client"],), (line.process,)
            )
    return list(serving.values())
