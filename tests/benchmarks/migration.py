# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The move of 50 accounts with 100,000 messages from Courier to Dovecot: what each task takes, and the stop.

`make bench ARGS="--migration"` on a test host of its own. The stop is what a client sees that logs in again and again
meanwhile. docs/performance.md explains the figures.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
INVENTORIES = ["--inventory", str(ROOT / "tools/inventory"), "--inventory", str(HERE / "inventory.yml")]
ACCOUNTS, MESSAGES, ZONE, PASSWORD = 50, 2_000, "bench.test", "Bench-Mark-1"
TARGET = 10.0
COURIER = {"mail_imap_server": "courier"}
# What each move needs to be told by the inventory.
MOVES: dict[str, dict[str, Any]] = {
    "playbooks/switch_to_dovecot.yml": {},
    "playbooks/switch_to_courier.yml": {"dovecot_courier_clients": True},
}
VARIABLES: dict[str, Any] = {
    "mail_hostname": f"mx.{ZONE}",
    "mail_domains": [
        {"name": ZONE, "accounts": [{"name": f"user{n:03d}", "password": PASSWORD} for n in range(ACCOUNTS)]}
    ],
}
_TASK = re.compile(r"TASK \[(?:.* : )?(.*)\] \**")
# Shorter tasks are not printed; they stand in the file with the samples.
_NOTEWORTHY = 1.0


class Task(NamedTuple):
    """``began`` is in seconds since the epoch."""

    name: str
    began: float
    seconds: float


def on_host(*command: str, script: str = "") -> subprocess.Popen[str]:
    """A command on the host, or a script from here whose words are the command."""
    argv = [str(ROOT / "tools/host"), "run", "bench", *command]
    if script:
        argv = [*argv[:3], "python3", "-c", (HERE / script).read_text(encoding="utf-8"), *command]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    """What it has said, once its input has ended."""
    output = process.communicate()[0]
    if process.returncode:
        sys.exit(f"{process.args} ended with {process.returncode}\n{output}")
    return output


def play(playbook: str, variables: dict[str, Any]) -> list[Task]:
    """Run a playbook and take the time of its tasks."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({**VARIABLES, **variables}, file)
        file.flush()
        argv = ["ansible-playbook", *INVENTORIES, "--extra-vars", f"@{file.name}", str(ROOT / playbook)]
        # Where skipped tasks are not shown, Ansible names a task only when it has an end.
        environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "yes"}
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment)
        begun, lines = [], []
        for line in process.stdout or ():
            lines.append(line)
            found = _TASK.match(line)
            begun += [(found[1], time.time())] if found else []
        if process.wait():
            sys.exit(f"{playbook} failed\n{''.join(lines[-60:])}")
    begun.append(("", time.time()))
    return [Task(name, start, end - start) for (name, start), (_name, end) in zip(begun, begun[1:], strict=False)]


def move(playbook: str) -> tuple[list[Task], dict[str, float]]:
    """Run a playbook while a client logs in again and again."""
    knocking = on_host(f"user000@{ZONE}", PASSWORD, script="migration_knock.py")
    try:
        tasks = play(playbook, MOVES[playbook])
        time.sleep(2)
    finally:
        seen = ended(knocking)
    return tasks, dict(json.loads(seen))


def table(playbook: str, tasks: list[Task], seen: dict[str, float]) -> str:
    began, end = seen["began"], seen["began"] + seen["longest"]
    lines = [f"\n{playbook:60} seconds"]
    for task in tasks:
        within = began < task.began + task.seconds and task.began < end
        if within or task.seconds >= _NOTEWORTHY:
            lines.append(f"{'| ' if within else '  '}{task.name:58} {task.seconds:7.1f}")
    verdict = "kept" if seen["longest"] < TARGET else "MISSED"
    lines.append(f"{'from begin to end':60} {sum(task.seconds for task in tasks):7.1f}")
    lines.append(f"{'nobody could log in for (| tasks)':60} {seen['longest']:7.1f}  target {TARGET:.0f}: {verdict}")
    lines.append(f"{'CPU seconds of the host meanwhile':60} {seen['cpu']:7.1f}")
    return "\n".join(lines)


def measure(*, suite: str) -> None:
    """Measure on a test host of its own and print the figures."""
    subprocess.run([ROOT / "tools/host", "down", "bench"], check=True)
    subprocess.run([ROOT / "tools/host", "up", "bench", suite, VARIABLES["mail_hostname"]], check=True)
    samples = {}
    try:
        ended(on_host("apt-get", "--quiet", "update"))
        play("playbooks/site.yml", COURIER)
        ended(on_host(str(ACCOUNTS), str(MESSAGES), PASSWORD, script="migration_fill.py"))
        for playbook in MOVES:
            tasks, seen = move(playbook)
            print(table(playbook, tasks, seen))
            samples[playbook] = {"tasks": tasks, "client": seen}
    finally:
        subprocess.run([ROOT / "tools/host", "down", "bench"], check=True)
    written = ROOT / ".cache/bench-migration.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps({"suite": suite, "samples": samples}, indent=1) + "\n")
    print(f"\nEvery task is in {written.relative_to(ROOT)}.")
