# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs that speak IMAP and POP3 with one user who has logged in, started without a login.

Courier's run as its listeners would start them, with the rights of the account's user; no listener and no authdaemond
has to be there. Dovecot's find the user by themselves and take its rights; the auth service must run.
"""

from __future__ import annotations

import contextlib
import imaplib
import os
import poplib
import re
import select
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, NamedTuple, Protocol

from .._errors import MailError
from .._host import commands
from .._probe import talk
from . import courier, look, names
from .account import Account

_COURIER_FILES = {"imap": ("imapd", "imapd-ssl"), "pop3": ("pop3d", "pop3d-ssl")}
_COURIER_PROGRAMS = {"imap": "/usr/bin/imapd", "pop3": "/usr/lib/courier/courier/courierpop3d"}
_DOVECOT_PROGRAMS = "/usr/lib/dovecot"
# A look removes no mail, however old it is.
_COURIER_NOT = ("IMAP_EMPTYTRASH", "IMAP_LOG_DELETIONS")
_END = 10.0
_BROKEN = (OSError, EOFError, imaplib.IMAP4.abort, poplib.error_proto)
_NEWS = re.compile(r"(.*: )?info: ", re.IGNORECASE)


class Start(NamedTuple):
    """``first`` is said to a program that does not greet. With ``relayed`` its answers come through a pipe."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    owner: tuple[int, int] | None = None
    first: bytes = b""
    relayed: bool = False


class Programs(Protocol):
    """How a server starts a program for a user: ``protocol`` is imap or pop3."""

    def start(self, protocol: str, item: Account) -> Start: ...


class Courier:
    """Raises MailError when Courier's configuration cannot be read."""

    def __init__(self, directory: str) -> None:
        self._settings = {protocol: _settings(directory, names) for protocol, names in _COURIER_FILES.items()}

    def start(self, protocol: str, item: Account) -> Start:
        environment = {**self._settings[protocol], "AUTHENTICATED": item.address, "AUTHADDR": item.address}
        return Start((_COURIER_PROGRAMS[protocol], item.maildir), environment, (item.uid, item.gid))


class Dovecot:
    """Without ``sizes`` POP3 tells those of the files, so that no message is read for them."""

    def __init__(self, *, sizes: bool) -> None:
        self._options = () if sizes else ("-o", "pop3_fast_size_lookups=yes")

    def start(self, protocol: str, item: Account) -> Start:
        options, first = (self._options, b"NOOP\r\n") if protocol == "pop3" else ((), b"")
        argv = (f"{_DOVECOT_PROGRAMS}/{protocol}", "-u", item.address, *options)
        # Where these programs find a socket to write to, they take it for a stranger whom inetd has let in.
        return Start(argv, {"PATH": os.defpath, "LC_ALL": "C"}, first=first, relayed=True)


def unsettled(maildir: int) -> frozenset[str]:
    """Folders with messages that Courier has not written down, as nobody has opened them for writing since these came.

    It makes up UIDs anew for each who only reads there, and UIDVALIDITY where it has no list at all.
    """
    found = set()
    for name in look.folders(maildir, names.UTF8)[0]:
        with look.directory(maildir, name) as here, contextlib.suppress(ValueError):
            if here is not None and not _written_down(here):
                found.add("INBOX" + names.renamed(name, before=names.UTF8, after=names.MODIFIED_UTF7))
    return frozenset(found)


def _written_down(folder: int) -> bool:
    """Whether Courier's list has every message. It is not read more closely, as somebody may be waiting."""
    head, _end, lines = (look.read(folder, courier.UIDS, []) or "").partition("\n")
    known = {line.partition(" ")[2] for line in lines.split("\n")}
    there: set[str] = set()
    for part in ("cur", "new"):
        with look.directory(folder, part) as here:
            entries = os.listdir(here) if here is not None else []
        there.update(names.base(look.text(os.fsencode(entry))) for entry in entries if not entry.startswith("."))
    return courier.parse_uids(head) is not None and there <= known


class _Imap(imaplib.IMAP4):
    """A session over a connection that is there."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        super().__init__()

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._link


class _Pop3(poplib.POP3):
    def __init__(self, link: socket.socket) -> None:
        self._link = link
        super().__init__("")

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._link


@contextlib.contextmanager
def imap(programs: Programs, item: Account, timeout: float) -> Iterator[imaplib.IMAP4]:
    """A session of IMAP with a program. Raises MailError when it cannot be started or ends before its time."""
    with _started(programs.start("imap", item), item, timeout) as link, _Imap(link) as session:
        yield session


@contextlib.contextmanager
def pop3(programs: Programs, item: Account, timeout: float) -> Iterator[poplib.POP3]:
    """The same for POP3."""
    with _started(programs.start("pop3", item), item, timeout) as link:
        yield _Pop3(link)


@contextlib.contextmanager
def _started(start: Start, item: Account, timeout: float) -> Iterator[socket.socket]:
    """A connection to the program. Raises MailError with its own words when it ends before its time."""
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryFile() as words:
        with theirs:
            process = _spawned(start, theirs, words)
        ours.settimeout(timeout)
        try:
            ours.sendall(start.first)
            yield ours
        except _BROKEN as error:
            _stop(process, 1)
            told = _last(words)
            if told and not isinstance(error, socket.timeout):
                raise MailError(told, where=f"{item.address}: {start.argv[0]}", mend="Nothing was changed.") from error
            raise
        finally:
            ours.close()
            _stop(process, _END)


def _spawned(start: Start, link: socket.socket, words: IO[bytes]) -> subprocess.Popen[bytes]:
    rights: dict[str, Any] = {}
    if start.owner is not None and os.geteuid() == 0:
        rights = {"user": start.owner[0], "group": start.owner[1], "extra_groups": []}
    answers = subprocess.PIPE if start.relayed else link.fileno()
    try:
        process = subprocess.Popen(
            list(start.argv),
            stdin=link.fileno(),
            stdout=answers,
            stderr=words,
            env=dict(start.environment),
            cwd="/",
            **rights,
        )
    except OSError as error:
        mend = "Install the server's programs for IMAP and POP3 first."
        raise MailError(f"cannot be run: {error.strerror or error}", where=start.argv[0], mend=mend) from error
    if process.stdout is not None:
        threading.Thread(target=_relay, args=(process.stdout, os.dup(link.fileno())), daemon=True).start()
    return process


def _relay(answers: IO[bytes], link: int) -> None:
    """Hand on what a program says until it or its client ends.

    The connection is the program's, too, and perhaps one where nobody waits. How it is set stays the program's choice.
    """
    with answers, contextlib.suppress(OSError):
        while data := os.read(answers.fileno(), 65536):
            while data:
                select.select([], [link], [])
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(link, data) :]
    os.close(link)


def _stop(process: subprocess.Popen[bytes], wait: float) -> None:
    """A program whose client has gone ends by itself; one that does not is ended."""
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last(words: IO[bytes]) -> str:
    words.seek(0)
    lines = words.read(65536).decode("utf-8", "replace").splitlines()
    told = [line for line in lines if line.strip() and not _NEWS.match(line)]
    return talk.one_line(told[-1]) if told else ""


def _settings(directory: str, names: Sequence[str]) -> dict[str, str]:
    """What the start script of a listener hands on to the programs."""
    paths = [os.path.join(directory, name) for name in names]
    missing = [path for path in paths if not os.path.exists(path)]
    if missing:
        raise MailError("is not there", where=missing[0], mend="Install courier-imap and courier-pop first.")
    read = "".join(f'. "{path}"; ' for path in paths)
    result = commands.run(["env", "-i", f"PATH={os.defpath}", "/bin/sh", "-c", f"set -a; {read}exec env -0"])
    if result.status:
        raise MailError("cannot be read by the shell", where=" and ".join(paths), mend=result.stderr.strip())
    found = dict(item.split("=", 1) for item in result.stdout.split("\0") if "=" in item)
    return {name: value for name, value in found.items() if name not in _COURIER_NOT}
