# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Courier's files: settings put in, judged, kept, published, and taken back when Courier does not serve with them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._host import files
from .._outcome import Change, Outcome
from . import daemon, text
from .listeners import AUTH_FILES, AUTH_UNIT, FILES, LISTENERS, UNITS, Listener, affected, judge

# Stands beside the files while new ones are published but not proved: the next run finishes that.
_UNPROVED = ".mailserver-unproved"


class Work(NamedTuple):
    """What is to be done: files by path, listeners to start again, and units to start or stop with the host."""

    before: dict[str, str]
    after: dict[str, str]
    again: list[Listener]
    authdaemon: bool
    start: list[str]
    stop: list[str]

    @property
    def changed(self) -> list[str]:
        return [path for path, new in self.after.items() if new != self.before[path]]


def converge(params: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Make the files hold the settings and Courier serve with them. Raises MailError with the old files in place."""
    directory, ports = params["directory"], params["ports"]
    for name, settings in params["settings"].items():
        if name not in FILES or not isinstance(settings, dict):
            mend = f"Give a dictionary for each; the files are {', '.join(FILES)}."
            raise MailError(f"'{name}' is not a file with settings", where="settings", mend=mend)
    if not daemon.is_installed(directory):
        if not check_mode:
            raise MailError("is not installed", where="Courier", mend="Install courier-imap and courier-pop first.")
        return _foretold(params)
    work = _plan(params)
    mark = os.path.join(directory, _UNPROVED)
    unproved = os.path.exists(mark)
    backups: dict[str, str] = {}
    notes: list[str] = []
    if work.changed or work.start or work.stop or work.again or work.authdaemon:
        notes, address = _judge(params, work, check_mode=check_mode)
        if not check_mode:
            backups = _publish(work, ports, mark, address)
    changes = [Change(path, work.before[path], work.after[path]) for path in work.changed]
    changes += [Change(unit, "stopped\n", "running\n") for unit in work.start]
    changes += [Change(unit, "running\n", "stopped\n") for unit in work.stop]
    if unproved and not changes:
        changes = [Change(mark, "not yet proved\n", "proved\n")]
    return Outcome(changes, _facts(work, backups, notes), notes if check_mode else [])


def _foretold(params: Mapping[str, Any]) -> Outcome:
    note = "Courier is not installed here, so its configuration could not be judged."
    paths = [os.path.join(params["directory"], name) for name in params["settings"]]
    started = [AUTH_UNIT, *(item.unit for item in LISTENERS if params["ports"][item.name])]
    changes = [
        Change(path, "", "".join(f"{n}={v}\n" for n, v in params["settings"][os.path.basename(path)].items()))
        for path in paths
    ]
    facts = {
        "changed_files": paths,
        "backup_files": [],
        "restarted": [],
        "started": started,
        "stopped": [],
        "not_judged": [note],
    }
    return Outcome([*changes, *(Change(unit, "", "running\n") for unit in started)], facts, [note])


def _facts(work: Work, backups: Mapping[str, str], notes: Sequence[str]) -> dict[str, Any]:
    restarted = [*([AUTH_UNIT] if work.authdaemon else []), *(item.unit for item in work.again)]
    return {
        "changed_files": work.changed,
        "backup_files": sorted(filter(None, backups.values())),
        "restarted": [unit for unit in restarted if unit not in work.start],
        "started": work.start,
        "stopped": work.stop,
        "not_judged": list(notes),
    }


def _plan(params: Mapping[str, Any]) -> Work:
    directory, ports = params["directory"], params["ports"]
    before, after = {}, {}
    for name in FILES:
        path = os.path.join(directory, name)
        before[path] = after[path] = files.read_text(path) or ""
        if params["settings"].get(name):
            after[path] = text.edit(before[path], params["settings"][name], table=name in text.TABLES)
    changed = [os.path.basename(path) for path in after if after[path] != before[path]]
    if os.path.exists(os.path.join(directory, _UNPROVED)):
        changed = list(FILES)
    states = daemon.states(UNITS)
    wanted = {AUTH_UNIT, *(item.unit for item in LISTENERS if ports[item.name])}
    # A start script ends with success also where nothing listens afterwards.
    deaf = {item.unit for item in LISTENERS if ports[item.name] and not daemon.listens(ports[item.name])}
    on = {unit for unit, state in states.items() if state["active"] and state["enabled"]} - deaf
    off = {unit for unit, state in states.items() if not state["active"] and not state["enabled"]}
    return Work(
        before,
        after,
        again=[item for item in affected(changed) if item.unit in wanted],
        authdaemon=any(name in AUTH_FILES for name in changed),
        start=[unit for unit in UNITS if unit in wanted - on],
        stop=[unit for unit in UNITS if unit not in {*wanted, *off}],
    )


def _judge(params: Mapping[str, Any], work: Work, *, check_mode: bool) -> tuple[list[str], str]:
    """Raise MailError when Courier must not start with this. What check mode cannot judge, and the address to call."""
    directory, ports = params["directory"], params["ports"]
    missing: list[str] = []
    address = ""
    with tempfile.TemporaryDirectory(prefix="courier-config-") as stage:
        for path, new in work.after.items():
            files.write_new(
                os.path.join(stage, os.path.basename(path)),
                new.encode("utf-8", "surrogateescape"),
                mode=0o600,
                uid=os.geteuid(),
                gid=os.getegid(),
            )
        daemon.values(stage, AUTH_FILES[:1])
        for item in LISTENERS[::2]:
            found = daemon.values(stage, item.files)
            judge(item.protocol, found, ports)
            daemon.try_options(stage, item.protocol)
            address = address or daemon.own_address(found["ADDRESS"])
            if not os.path.exists(found["TLS_CERTFILE"]):
                missing.append(f"the TLS file {found['TLS_CERTFILE']} does not exist")
    if missing and not check_mode:
        raise MailError(missing[0], where=directory, mend="Nothing was changed.")
    if not check_mode:
        idle = {item.name: ports[item.name] for item in LISTENERS if item.unit in work.start}
        active = daemon.states(item.unit for item in LISTENERS)
        daemon.refuse_taken_ports({name: port for name, port in idle.items() if not _is_active(name, active)})
    return [f"{sentence}, so that could not be judged." for sentence in dict.fromkeys(missing)], address


def _is_active(name: str, active: Mapping[str, Mapping[str, bool]]) -> bool:
    return next(active.get(item.unit, {}).get("active", False) for item in LISTENERS if item.name == name)


def _publish(work: Work, ports: Mapping[str, int], mark: str, address: str) -> dict[str, str]:
    """The backups made, by path. Raises MailError, with the old files back, when Courier does not serve."""
    files.publish(mark, b"Courier has not been seen serving with this configuration.\n", mode=0o600)
    backups = {path: files.backup(path) for path in work.changed}
    try:
        for path in work.changed:
            files.rewrite(path, work.after[path])
        words = _serve(work, ports, address)
    except MailError as error:
        words = [error.message]
    after = _take_back(work, ports, address, backups) if words else []
    with contextlib.suppress(FileNotFoundError):
        os.unlink(mark)
    if words:
        mend = "The old files were put back" + (
            f", but Courier does not serve with them either: {'; '.join(after)}." if after else "."
        )
        raise MailError("; ".join(words), where="Courier does not serve with the new configuration", mend=mend)
    return backups


def _serve(work: Work, ports: Mapping[str, int], address: str) -> list[str]:
    """Stop, start and start again what is needed, and wait until it answers; what is wrong."""
    if work.stop:
        daemon.systemctl("disable", "--now", *work.stop)
    if work.start:
        daemon.systemctl("enable", *work.start)
    if work.authdaemon:
        # systemd stops and starts with it the listeners that run.
        daemon.systemctl("restart", AUTH_UNIT)
    again = [item for item in LISTENERS if item in work.again or item.unit in work.start]
    units = [item.unit for item in again]
    words = daemon.systemctl("restart", *units) if units else []
    return words or daemon.ask_accounts() or daemon.ask_ports(again, ports, address)


def _take_back(work: Work, ports: Mapping[str, int], address: str, backups: Mapping[str, str]) -> list[str]:
    """Put the old files back and Courier to what it was; what is wrong with it then."""
    for path in backups:
        files.rewrite(path, work.before[path])
    if work.start:
        daemon.systemctl("disable", "--now", *work.start)
    if work.stop:
        daemon.systemctl("enable", "--now", *work.stop)
    ran = [item for item in work.again if item.unit not in work.start]
    if not ran:
        return []
    daemon.systemctl("restart", AUTH_UNIT)
    words = daemon.systemctl("restart", *(item.unit for item in ran))
    return words or daemon.ask_accounts() or daemon.ask_ports(ran, _old_ports(work, ports), address)


def _old_ports(work: Work, ports: Mapping[str, int]) -> dict[str, int]:
    """The ports that the old files name, as far as they can be read without a shell."""
    found = dict(ports)
    for item in LISTENERS:
        path = next((path for path in work.before if os.path.basename(path) == item.files[item.tls]), "")
        named = [line.value for line in text.parse(work.before.get(path, "")) if line.name == item.port_name]
        if named and named[-1].isdigit():
            found[item.name] = int(named[-1])
    return found
