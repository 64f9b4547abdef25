# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of the mail server, run without a shell, in the C locale."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Literal, NamedTuple, Union

from .._errors import MailError

_PATHS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")

_AT_ONCE = 262144
_PAUSE = 0.01

Stream = Literal["stdout", "stderr"]
Handle = Union[int, IO[bytes]]


class TimeLimitError(MailError):
    """A program did not end in time and was killed."""


class Result(NamedTuple):
    """Exit status and decoded output of a finished program."""

    status: int
    stdout: str
    stderr: str


def find(name: str) -> str | None:
    """The full path of a program, looked up in the system's own directories first (sudo and cron have a short PATH).

    Relative parts of PATH are passed over: nothing is run from the directory that happens to be the current one.
    """
    for directory in (*_PATHS, *os.environ.get("PATH", "").split(os.pathsep)):
        path = os.path.join(directory, name)
        if os.path.isabs(directory) and os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
    return None


def require(name: str, product: str) -> str:
    """The full path of a program of ``product``. Raises MailError when it is not installed."""
    path = find(name)
    if path is None:
        mend = f"Install {product} first."
        raise MailError(f"the program '{name}' is not installed", where=product, mend=mend)
    return path


def run(argv: Sequence[str], *, stdin: str = "", timeout: float = 120) -> Result:
    """Run ``argv`` and wait at most ``timeout`` seconds. Secrets belong in ``stdin``, never in ``argv``.

    Raises MailError when the program cannot be started, TimeLimitError when it does not end in time.
    """
    try:
        done = subprocess.run(
            list(argv),
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            env=_environment(),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeLimitError(f"did not end within {timeout:g} seconds", where=argv[0]) from error
    except OSError as error:
        raise MailError(f"cannot be run: {error.strerror or error}", where=argv[0]) from error
    return Result(
        done.returncode,
        done.stdout.decode("utf-8", "surrogateescape"),
        done.stderr.decode("utf-8", "surrogateescape"),
    )


def lines(argv: Sequence[str], *, stdin: Iterable[bytes] = (), of: Stream = "stdout") -> Iterator[bytes]:
    """Run ``argv`` and give what it writes, line by line as it comes, without the ends of lines.

    The program is killed when the caller stops reading. Raises MailError when it cannot be started, or fails.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.writelines(stdin)
        given.seek(0)
        process = _start(argv, given, out, err)
        try:
            yield from _growing(out if of == "stdout" else err, process)
        finally:
            process.kill()
            process.wait()
        _judge(argv[0], process.returncode, _last(err))


def feed(argv: Sequence[str], given: Iterable[bytes], *, of: Stream = "stdout") -> Iterator[bytes]:
    """Run ``argv`` while ``given`` comes, such as lines of another program, and then give what it has written.

    As ``lines`` otherwise.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = _start(argv, subprocess.PIPE, out, err)
        pipe: IO[bytes] = process.stdin  # type: ignore[assignment]  # a pipe, as it was asked for
        try:
            with contextlib.suppress(BrokenPipeError), pipe:  # a program that reads no more says why
                pipe.writelines(given)
            process.wait()
        finally:
            process.kill()
            process.wait()
        chosen = out if of == "stdout" else err
        chosen.seek(0)
        for line in chosen:
            yield line.rstrip(b"\n")
        _judge(argv[0], process.returncode, _last(err))


def _growing(spool: IO[bytes], process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """The lines of a file that a program writes to, until it has ended.

    Through a pipe, a program that writes each line by itself would wake its reader for each, and wait for it: on a busy
    machine that takes ten times as long as to read it.
    """
    place, rest = 0, b""
    while True:
        ended = process.poll() is not None
        data = os.pread(spool.fileno(), _AT_ONCE, place)
        place += len(data)
        *whole, rest = (rest + data).split(b"\n")
        yield from whole
        if not data and ended:
            break
        if len(data) < _AT_ONCE and not ended:
            time.sleep(_PAUSE)
    if rest:
        yield rest


def _start(argv: Sequence[str], given: Handle, out: Handle, err: Handle) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(list(argv), stdin=given, stdout=out, stderr=err, env=_environment())
    except OSError as error:
        raise MailError(f"cannot be run: {error.strerror or error}", where=argv[0]) from error


def _last(spool: IO[bytes]) -> bytes:
    spool.seek(0)
    return spool.read().strip().rpartition(b"\n")[2]


def _judge(program: str, status: int, words: bytes) -> None:
    if status:
        raise MailError(words.decode("utf-8", "replace") or f"ended with status {status}", where=program)


def _environment() -> dict[str, str]:
    return dict(os.environ, LANG="C", LC_ALL="C", LC_MESSAGES="C")
