# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a stolen account still sends and reads after lock_account.yml was begun, on a busy host.

`make bench ARGS="--lock"` on a test host of its own. The thief is that of the scenario `server`: it sends in two
sessions and reads in a third, and comes back when it is thrown out. docs/abuse.md has the figures.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time

from migration import INVENTORIES, ROOT, ZONE, ended, on_host, play

TARGET = 10.0
BUSY = 2  # processes that do nothing but work
NEIGHBOUR = (f"neighbour@{ZONE}", "Other-Key-2")
THIEF = "/root/thief.py"


def stolen(run: int) -> tuple[str, str]:
    """Address and password of the account that is stolen in this run."""
    return f"victim{run}@{ZONE}", f"Stolen-Key-{run}"


def prepare(runs: int) -> None:
    """A mail server with an account for each run, and the thief."""
    users = [stolen(run) for run in range(runs)] + [NEIGHBOUR]
    accounts = [{"name": address.partition("@")[0], "password": password} for address, password in users]
    play("playbooks/site.yml", {"mail_domains": [{"name": ZONE, "accounts": accounts}]})
    program = (ROOT / "molecule/server/files/thief.py").read_text(encoding="utf-8")
    ended(on_host("python3", "-c", f"open({THIEF!r}, 'w').write({program!r})"))


def once(run: int, address: str) -> float:
    """Seconds from the beginning of the playbook to the last thing that the thief did."""
    account, password = stolen(run)
    for _number in range(BUSY):
        on_host("timeout", "300", "sh", "-c", "while :; do :; done")
    thief = on_host("python3", THIEF, "work", address, account, password, *NEIGHBOUR)
    time.sleep(10)
    begin = time.time()
    playbook = ["ansible-playbook", *INVENTORIES, "--extra-vars", f"lock_accounts={account}"]
    subprocess.run([*playbook, ROOT / "playbooks/lock_account.yml"], check=True, stdout=subprocess.DEVNULL)
    end = time.time()
    ended(on_host("touch", "/root/thief.stop"))
    ended(thief)
    ended(on_host("pkill", "-x", "timeout"))
    said = ended(on_host("python3", THIEF, "judge", str(begin), str(end), account))
    found = re.search(r"was (-?[\d.]+) seconds", said)
    return float(found[1]) if found else sys.exit(said)


def measure(*, suite: str, runs: int) -> None:
    """Measure on a test host of its own and print the figures."""
    host = str(ROOT / "tools/host")
    subprocess.run([host, "down", "bench"], check=True)
    subprocess.run([host, "up", "bench", suite, f"mx.{ZONE}"], check=True)
    try:
        ended(on_host("apt-get", "--quiet", "update"))
        prepare(runs)
        address = subprocess.run([host, "address", "bench"], check=True, capture_output=True, text=True).stdout.strip()
        samples = [once(run, address) for run in range(runs)]
    finally:
        subprocess.run([host, "down", "bench"], check=True)
    verdict = "kept" if max(samples) < TARGET else "MISSED"
    figures = f"{statistics.median(samples):.1f} s (least {min(samples):.1f}, most {max(samples):.1f}, {runs} runs)"
    print(f"\nAfter the playbook was begun, the thief went on for {figures}; target {TARGET:.0f} s: {verdict}.")
    written = ROOT / ".cache/bench-lock.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps({"suite": suite, "samples": samples}, indent=1) + "\n")
    print(f"Every sample is in {written.relative_to(ROOT)}.")
