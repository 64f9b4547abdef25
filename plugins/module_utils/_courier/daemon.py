# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Courier on this host: its start scripts' shell, systemd, and what answers."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Mapping, Sequence

from .._dovecot import probe
from .._dovecot.listing import Port
from .._errors import MailError
from .._host import commands, look
from .._host import ports as _ports
from .listeners import ASKED, AUTH_UNIT, LISTENERS, Listener

# An address that no store holds: "not permitted" is the answer of a store that was asked.
_NOBODY = "nobody@mailserver.invalid"
_AUTH_WAIT = 10.0
_STEP = 0.2
_TRIAL = 0.5
_LOGIN_SERVICES = {"imap": "imap-login", "pop3": "pop3-login"}


def states(units: Iterable[str]) -> dict[str, dict[str, bool]]:
    """Whether each unit is ``active`` and ``enabled``."""
    names = list(units)
    return {**{name: {"active": False, "enabled": False} for name in names}, **look.units(names)}


def values(directory: str, files: Sequence[str]) -> dict[str, str]:
    """What a start script would read in ``directory``. Raises MailError with the shell's words when it complains."""
    quoted = " ".join(f'"{name}=${name}"' for name in ASKED)
    result = commands.run(["env", "-i", "/bin/sh", "-c", f'{_sourced(directory, files)}; printf "%s\\0" {quoted}'])
    if result.status or result.stderr.strip():
        words = result.stderr.strip().replace(f"{directory}/", "").splitlines()
        raise MailError(
            words[0] if words else f"the shell ended with status {result.status}",
            where=f"the shell cannot read {' and '.join(files)}",
            mend="Mend that line. Nothing was changed.",
        )
    return dict(item.split("=", 1) for item in result.stdout.split("\0") if "=" in item)


def _sourced(directory: str, files: Sequence[str]) -> str:
    """Shell commands that read the files; their paths hold nothing that a shell would act on."""
    return "; ".join(["set -a", *(f". {directory}/{name}" for name in files)])


def try_options(directory: str, protocol: str) -> None:
    """Raise MailError when couriertcpd does not accept the options in the files: it listens where nobody calls."""
    program = commands.find("couriertcpd")
    files = next(item.files for item in LISTENERS if item.protocol == protocol)
    if program is None:
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = f"{program} -address=127.0.0.1 -maxprocs=$MAXDAEMONS -maxperip=$MAXPERIP $TCPDOPTS {port} /bin/true"
    try:
        result = commands.run(
            ["env", "-i", "/bin/sh", "-c", f"{_sourced(directory, files)}; exec {line}"], timeout=_TRIAL
        )
    except commands.TimeLimitError:
        return
    raise MailError(
        result.stderr.strip().partition("\n")[0] or f"it ended with status {result.status}",
        where=f"couriertcpd does not run with {' and '.join(files)}",
        mend="Look at TCPDOPTS. Nothing was changed.",
    )


def held(ports: Mapping[str, int]) -> dict[str, list[_ports.Holder]]:
    """Who listens on these ports, by the listener's name."""
    found = _ports.holders(ports.values())
    return {name: found[port] for name, port in ports.items()}


def systemctl(*words: str) -> list[str]:
    """What is wrong with the result; nothing when it worked."""
    program = commands.find("systemctl")
    if program is None:
        raise MailError("is not installed", where="systemctl", mend="Start Courier in this host's own way.")
    result = commands.run([program, *words])
    return [result.stderr.strip() or f"systemctl {words[0]} ended with {result.status}"] if result.status else []


def ask_accounts() -> list[str]:
    """Wait until authdaemond answers from the account store; what it says instead."""
    authtest = commands.find("authtest")
    if authtest is None:
        return ["authtest is not installed"]
    end = time.monotonic() + _AUTH_WAIT
    while True:
        result = commands.run([authtest, "-s", "imap", _NOBODY])
        words = (result.stderr + result.stdout).strip()
        if "Operation not permitted" in words:
            return []
        if time.monotonic() > end:
            last = words.splitlines()[-1] if words else "no answer"
            return [f"authdaemond cannot ask the account store: {last} (see journalctl --unit {AUTH_UNIT})"]
        time.sleep(_STEP)


def ask_ports(chosen: Iterable[Listener], ports: Mapping[str, int], address: str) -> list[str]:
    """Wait until the listeners greet and go over to TLS; what is wrong with those that do not."""
    asked = [Port(_LOGIN_SERVICES[item.protocol], item.name, ports[item.name], item.tls) for item in chosen]
    findings = probe.probe(asked, [], address=address)
    return [*findings.broken, *(f"{name} took the connection and said nothing" for name in findings.silent)]


def own_address(address: str) -> str:
    """Where to call a listener that has this ADDRESS."""
    return "127.0.0.1" if address in ("", "0") else address


def is_installed(directory: str) -> bool:
    """Whether the files are there that the packages bring."""
    return all(os.path.exists(os.path.join(directory, name)) for item in LISTENERS for name in item.files)
