# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what Postfix is configured to do, for the modules that only look."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from typing import Any

from .._host import commands, files
from . import listeners, main_cf, master_cf, survey
from .postconf import Postfix

NO_MAIN: dict[str, Any] = {
    "installed": False,
    "version": "",
    "parameters": {},
    "effective": {},
    "defaults": {},
    "unknown": [],
    "tables": [],
}
NO_MASTER: dict[str, Any] = {"installed": False, "version": "", "services": [], "listeners": []}


def main(directory: str, names: Sequence[str]) -> dict[str, Any]:
    """What main.cf says, and what counts for ``names``. Raises MailError for a file that cannot be understood."""
    if not Postfix.is_installed():
        return NO_MAIN
    postfix = Postfix(directory)
    written = main_cf.values(main_cf.parse(_text(directory, "main.cf")))
    counts = {**written, **_counting(directory)}
    asked = [name for name in dict.fromkeys(names) if name in counts]
    named = survey.naming({name: counts[name] for name in written}, _services(directory))
    times = _times(path for found in named for path in (found.file, found.path))
    secret = survey.hidden({**counts, **written})
    shown = survey.masked(counts, secret)
    return {
        "installed": True,
        "version": postfix.version,
        "parameters": survey.masked(written, secret),
        "effective": {name: shown[name] for name in asked},
        "defaults": {name: postfix.defaults[name] for name in asked if name in postfix.defaults},
        "unknown": [name for name in dict.fromkeys(names) if name not in counts],
        "tables": [survey.table(found, by, times) for found, by in sorted(named.items())],
    }


def master(directory: str) -> dict[str, Any]:
    """What master.cf says. Raises MailError for a file that cannot be understood."""
    if not Postfix.is_installed():
        return NO_MASTER
    postfix = Postfix(directory)
    services = _services(directory)
    values = {**postfix.defaults, **_counting(directory)}
    heard = [found.service for found in listeners.listeners(services, values)]
    return {
        "installed": True,
        "version": postfix.version,
        "services": [survey.service(found) for found in services],
        "listeners": [survey.listener(found, values) for found in heard],
    }


def _text(directory: str, name: str) -> str:
    return files.read_text(os.path.join(directory, name)) or ""


def _services(directory: str) -> list[master_cf.Service]:
    return master_cf.services(master_cf.parse(_text(directory, "master.cf")))


def _counting(directory: str) -> dict[str, str]:
    """Every parameter with the value that counts, other parameters' values put in their places."""
    postconf = commands.find("postconf")
    output = commands.run([postconf, "-c", directory, "-x"]).stdout if postconf else ""
    pairs = (line.partition("=") for line in output.splitlines())
    return {name.strip(): value.strip() for name, _equals, value in pairs}


def _times(paths: Iterable[str]) -> dict[str, float]:
    found = {}
    for path in paths:
        with contextlib.suppress(OSError):
            found[path] = os.stat(path).st_mtime
    return found
