# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What writing accounts costs on the host, in CPU seconds: `make bench`, or `make bench ARGS="--suite bookworm"`.

With `--peer PATH`, `--keys`, `--lock`, `--logs`, `--migration` or `--queue` something else is measured, see peer.py,
keys.py, lock.py, logs.py, migration.py and queued.py.

A test host of its own gets the modules as Ansible sends them; measure.py starts them there. The medians are printed
beside the targets and written with every sample to .cache/bench.json. docs/performance.md explains the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import keys
import lock
import logs
import migration
import peer
import queued

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
MANY, MORE = 10_000, 100_000
# name in measure.py: (what it is, target in CPU seconds or None)
CASES = {
    "first": (f"{MANY:,} accounts with ready hashes, written in one task", 1.0),
    "again": ("the same again, nothing to change", 0.5),
    "one_more": (f"one account added to {MORE:,}", 2.0),
    "plain_again": (f"{MANY:,} plaintext passwords, nothing to change", None),
    "plain_first": (f"{MANY:,} plaintext passwords, hashed for the first time", None),
}
# option: (what is measured instead, by what)
OTHERS = {
    "keys": ("the DKIM keys of a thousand domains", keys.measure),
    "lock": ("how long a stolen account goes on", lock.measure),
    "logs": ("reading logs of a million lines", logs.measure),
    "queue": ("a queue of 100,000 messages", queued.measure),
}
# Only its form counts: a crypt(5) hash is stored as it is.
HASH = f"$6$saltsaltsaltsalt${'x' * 86}"


def host(*arguments: str) -> None:
    subprocess.run([ROOT / "tools/host", *arguments], check=True)


def send_modules() -> None:
    users = [(f"user{number:05d}@bench.test", number) for number in range(MANY)]
    lists = {
        "hashed": [{"name": name, "password": HASH} for name, _number in users],
        "plain": [{"name": name, "password": f"Bench-Mark-{number:05d}"} for name, number in users],
    }
    inventories = ["--inventory", ROOT / "tools/inventory", "--inventory", HERE / "inventory.yml"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(lists, file)
        file.flush()
        subprocess.run(
            ["ansible-playbook", *inventories, "--extra-vars", f"@{file.name}", HERE / "accounts.yml"],
            check=True,
            env={**os.environ, "ANSIBLE_KEEP_REMOTE_FILES": "1"},
        )


def measured(runs: int) -> dict[str, dict[str, list[float]]]:
    done = subprocess.run(
        [ROOT / "tools/host", "run", "bench", "python3", "-", str(runs), str(MANY), str(MORE)],
        input=(HERE / "measure.py").read_bytes(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout))


def table(results: dict[str, dict[str, list[float]]]) -> str:
    lines = [f"\n{'CPU seconds on the host':58} {'target':>6} {'median':>7} {'least':>7} {'most':>7}  runs"]
    for name, (title, target) in CASES.items():
        cpu = results[name]["cpu"]
        median = statistics.median(cpu)
        verdict = "" if target is None else "  kept" if median <= target else "  MISSED"
        shown = "" if target is None else f"{target:.1f}"
        lines.append(f"{title:58} {shown:>6} {median:7.2f} {min(cpu):7.2f} {max(cpu):7.2f} {len(cpu):5}{verdict}")
    reference = [value for samples in results.values() for value in samples["reference"]]
    spread = f"least {min(reference):.3f}, median {statistics.median(reference):.3f}, most {max(reference):.3f}"
    lines.append(f"\nBetween the runs a fixed loop of a million additions took: {spread}.")
    lines.append("Where these differ much, the machine had other work, and every figure above is that much too high.")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what writing accounts costs on the host.")
    parser.add_argument("--suite", default="trixie", choices=["bullseye", "bookworm", "trixie"], help="Debian release")
    parser.add_argument("--runs", type=int, default=9, help="runs of each case, of which the median counts")
    parser.add_argument(
        "--peer",
        type=Path,
        help="instead, measure a run without changes beside the role linux-system-roles.postfix there",
    )
    parser.add_argument("--migration", action="store_true", help="instead, measure a move from Courier to Dovecot")
    for name, (what, _measure) in OTHERS.items():
        parser.add_argument(f"--{name}", action="store_true", help=f"instead, measure {what}")
    options = parser.parse_args()
    for name, (_what, measure) in OTHERS.items():
        if getattr(options, name):
            measure(suite=options.suite, runs=options.runs)
            return
    if options.migration:
        migration.measure(suite=options.suite)
        return
    if options.peer:
        peer.compare(options.peer, suite=options.suite, runs=options.runs)
        return
    host("down", "bench")
    host("up", "bench", options.suite, "bench.example.test")
    try:
        send_modules()
        results = measured(options.runs)
    finally:
        host("down", "bench")
    print(table(results))
    written = ROOT / ".cache/bench.json"
    written.parent.mkdir(exist_ok=True)
    targets = {name: target for name, (_title, target) in CASES.items()}
    written.write_text(json.dumps({"suite": options.suite, "targets": targets, "samples": results}, indent=1) + "\n")
    print(f"\nEvery sample is in {written.relative_to(ROOT)}.")
    print("Skipped: a run without changes beside another role, because --peer names none.")


if __name__ == "__main__":
    sys.exit(main())
