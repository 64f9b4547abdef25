# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the modules that accounts.yml left on this host, again and again, and print what each run cost as JSON.

A cost is the CPU time of the module's whole process with its children, user and system, as the kernel counts it when
the process has ended: Python's start, unpacking, Ansible's own checks and ``postmap`` included.
"""

from __future__ import annotations

import glob
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

STORE = "/var/lib/mailaccounts"
TABLES = "/etc/postfix/accounts"
REMEMBERED = "/run/mailaccounts/verified"
KEPT = "/var/tmp/bench"
# What the machine's other work does to the figures shows in this loop, which always does the same.
REFERENCE = [sys.executable, "-c", "x = 0\nfor n in range(1_000_000): x += n * n"]


def cost(argv: list[str]) -> tuple[float, float, str]:
    """CPU seconds, wall seconds and output of one run."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall, done.stdout


def run(name: str, **expected: int) -> tuple[float, float]:
    """CPU and wall seconds of one run of a kept module, which must report these counts."""
    kept = max(glob.glob(f"{KEPT}/{name}/*/AnsiballZ_*.py"), key=os.path.getmtime)
    cpu, wall, output = cost([sys.executable, kept])
    result = json.loads(output)
    for key, count in expected.items():
        found = result[key] if isinstance(result[key], int) else len(result[key])
        if found != count:
            sys.exit(f"{name}: {key} is {found}, not {count}")
    return cpu, wall


def measure(name: str, runs: int, prepare: Callable[[], object], **expected: int) -> dict[str, Any]:
    samples: dict[str, list[float]] = {"cpu": [], "wall": [], "reference": []}
    for _run in range(runs):
        prepare()
        samples["reference"].append(cost(REFERENCE)[0])
        cpu, wall = run(name, **expected)
        samples["cpu"].append(cpu)
        samples["wall"].append(wall)
    return samples


def keep_state(name: str) -> None:
    for source in (STORE, TABLES):
        subprocess.run(["cp", "-a", f"{source}/.", made(f"{KEPT}/state-{name}{source}")], check=True)


def restore_state(name: str) -> None:
    """Bring store and tables back, times included: a table and its text belong together by their times."""
    for target in (STORE, TABLES):
        shutil.rmtree(target)
        subprocess.run(["cp", "-a", f"{KEPT}/state-{name}{target}/.", made(target)], check=True)


def made(path: str) -> str:
    os.makedirs(path)
    return path


def fill(count: int) -> None:
    """A store with this many accounts, whatever it had, and tables to match."""
    connection = sqlite3.connect(f"{STORE}/directory.sqlite")
    with connection:
        connection.execute("DELETE FROM account")
        connection.executemany(
            "INSERT INTO account (address, local_part, domain, home) VALUES (?, ?, 'bench.test', ?)",
            ((f"old{n:06d}@bench.test", f"old{n:06d}", f"/var/vmail/bench.test/old{n:06d}") for n in range(count)),
        )
    connection.close()
    run("store")


def nothing() -> None:
    """Leave things as they are."""


def main() -> None:
    runs, many, more = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    run("plain")
    results = {"plain_again": measure("plain", runs, nothing, unchanged=many)}
    fill(0)
    keep_state("empty")
    results["first"] = measure("hashed", runs, lambda: restore_state("empty"), added=many)
    results["again"] = measure("hashed", runs, nothing, unchanged=many)
    fill(more)
    keep_state("large")
    results["one_more"] = measure("one", runs, lambda: restore_state("large"), added=1)
    restore_state("empty")
    os.unlink(REMEMBERED)
    results["plain_first"] = measure("plain", 1, nothing, added=many)
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
