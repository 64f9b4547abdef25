# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""main.cf and master.cf before and after a request, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .._errors import MailError
from .._outcome import Change
from . import elements, main_cf, master_cf, ranges, restrictions, survey, verdict
from .request import Request

NAMES = ("main.cf", "master.cf")
_RESTART = (
    "inet_interfaces",
    "inet_protocols",
    "import_environment",
    "queue_directory",
    "data_directory",
    "mail_owner",
)


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

    @property
    def old_values(self) -> dict[str, str]:
        return main_cf.values(main_cf.parse(self.before[0] or ""))

    @property
    def old_services(self) -> list[master_cf.Service]:
        return master_cf.services(master_cf.parse(self.before[1] or ""))

    @property
    def named(self) -> list[str]:
        """Every value of main.cf and of the services' options."""
        return [*self.values.values(), *(value for service in self.services for _name, value in service.options)]

    def valued(self, name: str) -> list[str]:
        """The values of one parameter, in main.cf and in the services' options."""
        options = (option for service in self.services for option in service.options)
        return [value for option, value in (*self.values.items(), *options) if option == name]

    def changes(self, directory: str) -> list[Change]:
        """What changes in which file, for a diff: the values of parameters that hold secrets are masked."""
        old_main, old_master = main_cf.parse(self.before[0] or ""), master_cf.parse(self.before[1] or "")
        shown = (
            (_shown_main(old_main, old_main), _shown_main(self.main, old_main)),
            (_shown_master(old_master, old_master), _shown_master(self.master, old_master)),
        )
        return [
            Change(f"{directory}/{name}", *texts)
            for name, texts, before, after in zip(NAMES, shown, self.before, self.after)
            if (before or "") != after
        ]


def _shown_main(chunks: list[main_cf.Chunk], old: list[main_cf.Chunk]) -> str:
    secret, known = survey.hidden(main_cf.values(chunks)), main_cf.values(old)
    return "".join(
        f"{chunk.name} = {_mask(chunk.value, [known.get(chunk.name)])}\n" if chunk.name in secret else chunk.text
        for chunk in chunks
    )


def _shown_master(chunks: list[master_cf.Chunk], old: list[master_cf.Chunk]) -> str:
    known = [value for service in master_cf.services(old) for _name, value in service.options]
    shown = []
    for chunk in chunks:
        text, options = chunk.text, dict(chunk.service.options) if chunk.service else {}
        for name in survey.hidden(options):
            text = text.replace(f"{name}={options[name]}", f"{name}={_mask(options[name], known)}")
        shown.append(text)
    return "".join(shown)


def _mask(value: str, known: Sequence[str | None]) -> str:
    return survey.HIDDEN if value in known else f"{survey.HIDDEN[:-1]}, new)"


def build(
    request: Request,
    before: tuple[str | None, str | None],
    defaults: Mapping[str, str],
    plain_default: Callable[[str], str],
) -> Plan:
    """The plan for a request. ``defaults`` are empty where no Postfix is installed to ask for them.

    ``plain_default`` gives a parameter's default as it is written; a list that main.cf does not set begins with it.
    """
    left_out = [name for name in request.if_known if defaults and name not in defaults]
    wanted = {**{name: value for name, value in request.if_known.items() if name not in left_out}, **request.parameters}
    chunks = main_cf.parse(before[0] or "")
    present = {} if request.exclusive else main_cf.values(chunks)
    for name, asked in request.elements.items():
        value = wanted[name] if name in wanted else present.get(name)
        start = plain_default(name) if value is None else value
        after = elements.change(name, start, asked)
        if value is not None or after != start:
            wanted[name] = after
    main = main_cf.change(chunks, wanted, exclusive=request.exclusive, owned=request.owned)
    master = master_cf.change(master_cf.parse(before[1] or ""), request.services, owned=request.owned)
    return Plan(before, main, master, left_out)


def rules(plan: Plan, defaults: Mapping[str, str], version: str) -> verdict.Verdict:
    """Our own rules, for main.cf and for each service with its options."""
    values = plan.values
    found = [*ranges.faults(values, defaults, version), *restrictions.faults(values, defaults)]
    seen = {fault.message for fault in found}
    for service in plan.services:
        overridden = {**values, **dict(service.options)}
        faults = [*ranges.faults(overridden, defaults, version), *restrictions.faults(overridden, defaults)]
        found += [MailError(f.message, where=f"service {service.name}") for f in faults if f.message not in seen]
    return verdict.Verdict(found)


def needs_restart(plan: Plan) -> bool:
    """True for what master(8) reads only when it starts, and for a port that moves from one address to another.

    On a reload, master(8) may bind the new address before it lets go of the old one, and ends when that fails.
    """
    old, new = plan.old_values, plan.values
    held, wanted = _hosts(plan.old_services), _hosts(plan.services)
    moved = any(held[port] != wanted[port] for port in held.keys() & wanted.keys())
    return moved or any(old.get(name) != new.get(name) for name in _RESTART)


def _hosts(services: list[master_cf.Service]) -> dict[str, set[str]]:
    """The addresses on which each port is listened on."""
    hosts: dict[str, set[str]] = {}
    for service in services:
        if service.type == "inet":
            hosts.setdefault(service.port, set()).add(service.host)
    return hosts
