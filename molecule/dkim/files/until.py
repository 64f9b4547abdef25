"""Run a command, and kill it with all its children when it says something: ``until.py PATTERN COMMAND...``."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys


def main() -> None:
    pattern, *command = sys.argv[1:]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        for line in process.stdout or []:
            print(line, end="")
            if re.search(pattern, line):
                os.killpg(process.pid, signal.SIGKILL)
    sys.exit(0 if process.returncode == -signal.SIGKILL else f"it never said {pattern}")


if __name__ == "__main__":
    main()
