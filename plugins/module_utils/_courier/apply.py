# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Courier's files: settings put in, judged, kept, published, and taken back when Courier does not serve with them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._host import config as on_disk
from .._host import files
from .._host.ports import Holder
from .._outcome import Change, Outcome
from . import daemon, text
from .listeners import AUTH_FILES, AUTH_UNIT, FILES, LISTENERS, UNITS, Listener, affected, judge

# Stands beside the files while new ones are published but not proved: the next run finishes that.
_UNPROVED = ".mailserver-unproved"


class Work(NamedTuple):
    """What is to be done: files by path, listeners that run to start again, and units to start or stop with the host.

    ``deaf`` are those of the first that run and have not got their port; ``states`` is how all units are before.
    """

    before: dict[str, str]
    after: dict[str, str]
    again: list[Listener]
    deaf: list[str]
    authdaemon: bool
    start: list[str]
    stop: list[str]
    states: dict[str, dict[str, bool]]
    held: dict[str, list[Holder]]

    @property
    def changed(self) -> list[str]:
        return [path for path, new in self.after.items() if new != self.before[path]]

    @property
    def is_nothing(self) -> bool:
        return not (self.changed or self.start or self.stop or self.again or self.authdaemon)


def converge(params: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Make the files hold the settings and Courier serve with them. Raises MailError with the old files in place."""
    directory = params["directory"]
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
    if not work.is_nothing:
        notes, address = _judge(params, work, check_mode=check_mode)
        if not check_mode:
            backups = _publish(work, params["ports"], mark, address)
    changes = [Change(path, work.before[path], work.after[path]) for path in work.changed]
    changes += [Change(unit, "stopped\n", "running\n") for unit in work.start]
    changes += [Change(unit, "running\n", "stopped\n") for unit in work.stop]
    changes += [Change(unit, "not on its port\n", "on its port\n") for unit in work.deaf]
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
    wanted = {AUTH_UNIT, *(item.unit for item in LISTENERS if ports[item.name])}
    states = daemon.states(UNITS)
    active = {unit for unit, state in states.items() if state["active"]}
    enabled = {unit for unit, state in states.items() if state["enabled"]}
    held = daemon.held({item.name: ports[item.name] for item in LISTENERS if item.unit in wanted})
    # A start script ends with success also where nothing listens afterwards.
    deaf = [item for item in LISTENERS if item.unit in wanted & active and item.unit not in _units(held[item.name])]
    again = [*affected(changed), *deaf]
    return Work(
        before,
        after,
        again=[item for item in LISTENERS if item in again and item.unit in wanted & active],
        deaf=[item.unit for item in deaf],
        authdaemon=any(name in AUTH_FILES for name in changed),
        start=[unit for unit in UNITS if unit in wanted - (active & enabled)],
        stop=[unit for unit in UNITS if unit in (active | enabled) - wanted],
        states=states,
        held=held,
    )


def _units(holders: Sequence[Holder]) -> set[str]:
    return {item.unit for item in holders}


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
        _refuse_taken(work.held, ports)
    return [f"{sentence}, so that could not be judged." for sentence in dict.fromkeys(missing)], address


def _refuse_taken(held: Mapping[str, Sequence[Holder]], ports: Mapping[str, int]) -> None:
    """One of Courier's own may have the port of another one, and leave it when it is started again."""
    for name, holders in held.items():
        if holders and not _units(holders) & set(UNITS):
            mend = "Stop it, or give another port in courier_ports. Nothing was changed."
            raise MailError(f"{holders[0]} listens there", where=f"port {ports[name]} for {name}", mend=mend)


def _publish(work: Work, ports: Mapping[str, int], mark: str, address: str) -> dict[str, str]:
    """The backups made, by path. Raises MailError, with the old files back, when Courier does not serve."""

    def restore() -> str:
        words = _restore(work, ports, address)
        return f", but Courier does not serve with them either: {'; '.join(words)}" if words else ""

    return on_disk.publish(
        work.changed,
        on_disk.Daemon("Courier", mark, lambda: _serve(work, ports, address), restore),
        write=lambda path: files.rewrite(path, work.after[path]),
        put_back=lambda path, backup: files.rewrite(path, work.before[path]),
    )


def _serve(work: Work, ports: Mapping[str, int], address: str) -> list[str]:
    """Stop, start and start again what is needed, and wait until it answers; what is wrong."""
    idle = [unit for unit in work.start if not work.states[unit]["active"]]
    words = daemon.systemctl("disable", "--now", *work.stop) if work.stop else []
    if work.start and not words:
        words = daemon.systemctl("enable", *work.start)
    if (work.authdaemon or AUTH_UNIT in idle) and not words:
        # systemd stops and starts with it the listeners that run.
        words = daemon.systemctl("restart", AUTH_UNIT)
    chosen = [item for item in LISTENERS if item in work.again or item.unit in idle]
    return words or _restart(chosen, ports, address)


def _restart(chosen: Sequence[Listener], ports: Mapping[str, int], address: str) -> list[str]:
    words = daemon.systemctl("restart", *(item.unit for item in chosen)) if chosen else []
    return words or daemon.ask_accounts() or daemon.ask_ports(chosen, ports, address)


def _restore(work: Work, ports: Mapping[str, int], address: str) -> list[str]:
    """Make Courier what it was, with the old files back; what is wrong with it then."""
    now = daemon.states(UNITS)
    for word, field, before in (("enable", "enabled", True), ("disable", "enabled", False), ("stop", "active", False)):
        units = [unit for unit in UNITS if work.states[unit][field] == before != now[unit][field]]
        if units:
            daemon.systemctl(word, *units)
    if work.authdaemon and work.states[AUTH_UNIT]["active"]:
        daemon.systemctl("restart", AUTH_UNIT)
    touched = {*work.stop, *(item.unit for item in work.again)}
    ran = [item for item in LISTENERS if item.unit in touched and work.states[item.unit]["active"]]
    return _restart(ran, _old_ports(work, ports), address) if ran else []


def _old_ports(work: Work, ports: Mapping[str, int]) -> dict[str, int]:
    """The ports that the old files name, as far as they can be read without a shell."""
    found = dict(ports)
    for item in LISTENERS:
        path = next((path for path in work.before if os.path.basename(path) == item.files[item.tls]), "")
        named = [line.value for line in text.parse(work.before.get(path, "")) if line.name == item.port_name]
        if named and named[-1].isdigit():
            found[item.name] = int(named[-1])
    return found
