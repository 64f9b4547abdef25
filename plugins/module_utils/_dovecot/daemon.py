# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dovecot on this host: doveconf, doveadm, systemd and the journal."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import re
import signal
import socket
import tempfile
import time
from collections.abc import Iterable, Sequence

from .._config_files import Wanted
from .._errors import MailError
from .._host import commands, files, key_pair
from . import listing, logins

UNIT = "dovecot.service"
_BASE = "/run/dovecot"
# Words of the daemon itself; those of sessions ("auth-master: login: …") are not about its configuration.
_OF_DAEMON = re.compile(r"(?<![\w-])(master|config|doveconf): ")


def is_running(base_directory: str = _BASE) -> bool:
    """Whether the master process lives."""
    pid = _master(base_directory)
    return pid.isdigit() and os.path.exists(f"/proc/{pid}")


def _master(base_directory: str) -> str:
    return (files.read_text(os.path.join(base_directory, "master.pid")) or "").strip()


def judge(wanted: Sequence[Wanted], config: str, *, foretell: bool, listen: bool = True) -> list[str]:
    """Let doveconf read the new configuration in a private directory; raise MailError when it must not be used.

    With ``foretell`` (check mode) things that an earlier task would have made (users, certificates, the program itself)
    may be missing; the sentences returned say what could not be judged. Without ``listen`` the ports are not tried out.
    """
    doveconf = commands.find("doveconf")
    if doveconf is None:
        if foretell:
            return ["doveconf is not installed here, so the new configuration could not be judged."]
        raise MailError("is not installed", where="doveconf", mend="Install Dovecot first.")
    with tempfile.TemporaryDirectory(prefix="dovecot-config-") as stage:
        for item in wanted:
            staged = os.path.join(stage, item.path.lstrip("/"))
            os.makedirs(os.path.dirname(staged), mode=0o700, exist_ok=True)
            with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
                handle.write(item.text.encode("utf-8", "surrogateescape"))
        staged = os.path.join(stage, config.lstrip("/"))
        _judge_syntax(doveconf, staged, stage)
        missing = [*_judge_certificates(doveconf, staged), *_judge_owners(doveconf, staged)]
        if listen:
            _judge_addresses(doveconf, staged, config)
    if missing and not foretell:
        raise MailError(missing[0], where=config, mend="Nothing was changed.")
    return [f"{sentence}, so that could not be judged." for sentence in missing]


def _judge_syntax(doveconf: str, staged: str, stage: str) -> None:
    result = commands.run([doveconf, "-c", staged, "-n"])
    words = listing.complaints(result.stderr)
    if result.status or words:
        raise MailError(
            "; ".join(words).replace(stage, "") or f"doveconf ended with status {result.status}",
            where="doveconf refuses the new configuration",
            mend="Nothing was changed.",
        )


def _setting(doveconf: str, config: str, name: str) -> str:
    return commands.run([doveconf, "-c", config, "-h", name]).stdout.strip()


def _judge_certificates(doveconf: str, staged: str) -> list[str]:
    """doveconf does not open certificates, and a wrong one breaks every handshake. Sentences about missing files."""
    missing = []
    for pair in listing.key_pairs(commands.run([doveconf, "-c", staged, "-n", "-P"]).stdout):
        absent = [path for path in pair if not os.path.exists(path)]
        missing += [f"the TLS file {path} does not exist" for path in absent]
        if not absent:
            try:
                key_pair.check(*pair)
            except MailError as error:
                mend = f"{error.mend} Nothing was changed."
                raise MailError(error.what, where=error.where, mend=mend) from error
    return list(dict.fromkeys(missing))


def _judge_owners(doveconf: str, staged: str) -> list[str]:
    """Dovecot looks users and groups up when it starts, not when doveconf reads them. Sentences about missing ones."""
    services = read_listing(doveconf, staged)
    users = {*services.users, *(item.user for item in services.sockets), _setting(doveconf, staged, "mail_uid")}
    groups = {*(item.group for item in services.sockets), _setting(doveconf, staged, "mail_gid")}
    missing = [f"there is no user {name}" for name in _absent(users, pwd.getpwnam)]
    missing += [f"there is no group {name}" for name in _absent(groups, grp.getgrnam)]
    for item in services.sockets:
        directory = os.path.dirname(item.path)
        if directory.startswith("/") and not os.path.isdir(directory):
            missing.append(f"there is no directory {directory} for the socket of service {item.service}")
    return missing


def _judge_addresses(doveconf: str, staged: str, config: str) -> None:
    """A reload that cannot listen makes the master process of 2.3.13, 2.3.19 and 2.4.1 panic: every session is lost."""
    held = set(_endpoints(doveconf, config)) if is_running() else set()
    for address, port in _endpoints(doveconf, staged):
        if (address, port) not in held:
            _try_to_listen(address, port, own=port in {number for _address, number in held})


def _endpoints(doveconf: str, config: str) -> list[tuple[str, int]]:
    addresses = _setting(doveconf, config, "listen").replace(",", " ").split()
    return [(address, port.number) for address in addresses for port in read_listing(doveconf, config).ports]


def _try_to_listen(address: str, port: int, *, own: bool) -> None:
    host = "0.0.0.0" if address == "*" else address
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((host, port))
            listener.listen(1)
    except OSError as error:
        if address == "::" and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            return
        mend = "Nothing was changed."
        if own and error.errno == errno.EADDRINUSE:
            mend += (
                " A running Dovecot cannot change the addresses of its ports: systemctl stop dovecot, then run again."
            )
        raise MailError(
            f"Dovecot could not listen there: {error.strerror}", where=f"{address} port {port}", mend=mend
        ) from error


def _absent(names: Iterable[str], look_up: object) -> list[str]:
    absent = []
    for name in sorted(names):
        if name and not name.isdigit() and not name.startswith("$"):
            try:
                look_up(name)  # type: ignore[operator]
            except KeyError:
                absent.append(name)
    return absent


def read_listing(doveconf: str, config: str) -> listing.Listing:
    """What the configuration listens on."""
    running = listing.protocols(_setting(doveconf, config, "protocols"))
    return listing.read(commands.run([doveconf, "-c", config, "service"]).stdout, running)


def listen_address(config: str) -> str:
    """An address of this host on which the daemon listens."""
    words = _setting(commands.find("doveconf") or "doveconf", config, "listen").replace(",", " ").split()
    return {"*": "127.0.0.1", "::": "::1"}.get(words[0], words[0]) if words else "127.0.0.1"


def reload_or_start(*, running: bool) -> list[str]:
    """Make the daemon read its configuration. What it says against it in the journal, in its own words."""
    since = time.time()
    result = _reload() if running else _start()
    if running:
        # The reload is a signal; the daemon's answer is in the journal a moment later.
        time.sleep(1)
    words = _journal(since)
    if result.status and not words:
        words = result.stderr.strip().splitlines() or [f"it ended with {result.status}"]
    return words if result.status else [line for line in words if _OF_DAEMON.search(line)]


def _reload() -> commands.Result:
    """What ``doveadm reload`` does, but with no time between a quiet moment and the signal."""
    pid = _master(_BASE)
    logins.wait_for_quiet(pid)
    try:
        os.kill(int(pid), signal.SIGHUP)
    except (OSError, ValueError) as error:
        return commands.Result(1, "", f"Dovecot cannot be reloaded: {error}")
    return commands.Result(0, "", "")


def _start() -> commands.Result:
    program = commands.find("systemctl")
    if program is None:
        raise MailError("is not installed", where="systemctl", mend="Start Dovecot in this host's own way.")
    return commands.run([program, "start", UNIT])


def stop() -> None:
    """Stop a daemon that this run started in vain."""
    program = commands.find("systemctl")
    if program is not None:
        commands.run([program, "stop", UNIT])


def _journal(since: float) -> list[str]:
    program = commands.find("journalctl")
    if program is None:
        return []
    result = commands.run([program, "--unit", UNIT, f"--since=@{since:.3f}", "--quiet", "--no-pager", "--output=cat"])
    return [line for line in result.stdout.splitlines() if re.search(r"\b(Error|Fatal|Panic): ", line)]
