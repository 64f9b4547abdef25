# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The renewal program: what has changed at the sources is installed, and all that is served is looked at.

systemd runs it daily, and ACME clients when they have renewed. One faulty entry does not keep the others back.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from .._errors import MailError
from . import compare, install, rollover, services, store, switch, version, whole
from .request import Options
from .terms import Installed

_MANY = 100


def main(directory: str) -> int:
    """Renew, say what was done on standard output and what is wrong on standard error; the exit status."""
    try:
        said, complaints = renew(directory)
    except MailError as error:
        said, complaints = [], [error.message]
    for line in said:
        sys.stdout.write(f"{line}\n")
    for line in complaints:
        sys.stderr.write(f"{line}\n")
    return 1 if complaints else 0


def renew(directory: str) -> tuple[list[str], list[str]]:
    """What was done, and what is wrong. Raises MailError when nothing could be done."""
    with store.locked(directory):
        options = store.book(directory).options
        if options is None:
            return ["No certificate is installed."], []
        renewed, told, complaints = _install(directory, options)
        installed = store.read(directory)
    said = [*(f"certificate {name}: renewed" for name in renewed), *(f"{name}: reloaded" for name in told)]
    wrong = _not_served(installed, options, renewed)
    with store.locked(directory):
        if store.read(directory) != installed:
            wrong = []  # another run, which has looked for itself, installed others during the look
    return said, [*complaints, *_lacking(installed, options), *wrong]


def _install(directory: str, options: Options) -> tuple[Sequence[str], Sequence[str], list[str]]:
    """Install what is new at the sources: the entries, the daemons that were told, and what is wrong."""
    state = store.state(directory)
    context = install.context_of(options, renewing=True)
    records = state.book.records
    steps, faults = install.take_steps(options, [record.entry for record in records], records, context)
    steps = rollover.heed(options, steps, records, context)
    complaints = [*(fault.message for fault in faults), *(word for step in steps for word in step.told)]
    try:
        told = switch.apply(whole.build(options, steps, [], state), context)
    except MailError as error:
        return [], [], [*complaints, error.message]
    return [step.entry.name for step in steps if step.changed], told, complaints


def _lacking(installed: Sequence[Installed], options: Options) -> list[str]:
    """Installed certificates that expire soon, or lack names."""
    return [
        f"certificate {entry.name}: the installed certificate {lack}"
        for entry in installed
        for lack in version.lacks(entry.chains, entry.names, time.time(), options.min_days)
    ]


def _not_served(installed: Sequence[Installed], options: Options, renewed: Sequence[str]) -> list[str]:
    """Ports that serve something else for a name than what is installed for it.

    An ACME client comes once for each certificate that it has renewed; of many names only those are asked for then, and
    all of them in the next run that has nothing to renew.
    """
    names = [name for entry in installed for name in entry.names]
    if renewed and len(names) > _MANY:
        names = [name for entry in installed if entry.name in renewed for name in entry.names]
    served = services.everything(options.address, options.ports, ["", *names])
    return [
        f"{one.served.service}, port {one.served.port}, {one.served.name or 'no name'}: {one.why}. {one.mend}".strip()
        for one in compare.disagreements(installed, served)
        if one.state != "unknown"
    ]
