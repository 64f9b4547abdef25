# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read logs with the module as Ansible sent it, and print what each run cost as JSON.

python3 logs_measure.py RUNS LINES
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
import time

ROOM = "/root/logs"
JOURNAL = f"{ROOM}/bench.journal"
CASES = ("file", "gzip", "followed", "long", "journal")
LONG = 5


def cost(name: str, expected: int) -> dict[str, float]:
    """Seconds from begin to end, CPU seconds with those of journalctl, and the most memory of one process, in MB."""
    start = time.monotonic()
    with open(f"{ROOM}/said", "wb") as said:
        process = subprocess.Popen([sys.executable, f"/root/logs_{name}.py"], stdout=said)
        _pid, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    with open(f"{ROOM}/said", encoding="utf-8") as said:
        result = json.load(said)
    if status or result["read"]["lines"] < expected or result["read"]["damaged"]:
        sys.exit(f"{name}: {str(result)[:2000]}")
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}


def write(path: str, count: int, form: str) -> None:
    command = f"{sys.executable} /root/logs_fill.py {count} {form}"
    end = {"journal": f"| /lib/systemd/systemd-journal-remote --output={path} -", "gzip": f"| gzip >{path}"}
    form = "gzip" if path.endswith(".gz") else form
    subprocess.run(["sh", "-c", f"{command} {end.get(form, '>' + path)}"], check=True, stderr=subprocess.DEVNULL)


def prepare(name: str, count: int) -> None:
    """Only what this case reads."""
    for path in [*glob.glob(f"{ROOM}/mail.log*"), *glob.glob("/var/log/journal/*/bench*.journal")]:
        os.unlink(path)
    if name == "journal":
        [directory] = glob.glob("/var/log/journal/*")
        write(JOURNAL, count, "journal")
        for path in glob.glob(f"{ROOM}/bench*.journal"):
            shutil.move(path, directory)
    elif name == "gzip":
        write(f"{ROOM}/mail.log.2.gz", count, "file")
    else:
        write(f"{ROOM}/mail.log", count * (LONG if name == "long" else 1), "file")


def main() -> None:
    runs, count = int(sys.argv[1]), int(sys.argv[2])
    os.makedirs(ROOM, exist_ok=True)
    samples = {}
    for name in CASES:
        prepare(name, count)
        expected = count * (LONG if name == "long" else 1)
        form = name if name in ("followed", "journal") else "file"
        samples[name] = [cost(form, expected) for _run in range(1 if name == "long" else runs)]
        sys.stderr.write(f"{name}: {samples[name]}\n")
    json.dump(samples, sys.stdout)


if __name__ == "__main__":
    main()
