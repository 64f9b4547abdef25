# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of a thousand domains: made, worked out as records, published, signed with, and looked at again.

`make bench ARGS="--keys"` on a test host of its own, which is the name server of the domains as well. Each case is one
whole ansible-playbook. docs/performance.md explains the figures.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
INVENTORIES = ["--inventory", str(ROOT / "tools/inventory"), "--inventory", str(HERE / "inventory.yml")]
MANY = 1_000
ZONE = "bench.test"
VARIABLES: dict[str, Any] = {
    "mail_hostname": f"mx.{ZONE}",
    "mail_filter": "rspamd",
    "mail_dkim": {"algorithms": ["rsa", "ed25519"]},
    "mail_dns_server": "127.0.0.1",
    "mail_dns_resolvers": ["127.0.0.1"],
    "mail_dns_addresses": ["192.0.2.25", "2001:db8::25"],
}
# CPU of all processes of the host since it was started, with version 2 or 1 of control groups.
USAGE = """cd /sys/fs/cgroup
if [ -e cpu.stat ]; then awk '/^usage_usec/ {print $2 * 1000}' cpu.stat; else cat cpuacct/cpuacct.usage; fi"""


class Case(NamedTuple):
    """A playbook that is run; ``unchanged`` means that it must report no change."""

    title: str
    playbook: str
    unchanged: bool = False
    variables: dict[str, Any] | None = None


class Cost(NamedTuple):
    """Seconds: from begin to end, CPU of ansible-playbook with its children, and CPU of the whole host."""

    wall: float
    cpu: float
    host: float


FIRST = [
    Case("keys made, RSA and Ed25519, and records worked out", "tests/benchmarks/keys.yml"),
    Case("records published with dynamic updates", "playbooks/publish_dns.yml"),
    Case("all keys begin to sign", "tests/benchmarks/keys.yml", variables={"bench_signing": True}),
]
AGAIN = [
    Case("keys, records and what signs, nothing to change", "tests/benchmarks/keys.yml", unchanged=True),
    Case("records published, nothing to change", "playbooks/publish_dns.yml", unchanged=True),
    Case("rotate_dkim, nothing is due", "playbooks/rotate_dkim.yml", unchanged=True),
]


def on_host(*command: str) -> str:
    done = subprocess.run(
        [ROOT / "tools/host", "run", "bench", *command], stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout


def play(case: Case, variables: dict[str, Any]) -> Cost:
    """Run the playbook of a case."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({**VARIABLES, **variables, **(case.variables or {})}, file)
        file.flush()
        argv = ["ansible-playbook", *INVENTORIES, "--extra-vars", f"@{file.name}", str(ROOT / case.playbook)]
        environment = {**os.environ, "ANSIBLE_NOCOLOR": "1"}
        used, before, start = host_cpu(), resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(argv, stdout=subprocess.PIPE, check=False, text=True, env=environment)
        wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or (case.unchanged and " changed=0 " not in done.stdout):
        sys.exit(f"{case.title}: the run failed or changed something\n{done.stdout[-3000:]}")
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(wall, cpu, host_cpu() - used)


def host_cpu() -> float:
    return int(on_host("sh", "-c", USAGE).split()[0]) / 1e9


def table(samples: dict[str, list[Cost]]) -> str:
    columns = ("median, s", "least", "most", "controller", "host")
    lines = [f"\n{f'{MANY:,} domains':55}" + "".join(f"{name:>11}" for name in columns) + "  runs"]
    for title, costs in samples.items():
        walls = [cost.wall for cost in costs]
        cpu = [statistics.median(values) for values in zip(*((cost.cpu, cost.host) for cost in costs), strict=True)]
        figures = (statistics.median(walls), min(walls), max(walls), *cpu)
        lines.append(f"{title:55}" + "".join(f"{figure:11.1f}" for figure in figures) + f"{len(costs):6}")
    lines.append("The last two columns are CPU seconds. Starting Ansible and gathering facts are in every figure.")
    return "\n".join(lines)


def measure(*, suite: str, runs: int) -> None:
    """Measure on a test host of its own and print the figures."""
    subprocess.run([ROOT / "tools/host", "down", "bench"], check=True)
    subprocess.run([ROOT / "tools/host", "up", "bench", suite, VARIABLES["mail_hostname"]], check=True)
    domains = {"mail_domains": [{"name": f"d{number:04d}.{ZONE}"} for number in range(MANY)]}
    samples: dict[str, list[Cost]] = {}
    try:
        on_host("apt-get", "--quiet", "update")
        play(Case("set-up of the server", "playbooks/site.yml"), {"mail_domains": [{"name": ZONE}]})
        play(Case("set-up of the name server", "tests/benchmarks/name_server.yml"), {"bench_zone": ZONE})
        for case in FIRST:
            samples[case.title] = [play(case, domains)]
        for case in AGAIN * runs:
            samples.setdefault(case.title, []).append(play(case, domains))
    finally:
        subprocess.run([ROOT / "tools/host", "down", "bench"], check=True)
    print(table(samples))
    written = ROOT / ".cache/bench-keys.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps({"suite": suite, "samples": samples}, indent=1) + "\n")
    print(f"\nEvery sample is in {written.relative_to(ROOT)}.")
