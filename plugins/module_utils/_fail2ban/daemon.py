# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fail2ban on this host: its client, systemd, and whether nftables can ban here."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

from .._config_files import Wanted
from .._errors import MailError
from .._host import commands, config
from . import settings

UNIT = "fail2ban.service"
_WAIT = 60
_STEP = 0.25
# What a ban needs of the kernel; only tried.
_RULES = """table inet f2b-mailserver-try {
  set known { type ipv4_addr; }
  set known6 { type ipv6_addr; }
  chain try {
    type filter hook input priority -1;
    tcp dport { 143 } ip saddr @known reject
    tcp dport { 143 } ip6 saddr @known6 reject
  }
}
"""


def judge(wanted: Sequence[Wanted], params: Mapping[str, Any]) -> list[str]:
    """Let fail2ban read the new configuration, with all else of ``directory``, in a private place.

    Raises MailError when it must not be used, or could ban nobody: fail2ban itself would count bans that nftables has
    refused. The sentences returned say what could not be judged.
    """
    directory, client = params["directory"], commands.find("fail2ban-client")
    if client is None or not os.path.isdir(directory):
        return ["fail2ban is not installed here, so the new configuration could not be judged."]
    absent = [path for path in params["logs"] if not os.path.isfile(path)]
    if absent:
        raise MailError("there is no such file", where=absent[0], mend="fail2ban would not start. Nothing was changed.")
    if params["nftables"]:
        _judge_nftables()
    with tempfile.TemporaryDirectory(prefix="fail2ban-config-") as stage:
        copy = os.path.join(stage, "etc")
        config.stage(wanted, directory, copy)
        result = commands.run([client, "-c", copy, "-t"])
    if result.status:
        words = f"{result.stderr}\n{result.stdout}".replace(copy, directory)
        faults = dict.fromkeys(line.partition("ERROR")[2].strip() for line in words.split("\n") if "ERROR" in line)
        said = "; ".join(faults) or words.strip().replace("\n", "; ")
        raise MailError(said, where="fail2ban refuses the new configuration", mend="Nothing was changed.")
    return []


def _judge_nftables() -> None:
    program = commands.find("nft")
    if program is None:
        raise MailError("is not installed", where="nftables", mend="Install it first. Nothing was changed.")
    result = commands.run([program, "--check", "--file", "-"], stdin=_RULES)
    if result.status:
        raise MailError(
            result.stderr.strip().split("\n")[0] or f"nft ended with status {result.status}",
            where="nftables can ban nobody here",
            mend="Mend that, or choose another fail2ban_ban_action. Nothing was changed.",
        )


def is_running() -> bool:
    """Whether fail2ban answers, whoever started it."""
    client = commands.find("fail2ban-client")
    return client is not None and commands.run([client, "ping"]).status == 0


def missing(wanted: Sequence[str]) -> list[str]:
    """The jails of these that do not watch now."""
    watching = settings.listed(_client("status").stdout)
    return [name for name in wanted if name not in watching]


def reload_or_start(wanted: Sequence[str], *, running: bool) -> list[str]:
    """Have fail2ban work with its configuration, which keeps all bans, and ``wanted`` watch; or what is wrong."""
    # A jail that is not restarted keeps the rules of the firewall that its action has made, with the old ports.
    result = _client("reload", "--restart") if running else _systemctl("start")
    if result.status:
        return [(result.stderr.strip() or result.stdout.strip()).replace("\n", "; ") or "it does not read its files"]
    end = time.monotonic() + _WAIT
    while time.monotonic() < end:
        absent = missing(wanted)
        if not absent and is_running():
            return []
        time.sleep(_STEP)
    return [f"it does not run with {', '.join(absent) or 'it'}, see /var/log/fail2ban.log"]


def stop() -> None:
    """Stop a daemon that this run started in vain."""
    _systemctl("stop")


def _client(*words: str) -> commands.Result:
    return commands.run([commands.find("fail2ban-client") or "fail2ban-client", *words])


def _systemctl(verb: str) -> commands.Result:
    return commands.run([commands.find("systemctl") or "systemctl", verb, UNIT])
