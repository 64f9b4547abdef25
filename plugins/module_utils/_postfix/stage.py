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

from .._errors import MailError
from .._host import files
from .._outcome import Change, Outcome
from . import egress, listeners, main_cf, master_cf, server_names, shadow, tables, verdict, wire
from . import plan as _plan
from .plan import Plan
from .postconf import Postfix
from .request import Request
from .swap import swap

_UNCHANGED = "Nothing was changed."
_ROOMS, _ROOM = "/run", "postfix-stage-"


def settle(request: Request, *, check_mode: bool) -> Outcome:
    """Bring the configuration to what ``request`` says and prove that Postfix works with it.

    Raises MailError, with the old configuration in place, when the new one is not sound.
    """
    if not Postfix.is_installed():
        return _foretell(request, check_mode=check_mode)
    with _locked(request.directory):
        postfix = Postfix(request.directory)
        plan = _plan.build(request, _before(request), postfix.defaults, postfix.plain_default)
        lookup = tables.plan(request.tables, request.tables_directory, postfix)
        changes = plan.changes(request.directory) + [item.change() for item in lookup if item.changed]
        notes = _judge(request, plan, lookup, postfix, whole=bool(changes), check_mode=check_mode)
        queue = _queue(plan, postfix)
        running = postfix.is_running(queue)
        activated = "no"
        if running and (changes or postfix.is_stale(queue, tables=tables.newest(lookup))):
            activated = "restart" if _plan.needs_restart(plan) else "reload"
            changes = changes or [Change("the running Postfix", "an older configuration\n", "main.cf and master.cf\n")]
        kept = []
        if not check_mode and changes:
            kept = swap(plan, lookup, postfix, _heard(plan, postfix), activated)
        elif running and not changes:
            wire.prove(_heard(plan, postfix), postfix, since=time.time(), told="Nothing was to be changed on disk.")
    facts = {"version": postfix.version, "left_out": plan.left_out, "backup_files": kept, "activated": activated}
    return Outcome(changes, facts, [*request.warnings, *notes])


def _foretell(request: Request, *, check_mode: bool) -> Outcome:
    """The plan for a host without Postfix: only our own rules can judge it."""
    if not check_mode:
        raise MailError("Postfix is not installed", where="Postfix", mend=f"Install it first. {_UNCHANGED}")
    plan = _plan.build(request, _before(request), {}, lambda _name: "")
    lookup = tables.plan(request.tables, request.tables_directory, None)
    _plan.rules(plan, {}, "").insist(where=request.directory, unchanged=_UNCHANGED)
    facts = {"version": "", "left_out": [], "backup_files": [], "activated": "no"}
    note = "Postfix is not installed yet: its own checkers could not be run, only the range rules of this collection."
    changes = plan.changes(request.directory) + [item.change() for item in lookup if item.changed]
    return Outcome(changes, facts, [*request.warnings, note])


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


def _before(request: Request) -> tuple[str | None, str | None]:
    main, master = (files.read_text(os.path.join(request.directory, name)) for name in _plan.NAMES)
    return main, master


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


def _judge(
    request: Request,
    plan: Plan,
    lookup: Sequence[tables.TablePlan],
    postfix: Postfix,
    *,
    whole: bool,
    check_mode: bool,
) -> list[str]:
    """Judge the plan in a private copy; ``whole`` adds the shadow instance. Gives what is worth a warning."""
    where = request.directory
    found = _by_rules(request, plan, postfix)
    found.insist(where=where, unchanged=_UNCHANGED)
    with _room() as room:
        moved, built = tables.stage(lookup, room, postfix)
        staged = _with_staged_tables(plan, moved)
        missing = [path for path in request.expected_paths if check_mode and not _is_there(path)]
        built += _by_programs(request, staged, lookup, postfix, room, missing=missing)
        found += _with_real_paths(built, moved)
        found.insist(where=where, unchanged=_UNCHANGED)
        if whole and missing:
            what = ", ".join(missing)
            return [*found.notes, f"No trial run of this configuration, because other tasks make {what} first."]
        if whole:
            tried = shadow.judge(
                postfix,
                room,
                plan=staged,
                heard=_heard(staged, postfix),
                queue_directory=_queue(plan, postfix),
                open_relay=request.open_relay,
            )
            found += _with_real_paths(tried, moved)
            found.insist(where=where, unchanged=_UNCHANGED)
    return list(dict.fromkeys(found.notes))


def _by_rules(request: Request, plan: Plan, postfix: Postfix) -> verdict.Verdict:
    """Ranges and words, services, the places to listen on, and the way that mail would leave."""
    found = _plan.rules(plan, postfix.defaults, postfix.version)
    found += verdict.Verdict(master_cf.faults(plan.services, postfix.programs()))
    places = [(address, 0) for address in _addresses(plan)] + _new_ports(plan, postfix)
    found += verdict.Verdict([fault for fault in (wire.refused(*place) for place in places) if fault])
    return found + egress.faults(plan.values, plan.services, request.tables)


def _by_programs(
    request: Request,
    plan: Plan,
    lookup: Sequence[tables.TablePlan],
    postfix: Postfix,
    room: str,
    *,
    missing: Sequence[str],
) -> verdict.Verdict:
    """What Postfix's own programs say of the staged files and of every table that they name and that is there."""
    staged = os.path.join(room, "staged")
    _stage(request.directory, staged, plan)
    named = verdict.tables(plan.named)
    found = postfix.check_names(staged) + tables.still_named(lookup, named)
    for table in named:
        if table.file not in missing:
            found += postfix.check_table(staged, table)
    maps = verdict.tables(plan.valued(server_names.PARAMETER))
    return found + server_names.faults(maps, missing=missing)


def _with_staged_tables(plan: Plan, moved: Mapping[str, str]) -> Plan:
    """The plan with the ways to staged tables, which lie in a private directory until they are judged."""
    if not moved:
        return plan
    main, master = (tables.moved_text(text, moved) for text in plan.after)
    return plan._replace(main=main_cf.parse(main), master=master_cf.parse(master))


def _with_real_paths(found: verdict.Verdict, moved: Mapping[str, str]) -> verdict.Verdict:
    faults, notes = list(found.faults), list(found.notes)
    for real, staged in moved.items():
        faults = [MailError(fault.message.replace(staged, real)) for fault in faults]
        notes = [note.replace(staged, real) for note in notes]
    return verdict.Verdict(faults, notes)


@contextlib.contextmanager
def _room() -> Iterator[str]:
    """A private directory that daemons can pass through after they have given up root.

    It lies in memory, since tables in it may hold passwords. What killed runs left behind is cleared first.
    """
    for name in os.listdir(_ROOMS):
        pid = name[len(_ROOM) :].partition("-")[0]
        if name.startswith(_ROOM) and not os.path.exists(f"/proc/{pid}"):
            shutil.rmtree(os.path.join(_ROOMS, name), ignore_errors=True)
    path = tempfile.mkdtemp(prefix=f"{_ROOM}{os.getpid()}-", dir=_ROOMS)
    try:
        os.chmod(path, 0o711)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _stage(directory: str, staged: str, plan: Plan) -> None:
    """The new files, and links to everything else that the configuration directory holds."""
    os.mkdir(staged, 0o700)
    for name in os.listdir(directory):
        if name not in _plan.NAMES:
            os.symlink(os.path.join(directory, name), os.path.join(staged, name))
    for name, text in zip(_plan.NAMES, plan.after):
        shadow.write(os.path.join(staged, name), text)


def _heard(plan: Plan, postfix: Postfix) -> list[listeners.Listener]:
    return listeners.listeners(plan.services, {**postfix.defaults, **plan.values})


def _queue(plan: Plan, postfix: Postfix) -> str:
    return plan.values.get("queue_directory", postfix.defaults["queue_directory"])


def _addresses(plan: Plan) -> list[str]:
    words = main_cf.words(plan.values.get("inet_interfaces", ""))
    named = [word.strip("[]") for word in words if word not in ("all", "loopback-only") and "$" not in word]
    return named + [service.host for service in plan.services if service.type == "inet" and service.host]


def _new_ports(plan: Plan, postfix: Postfix) -> list[tuple[str, int]]:
    """Where the plan listens and the running Postfix does not yet: master(8) ends when it finds such a port taken."""
    old = plan.old_services if postfix.is_running(_queue(plan, postfix)) else []
    held = {service.port for service in old if service.type == "inet"}
    new = [service for service in plan.services if service.type == "inet" and service.port not in held]
    return [(service.host or "0.0.0.0", wire.number(service.port)) for service in new]
