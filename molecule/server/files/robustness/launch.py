"""Start a module as it was sent to this host, and disturb it at one of the steps that it takes on its files.

launch.py TREE MODULE [kill|stop|fail|watch STEP] <ARGUMENTS

TREE is a module file that Ansible sent, unpacked (its ``explode`` command). Every opening for writing, rename, removal,
change of mode, owner or time, and every program started is a step. At step STEP the module kills itself without a word
(``kill``), halts until someone sends SIGCONT (``stop``), or is told that the disk is full (``fail``). With ``watch``
nothing is disturbed; STEP is then a text that must show up nowhere. The last line of standard error is a JSON object:
``steps`` counts them, ``modes`` has the widest mode that each file had, and ``shown`` the programs that had the text.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import os
import runpy
import signal
import stat
import sys
from typing import Any

EVENTS = {
    *("os.rename", "os.remove", "os.chmod", "os.chown", "os.utime", "os.mkdir", "os.rmdir", "os.listdir"),
    *("subprocess.Popen", "sqlite3.connect", "fcntl.flock"),
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Disturber:
    """An audit hook (PEP 578) that counts steps and acts at one of them."""

    def __init__(self, what: str, step: str, directories: list[str]) -> None:
        self.what = what
        self.at = int(step) if what in ("kill", "stop", "fail") else 0
        self.text = step
        self.directories = directories
        self.begun = False
        self.steps = 0
        self.modes: dict[str, int] = {}
        self.shown: list[str] = []
        self.busy = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.busy or not self.is_step(event, arguments):
            return
        self.steps += 1
        if self.what == "watch":
            self.busy = True
            self.look(event, arguments)
            self.busy = False
        elif self.steps == self.at:
            self.act(event)

    def is_step(self, event: str, arguments: tuple[Any, ...]) -> bool:
        """Imports take steps, too: the module's own begin with the first file that it opens for writing."""
        if event == "open":
            path, _mode, flags = arguments
            if not (flags & WRITING and str(path).startswith(tuple(self.directories))):
                return False
            self.begun = True
            return True
        return self.begun and event in EVENTS

    def act(self, event: str) -> None:
        if self.what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.what == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif event in ("open", "os.mkdir", "os.rename", "subprocess.Popen"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and self.text in repr(arguments):
            self.shown.append(str(arguments[0]))
        for directory in self.directories:
            for root, _names, files in os.walk(directory):
                for name in files:
                    path = os.path.join(root, name)
                    with contextlib.suppress(FileNotFoundError):
                        mode = stat.S_IMODE(os.lstat(path).st_mode)
                        self.modes[path] = self.modes.get(path, 0) | mode


def main() -> None:
    tree, module = sys.argv[1:3]
    what, step = sys.argv[3:5] if len(sys.argv) > 3 else ("", "")
    order = json.load(sys.stdin)
    sys.path.insert(0, tree)
    basic = importlib.import_module("ansible.module_utils.basic")
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": order["arguments"]}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    os.umask(0)  # a file must be as narrow as it says, whatever the caller's umask
    disturber = Disturber(what, step, order["directories"])
    if what:
        sys.addaudithook(disturber)
    try:
        runpy.run_module(f"ansible_collections.mailops.mailserver.plugins.modules.{module}", run_name="__main__")
    finally:
        disturber.busy = True
        found = {"steps": disturber.steps, "modes": disturber.modes, "shown": disturber.shown}
        print(json.dumps(found), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
