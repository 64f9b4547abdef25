# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of the mail server, run without a shell, in the C locale."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

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
    environment = dict(os.environ, LANG="C", LC_ALL="C", LC_MESSAGES="C")
    try:
        done = subprocess.run(
            list(argv),
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            env=environment,
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
