"""Look for TEXT where everyone on this host can read, while a play writes it: shown.py FILE, until FILE is there.

Arguments and environments of all processes are read again and again, and at the end the journal and the log files.
Prints what was read and fails when the text was anywhere.
"""

from __future__ import annotations

import contextlib
import glob
import os
import subprocess
import sys
import time

TEXT = b"Never-Shown-Word-99"


def processes() -> tuple[int, set[str]]:
    """How many processes were read, and which of them hold the text."""
    count, found = 0, set()
    for directory in glob.glob("/proc/[0-9]*"):
        with contextlib.suppress(OSError):
            for name in ("cmdline", "environ"):
                with open(f"{directory}/{name}", "rb") as file:
                    if TEXT in file.read():
                        found.add(f"{directory}/{name}")
            count += 1
    return count, found


def logs(since: float) -> set[str]:
    """Which logs hold the text."""
    said = subprocess.run(["journalctl", "--output=export", f"--since=@{since:.0f}"], capture_output=True, check=True)
    found = {"the journal"} if TEXT in said.stdout else set()
    for directory, _names, files in os.walk("/var/log"):
        for name in files:
            path = os.path.join(directory, name)
            if "journal" not in path and os.path.isfile(path):
                with open(path, "rb") as file:
                    if TEXT in file.read():
                        found.add(path)
    return found


def main() -> None:
    start, reads, found = time.time(), 0, set()
    while not os.path.exists(sys.argv[1]) and time.time() < start + 300:
        count, where = processes()
        reads += count
        found |= where
    found |= logs(start)
    print(f"read {reads} processes and the logs")
    assert not found, f"the text is in {sorted(found)}"


if __name__ == "__main__":
    main()
