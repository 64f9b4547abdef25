# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The firewall of a host: ufw or firewalld, asked and told by their own programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._errors import MailError
from .._mail import firewall
from .._outcome import Change, Outcome
from . import commands

_PROGRAMS = {"ufw": "ufw", "firewalld": "firewall-cmd"}


def settle(backend: str, ports: Sequence[int], *, check_mode: bool) -> Outcome:
    """Open ``ports`` (TCP). Without such a firewall on the host this is a warning, no error. Raises MailError."""
    if backend not in _PROGRAMS:
        return _nothing(f"'{backend}' is not a firewall that this module knows; it knows {' and '.join(_PROGRAMS)}.")
    program = commands.find(_PROGRAMS[backend])
    if program is None:
        return _nothing(f"{backend} is not installed, so no port was opened.")
    return _SETTLERS[backend](program, list(ports), check_mode)


def _ufw(program: str, ports: Sequence[int], check_mode: bool) -> Outcome:
    plan = firewall.plan(ports, firewall.of_ufw(_run(program, "show", "added"), ports))
    warnings = list(plan.warnings)
    if "Status: active" not in _run(program, "status"):
        warnings.append("ufw is not enabled: its rules count once an administrator enables it.")
    if not check_mode:
        for port in plan.ports:
            _run(program, "allow", f"{port}/tcp")
    return _outcome("ufw", plan.ports, warnings)


def _firewalld(program: str, ports: Sequence[int], check_mode: bool) -> Outcome:
    """Open the ports in the default zone, now and permanently."""
    if commands.run([program, "--state"]).status:
        return _nothing("firewalld does not run, so no port was opened.")
    opened: list[int] = []
    warnings: list[str] = []
    for options in (["--permanent"], []):
        seen = firewall.of_firewalld(
            _run(program, *options, "--list-ports"), _run(program, *options, "--list-rich-rules"), ports
        )
        plan = firewall.plan(ports, seen)
        opened += plan.ports
        warnings += plan.warnings
        if plan.ports and not check_mode:
            _run(program, *options, *(f"--add-port={port}/tcp" for port in plan.ports))
    return _outcome("firewalld", sorted(set(opened)), list(dict.fromkeys(warnings)))


_SETTLERS: Mapping[str, Callable[[str, Sequence[int], bool], Outcome]] = {"ufw": _ufw, "firewalld": _firewalld}


def _run(*argv: str) -> str:
    done = commands.run(argv)
    if done.status:
        words = (done.stderr.strip() or done.stdout.strip()).replace("\n", "; ")
        raise MailError(f"'{' '.join(argv[1:])}' failed: {words}", where=argv[0])
    return done.stdout


def _outcome(backend: str, ports: Sequence[int], warnings: Sequence[str]) -> Outcome:
    changes = [Change(f"firewall {backend}", "", "".join(f"{port}/tcp open\n" for port in ports))] if ports else []
    return Outcome(changes, {"opened": list(ports)}, warnings)


def _nothing(warning: str) -> Outcome:
    facts: dict[str, Any] = {"opened": []}
    return Outcome([], facts, [warning])
