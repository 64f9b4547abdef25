# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reading logs costs: `make bench ARGS="--logs"`.

A test host of its own gets the module as Ansible sends it, and logs of a million lines and of five; logs_measure.py
reads them there with processes of their own. Every sample is written to .cache/bench-logs.json.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
LINES = 1_000_000
CASES = {
    "file": "a file",
    "gzip": "a rotated file, compressed with gzip",
    "followed": "a file, and an account's messages followed",
    "long": "a file of five times the length",
    "journal": "the journal",
}


def host(*arguments: str) -> None:
    subprocess.run([ROOT / "tools/host", *arguments], check=True)


def table(samples: dict[str, list[dict[str, float]]]) -> str:
    lines = [f"\n{f'reading {LINES:,} lines':45} {'wall, s':>8} {'CPU, s':>8} {'memory, MB':>11}  runs"]
    for name, title in CASES.items():
        medians = [statistics.median(sample[key] for sample in samples[name]) for key in ("wall", "cpu", "memory")]
        lines.append(f"{title:45} {medians[0]:8.1f} {medians[1]:8.1f} {medians[2]:11.0f} {len(samples[name]):5}")
    return "\n".join(lines)


def measure(*, suite: str, runs: int) -> None:
    host("down", "bench")
    host("up", "bench", suite, "bench.example.test")
    try:
        inventories = ["--inventory", ROOT / "tools/inventory", "--inventory", HERE / "inventory.yml"]
        environment = {**os.environ, "ANSIBLE_KEEP_REMOTE_FILES": "1"}
        subprocess.run(["ansible-playbook", *inventories, HERE / "logs.yml"], check=True, env=environment)
        done = subprocess.run(
            [ROOT / "tools/host", "run", "bench", "python3", "-", str(runs), str(LINES)],
            input=(HERE / "logs_measure.py").read_bytes(),
            stdout=subprocess.PIPE,
            check=True,
        )
    finally:
        host("down", "bench")
    samples = json.loads(done.stdout)
    print(table(samples))
    written = ROOT / ".cache/bench-logs.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps({"suite": suite, "samples": samples}, indent=1) + "\n", encoding="utf-8")
    print(f"\nEvery sample is in {written.relative_to(ROOT)}.")
