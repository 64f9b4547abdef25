# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of the mail server, run without a shell, in the C locale."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Literal, NamedTuple

from .._errors import MailError

_PATHS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")


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


def lines(
    argv: Sequence[str], *, stdin: Iterable[bytes] = (), of: Literal["stdout", "stderr"] = "stdout"
) -> Iterator[bytes]:
    """Run ``argv`` and give what it writes line by line, without the ends of lines: nothing piles up in memory.

    ``stdin`` is written meanwhile; it may come from another program's lines. The program is killed when the caller
    stops reading. Raises MailError when it cannot be started, or fails; what ``stdin`` raises is raised, too.
    """
    with tempfile.TemporaryFile() as aside:
        out, err = (subprocess.PIPE, aside) if of == "stdout" else (aside, subprocess.PIPE)
        try:
            process = subprocess.Popen(list(argv), stdin=subprocess.PIPE, stdout=out, stderr=err, env=_environment())
        except OSError as error:
            raise MailError(f"cannot be run: {error.strerror or error}", where=argv[0]) from error
        words, faults = b"", list[MailError]()
        pipe: IO[bytes] = getattr(process, of)
        feeder = threading.Thread(target=_feed, args=(process.stdin, stdin, faults), daemon=True)
        feeder.start()
        try:
            for line in pipe:
                words = line.rstrip(b"\n")
                yield words
            process.wait()
        finally:
            process.kill()
            process.wait()
            feeder.join()
            pipe.close()
        if faults:
            raise faults[0]
        if process.returncode:
            if of == "stdout":
                aside.seek(0)
                words = aside.read().strip().rpartition(b"\n")[2]
            text = words.decode("utf-8", "replace") or f"ended with status {process.returncode}"
            raise MailError(text, where=argv[0])


def _feed(pipe: IO[bytes], given: Iterable[bytes], faults: list[MailError]) -> None:
    """Write to a program; one that reads no more says by itself what is wrong."""
    try:
        with contextlib.suppress(BrokenPipeError), pipe:
            pipe.writelines(given)
    except MailError as error:
        faults.append(error)


def _environment() -> dict[str, str]:
    return dict(os.environ, LANG="C", LC_ALL="C", LC_MESSAGES="C")
