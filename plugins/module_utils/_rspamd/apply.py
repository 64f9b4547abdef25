# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole configuration files of rspamd: judged, kept, published, and taken back when rspamd does not serve."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .. import _config_files
from .._config_files import Found, Wanted
from .._errors import MailError
from .._host import config as on_disk
from .._outcome import Change, Outcome
from . import daemon

# Stands beside the files while a new configuration is published but not proved: the next run finishes that.
_UNPROVED = ".mailserver-unproved"


def converge(params: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Make the files what ``params`` say and rspamd serve with them. Raises MailError with the old files in place."""
    directory = params["directory"]
    mark = os.path.join(directory, _UNPROVED)
    wanted = _config_files.parse(params["files"])
    _config_files.refuse_outside(wanted, directory, "rspamd")
    found = {item.path: on_disk.found(item.path) for item in wanted}
    changes = _config_files.changes(wanted, found)
    running = daemon.is_running()
    unproved = os.path.exists(mark)
    start = params["daemon"] == "running" and not running
    notes = []
    if changes or unproved or start:
        daemon.judge_readable(params["readable"])
        notes = daemon.judge(wanted, directory)
        if notes and not check_mode:
            raise MailError("is not installed", where="rspamd", mend="Install it first.")
    backups: dict[str, str] = {}
    if (changes or unproved or start) and not check_mode:
        changed = [item for item in wanted if item.path in {change.name for change in changes}]
        backups = _publish(changed, found, mark, params, running=running, start=start)
    if unproved and not changes:
        changes = [Change(mark, "not yet proved\n", "proved\n")]
    if start:
        changes = [*changes, Change(daemon.UNIT, "stopped\n", "running\n")]
    facts = {
        "changed_files": [change.name for change in changes if change.name in found],
        "backup_files": sorted(filter(None, backups.values())),
        "reloaded": bool(changes) and running,
        "started": start,
        "not_judged": notes,
    }
    return Outcome(changes, facts, notes)


def _publish(
    changed: Sequence[Wanted],
    found: Mapping[str, Found],
    mark: str,
    params: Mapping[str, Any],
    *,
    running: bool,
    start: bool,
) -> dict[str, str]:
    """The backups made, by path. Raises MailError, with the old files back, when rspamd does not serve."""
    socket, wait = params["socket"], params["wait"]

    def serve() -> list[str]:
        words = daemon.reload_or_start(socket, running=running, wait=wait) if running or start else ""
        return [words] if words else []

    def restore() -> str:
        if not running:
            daemon.stop()
            return ""
        daemon.reload_or_start(socket, running=daemon.is_running(), wait=wait)
        return " and rspamd serves on with them"

    return on_disk.publish_whole(changed, found, on_disk.Daemon("rspamd", mark, serve, restore))
