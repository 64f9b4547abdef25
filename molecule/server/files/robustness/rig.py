"""What the robustness stories share: running modules on this host and looking at all that daemons read."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
DOMAIN = "robust.test"
NEVER_SHOWN = "Never-Shown-Word-77"
HASH = f"$6$saltsaltsaltsalt${'x' * 86}"
LONG = 300


class Place(NamedTuple):
    """Where a store and what is published from it lie."""

    path: str = "/var/lib/mailaccounts/directory.sqlite"
    postfix_tables: str = "/etc/postfix/accounts"
    autoreply_directory: str = "/var/lib/mailautoreply"
    mail_directory: str = "/var/vmail"

    @property
    def directories(self) -> list[str]:
        return [os.path.dirname(self.path), self.postfix_tables, self.autoreply_directory, "/run/mailaccounts"]


class Done(NamedTuple):
    """How a module ended: exit status (negative: killed by that signal), its result, and what the launcher saw."""

    status: int
    result: dict[str, Any]
    seen: dict[str, Any]
    stderr: str

    @property
    def message(self) -> str:
        return str(self.result.get("msg", self.stderr[-2000:]))


def start(module: str, place: Place, arguments: dict[str, Any], *disturbance: str) -> subprocess.Popen[str]:
    """Start a module without waiting for it."""
    process = subprocess.Popen(
        [sys.executable, f"{HERE}/launch.py", f"{HERE}/debug_dir", module, *disturbance],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    order = {"arguments": {"path": place.path, **arguments}, "directories": place.directories}
    assert process.stdin
    process.stdin.write(json.dumps(order))
    process.stdin.close()
    process.stdin = None
    return process


def ended(process: subprocess.Popen[str]) -> Done:
    stdout, stderr = process.communicate(timeout=LONG)
    result, seen = {}, {}
    with contextlib.suppress(ValueError):
        result = json.loads(stdout)
    with contextlib.suppress(ValueError, IndexError):
        seen = json.loads(stderr.splitlines()[-1])
    return Done(process.returncode, result, seen, stderr)


def run(module: str, place: Place, arguments: dict[str, Any], *disturbance: str) -> Done:
    return ended(start(module, place, arguments, *disturbance))


def must(module: str, place: Place, arguments: dict[str, Any], *watch: str, **expected: Any) -> Done:
    """Run a module that has to succeed."""
    done = run(module, place, arguments, *watch)
    if done.status or "changed" not in done.result:
        raise AssertionError(f"{module} failed: {done.message}")
    for key, value in expected.items():
        assert done.result[key] == value, f"{module}: {key} is {str(done.result[key])[:2000]}, not {value}"
    return done


class Snapshot(NamedTuple):
    """The store, each table and its text, and each script: a digest of the content by name, and all file names."""

    parts: dict[str, str]
    names: frozenset[str]


def look(place: Place) -> Snapshot:
    """Everything that daemons read, each thing as a whole. Raises AssertionError when something cannot be read."""
    parts = {"store": _digest(_store(place.path))}
    for text in sorted(glob.glob(f"{place.postfix_tables}/*")):
        name = os.path.basename(text)
        if name.endswith((".lmdb", ".cdb")):
            kind = name.rpartition(".")[2]
            done = subprocess.run(
                ["postmap", "-s", f"{kind}:{text[: -len(kind) - 1]}"], capture_output=True, check=False, text=True
            )
            assert (done.returncode, done.stderr) == (0, ""), f"{text} cannot be read: {done.stderr}"
            parts[f"table {name[: -len(kind) - 1]}"] = _digest("".join(sorted(done.stdout.splitlines(True))))
        else:
            parts[f"text {name}"] = _digest(_content(text))
    for script in sorted(glob.glob(f"{place.autoreply_directory}/*.sieve")):
        parts[f"script {os.path.basename(script)}"] = _digest(_content(script))
    return Snapshot(parts, frozenset(_names(place)))


def _store(path: str) -> str:
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), f"{path} is damaged"
        assert not connection.execute("PRAGMA foreign_key_check").fetchall(), f"{path}: rows without their parent"
        queries = (
            "SELECT * FROM domain ORDER BY 1",
            "SELECT * FROM account ORDER BY 1",
            "SELECT * FROM alias_target ORDER BY 1, 2",
            "SELECT * FROM sender_grant ORDER BY 1, 2",
        )
        return repr([connection.execute(query).fetchall() for query in queries])


def _content(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _names(place: Place) -> Iterator[str]:
    """File names where modules write. SQLite's own companions come and go with readers."""
    for directory in place.directories:
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(directory):
                if not name.endswith(("-wal", "-shm", ".svbin")):
                    yield os.path.join(directory, name)


def whole(found: Snapshot, old: Snapshot, new: Snapshot) -> list[str]:
    """What is neither wholly old nor wholly new."""
    wrong = []
    for name in {*found.parts, *old.parts, *new.parts}:
        allowed = {old.parts.get(name), new.parts.get(name)}
        if found.parts.get(name) not in allowed:
            wrong.append(f"{name} is {'missing' if name not in found.parts else 'neither old nor new'}")
    return wrong


def state(letter: str, *, plain: bool = False) -> dict[str, Any]:
    """Arguments of mail_account for one of two states of a domain that differ in everything daemons look at."""
    other = letter == "b"
    password = NEVER_SHOWN if plain else HASH.replace("x", letter)
    accounts: list[dict[str, Any]] = [
        {"name": f"both{number:03d}@{DOMAIN}", "password": password, "quota": "2G" if other else "1G"}
        for number in range(20 if plain else 200)
    ]
    accounts += [{"name": f"only-{letter}{number}@{DOMAIN}", "password": password} for number in range(20)]
    accounts[0]["forward_to"] = [f"both001@{DOMAIN}", f"{letter}@elsewhere.test"]
    accounts[2 + other].update(send_only=True)
    accounts[4]["sender_addresses"] = [f"team-{letter}@{DOMAIN}"]
    accounts[5]["autoreply"] = {"text": f"I am away ({letter})."}
    accounts[6 + other]["autoreply"] = {"text": "Me too."}
    return {
        "accounts": accounts,
        "exclusive": True,
        "domains": [DOMAIN],
        "max_removed_percent": 100,
        "omitted_options": "default",
    }


def have_domain(place: Place, name: str = DOMAIN) -> None:
    """A store at this place with the domain in it."""
    if place != Place():
        must("mail_store", place, place._asdict())
    must("mail_domain", place, {"name": name})


def drop_domain(place: Place, name: str = DOMAIN) -> None:
    must("mail_domain", place, {"name": name, "state": "absent", "remove_contents": True})


def password_hash(address: str) -> str:
    """The hash that the store has for this account."""
    with contextlib.closing(sqlite3.connect(Place().path, timeout=30)) as connection:
        row = connection.execute("SELECT pwhash FROM account WHERE address = ?", (address,)).fetchone()
    return str(row[0])


@contextlib.contextmanager
def reader(place: Place) -> Iterator[None]:
    """Have the store open as Dovecot has it; who opens it first needs room for SQLite's two files beside it."""
    with contextlib.closing(sqlite3.connect(place.path)) as connection:
        connection.execute("SELECT count(*) FROM account").fetchone()
        yield
