# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ending sessions, each in a way that harms nobody else's.

Dovecot is asked to. A process of Courier serves one client and may be ended. One of Postfix may not: master(8) takes a
process that dies with its first client for a broken service, and lets the whole port rest for a minute. So the
connection is taken from it instead, and it does what it does when a client hangs up.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import time
from collections.abc import Collection, Iterator
from typing import NamedTuple

from .._errors import MailError
from .._host import commands
from . import look
from .words import Session

_PIDFD_OPEN, _PIDFD_GETFD = 434, 438  # the same on every kind of processor that Debian runs on
_ROUNDS = 4
_FEW = 100  # names in a command
_PAUSE = 0.25


class Ended(NamedTuple):
    """The sessions that were there, and sentences about what could not be done."""

    sessions: list[Session]
    warnings: list[str]


def end(accounts: Collection[str], *, only_look: bool = False) -> Ended:
    """End every session of these accounts; with ``only_look`` (check mode) only name them.

    A login that was answered just before its account was locked may show only now, so this looks twice at least, and
    until nobody is left. Who is left all the same is told, and so is a server that does not say who is.
    """
    gone = frozenset(accounts)
    if not only_look:
        _forget_logins(gone)
    seen: dict[tuple[object, ...], Session] = {}
    warnings: list[str] = []
    for turn in range(_ROUNDS + 1):
        found, faults = look.seen()
        left = [session for session in found if session.account in gone]
        seen.update(((session.server, *session.processes), session) for session in left)
        if only_look or turn == _ROUNDS or (not left and (turn or faults)):
            break
        warnings = _end_all(left)
        time.sleep(_PAUSE)
    if not only_look:
        warnings += [_still_there(session) for session in left if not _is_told(session, warnings)]
    return Ended(
        list(seen.values()), [*(f"open sessions may not have been ended: {fault}" for fault in faults), *warnings]
    )


def _is_told(session: Session, warnings: Collection[str]) -> bool:
    return any(f"(process {pid})" in warning for pid in session.processes for warning in warnings)


def _still_there(session: Session) -> str:
    processes = ", ".join(map(str, session.processes))
    return f"{session.account} still has a session of {session.service} at {session.server} (process {processes})"


def _forget_logins(accounts: Collection[str]) -> None:
    """Our configuration of Dovecot remembers no login, but an administrator's own may."""
    doveadm = commands.find("doveadm")
    if doveadm and os.path.exists(look.ANVIL):
        few = sorted(accounts) if len(accounts) <= _FEW else []
        with contextlib.suppress(MailError):
            commands.run([doveadm, "auth", "cache", "flush", *few], timeout=10)


def _end_all(sessions: Collection[Session]) -> list[str]:
    """Sentences about those that could not be ended."""
    warnings = []
    for account in sorted({session.account for session in sessions if session.server == "dovecot"}):
        try:
            commands.run([commands.find("doveadm") or "doveadm", "kick", account], timeout=10)
        except MailError as error:
            warnings.append(f"open sessions of {account} may not have been ended: {error.message}")
    for session in sessions:
        for pid in session.processes:
            if session.server == "courier":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            if session.server == "postfix" and not _hang_up(pid, session.clients):
                warnings.append(
                    f"{session.account} is connected to Postfix (process {pid}) and cannot be cut off from here; with "
                    "a lock, Postfix refuses the next message and hangs up"
                )
    return warnings


def _hang_up(pid: int, clients: Collection[str]) -> bool:
    """Close a server's connection with its client. False when the system does not let us.

    Since it was looked at, the process may have gone over to somebody else: who comes from another address is spared.
    """
    try:
        connections = list(_sockets(pid))
    except ProcessLookupError:
        return True
    except OSError:
        return False
    doors = {_port(item) for item in connections if item.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)}
    for item in connections:
        with contextlib.suppress(OSError), item:
            if _port(item) in doors and _peer(item) in clients:
                item.shutdown(socket.SHUT_RDWR)
    return True


def _port(connection: socket.socket) -> int:
    return int(connection.getsockname()[1])


def _peer(connection: socket.socket) -> str:
    """The address of the client. Raises OSError for a socket that waits for clients."""
    return str(connection.getpeername()[0]).removeprefix("::ffff:").partition("%")[0]


def _sockets(pid: int) -> Iterator[socket.socket]:
    """Our own handles of another process's TCP sockets."""
    libc = ctypes.CDLL(None, use_errno=True)
    process = _checked(libc.syscall(_PIDFD_OPEN, pid, 0))
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                if os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
                    handle = socket.socket(fileno=_checked(libc.syscall(_PIDFD_GETFD, process, int(name), 0)))
                    if handle.family in (socket.AF_INET, socket.AF_INET6):
                        yield handle
                    else:
                        handle.close()
    except FileNotFoundError as error:
        raise ProcessLookupError from error
    finally:
        os.close(process)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
