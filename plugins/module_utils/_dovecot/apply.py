# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole configuration files of Dovecot: judged, kept, published, and taken back when Dovecot does not serve."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .. import _config_files
from .._config_files import Found, Wanted
from .._host import commands
from .._host import config as on_disk
from .._outcome import Change, Outcome
from . import daemon, probe

# Stands beside the main file while a new configuration is published but not proved: the next run finishes that.
_UNPROVED = ".unproved"


def converge(params: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Make the files what ``params`` say and Dovecot serve with them. Raises MailError with the old files in place."""
    config = params["config"]
    wanted = _config_files.parse(params["files"], config)
    if params["daemon"] == "untouched":
        return _only_judged(wanted, config)
    found = {item.path: on_disk.found(item.path) for item in wanted}
    changes = _config_files.changes(wanted, found)
    running = daemon.is_running()
    unproved = os.path.exists(config + _UNPROVED)
    start = params["daemon"] == "running" and not running
    notes = daemon.judge(wanted, config, foretell=check_mode) if changes or unproved or start else []
    backups: dict[str, str] = {}
    silent: list[str] = []
    if (changes or unproved or start) and not check_mode:
        names = {change.name for change in changes}
        changed = [item for item in wanted if item.path in names]
        backups, silent = _publish(changed, found, config, running=running, start=start)
    if unproved and not changes:
        changes = [Change(config, "not yet proved\n", "proved\n")]
    if start:
        changes = [*changes, Change(daemon.UNIT, "stopped\n", "running\n")]
    facts = {
        "changed_files": [change.name for change in changes if change.name in found],
        "backup_files": sorted(filter(None, backups.values())),
        "reloaded": bool(changes) and running,
        "started": start,
        "not_judged": notes,
    }
    return Outcome(changes, facts, [*silent, *(notes if check_mode else [])])


def _only_judged(wanted: Sequence[Wanted], config: str) -> Outcome:
    notes = daemon.judge(wanted, config, foretell=False, listen=False)
    facts = {"changed_files": [], "backup_files": [], "reloaded": False, "started": False, "not_judged": notes}
    return Outcome([], facts)


def _publish(
    changed: Sequence[Wanted], found: Mapping[str, Found], config: str, *, running: bool, start: bool
) -> tuple[dict[str, str], list[str]]:
    """The backups made and warnings about services that were too busy to answer the probe."""
    silent: list[str] = []

    def serve() -> list[str]:
        if not (running or start):
            return []
        words = daemon.reload_or_start(running=running)
        if words:
            return words
        findings = _probe(config)
        silent.extend(findings.silent)
        return findings.broken

    def restore() -> str:
        if not running:
            daemon.stop()
            return ""
        # A master process that could not reload may have died of it.
        daemon.reload_or_start(running=daemon.is_running())
        return " and Dovecot serves on with them"

    dovecot = on_disk.Daemon("Dovecot", config + _UNPROVED, serve, restore)
    backups = on_disk.publish_whole(changed, found, dovecot)
    return backups, [f"{name} took the connection and said nothing: its service may be full." for name in silent]


def _probe(config: str) -> probe.Findings:
    services = daemon.read_listing(commands.find("doveconf") or "doveconf", config)
    outside = [item for item in services.sockets if item.path.startswith("/")]
    return probe.probe(services.ports, outside, address=daemon.listen_address(config))
