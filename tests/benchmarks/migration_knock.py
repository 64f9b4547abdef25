# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logs in by IMAP again and again until its input ends, and prints for how long at most nobody could, and what the host
worked in that time.

Run on the host by migration.py: address, password.
"""

from __future__ import annotations

import imaplib
import json
import os
import select
import ssl
import sys
import time

PAUSE = 0.2
CGROUPS = "/sys/fs/cgroup"


def log_in(context: ssl.SSLContext, address: str, password: str) -> bool:
    try:
        with imaplib.IMAP4_SSL("127.0.0.1", 993, ssl_context=context, timeout=2) as imap:
            imap.login(address, password)
            return imap.select("INBOX", readonly=True)[0] == "OK"
    except (OSError, imaplib.IMAP4.error):
        return False


def worked() -> float:
    """CPU seconds of all processes of the host since it was started, with version 2 or 1 of control groups."""
    if os.path.exists(f"{CGROUPS}/cpu.stat"):
        with open(f"{CGROUPS}/cpu.stat", encoding="ascii") as file:
            return int(dict(line.split() for line in file)["usage_usec"]) / 1e6
    with open(f"{CGROUPS}/cpuacct/cpuacct.usage", encoding="ascii") as file:
        return int(file.read()) / 1e9


def main() -> None:
    address, password = sys.argv[1:]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    logins, failures, longest = 0, 0, {"longest": 0.0, "began": 0.0, "cpu": 0.0}
    last, used = time.time(), worked()
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        if not log_in(context, address, password):
            failures += 1
            continue
        logins += 1
        now, using = time.time(), worked()
        if now - last > longest["longest"]:
            longest = {"longest": now - last, "began": last, "cpu": using - used}
        last, used = now, using
    json.dump({"logins": logins, "failures": failures, **longest}, sys.stdout)


if __name__ == "__main__":
    main()
