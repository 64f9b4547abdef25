# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is logged in on this host: asked of Dovecot, read from Courier's processes and from what Postfix logs."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Collection

from .._errors import MailError
from .._host import commands
from . import words
from .words import Session

ANVIL = "/run/dovecot/anvil"
_LOGS = ("/var/log/mail.log", "/var/log/maillog")
_TAIL = 64 * 1024 * 1024
_DOVECOT = ("imap", "pop3", "managesieve")
_COURIER = {"imapd": "imap", "courierpop3d": "pop3", "pop3d": "pop3"}  # programs, which Debian calls differently


def seen() -> tuple[list[Session], list[str]]:
    """Everybody who is logged in at servers that tell, and what is wrong with those that do not."""
    found: list[Session] = []
    faults = []
    for ask in (postfix, courier, dovecot):
        try:
            found += ask()
        except MailError as error:
            faults.append(error.message)
    return found, faults


def sessions() -> list[Session]:
    """Everybody who is logged in. Raises MailError when a server that runs does not tell."""
    return [*dovecot(), *courier(), *postfix()]


def dovecot() -> list[Session]:
    """Sessions of IMAP, POP3 and ManageSieve; none without a running Dovecot."""
    doveadm = commands.find("doveadm")
    if not doveadm or not os.path.exists(ANVIL):
        return []
    listed = commands.run([doveadm, "-f", "tab", "who"], timeout=10)
    if listed.status:
        if not _named(*_DOVECOT):
            return []  # it was stopped, and has left its socket
        what = listed.stderr.strip() or f"ended with status {listed.status}"
        raise MailError(what, where="doveadm who", mend="Dovecot's log says more.")
    return [session for session in words.who(listed.stdout) if session.service != "lmtp"]


def courier() -> list[Session]:
    """A process of Courier serves one client, and is told in its environment who that is."""
    found = []
    for pid, name in _named(*_COURIER):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as handle:
            pairs = (item.partition(b"=") for item in handle.read().split(b"\0"))
            told = {key: value.decode("utf-8", "replace") for key, _is, value in pairs}
            account = told.get(b"AUTHENTICATED") or told.get(b"AUTHADDR")
            if account:
                client = told.get(b"TCPREMOTEIP", "").replace("::ffff:", "")
                found.append(Session(account.lower(), "courier", _COURIER[name], (client,) if client else (), (pid,)))
    return found


def postfix() -> list[Session]:
    """Clients that have logged in and sent something. Of those that have not Postfix tells nobody."""
    begun = {pid: _begun(pid) for pid, _name in _named("smtpd")}
    if not begun:
        return []
    now = time.time()
    lines = words.smtpd_lines(_journal(begun), now)
    silent = begun.keys() - {line.process for line in lines}
    if silent:
        lines += words.smtpd_lines(_log_file(silent), now)
    return words.smtp_sessions(lines, begun)


def _named(*names: str) -> list[tuple[int, str]]:
    """The processes with one of these names."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as handle:
            name = handle.read().strip()
            if name in names:
                found.append((int(pid), name))
    return found


def _begun(pid: int) -> float:
    """When a process began, in seconds since 1970; never when it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as handle:
            ticks = int(handle.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return float("inf")
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")


def _journal(begun: dict[int, float]) -> list[str]:
    """What these processes wrote since they began; the journal finds lines by process without reading the others."""
    program = commands.find("journalctl")
    if program is None:
        return []
    since = min(begun.values())
    if since == float("inf"):
        return []
    asked = [f"_PID={pid}" for pid in sorted(begun)]
    options = ["--quiet", "--no-pager", "--output=short-unix", f"--since=@{since - 1:.0f}"]
    return commands.run([program, *options, *asked], timeout=30).stdout.splitlines()


def _log_file(processes: Collection[int]) -> list[str]:
    """The same from the end of the mail log, for hosts whose journal does not have it."""
    theirs = re.compile(rb" \S*smtpd\[(?:%s)\]: " % b"|".join(b"%d" % pid for pid in processes))
    for path in _LOGS:
        with contextlib.suppress(OSError), open(path, "rb") as handle:
            handle.seek(max(0, os.fstat(handle.fileno()).st_size - _TAIL))
            lines = (line for line in handle if theirs.search(line))
            return [line.decode("utf-8", "replace").rstrip("\n") for line in lines]
    return []
