# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The renewal program on the host: one file made of the sources of this collection, and the timer that runs it."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

from .._errors import MailError
from .._host import commands, files
from .._host import look as host
from .._outcome import Change
from . import renew
from .whole import BOOK

PATH = "/usr/local/sbin/mailserver-certificates"
_UNITS = "/etc/systemd/system"
_NAME = "mailserver-certificates"
_TIMER = f"{_NAME}.timer"
_PYTHON = "/usr/bin/python3 -I"
_MAIN = "__main__.py"
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same bytes each time: the earliest moment that a ZIP file can have

_SERVICE_TEXT = f"""\
# Written by mailops.mailserver; changes are lost.
[Unit]
Description=Install renewed certificates of the mail server, and look at what is served
After=network-online.target postfix.service dovecot.service
Wants=network-online.target

[Service]
Type=oneshot
ExecStart={PATH}
Nice=10
IOSchedulingClass=idle
"""
_TIMER_TEXT = """\
# Written by mailops.mailserver; changes are lost.
[Unit]
Description=Renew the certificates of the mail server daily

[Timer]
OnCalendar=daily
RandomizedDelaySec=6h
Persistent=true

[Install]
WantedBy=timers.target
"""


def refuse_other(directory: str) -> None:
    """Raises MailError when the program on this host looks after another directory: there is one for each host."""
    other = _directory()
    if other not in ("", directory):
        mend = f"Set program: false here. To move it, run once with directory: {other} and program: false first."
        raise MailError(f"looks after the certificates in {other} already", where=PATH, mend=mend)


def _directory() -> str:
    """The directory of certificates that the program on this host looks after; empty when there is none."""
    packed = files.read_bytes(PATH)
    try:
        with zipfile.ZipFile(io.BytesIO(packed or b"")) as found:
            main = found.read(_MAIN).decode()
        directory = str(ast.literal_eval(main[main.rindex("main(") + 5 :].strip(" \n)")))
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError):  # it is no program of this module
        return ""
    return directory if os.path.exists(os.path.join(directory, BOOK)) else ""


def converge(directory: str, *, present: bool, check_mode: bool) -> list[Change]:
    """Install the program for the certificates of ``directory`` with its timer, or remove both.

    A program that looks after another directory is not removed. Raises MailError when it would be replaced.
    """
    if present:
        refuse_other(directory)
    elif _directory() not in ("", directory):
        return []
    wanted: dict[str, tuple[bytes, int]] = {
        PATH: (archive(directory), 0o755),
        f"{_UNITS}/{_NAME}.service": (_SERVICE_TEXT.encode(), 0o644),
        f"{_UNITS}/{_TIMER}": (_TIMER_TEXT.encode(), 0o644),
    }
    changed = [path for path, (data, mode) in wanted.items() if not _is_so(path, data if present else None, mode)]
    runs = _timer_runs()
    changes = [Change(path, _state(path), "present, of this release\n" if present else "absent\n") for path in changed]
    if runs is not None and runs != present:
        changes.append(Change(_TIMER, "running\n" if runs else "stopped\n", "running\n" if present else "stopped\n"))
    if changes and not check_mode:
        _apply({path: wanted[path] for path in changed}, present=present)
    return changes


def archive(directory: str) -> bytes:
    """The program as a ZIP file that Python runs; it depends on nothing but the sources and ``directory``."""
    package = __name__.rpartition("._certificate.")[0]
    content = {
        _MAIN: f"import sys\n\nfrom mailserver._certificate.renew import main\n\nsys.exit(main({directory!r}))\n"
    }
    for name, source in _sources(renew.__name__, package):
        path = name[len(package) :].replace(".", "/")
        is_package = hasattr(sys.modules[name], "__path__")
        content[f"mailserver{path}{'/__init__' if is_package else ''}.py"] = source
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for path in sorted(content):
            item = zipfile.ZipInfo(path, _WHEN)
            item.external_attr = 0o644 << 16
            target.writestr(item, content[path])
    return f"#!{_PYTHON}\n".encode() + packed.getvalue()


def _sources(start: str, package: str) -> Iterator[tuple[str, str]]:
    """The sources of a module of this collection and of all those of it that it imports, with their packages."""
    waiting, seen = [start], {package}
    yield package, ""
    while waiting:
        name = waiting.pop()
        if name in seen or not name.startswith(package):
            continue
        seen.add(name)
        source = _source(name)
        yield name, source
        waiting.append(name.rpartition(".")[0])
        parts = name.split(".")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = ".".join([*parts[: len(parts) - node.level], *([node.module] if node.module else [])])
                named = [base, *(f"{base}.{alias.name}" for alias in node.names)]
                waiting += [found for found in named if found in sys.modules]


def _source(name: str) -> str:
    """The text of a loaded module: of a file, or of the archive in which Ansible brings it to the host."""
    loader: Any = getattr(sys.modules[name], "__loader__", None)
    source = loader.get_source(name) if loader else None
    if source is None:
        raise MailError(f"the source of {name} cannot be found", where=PATH, mend="Set program: false.")
    return str(source)


def _is_so(path: str, data: bytes | None, mode: int) -> bool:
    """Whether the file is there with these bytes, or not there when there are none."""
    found = files.read_bytes(path)
    return found == data and (found is None or os.stat(path).st_mode & 0o7777 == mode)


def _state(path: str) -> str:
    return "absent\n" if files.read_bytes(path) is None else "present\n"


def _timer_runs() -> bool | None:
    """Whether the timer is running and enabled; None where systemd does not run."""
    found = host.units([_TIMER]).get(_TIMER)
    return found["active"] and found["enabled"] if found else None


def _apply(changed: dict[str, tuple[bytes, int]], *, present: bool) -> None:
    if not present:
        _systemctl("disable", "--now", _TIMER, forgiving=True)
    for path, (data, mode) in changed.items():
        if present:
            files.publish(path, data, mode=mode)
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
    _systemctl("daemon-reload")
    if present:
        _systemctl("enable", "--now", _TIMER)


def _systemctl(*words: str, forgiving: bool = False) -> None:
    systemctl = commands.find("systemctl") if os.path.isdir("/run/systemd/system") else None
    if systemctl is None:
        return
    done = commands.run([systemctl, *words])
    if done.status and not forgiving:
        raise MailError(f"'systemctl {' '.join(words)}' failed: {done.stderr.strip()}", where=_TIMER)
