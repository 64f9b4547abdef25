# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where this host's mail daemons log, and the lines from there: files with their rotated ones, and the journal.

Nothing is held in memory but a block of a file at a time.
"""

from __future__ import annotations

import bz2
import glob
import gzip
import heapq
import lzma
import os
import pwd
import re
import subprocess
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Callable, NamedTuple

from .._host import commands
from .line import Line, from_file, from_journal
from .when import Clock

_BLOCK = 1 << 18
_LONGEST = 1 << 16
_DAY = 86400
_SYSLOG_FILES = ("/var/log/mail.log", "/var/log/maillog")
_OPENERS: dict[str, Callable[[Any], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError)
_USERS = ("root", "postfix", "dovecot", "courier")
_FIELDS = "MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_UID"


class Source:
    """A file with its rotated ones, or the journal, and what was seen of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines = self.damaged = 0
        self.faults: list[str] = []

    def fault(self, where: str, error: object) -> None:
        """Note why something could not be read; the first few reasons are enough."""
        if len(self.faults) < 20:
            self.faults.append(f"{where}: {error}")


class Period(NamedTuple):
    """From when to when lines count, in seconds since 1970, both included."""

    since: float
    until: float


def configured() -> list[str]:
    """The files that Postfix and Dovecot write themselves, instead of handing lines to the system's log."""
    found = []
    for program, options in (
        ("postconf", ["-h", "maillog_file"]),
        ("doveconf", ["-h", "log_path", "info_log_path"]),
    ):
        path = commands.find(program)
        said = commands.run([path, *options]).stdout.split() if path else []
        found += [word for word in said if word.startswith("/") and not word.startswith("/dev/")]
    return list(dict.fromkeys(found))


def kept_by_syslog(now: float) -> str:
    """The file of a syslog daemon that is in use; empty where there is none."""
    for path in _SYSLOG_FILES:
        if os.path.isfile(path) and os.path.getsize(path) and os.path.getmtime(path) > now - _DAY:
            return path
    return ""


def has_journal() -> bool:
    """Whether there is a journal, on disk or in memory, and the program that reads it."""
    return bool(commands.find("journalctl")) and bool(glob.glob("/run/log/journal/*") + glob.glob("/var/log/journal/*"))


def rotated(pattern: str) -> list[tuple[str, int]]:
    """Files that match, with those that they were rotated to, the oldest first, and their inodes."""
    paths = {os.path.realpath(path) for path in glob.glob(pattern) or [pattern]}
    ending = re.compile(r"[.-]\d{1,8}(?:-\d+)?(?:\.(?:gz|bz2|xz|zst))?|\.(?:gz|bz2|xz|zst)")
    for path in list(paths):
        paths |= {
            older
            for older in glob.glob(f"{glob.escape(path)}[.-]*")
            if ending.fullmatch(older[len(path) :]) and os.path.isfile(older)
        }
    known = [(path, os.stat(path)) for path in paths if os.path.isfile(path)]
    return [(path, status.st_ino) for path, status in sorted(known, key=lambda item: (item[1].st_mtime, item[0]))]


def of_files(source: Source, pattern: str, period: Period) -> Iterator[Line]:
    """The lines of a file and of those that it was rotated to, as far as they were written to in the period."""
    for path, inode in rotated(pattern):
        try:
            with open(path, "rb") as raw:
                status = os.fstat(raw.fileno())
                if status.st_ino != inode:
                    source.fault(path, "was rotated meanwhile, so lines may be missing; read again")
                if status.st_mtime >= period.since:
                    yield from _of_file(source, path, raw, Clock(status.st_mtime), period)
        except FileNotFoundError:
            source.fault(path, "was rotated meanwhile, so lines may be missing; read again")
        except _DAMAGE as error:
            source.fault(path, error)


def _of_file(source: Source, path: str, raw: Any, clock: Clock, period: Period) -> Iterator[Line]:
    ending = os.path.splitext(path)[1]
    if ending == ".zst":
        yield from _of_zstd(source, path, clock, period)
        return
    if ending not in _OPENERS:
        _skip(raw, clock, period.since)
    handle = _OPENERS[ending](raw) if ending in _OPENERS else raw
    yield from _within(source, handle, lambda text: from_file(text, clock), period)


def _of_zstd(source: Source, path: str, clock: Clock, period: Period) -> Iterator[Line]:
    program = commands.find("zstd")
    if not program:
        source.fault(path, "program zstd is missing, so this file was not read")
        return
    with subprocess.Popen([program, "-dcq", "--", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        yield from _within(source, process.stdout, lambda text: from_file(text, clock), period)
    if process.returncode:
        source.fault(path, "is damaged")


def _skip(raw: Any, clock: Clock, since: float) -> None:
    """Go to a place shortly before the first line of the period: lines are in the order of their times."""
    low, high = 0, os.fstat(raw.fileno()).st_size
    while high - low > _BLOCK:
        middle = (low + high) // 2
        raw.seek(middle)
        raw.readline(_LONGEST)
        line = from_file(raw.readline(_LONGEST).decode("utf-8", "replace").rstrip("\n"), clock)
        if line is None or line.time >= since:
            high = middle
        else:
            low = middle
    raw.seek(low)
    if low:
        raw.readline(_LONGEST)


def _within(source: Source, handle: Any, parse: Callable[[str], Line | None], period: Period) -> Iterator[Line]:
    """The lines of a period; damaged ones are counted."""
    since, until = period
    for text in _texts(source, handle):
        source.lines += 1
        line = parse(text)
        if line is None:
            source.damaged += 1
        elif since <= line.time <= until:
            yield line


def _texts(source: Source, handle: Any) -> Iterator[str]:
    """Lines of text without their ends. A line without an end is cut off.

    What has been read before a compressed file turns out to be damaged counts, so no block is waited for to be full.
    """
    rest = b""
    while True:
        block = handle.read1(_BLOCK)
        if not block:
            break
        whole, end, rest = (rest + block).rpartition(b"\n")
        if end:
            yield from whole.decode("utf-8", "replace").split("\n")
        elif len(rest) > _LONGEST:
            source.damaged += 1
            rest = b""
    if rest:
        yield rest.decode("utf-8", "replace")


def of_journal(source: Source, period: Period) -> Iterator[Line]:
    """The journal's entries of facility mail, which all mail daemons use."""
    program = commands.find("journalctl") or "journalctl"
    argv = [program, "--quiet", "--no-pager", "--output=json", f"--output-fields={_FIELDS}", "SYSLOG_FACILITY=2"]
    argv += [f"--since=@{int(period.since)}", f"--until=@{int(period.until) + 1}"]
    trusted = _uids()
    # What it complains of goes into a file: a full pipe that nobody reads would stop it.
    with tempfile.TemporaryFile() as complaints, _started(argv, complaints) as process:
        yield from _within(source, process.stdout, lambda text: from_journal(text, trusted), period)
        status = process.wait()
        complaints.seek(0)
        said = complaints.read(2000).decode("utf-8", "replace").strip()
    if status or said:
        source.fault("journalctl", said or f"ended with status {status}")


def _started(argv: list[str], complaints: Any) -> subprocess.Popen[bytes]:
    environment = dict(os.environ, LC_ALL="C")
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=complaints, env=environment)


def _uids() -> frozenset[int]:
    """The users that mail daemons run as: others can write into the system's log what they like."""
    return frozenset(entry.pw_uid for entry in pwd.getpwall() if entry.pw_name in _USERS)


def merged(streams: Iterable[Iterator[Line]]) -> Iterator[Line]:
    """Lines of all sources in the order of their times."""
    listed = list(streams)
    return listed[0] if len(listed) == 1 else heapq.merge(*listed, key=lambda line: line.time)


def is_smtpd(pid: int) -> bool:
    """Whether such a process of Postfix is there now."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as comm:
            return comm.read().strip() == "smtpd"
    except OSError:
        return False
