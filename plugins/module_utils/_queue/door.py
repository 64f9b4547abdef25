# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix's queue on this host: listed by postqueue, moved by postsuper, files read where they lie."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator

from .._errors import MailError
from .._host import commands
from . import records
from .layout import Layout
from .message import Origin

# What the attributes at the beginning of a file take, and what they can take.
_BEGINNING, _MOST = 4096, 262144
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEXT = ("active", "deferred", "hold")  # where a message goes from one queue
# What cleanup(8) makes of the file of a message when it is whole.
_KIND, _READY = 0o170700, stat.S_IFREG | 0o700
# After each try that fails because a daemon is busy, starting or ending: seconds until the next one, if there is one.
_PAUSES = (0.5, 1.0, 0.0)
_DONE = re.compile(rb"postsuper: (\w+): (?:placed on hold|released from hold|requeued|removed)$")


class Queue:
    """The queue of the Postfix with this configuration directory."""

    def __init__(self, config_directory: str) -> None:
        self._directory = config_directory
        names = ("queue_directory", "hash_queue_names", "hash_queue_depth")
        done = commands.run([commands.require("postconf", "Postfix"), "-c", config_directory, "-hx", *names])
        found = done.stdout.splitlines()
        if done.status or len(found) != len(names):
            mend = "Mend main.cf there, or name Postfix's directory with config_directory."
            raise MailError(f"Postfix cannot be asked: {done.stderr.strip()}", where=config_directory, mend=mend)
        self.layout = Layout(found[0], frozenset(re.split(r"[\s,]+", found[1])), int(found[2]))

    def lines(self) -> Iterator[bytes]:
        """All messages, as postqueue lists them. Raises MailError when it cannot.

        Where it fails at once, because Postfix is just starting or ending, it is asked again.
        """
        argv, begun = [commands.require("postqueue", "Postfix"), "-c", self._directory, "-j"], False
        for pause in _PAUSES:
            try:
                for line in commands.lines(argv):
                    begun = True
                    yield line
                return
            except MailError as error:
                if begun or not pause:
                    raise self._unlisted(error) from error
            time.sleep(pause)

    def _unlisted(self, error: MailError) -> MailError:
        mend = "Postfix's log says more, at 'showq'."
        if not os.path.isdir(f"{self.layout.directory}/maildrop"):
            mend = f"There is no queue in {self.layout.directory} yet: Postfix makes it when it is started."
        return MailError(f"the queue cannot be listed: {error.what}", where="postqueue", mend=mend)

    def origin(self, queue: str, name: str) -> Origin | None:
        """Who handed a message in that was in that queue a moment ago, or None when it has left."""
        for place in (queue, *_NEXT):
            descriptor = self.open(place, name)
            if descriptor is not None:
                break
        else:
            return None
        try:
            found = records.origin(os.read(descriptor, _BEGINNING))
            return found or records.origin(os.pread(descriptor, _MOST, 0)) or Origin()
        finally:
            os.close(descriptor)

    def open(self, queue: str, name: str) -> int | None:
        """The file of a message, opened for reading, or None when there is none."""
        path = self.layout.path(queue, name)
        try:
            return os.open(path, _OPEN)
        except PermissionError as error:
            raise MailError("may not be read", where=path, mend="Become root (become: true).") from error
        except OSError:
            return None

    def move(self, option: str, names: Iterable[str], *queues: str, meanwhile: bool = False) -> Iterator[str]:
        """Let postsuper do to these messages what ``option`` says; yields those that it found and did it to.

        It knows them from ``queues`` alone, if any are given. With ``meanwhile`` the names come one by one, such as
        from another move, and what was done is told at the end.
        """
        argv = [commands.require("postsuper", "Postfix"), "-c", self._directory, option, "-", *queues]
        given = (f"{name}\n".encode("ascii") for name in names)
        said = commands.feed(argv, given, of="stderr") if meanwhile else commands.lines(argv, stdin=given, of="stderr")
        for line in said:
            found = _DONE.match(line)
            if found:
                yield found[1].decode("ascii")

    def hold(self, queue: str, name: str) -> bool:
        """Put a message on hold as postsuper does, which also logs it; False where it has to be asked to do it.

        So it is with a message that is not whole yet, or not in that queue any more.
        """
        path = self.layout.path(queue, name)
        with contextlib.suppress(OSError):
            if os.lstat(path).st_mode & _KIND == _READY:
                os.rename(path, self.layout.path("hold", name))
                return True
        return False

    def make_due(self, name: str) -> bool:
        """Let the time for the next try of a deferred message, which its file's own time is (qmgr(8)), be now."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(self.layout.path("deferred", name), follow_symlinks=False)
            return True
        return False

    def try_due(self) -> None:
        """Let the queue manager try what is due, also where a server did not answer a moment ago."""
        self._tell("postkick", "public", "qmgr", "FD")

    def try_all(self) -> None:
        """Let it try everything that is deferred."""
        self._tell("postqueue", "-f")

    def pick_up(self) -> None:
        """Let what was requeued be picked up at once instead of within a minute."""
        self._tell("postkick", "public", "pickup", "W")

    def _tell(self, program: str, *words: str) -> None:
        """Run a program that speaks to a daemon; one that is just busy or ending is asked again."""
        for pause in _PAUSES:
            done = commands.run([commands.require(program, "Postfix"), "-c", self._directory, *words])
            if not done.status:
                return
            time.sleep(pause)
        said = done.stderr.strip() or f"it ended with status {done.status}"
        raise MailError(f"'{' '.join((program, *words))}' failed: {said}", where="Postfix", mend="Is it running?")
