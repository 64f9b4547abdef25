# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""rspamd on this host: rspamadm, systemd and its processes."""

from __future__ import annotations

import os
import pwd
import tempfile
import time
from collections.abc import Sequence

from .._config_files import Wanted
from .._errors import MailError
from .._host import commands, config, files, rights
from . import complaints, milter

UNIT = "rspamd.service"
USER = "_rspamd"
_STEP = 0.25


def judge(wanted: Sequence[Wanted], directory: str) -> list[str]:
    """Let rspamd read the new configuration, with all else that lies in ``directory``, in a private place.

    Raises MailError when it must not be used. The sentences returned say what could not be judged.
    """
    rspamadm = commands.find("rspamadm")
    if rspamadm is None or not os.path.isdir(directory):
        return ["rspamd is not installed here, so the new configuration could not be judged."]
    with tempfile.TemporaryDirectory(prefix="rspamd-config-") as stage:
        copy = os.path.join(stage, "etc")
        config.stage(wanted, directory, copy)
        # What it compiles and keeps would otherwise lie, as root's, where the daemon keeps its own.
        places = [f"--var=LOCAL_CONFDIR={copy}", f"--var=DBDIR={stage}"]
        result = commands.run([rspamadm, *places, "configtest", "-c", os.path.join(copy, "rspamd.conf")])
    if result.status:
        words = complaints.read(f"{result.stdout}\n{result.stderr}")
        raise MailError(
            "; ".join(words).replace(copy, directory) or f"rspamadm configtest ended with status {result.status}",
            where="rspamd refuses the new configuration",
            mend="Nothing was changed.",
        )
    return []


def judge_readable(paths: Sequence[str]) -> None:
    """Raise MailError unless rspamd may read these files: it only says in its log that it cannot, and does not sign."""
    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        return
    with rights.as_user(user.pw_uid, user.pw_gid):
        closed = [path for path in paths if not _opens(path)]
    if closed:
        raise MailError(
            f"user {USER} cannot read {', '.join(closed)}",
            where="rspamd could not sign",
            mend=f"Module mail_dkim_key with group: {USER} puts that right. Nothing was changed.",
        )


def _opens(path: str) -> bool:
    try:
        with open(path, "rb"):
            return True
    except OSError:
        return False


def is_running() -> bool:
    """Whether the main process lives."""
    return bool(_main_process())


def _main_process() -> str:
    shown = _property("MainPID")
    return shown if shown.isdigit() and shown != "0" else ""


def _property(name: str) -> str:
    program = commands.find("systemctl")
    if program is None:
        return ""
    return commands.run([program, "show", "--property", name, "--value", UNIT]).stdout.strip()


def reload_or_start(socket_path: str, *, running: bool, wait: float) -> str:
    """Have rspamd work with its configuration; wait until it answers. Empty, or what happens instead.

    A first start compiles the list of public suffixes, which takes 15 seconds of a processor.
    """
    before, restarts = _workers(), _restarts()
    _systemctl("reload" if running else "start")
    words = "the old processes go on: it does not take the new configuration" if running else "it does not start"
    end = time.monotonic() + wait
    while time.monotonic() < end:
        time.sleep(_STEP)
        # The old processes answer until the new ones are there.
        if _workers() - before:
            words = milter.answers(socket_path)
        if not words:
            return ""
        if _property("ActiveState") == "failed" or _restarts() > restarts:
            return f"it ends again and again, see journalctl --unit {UNIT} and /var/log/rspamd/rspamd.log"
    return f"{words} (waited {wait:g} seconds)"


def stop() -> None:
    """Stop a daemon that this run started in vain."""
    _systemctl("stop")


def _systemctl(verb: str) -> None:
    program = commands.find("systemctl")
    if program is None:
        raise MailError("is not installed", where="systemctl", mend=f"{verb} rspamd in this host's own way.")
    result = commands.run([program, verb, UNIT])
    if result.status and verb != "stop":
        raise MailError(result.stderr.strip() or f"ended with {result.status}", where=f"systemctl {verb} {UNIT}")


def _restarts() -> int:
    return int(_property("NRestarts") or 0)


def _workers() -> set[str]:
    """The processes that the main process has started."""
    parent = _main_process()
    return {name for name in os.listdir("/proc") if name.isdigit() and _parent(name) == parent} if parent else set()


def _parent(process: str) -> str:
    # pid (name) state parent …; a name may have blanks and brackets (proc(5)).
    fields = (files.read_foreign(f"/proc/{process}/stat") or "").rpartition(")")[2].split()
    return fields[1] if len(fields) > 1 else ""
