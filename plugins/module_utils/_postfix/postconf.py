# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix's own programs: what this Postfix knows, what it says of a configuration, and how it is told of a new one."""

from __future__ import annotations

import functools
import os
import re
import time

from .._errors import MailError
from .._host import commands
from . import verdict
from .part import Places

_CLOCK_SLACK = 2.0
_TABLE_TYPES = ("lmdb", "cdb")
_MAIN_CF = "/etc/postfix/main.cf"  # without it, Postfix's own tools refuse to work


class Postfix:
    """The Postfix that is installed on this host, for one configuration directory."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._postconf = commands.require("postconf", "Postfix")
        self._postfix = commands.require("postfix", "Postfix")
        self._postmap = commands.require("postmap", "Postfix")
        self.defaults = self._pairs("-dx")
        self.version = self.defaults.get("mail_version", "")

    @staticmethod
    def is_installed() -> bool:
        return commands.find("postconf") is not None

    def _pairs(self, *options: str) -> dict[str, str]:
        output = commands.run([self._postconf, *options]).stdout
        pairs = (line.partition("=") for line in output.splitlines())
        return {name.strip(): value.strip() for name, _sign, value in pairs}

    def programs(self) -> list[str]:
        """The daemons that a service of master.cf can name."""
        return sorted(os.listdir(self.defaults.get("daemon_directory", "/usr/lib/postfix/sbin")))

    def check_names(self, staged: str) -> verdict.Verdict:
        """What ``postconf`` has against the staged configuration: parameters that nothing uses, entries given twice."""
        done = commands.run([self._postconf, "-c", staged, "-n"])
        services = commands.run([self._postconf, "-c", staged, "-P"])
        words = "\n".join(dict.fromkeys((done.stderr + services.stderr).replace(staged, self.directory).splitlines()))
        return verdict.of_checker(words, self.defaults, self.version)

    def check(self, staged: str) -> verdict.Verdict:
        """What ``postfix check`` has against a configuration whose queue is private: it creates missing directories."""
        done = commands.run([self._postfix, "-c", staged, "check"])
        found = verdict.of_checker(done.stderr.replace(staged, self.directory), self.defaults, self.version)
        if done.status and not found.faults:
            found += verdict.Verdict([MailError("'postfix check' failed without a word")])
        return found

    def check_table(self, staged: str, table: verdict.Table) -> verdict.Verdict:
        """Ask a table for a key that it does not have: any word on standard error is a fault."""
        name = f"{table.type}:{table.path}"
        done = commands.run([self._postmap, "-c", staged, "-q", "no-such-key", name])
        return verdict.of_checker(done.stderr.replace(staged, self.directory), (), self.version)

    def plain_default(self, name: str) -> str:
        """The default of one parameter as it is written, ``$names`` included."""
        return commands.run([self._postconf, "-dh", name]).stdout.strip()

    @functools.cached_property
    def table_type(self) -> str:
        """As the function of this name."""
        return table_type()

    def build_table(self, name: str, *, instead: tuple[str, str]) -> verdict.Verdict:
        """Compile a table. Any word on standard error is a fault; in it, ``instead[1]`` stands for ``instead[0]``."""
        done = commands.run([self._postmap, name])
        found = verdict.of_checker(done.stderr.replace(*instead), (), self.version)
        if done.status and not found.faults:
            found += verdict.Verdict([MailError("cannot be compiled", where=f"table {instead[1]}")])
        return found

    def rows(self, name: str, text: str) -> dict[str, str]:
        """What the compiled table answers for the keys of ``text``; all that it holds where its type can tell."""
        if name.startswith("lmdb:"):
            done = commands.run([self._postmap, "-s", name])
        else:
            keys = "".join(f"{line.split(maxsplit=1)[0]}\n" for line in text.splitlines())
            done = commands.run([self._postmap, "-q", "-", name], stdin=keys)
        pairs = (line.partition("\t") for line in done.stdout.splitlines())
        return {key.lower(): value.strip() for key, _tab, value in pairs}

    def is_running(self, queue_directory: str) -> bool:
        return _master(queue_directory) is not None

    def loaded_at(self, queue_directory: str) -> float | None:
        """When the running Postfix last read its configuration (epoch seconds), or None when that cannot be seen.

        Every reload replaces the queue manager, so its age is that of the configuration that runs.
        """
        master = _master(queue_directory)
        started = [
            _started(pid) for pid in os.listdir("/proc") if master and pid.isdigit() and _is_queue_manager(pid, master)
        ]
        return max((moment for moment in started if moment), default=None)

    def is_stale(self, queue_directory: str, *, tables: float) -> bool:
        """True when main.cf, master.cf or the newest of the tables (epoch seconds) is newer than what runs."""
        loaded = self.loaded_at(queue_directory)
        newest = max(os.stat(os.path.join(self.directory, name)).st_mtime for name in ("main.cf", "master.cf"))
        return loaded is not None and max(newest, tables) > loaded + _CLOCK_SLACK

    def activate(self, *, restart: bool) -> None:
        """Make the running Postfix read its configuration. Raises MailError with Postfix's words when it does not."""
        systemctl = commands.find("systemctl") if os.path.isdir("/run/systemd/system") else None
        if restart and systemctl:
            steps = [[systemctl, "restart", "postfix.service"]]
        elif restart:
            steps = [[self._postfix, "-c", self.directory, verb] for verb in ("stop", "start")]
        else:
            steps = [[self._postfix, "-c", self.directory, "reload"]]
        since = time.time()
        for step in steps:
            done = commands.run(step)
            if done.status:
                words = "; ".join(self.words(since)) or done.stderr.strip()
                raise MailError(f"'{' '.join(step[-2:])}' failed: {words}", where="Postfix")

    def words(self, since: float) -> list[str]:
        """What Postfix logged as warning or worse since then (epoch seconds), at most the last five lines."""
        journal = commands.find("journalctl")
        lines: list[str] = []
        if journal:
            argv = [journal, "--quiet", "--no-pager", "--output=short", f"--since=@{int(since)}", "SYSLOG_FACILITY=2"]
            lines = commands.run(argv).stdout.splitlines()
        if not lines:
            lines = _tail("/var/log/mail.log") or _tail("/var/log/maillog")
        faults = [fault.what for fault in verdict.of_log(lines).faults]
        return list(dict.fromkeys(faults))[-5:]


def table_type() -> str:
    """The type of indexed tables on this host: ``lmdb``, else ``cdb``; empty where Postfix has no main.cf yet.

    Raises MailError when Postfix has neither: a ``hash:`` table loses rows while it is rebuilt.
    """
    postconf = commands.find("postconf")
    if not postconf or not os.path.exists(_MAIN_CF):
        return ""
    known = commands.run([postconf, "-m"]).stdout.split()
    for name in _TABLE_TYPES:
        if name in known:
            return name
    raise MailError(
        "Postfix has neither lmdb nor cdb tables", where=postconf, mend="Install postfix-lmdb (role postfix does)."
    )


def places(directory: str) -> Places:
    """Where tables lie, with the type that this host has, or will have once role postfix has installed Postfix."""
    return Places(directory, table_type() or "lmdb")


def _tail(path: str, size: int = 65536) -> list[str]:
    try:
        with open(path, "rb") as handle:
            handle.seek(max(0, os.fstat(handle.fileno()).st_size - size))
            return handle.read().decode("utf-8", "replace").splitlines()[-40:]
    except OSError:
        return []


def _master(queue_directory: str) -> str | None:
    """The process id of the running master(8) of this queue."""
    try:
        with open(os.path.join(queue_directory, "pid", "master.pid"), encoding="ascii") as handle:
            pid = handle.read().strip()
        with open(f"/proc/{pid}/comm", encoding="ascii") as handle:
            return pid if handle.read().strip() == "master" else None
    except OSError:
        return None


def _is_queue_manager(pid: str, master: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as handle:
            found = re.match(r"\d+ \((.*)\) \S (\d+)", handle.read())
    except OSError:
        return False
    return bool(found and found.group(1) in ("qmgr", "nqmgr", "oqmgr") and found.group(2) == master)


def _started(pid: str) -> float | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as handle:
            ticks = int(handle.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")
