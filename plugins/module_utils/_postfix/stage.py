# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One change of Postfix's configuration: staged, judged, swapped in, proved, and taken back if it fails."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .._errors import MailError
from .._host import files
from .._outcome import Change, Outcome
from . import listeners, main_cf, master_cf, ranges, restrictions, shadow, verdict, wire
from .postconf import Postfix
from .request import Request

_RESTART = (
    "inet_interfaces",
    "inet_protocols",
    "import_environment",
    "queue_directory",
    "data_directory",
    "mail_owner",
)
_UNCHANGED = "Nothing was changed."
_NAMES = ("main.cf", "master.cf")


class Plan(NamedTuple):
    """Both files, before and after. ``before`` texts are None when the file does not exist."""

    before: tuple[str | None, str | None]
    main: list[main_cf.Chunk]
    master: list[master_cf.Chunk]
    left_out: list[str]

    @property
    def after(self) -> tuple[str, str]:
        return main_cf.render(self.main), master_cf.render(self.master)

    @property
    def values(self) -> dict[str, str]:
        return main_cf.values(self.main)

    @property
    def services(self) -> list[master_cf.Service]:
        return master_cf.services(self.master)

    def changes(self, directory: str) -> list[Change]:
        return [
            Change(os.path.join(directory, name), before or "", after)
            for name, before, after in zip(_NAMES, self.before, self.after)
            if (before or "") != after
        ]


def settle(request: Request, *, check_mode: bool) -> Outcome:
    """Bring the configuration to what ``request`` says and prove that Postfix works with it.

    Raises MailError, with the old configuration in place, when the new one is not sound.
    """
    if not Postfix.is_installed():
        return _foretell(request, check_mode=check_mode)
    with _locked(request.directory):
        postfix = Postfix(request.directory)
        plan = _plan(request, postfix.defaults)
        changes = plan.changes(request.directory)
        notes = _judge(request, plan, postfix, whole=bool(changes), check_mode=check_mode)
        running = postfix.is_running(_queue(plan, postfix))
        activated = "no"
        if running and (changes or postfix.is_stale(_queue(plan, postfix))):
            activated = "restart" if _needs_restart(plan) else "reload"
            changes = changes or [Change("the running Postfix", "an older configuration\n", "main.cf and master.cf\n")]
        kept = []
        if not check_mode and changes:
            kept = _swap(request, plan, postfix, activated=activated)
        elif running and not changes:
            wire.prove(_heard(plan, postfix), postfix, since=time.time(), told="Nothing was to be changed on disk.")
    facts = {"version": postfix.version, "left_out": plan.left_out, "backup_files": kept, "activated": activated}
    return Outcome(changes, facts, notes)


def _foretell(request: Request, *, check_mode: bool) -> Outcome:
    """The plan for a host without Postfix: only our own rules can judge it."""
    if not check_mode:
        raise MailError("Postfix is not installed", where="Postfix", mend=f"Install it first. {_UNCHANGED}")
    plan = _plan(request, {})
    _rules(plan, {}, "").insist(where=request.directory, unchanged=_UNCHANGED)
    facts = {"version": "", "left_out": [], "backup_files": [], "activated": "no"}
    note = "Postfix is not installed yet: its own checkers could not be run, only the range rules of this collection."
    return Outcome(plan.changes(request.directory), facts, [note])


@contextlib.contextmanager
def _locked(directory: str) -> Iterator[None]:
    """Two runs on one host take turns; the lock is on the directory itself, so nothing is created."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise MailError(f"cannot be opened: {error.strerror}", where=directory, mend=_UNCHANGED) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _plan(request: Request, defaults: Mapping[str, str]) -> Plan:
    before = tuple(files.read_text(os.path.join(request.directory, name)) for name in _NAMES)
    left_out = [name for name in request.if_known if defaults and name not in defaults]
    wanted = {**{name: value for name, value in request.if_known.items() if name not in left_out}, **request.parameters}
    main = main_cf.change(main_cf.parse(before[0] or ""), wanted, exclusive=request.exclusive)
    master = master_cf.change(master_cf.parse(before[1] or ""), request.services)
    return Plan((before[0], before[1]), main, master, left_out)


def _rules(plan: Plan, defaults: Mapping[str, str], version: str) -> verdict.Verdict:
    """Our own rules, for main.cf and for each service with its options."""
    values = plan.values
    found = [*ranges.faults(values, defaults, version), *restrictions.faults(values, defaults)]
    seen = {fault.message for fault in found}
    for service in plan.services:
        overridden = {**values, **dict(service.options)}
        faults = [*ranges.faults(overridden, defaults, version), *restrictions.faults(overridden, defaults)]
        found += [MailError(f.message, where=f"service {service.name}") for f in faults if f.message not in seen]
    return verdict.Verdict(found)


def _is_there(path: str) -> bool:
    """True for what exists, and for a socket only when somebody listens: one that was left behind is made anew."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return True
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
    except OSError:
        return False
    return True


def _judge(request: Request, plan: Plan, postfix: Postfix, *, whole: bool, check_mode: bool) -> list[str]:
    """Judge the plan in a private copy; ``whole`` adds the shadow instance. Gives what is worth a warning."""
    with _room() as room:
        staged = os.path.join(room, "staged")
        _stage(request.directory, staged, plan)
        found = _rules(plan, postfix.defaults, postfix.version)
        found += verdict.Verdict(master_cf.faults(plan.services, postfix.programs()))
        places = [(address, 0) for address in _addresses(plan)] + _new_ports(plan, postfix)
        found += verdict.Verdict([fault for fault in (wire.refused(*place) for place in places) if fault])
        found.insist(where=request.directory, unchanged=_UNCHANGED)
        found = postfix.check_names(staged)
        missing = [path for path in request.expected_paths if check_mode and not _is_there(path)]
        named = [*plan.values.values(), *(value for service in plan.services for _name, value in service.options)]
        for table in verdict.tables(named):
            if table.file not in missing:
                found += postfix.check_table(staged, table)
        found.insist(where=request.directory, unchanged=_UNCHANGED)
        if whole and missing:
            note = (
                f"No trial run of this configuration, because other tasks of the play make {', '.join(missing)} first."
            )
            return [*found.notes, note]
        if whole:
            found += shadow.judge(
                postfix,
                room,
                main=plan.main,
                services=plan.services,
                heard=_heard(plan, postfix),
                queue_directory=_queue(plan, postfix),
            )
            found.insist(where=request.directory, unchanged=_UNCHANGED)
        return list(dict.fromkeys(found.notes))


@contextlib.contextmanager
def _room() -> Iterator[str]:
    """A private directory that daemons can pass through after they have given up root."""
    path = tempfile.mkdtemp(prefix="postfix-")
    try:
        os.chmod(path, 0o711)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _stage(directory: str, staged: str, plan: Plan) -> None:
    """The new files, and links to everything else that the configuration directory holds."""
    os.mkdir(staged, 0o700)
    for name in os.listdir(directory):
        if name not in _NAMES:
            os.symlink(os.path.join(directory, name), os.path.join(staged, name))
    for name, text in zip(_NAMES, plan.after):
        with open(os.path.join(staged, name), "w", encoding="utf-8", errors="surrogateescape") as handle:
            handle.write(text)


def _heard(plan: Plan, postfix: Postfix) -> list[listeners.Listener]:
    return listeners.listeners(plan.services, {**postfix.defaults, **plan.values})


def _queue(plan: Plan, postfix: Postfix) -> str:
    return plan.values.get("queue_directory", postfix.defaults["queue_directory"])


def _addresses(plan: Plan) -> list[str]:
    words = plan.values.get("inet_interfaces", "").replace(",", " ").split()
    named = [word.strip("[]") for word in words if word not in ("all", "loopback-only") and "$" not in word]
    return named + [service.host for service in plan.services if service.type == "inet" and service.host]


def _new_ports(plan: Plan, postfix: Postfix) -> list[tuple[str, int]]:
    """Where the plan listens and the running Postfix does not yet: master(8) ends when it finds such a port taken."""
    old = master_cf.services(master_cf.parse(plan.before[1] or "")) if postfix.is_running(_queue(plan, postfix)) else []
    held = {service.port for service in old if service.type == "inet"}
    new = [service for service in plan.services if service.type == "inet" and service.port not in held]
    return [(service.host or "0.0.0.0", wire.number(service.port)) for service in new]


def _needs_restart(plan: Plan) -> bool:
    """True for what master(8) reads only when it starts, and for a port that moves from one address to another.

    On a reload, master(8) may bind the new address before it lets go of the old one, and ends when that fails.
    """
    old = main_cf.values(main_cf.parse(plan.before[0] or ""))
    held, wanted = (
        _hosts(found) for found in (master_cf.services(master_cf.parse(plan.before[1] or "")), plan.services)
    )
    moved = any(held[port] != wanted[port] for port in held.keys() & wanted.keys())
    return moved or any(old.get(name) != plan.values.get(name) for name in _RESTART)


def _hosts(services: Sequence[master_cf.Service]) -> dict[str, set[str]]:
    """The addresses on which each port is listened on."""
    hosts: dict[str, set[str]] = {}
    for service in services:
        if service.type == "inet":
            hosts.setdefault(service.port, set()).add(service.host)
    return hosts


def _swap(request: Request, plan: Plan, postfix: Postfix, *, activated: str) -> list[str]:
    """Publish both files, let the running Postfix read them and prove them; on failure the old ones come back."""
    paths = [os.path.join(request.directory, name) for name in _NAMES]
    touched = [
        (path, before, after) for path, before, after in zip(paths, plan.before, plan.after) if (before or "") != after
    ]
    kept = [files.backup(path) for path, before, _after in touched if before is not None]
    since = time.time()
    try:
        for path, _before, after in touched:
            _publish(path, after)
        if activated != "no":
            postfix.activate(restart=activated == "restart")
            wire.prove(_heard(plan, postfix), postfix, since=since, told="")
    except MailError as error:
        for path, before, _after in reversed(touched):
            _restore(path, before)
        if activated != "no":
            _revive(postfix, restart=activated == "restart")
        raise MailError(
            error.what, where=error.where, mend=f"{error.mend} The previous configuration is back.".strip()
        ) from error
    return kept


def _revive(postfix: Postfix, *, restart: bool) -> None:
    """Let Postfix run the restored files; a master(8) that died of the new ones has to be started."""
    try:
        postfix.activate(restart=restart)
    except MailError:
        postfix.activate(restart=True)


def _publish(path: str, text: str) -> None:
    real = os.path.realpath(path)
    try:
        found = os.stat(real)
        mode, uid, gid = stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid
    except FileNotFoundError:
        mode, uid, gid = 0o644, 0, 0
    files.publish(real, text.encode("utf-8", "surrogateescape"), mode=mode, uid=uid, gid=gid)


def _restore(path: str, before: str | None) -> None:
    if before is None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    else:
        _publish(path, before)
