# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that has nothing to change: role postfix beside linux-system-roles.postfix on the same host, turn by turn.

`make bench ARGS="--peer PATH"`, where PATH is a checkout of that role. It gets the parameters of main.cf that our role
has set, and the texts of the lookup tables that they name, so that both keep the same configuration.
docs/performance.md explains the figures.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
INVENTORIES = ["--inventory", str(ROOT / "tools/inventory"), "--inventory", str(HERE / "inventory.yml")]
MOST = 0.5  # of the peer's wall time
SERVER = yaml.safe_load((HERE / "server.yml").read_text(encoding="utf-8"))
TABLES = re.compile(r"\b(?:lmdb|cdb|cidr|regexp):(/etc/postfix/[^\s,{}]+)")


class Cost(NamedTuple):
    """Wall seconds of one ansible-playbook, and CPU seconds of it with its children on the controller."""

    wall: float
    cpu: float


class Side(NamedTuple):
    """One of those that are compared: its name, its playbook and its variables."""

    name: str
    playbook: Path
    variables: dict[str, Any]


def on_host(*command: str) -> str:
    done = subprocess.run(
        [ROOT / "tools/host", "run", "bench", *command], stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout


def play(side: Side, *, unchanged: bool) -> Cost:
    """Run a playbook; with ``unchanged`` it must report no change."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(side.variables, file)
        file.flush()
        argv = ["ansible-playbook", *INVENTORIES, "--extra-vars", f"@{file.name}", str(side.playbook)]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            argv, stdout=subprocess.PIPE, check=False, text=True, env={**os.environ, "ANSIBLE_NOCOLOR": "1"}
        )
        wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or (unchanged and " changed=0 " not in done.stdout):
        sys.exit(f"{side.name}: the run failed or changed something\n{done.stdout[-3000:]}")
    return Cost(wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def sides(peer: Path) -> list[Side]:
    """Ours and the peer's, the latter with the tables and without them, by what is configured on the host."""
    lines = (line.partition("=") for line in on_host("postconf", "-n").splitlines())
    parameters = {name.strip(): value.strip() for name, _equals, value in lines}
    texts = dict.fromkeys(path for value in parameters.values() for path in TABLES.findall(value))
    tables = [{"name": f"peer_{Path(path).name}", "content": on_host("cat", path), "postmap": True} for path in texts]
    common = {"peer": str(peer.resolve()), "postfix_conf": parameters}
    return [
        Side("role postfix", HERE / "role_ours.yml", SERVER),
        Side(
            f"peer, {len(parameters)} parameters, {len(tables)} tables",
            HERE / "role_peer.yml",
            {**common, "postfix_files": tables},
        ),
        Side(f"peer, {len(parameters)} parameters alone", HERE / "role_peer.yml", common),
    ]


def report(samples: dict[str, list[Cost]]) -> str:
    lines = [f"\n{'a run that changes nothing, seconds':45} {'wall':>7} {'least':>7} {'most':>7} {'CPU':>7}  runs"]
    medians = []
    for name, costs in samples.items():
        walls = [cost.wall for cost in costs]
        medians.append(statistics.median(walls))
        cpu = statistics.median(cost.cpu for cost in costs)
        lines.append(f"{name:45} {medians[-1]:7.2f} {min(walls):7.2f} {max(walls):7.2f} {cpu:7.2f} {len(walls):5}")
    share = medians[0] / medians[1]
    verdict = "" if share <= MOST else ": MISSED"
    lines.append(f"\nShare of the peer's wall time for the same work: {share:.2f}, at most {MOST:.2f}{verdict}.")
    lines.append("CPU is the controller's, with ssh. Starting Ansible and gathering facts are in every figure.")
    return "\n".join(lines)


def compare(peer: Path, *, suite: str, runs: int) -> None:
    """Measure on a test host of its own and print the figures."""
    subprocess.run([ROOT / "tools/host", "down", "bench"], check=True)
    subprocess.run([ROOT / "tools/host", "up", "bench", suite, "mx.bench.test"], check=True)
    try:
        on_host("apt-get", "--quiet", "update")
        play(Side("set-up", ROOT / "playbooks/site.yml", SERVER), unchanged=False)
        compared = sides(peer)
        for side in [*compared[1:], compared[0]]:
            play(side, unchanged=False)
        samples: dict[str, list[Cost]] = {side.name: [] for side in compared}
        for number in range(runs):
            for side in compared if number % 2 else reversed(compared):
                samples[side.name].append(play(side, unchanged=True))
    finally:
        subprocess.run([ROOT / "tools/host", "down", "bench"], check=True)
    print(report(samples))
    written = ROOT / ".cache/bench-peer.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps({"suite": suite, "samples": samples}, indent=1) + "\n")
    print(f"\nEvery sample is in {written.relative_to(ROOT)}.")
