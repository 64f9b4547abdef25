# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A queue of 100,000 messages: looked at, and purged of one login's 50,000, beside the usual pipeline.

`make bench ARGS="--queue"` on a test host of its own. Both purge the same queue by turns, so that what else the machine
does meets both. docs/performance.md explains the figures.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
MANY = 100_000
FACTOR, MEMORY = 1.2, 200
TITLES = {
    "list": "postqueue -j alone",
    "look": "postfix_queue_info, all sums",
    "pipeline": "postqueue | awk | postsuper -d -, by sender",
    "module": "postfix_queue, deletes by login",
}
Samples = dict[str, list[dict[str, float]]]


def measured(runs: int) -> Samples:
    inventories = ["--inventory", ROOT / "tools/inventory", "--inventory", HERE / "inventory.yml"]
    environment = {**os.environ, "ANSIBLE_KEEP_REMOTE_FILES": "1"}
    subprocess.run(["ansible-playbook", *inventories, HERE / "queued.yml"], check=True, env=environment)
    done = subprocess.run(
        [ROOT / "tools/host", "run", "bench", "python3", "-", str(runs), str(MANY)],
        input=(HERE / "queued_measure.py").read_bytes(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout))


def table(samples: Samples) -> str:
    columns = ("median, s", "least", "most", "CPU, s", "MB")
    lines = [f"\n{f'{MANY:,} messages':46}" + "".join(f"{name:>11}" for name in columns) + "  runs"]
    for name, title in TITLES.items():
        walls = [run["wall"] for run in samples[name]]
        cpu, memory = (statistics.median(run[key] for run in samples[name]) for key in ("cpu", "memory"))
        figures = (statistics.median(walls), min(walls), max(walls), cpu, memory)
        lines.append(f"{title:46}" + "".join(f"{figure:11.1f}" for figure in figures) + f"{len(walls):6}")
    pairs = zip(samples["module"], samples["pipeline"])
    factor = statistics.median(module["wall"] / pipeline["wall"] for module, pipeline in pairs)
    most = max(run["memory"] for run in samples["module"])
    lines.append(f"\nThe module takes {factor:.2f} of the pipeline's time: {verdict(factor <= FACTOR)} ({FACTOR}).")
    lines.append(f"It takes at most {most:.0f} MB: {verdict(most < MEMORY)} ({MEMORY}).")
    return "\n".join(lines)


def verdict(kept: bool) -> str:
    return "kept" if kept else "MISSED"


def measure(*, suite: str, runs: int) -> None:
    """Measure on a test host of its own and print the figures."""
    subprocess.run([ROOT / "tools/host", "down", "bench"], check=True)
    subprocess.run([ROOT / "tools/host", "up", "bench", suite, "mx.bench.test"], check=True)
    try:
        samples = measured(runs)
    finally:
        subprocess.run([ROOT / "tools/host", "down", "bench"], check=True)
    print(table(samples))
    written = ROOT / ".cache/bench-queue.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps({"suite": suite, "samples": samples}, indent=1) + "\n")
    print(f"\nEvery sample is in {written.relative_to(ROOT)}.")
