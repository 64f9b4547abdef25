# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of fail2ban: judged, kept, published, and taken back when fail2ban does not watch with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .. import _config_files
from .._errors import MailError
from .._host import config as on_disk
from .._outcome import Change, Outcome
from . import daemon

# Stands beside the files while a new configuration is published but not proved: the next run finishes that.
_UNPROVED = ".mailserver-unproved"


def converge(params: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Make the files what ``params`` say and fail2ban run with them. Raises MailError with the old files in place."""
    directory, jails = params["directory"], params["jails"]
    mark = os.path.join(directory, _UNPROVED)
    wanted = _config_files.parse(params["files"])
    _config_files.refuse_outside(wanted, directory, "fail2ban")
    found = {item.path: on_disk.found(item.path) for item in wanted}
    changes = _config_files.changes(wanted, found)
    running = daemon.is_running()
    missing = daemon.missing(jails) if running else []
    notes: list[str] = []
    backups: dict[str, str] = {}
    again = os.path.exists(mark) or missing != []
    if changes or again or not running:
        notes = daemon.judge(wanted, params)
        if notes and not check_mode:
            raise MailError("is not installed", where="fail2ban", mend="Install it first.")
        if not check_mode:
            names = {change.name for change in changes}
            proof = _proof(mark, jails, running=running)
            backups = on_disk.publish_whole([item for item in wanted if item.path in names], found, proof)
    facts = {
        "changed_files": [change.name for change in changes],
        "backup_files": sorted(filter(None, backups.values())),
        "reloaded": running and (again or changes != []),
        "started": not running,
        "not_judged": notes,
    }
    if again and not changes:
        changes = [Change("fail2ban", f"jails that do not watch: {', '.join(missing) or 'not known'}\n", "all watch\n")]
    if not running:
        changes = [*changes, Change(daemon.UNIT, "stopped\n", "running\n")]
    return Outcome(changes, facts, notes)


def _proof(mark: str, jails: list[str], *, running: bool) -> on_disk.Daemon:
    """How fail2ban is proved, and what it becomes once the old files are back."""

    def restore() -> str:
        if not running:
            daemon.stop()
            return ""
        daemon.reload_or_start([], running=daemon.is_running())
        return " and fail2ban runs on with them"

    return on_disk.Daemon("fail2ban", mark, lambda: daemon.reload_or_start(jails, running=running), restore)
