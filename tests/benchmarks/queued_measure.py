# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Purge a queue by turns with the module and with the usual pipeline, and print what each run cost as JSON.

python3 queued_measure.py RUNS COUNT
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

QUEUE = "/var/spool/postfix"
# As the manual of postsuper has it: paragraphs of the list, the sender in the first line.
PIPELINE = """postqueue -p | tail -n +2 | awk 'BEGIN { RS = "" } $7 == "stolen@bench.test" { print $1 }' |
tr -d '*!' | postsuper -d -"""


def cost(argv: list[str]) -> dict[str, float]:
    """Seconds from begin to end, CPU seconds and the most memory of one process, in MB."""
    start = time.monotonic()
    with open("/root/said", "wb") as said:
        process = subprocess.Popen(argv, stdout=said, stderr=subprocess.STDOUT)
        _pid, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{argv} failed: {read('/root/said')[-2000:]}")
    return {
        "wall": time.monotonic() - start,
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 1024,
    }


def read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as handle:
        return handle.read()


def fill(count: int) -> None:
    """A queue with this many deferred messages, written to disk."""
    for name in ("deferred", "defer", "hold"):
        subprocess.run(["find", f"{QUEUE}/{name}", "-type", "f", "-delete"], check=True)
    subprocess.run([sys.executable, "/root/queued_fill.py", str(count), QUEUE], check=True)
    os.sync()


def waiting() -> int:
    return sum(len(files) for name in ("deferred", "hold") for _path, _names, files in os.walk(f"{QUEUE}/{name}"))


def main() -> None:
    runs, count = int(sys.argv[1]), int(sys.argv[2])
    ways = {"pipeline": ["sh", "-c", PIPELINE], "module": [sys.executable, "/root/postfix_queue.py"]}
    samples: dict[str, list[dict[str, float]]] = {name: [] for name in ("list", "look", *ways)}
    for run in range(runs):
        for name in sorted(ways, reverse=run % 2 == 0):
            fill(count)
            samples["list"].append(cost(["sh", "-c", "postqueue -j | wc -l"]))
            samples["look"].append(cost([sys.executable, "/root/postfix_queue_info.py"]))
            os.sync()
            samples[name].append(cost(ways[name]))
            if waiting() != count // 2:
                sys.exit(f"{name}: {waiting()} messages are left of {count}: {read('/root/said')[-2000:]}")
    json.dump(samples, sys.stdout)


if __name__ == "__main__":
    main()
