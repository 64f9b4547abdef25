"""Disturb modules on this host in every way that a host can, and look at what daemons read: wholly old or wholly new.

interrupt.py STORY SECONDS prints what was tried and how often; it ends with an AssertionError that says what was wrong.
Steps are tried in any order until the time is over, so that a longer time tries more of them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import rig

# A small file system of its own that every container has.
SMALL = "/dev/shm"


def shuffled(steps: int) -> Iterator[int]:
    """All numbers from 1 to ``steps``, in another order each time: short stories try others every day."""
    return iter(random.sample(range(1, steps + 1), steps))


def within(seconds: float, items: Iterator[Any]) -> Iterator[Any]:
    deadline = time.monotonic() + seconds
    return itertools.takewhile(lambda _item: time.monotonic() < deadline, items)


class Swing:
    """A domain that goes to and fro between two states."""

    def __init__(self, place: rig.Place) -> None:
        self.place = place
        self.snapshots = {}
        for letter in "abab":
            rig.must("mail_account", place, rig.state(letter))
            self.snapshots[letter] = rig.look(place)
        self.now = "b"
        self.took = 0.0  # seconds of the last undisturbed run

    @property
    def next(self) -> str:
        return "b" if self.now == "a" else "a"

    def steps(self) -> int:
        """How many steps one run takes."""
        self.now = self.next
        return int(rig.must("mail_account", self.place, rig.state(self.now), "watch", "-").seen["steps"])

    def disturb(self, *disturbance: str) -> rig.Done:
        done = rig.run("mail_account", self.place, rig.state(self.next), *disturbance)
        self.is_whole(" ".join(disturbance))
        return done

    def is_whole(self, occasion: str) -> None:
        wrong = rig.whole(rig.look(self.place), self.snapshots[self.now], self.snapshots[self.next])
        assert not wrong, f"{occasion}: {'; '.join(wrong)}"

    def finish(self, occasion: str) -> None:
        """The next run makes everything good, and the one after it has nothing left to do."""
        self.now = self.next
        start = time.monotonic()
        rig.must("mail_account", self.place, rig.state(self.now))
        self.took = time.monotonic() - start
        found, wanted = rig.look(self.place), self.snapshots[self.now]
        assert found.parts == wanted.parts, f"{occasion}: the next run did not make it good"
        assert found.names == wanted.names, f"{occasion}: left behind: {sorted(found.names ^ wanted.names)}"


def kill_steps(seconds: float) -> str:
    """SIGKILL at each step that the module takes on files."""
    swing = Swing(rig.Place())
    steps, tried = swing.steps(), 0
    for step in within(seconds, shuffled(steps)):
        done = swing.disturb("kill", str(step))
        assert done.status in (-signal.SIGKILL, 0), done.message
        swing.finish(f"killed at step {step}")
        tried += 1
    rig.must("mail_account", swing.place, rig.state(swing.now), changed=False)
    return f"killed at {tried} of {steps} steps"


def kill_times(seconds: float) -> str:
    """SIGKILL at random times, every other time with postmap and all else that the module has started."""
    swing = Swing(rig.Place())
    swing.finish("undisturbed")
    kills, tried = 0, 0
    for turn in within(seconds, itertools.count()):
        process = rig.start("mail_account", swing.place, rig.state(swing.next))
        time.sleep(random.uniform(0.3, 1.0) * swing.took)
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if turn % 2 else os.kill)(process.pid, signal.SIGKILL)
        kills += rig.ended(process).status == -signal.SIGKILL
        swing.is_whole("killed at a random time")
        swing.finish("killed at a random time")
        tried += 1
    return f"killed {kills} times in {tried} runs at random times"


def kill_creation(seconds: float) -> str:
    """SIGKILL at each step of making a store and its tables."""
    tried = 0
    with small_place() as place:
        arguments = place._asdict()
        steps = rig.run("mail_store", place, arguments, "watch", "-").seen["steps"]
        wanted = rig.look(place)
        for step in within(seconds, shuffled(steps)):
            clear(place)
            rig.run("mail_store", place, arguments, "kill", str(step))
            if os.path.exists(place.path):
                assert rig.look(place).parts["store"] == wanted.parts["store"], f"step {step}: half a store"
            rig.must("mail_store", place, arguments)
            assert rig.look(place) == wanted, f"killed at step {step}: the next run did not make it good"
            rig.must("mail_store", place, arguments, changed=False)
            tried += 1
    return f"killed at {tried} of {steps} steps of making a store"


def kill_rename(seconds: float) -> str:
    """SIGKILL at each step of a rename that moves mail."""
    place, names, tried = rig.Place(), [f"mover-{letter}@{rig.DOMAIN}" for letter in "ab"], 0
    homes = [f"{place.mail_directory}/{rig.DOMAIN}/{name.partition('@')[0]}" for name in names]
    for home in homes:
        shutil.rmtree(home, ignore_errors=True)
    rig.must("mail_account", place, {"name": names[0]})
    wanted = mail_in(homes[0], make=True)
    to = [{"name": names[1 - old], "rename_from": names[old]} for old in (0, 1)]
    steps = rig.must("mail_account", place, to[0], "watch", "-").seen["steps"]
    old = 1
    for step in within(seconds, shuffled(steps)):
        rig.run("mail_account", place, to[old], "kill", str(step))
        seen = [mail_in(home) for home in homes]
        assert wanted in seen, f"killed at step {step} of a rename: mail is at neither place: {seen}"
        rig.must("mail_account", place, to[old])
        old = 1 - old
        assert mail_in(homes[old]) == wanted, f"killed at step {step} of a rename: mail is missing"
        assert not os.path.exists(homes[1 - old]), f"killed at step {step} of a rename: the old home is still there"
        tried += 1
    rig.must("mail_account", place, {"name": names[old], "state": "absent", "purge_mail": True})
    return f"killed at {tried} of {steps} steps of a rename"


def mail_in(home: str, *, make: bool = False) -> set[str]:
    """The messages of a home, by their content."""
    if make:
        for name in ("new", "cur", "tmp", ".Sent/new", ".Sent/cur", ".Sent/tmp"):
            os.makedirs(f"{home}/Maildir/{name}")
        for number in range(5):
            folder = ".Sent/cur" if number % 2 else "new"
            with open(f"{home}/Maildir/{folder}/{number}.host", "w", encoding="ascii") as file:
                file.write(f"message {number}")
        subprocess.run(["chown", "-R", "vmail:vmail", os.path.dirname(home)], check=True)
    found = set()
    for directory, _names, files in os.walk(home):
        for name in files:
            with open(os.path.join(directory, name), encoding="ascii") as file:
                found.add(file.read())
    return found


@contextlib.contextmanager
def small_place() -> Iterator[rig.Place]:
    """A place whose files all lie in a small file system."""
    root = f"{SMALL}/robustness"
    shutil.rmtree(root, ignore_errors=True)
    os.mkdir(root, 0o755)
    try:
        yield rig.Place(f"{root}/store/directory.sqlite", f"{root}/tables", f"{root}/replies", f"{root}/mail")
    finally:
        shutil.rmtree(root)


def clear(place: rig.Place) -> None:
    for path in (os.path.dirname(place.path), place.postfix_tables, place.autoreply_directory):
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def full_but(kilobytes: int) -> Iterator[None]:
    """Fill the small file system but for so much."""
    ballast = f"{SMALL}/ballast"
    try:
        found = os.statvfs(SMALL)
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(found.f_bavail * found.f_bsize - kilobytes * 1024, 4096))
        yield
    finally:
        os.unlink(ballast)


def full_disk(seconds: float) -> str:
    """A disk that is full at once, or after so many kilobytes."""
    failed, silent, tried = 0, 0, 0
    with small_place() as place:
        rig.have_domain(place)
        swing = Swing(place)
        degrees = [*range(0, 64, 8), *range(64, 512, 24)]
        for degree in within(seconds, (degrees[step - 1] for step in shuffled(len(degrees)))):
            with rig.reader(place), full_but(degree):
                done = swing.disturb()
            if done.status:
                failed += 1
                silent += "does not read back" in done.message
                says = done.message.lower()
                assert any(word in says for word in ("full", "space", "i/o error", "read back")), f"{degree}: {says}"
                assert "run again" in says, f"{degree}: no word of what to do: {says}"
            swing.finish(f"a disk with {degree} kB left")
            tried += 1
        rig.must("mail_account", place, rig.state(swing.now), changed=False)
    assert failed, "no disk was ever too full"
    return f"tried {tried} fillings of a disk, {failed} too full, {silent} of them unnoticed by postmap"


def full_steps(seconds: float) -> str:
    """A disk that is full at each of the module's own steps."""
    swing = Swing(rig.Place())
    steps, tried, failed = swing.steps(), 0, 0
    for step in within(seconds, shuffled(steps)):
        done = swing.disturb("fail", str(step))
        assert done.result, f"full at step {step}: no clear error: {done.message}"
        if done.status:
            failed += 1
            assert "No space left" in done.message, f"full at step {step}: {done.message}"
        swing.finish(f"full at step {step}")
        tried += 1
    return f"no space at {tried} of {steps} steps, {failed} of which ended the run"


def together(seconds: float) -> str:
    """Two modules at once: both do their work, one after the other."""
    place, names, tried = rig.Place(), ("one.robust.test", "two.robust.test"), 0
    for name in names:
        rig.have_domain(place, name)
    for turn in within(seconds, itertools.count()):
        lists = {name: [{"name": f"u{number}-{turn}@{name}"} for number in range(300)] for name in names}
        processes = [
            rig.start(
                "mail_account",
                place,
                {"accounts": lists[name], "exclusive": True, "domains": [name]} | {"max_removed_percent": 100},
            )
            for name in names
        ]
        for process, name in zip(processes, names):
            done = rig.ended(process)
            assert done.status == 0, done.message
            assert len(done.result["added"]) == len(lists[name])
        for name in names:
            for entry in (lists[name][0], lists[name][-1]):
                table = f"lmdb:{place.postfix_tables}/mailboxes"
                subprocess.run(["postmap", "-q", entry["name"], table], check=True, stdout=subprocess.DEVNULL)
        rig.must("mail_account", place, {"accounts": [*lists[names[0]], *lists[names[1]]]}, changed=False)
        tried += 1
    for name in names:
        rig.drop_domain(place, name)
    return f"two runs at once, {tried} times"


def lock(_seconds: float) -> str:
    """A run that another one keeps waiting for too long fails and changes nothing; the other one ends well."""
    swing = Swing(rig.Place())
    holder = rig.start("mail_account", swing.place, rig.state(swing.next), "stop", "12")
    try:
        while state_of(holder.pid) != "T":
            time.sleep(0.05)
        before = rig.look(swing.place)
        other = rig.run("mail_account", swing.place, {**rig.state(swing.now), "lock_timeout": 1})
        assert other.status, "two runs had the store at once"
        assert "another run has held" in other.message, other.message
        assert rig.look(swing.place) == before, "the run that did not get the lock changed something"
    finally:
        os.kill(holder.pid, signal.SIGCONT)
    done = rig.ended(holder)
    assert done.status == 0, done.message
    swing.finish("after the lock")
    return "a second run gave up after lock_timeout, and the first one went on"


def state_of(pid: int) -> str:
    """The process state as proc(5) has it: T when it is stopped."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0]


def modes(_seconds: float) -> str:
    """No file is ever wider than at the end, and no program that is started gets a password to see."""
    place = rig.Place()
    done = rig.run("mail_account", place, rig.state("a", plain=True), "watch", rig.NEVER_SHOWN)
    assert done.status == 0, done.message
    assert not done.seen["shown"], f"a password was given to {done.seen['shown']}"
    assert rig.NEVER_SHOWN not in repr(done.result)
    assert rig.NEVER_SHOWN not in done.stderr
    for path, mode in done.seen["modes"].items():
        if path.startswith((os.path.dirname(place.path), "/run/mailaccounts")):
            assert mode == 0o600, f"{path} was {mode:o} for a while"
        elif path.startswith(place.autoreply_directory):
            assert not mode & 0o037, f"{path} was {mode:o} for a while"
        else:
            assert not mode & 0o133, f"{path} was {mode:o} for a while"
    rig.must("mail_account", place, rig.state("a", plain=True), changed=False)
    with small_place() as small:
        done = rig.run("mail_store", small, small._asdict(), "watch", rig.NEVER_SHOWN)
        assert done.status == 0, done.message
        for path, mode in done.seen["modes"].items():
            assert mode == 0o600 or not path.startswith(os.path.dirname(small.path)), f"{path} was {mode:o}"
    return f"{len(done.seen['modes'])} files watched over every step"


STORIES = {
    function.__name__: function
    for function in (
        *(kill_steps, kill_times, kill_creation, kill_rename),
        *(full_disk, full_steps, together, lock, modes),
    )
}


def main() -> None:
    name, seconds = sys.argv[1], float(sys.argv[2])
    rig.have_domain(rig.Place())
    print(f"{name}: {STORIES[name](seconds)}")
    rig.drop_domain(rig.Place())


if __name__ == "__main__":
    main()
