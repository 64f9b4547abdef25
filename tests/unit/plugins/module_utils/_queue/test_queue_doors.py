# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' work with programs that stand for Postfix's: a queue of files, moved as postsuper does it."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import stat
import sys
import time
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._queue import act, door, look
from ansible_collections.mailops.mailserver.plugins.module_utils._queue.message import Digest, Message

PROGRAMS = {
    "postconf": "print(ROOT / 'queue', 'deferred defer', '1', sep='\\n')",
    "postqueue": """
if '-f' in sys.argv: (ROOT / 'said').open('a').write('flush\\n')
else:
    for path in sorted((ROOT / 'queue').rglob('*')):
        if path.is_file(): print(json.dumps({'queue_name': path.relative_to(ROOT / 'queue').parts[0],
                                             **json.loads((ROOT / 'list' / path.name).read_text())}))
""",
    "postkick": "(ROOT / 'said').open('a').write(' '.join(sys.argv[3:]) + '\\n')",
    "postsuper": """
words = {'-h': 'placed on hold', '-H': 'released from hold', '-r': 'requeued', '-d': 'removed'}
places = {'-h': 'hold', '-H': 'deferred/0', '-r': 'maildrop'}
option, queues = sys.argv[3], sys.argv[5:]
(ROOT / 'said').open('a').write(' '.join(sys.argv[3:]) + '\\n')
for name in sys.stdin.read().split():
    found = [path for path in (ROOT / 'queue').rglob(name) if path.relative_to(ROOT / 'queue').parts[0] in queues]
    if found and option == '-d': found[0].unlink()
    elif found: found[0].rename(ROOT / 'queue' / places[option] / name)
    if found: print(f'postsuper: {name}: {words[option]}', file=sys.stderr)
print('postsuper: Done: 1 messages', file=sys.stderr)
""",
}
HEAD = """#!{python}
import json, pathlib, sys
ROOT = pathlib.Path({root!r})
"""


class Host:
    """A host with such a Postfix."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        for name in ("bin", "list", "queue/hold", "queue/deferred/0", "queue/maildrop", "queue/active"):
            (root / name).mkdir(parents=True)
        for name, text in PROGRAMS.items():
            path = root / "bin" / name
            path.write_text(HEAD.format(python=sys.executable, root=str(root)) + text)
            path.chmod(0o755)

    def put(self, queue: str, number: int, login: str = "alice@example.com") -> str:
        """A message in a queue; its ID."""
        name = f"0{number:09X}"
        found = {
            "queue_id": name,
            "arrival_time": int(time.time()) - number,
            "message_size": 1000,
            "sender": login,
            "recipients": [{"address": f"r{number}@remote.test"}],
        }
        (self.root / "list" / name).write_text(json.dumps(found))
        parts = [("A", f"sasl_username={login}"), ("A", "client_address=192.0.2.7"), ("R", f"r{number}@remote.test")]
        parts += [("M", ""), ("N", f"Subject: {number}"), ("N", ""), ("X", ""), ("E", "")]
        data = b"".join(kind.encode() + bytes([len(value)]) + value.encode() for kind, value in parts)
        path = self.root / "queue" / queue / name
        path.write_bytes(data)
        path.chmod(0o700)
        return name

    def files(self, queue: str) -> list[str]:
        return sorted(path.name for path in (self.root / "queue" / queue).rglob("*") if path.is_file())

    def said(self) -> list[str]:
        path = self.root / "said"
        return path.read_text().splitlines() if path.exists() else []

    def act(self, action: str, check_mode: bool = False, **options: Any) -> Outcome:
        given = {"limit": 500, "top": 20, "config_directory": "/etc/postfix", "max_messages": None, "archive_to": None}
        return act.run({**given, "action": action, **options}, check_mode=check_mode)


@pytest.fixture
def host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host(tmp_path)
    monkeypatch.setattr(commands, "find", lambda name: str(tmp_path / "bin" / name))
    return made


ALICE = {"login": "alice@example.com"}


def test_looking(host: Host) -> None:
    host.put("deferred/0", 1)
    host.put("hold", 3)
    host.put("hold", 2, login="bob@example.com")
    options = {"limit": 1, "top": 20, "config_directory": "/etc/postfix", "origins": True}
    facts = look.run({**options, "filter": None}).facts
    assert (facts["listed"], facts["matched"], len(facts["messages"])) == (3, 3, 1)
    assert facts["messages"][0]["recipients"] == [{"address": "r3@remote.test", "reason": ""}]
    assert facts["report"][0] == "All 3 messages of the queue match."
    facts = look.run({**options, "filter": ALICE}).facts
    assert facts["matched"] == 2
    assert facts["report"][0] == "2 of the 3 messages of the queue match."
    assert facts["totals"]["client_addresses"] == [{"name": "192.0.2.7", "messages": 2, "recipients": 2}]
    facts = look.run({**options, "filter": {"sender": "carol@example.com"}, "origins": False}).facts
    assert (facts["matched"], facts["report"]) == (0, ["None of the 3 messages of the queue match."])


def test_deleting_holds_first(host: Host) -> None:
    mine = [host.put("deferred/0", 1), host.put("hold", 2), host.put("maildrop", 3), host.put("active", 4)]
    other = host.put("deferred/0", 5, login="bob@example.com")
    foretold = host.act("delete", check_mode=True, filter=ALICE)
    assert foretold.changed
    assert host.said() == []
    done = host.act("delete", filter=ALICE)
    assert {key: done.facts[key] for key in ("listed", "matched", "done", "left")} == {
        "listed": 5, "matched": 4, "done": 4, "left": 0,
    }  # fmt: skip
    assert done.facts["totals"] == foretold.facts["totals"]
    assert sorted(message["queue_id"] for message in done.facts["messages"]) == sorted(mine)
    assert host.said() == ["-d - hold maildrop"]
    assert host.files(".") == [other]
    assert not host.act("delete", filter=ALICE).changed


def test_what_left_meanwhile_is_no_error(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, there = host.put("deferred/0", 1), host.put("deferred/0", 2)
    digest = act.digest

    def leave(message: Message) -> Digest:
        (host.root / "queue/deferred/0" / gone).unlink(missing_ok=True)
        return digest(message)

    monkeypatch.setattr(act, "digest", leave)
    facts = host.act("delete", filter={"queue_ids": [gone, there]}).facts
    assert (facts["matched"], facts["done"], facts["left"]) == (2, 1, 1)
    assert facts["totals"]["messages"] == 1
    assert [message["queue_id"] for message in facts["messages"]] == [there]


def test_what_went_to_another_queue_is_looked_for_there(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    name, unfinished = host.put("deferred/0", 1), host.put("active", 2)
    (host.root / "queue/active" / unfinished).chmod(0o600)
    digest = act.digest

    def leave(message: Message) -> Digest:
        with contextlib.suppress(FileNotFoundError):
            (host.root / "queue/deferred/0" / name).rename(host.root / "queue/active" / name)
        return digest(message)

    monkeypatch.setattr(act, "digest", leave)
    assert host.act("delete", filter=ALICE).facts["done"] == 2
    assert sorted(host.said()) == ["-d - hold maildrop", "-h - incoming active deferred"]
    assert host.files(".") == []


def test_what_is_held_while_it_is_listed_counts_once(host: Host) -> None:
    name = host.put("deferred/0", 1)
    program = host.root / "bin/postqueue"
    again = "print(json.dumps({'queue_name': 'hold', **json.loads((ROOT / 'list' / %r).read_text())}))\n"
    program.write_text(program.read_text() + again % name)
    facts = host.act("delete", filter=ALICE).facts
    assert (facts["listed"], facts["matched"], facts["done"]) == (1, 1, 1)
    assert facts["totals"]["queues"] == [{"name": "deferred", "messages": 1, "recipients": 1}]


def test_a_list_that_fails(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for again if that was at its beginning; later, what was done by then is told."""
    monkeypatch.setattr(door, "_PAUSES", (0.01, 0.0))
    host.put("deferred/0", 1)
    program = host.root / "bin/postqueue"
    whole = program.read_text()
    fails = "sys.exit('postqueue: fatal: malformed showq server response')\n"
    first = "asked = ROOT / 'asked'\nif not asked.exists():\n    asked.touch()\n    " + fails
    program.write_text(whole.replace("\nif '-f'", f"\n{first}if '-f'"))
    assert host.act("delete", check_mode=True, filter=ALICE).facts["matched"] == 1
    program.write_text(whole.replace("\nif '-f'", f"\n{fails}if '-f'"))
    with pytest.raises(MailError, match=r"queue cannot be listed: .*malformed.* Postfix's log says more"):
        host.act("delete", filter=ALICE)
    (host.root / "queue/maildrop").rmdir()
    with pytest.raises(MailError, match=r"There is no queue in .* yet"):
        host.act("delete", filter=ALICE)
    program.write_text(whole + fails)
    with pytest.raises(MailError, match=r"malformed.* 1 messages are on hold or deleted by now"):
        host.act("delete", filter=ALICE)
    assert host.files("deferred") == []


def test_the_guard(host: Host) -> None:
    for number in range(3):
        host.put("deferred/0", number)
    with pytest.raises(MailError, match="max_messages: 3 messages match, more than 2"):
        host.act("hold", filter={"everything": True}, max_messages=2)
    assert host.said() == []
    assert host.act("hold", filter={"everything": True}, max_messages=3).facts["done"] == 3


def test_hold_and_release(host: Host) -> None:
    name = host.put("deferred/0", 1)
    held = host.act("hold", filter=ALICE)
    assert held.diff[0]["before"] == f"deferred {name} alice@example.com (1)\n"
    assert held.diff[0]["after"] == f"hold {name} alice@example.com (1)\n"
    assert host.files("hold") == [name]
    again = host.act("hold", filter=ALICE)
    assert not again.changed
    assert again.facts["report"] == ["0 of 1 messages put on hold.", "1 more fits, and stays in the queue hold."]
    assert host.act("release", filter=ALICE).facts["report"][0] == "1 of 1 messages released."
    assert host.files("deferred") == [name]


def test_what_is_on_hold_is_requeued_only_if_it_is_asked_for(host: Host) -> None:
    waiting, held = host.put("deferred/0", 1), host.put("hold", 2)
    assert host.act("requeue", filter=ALICE).facts["done"] == 1
    assert host.files("maildrop") == [waiting]
    assert host.act("requeue", filter={"queues": ["hold"]}).facts["done"] == 1
    assert host.files("maildrop") == sorted([waiting, held])
    assert host.said()[1] == "public pickup W"


def test_flush(host: Host) -> None:
    name, other = host.put("deferred/0", 1), host.put("deferred/0", 2, login="bob@example.com")
    for each in (name, other):
        os.utime(host.root / "queue/deferred/0" / each, (1, 1))
    assert host.act("flush", filter=ALICE).facts["done"] == 1
    assert host.said() == ["public qmgr FD"]
    times = [(host.root / "queue/deferred/0" / each).stat().st_mtime for each in (name, other)]
    assert times[0] > 1
    assert times[1] == 1
    assert host.act("flush", filter={"everything": True}).facts["done"] == 2
    assert host.said()[1:] == ["flush"]


def test_the_archive(host: Host, tmp_path: pathlib.Path) -> None:
    good, damaged = host.put("deferred/0", 1), host.put("hold", 2)
    path = host.root / "queue/hold" / damaged
    path.write_bytes(path.read_bytes()[:-4])
    archive = tmp_path / "kept" / "archive"
    assert host.act("delete", filter=ALICE, archive_to=str(archive)).facts["done"] == 2
    assert host.files(".") == []
    entries = [json.loads(line) for line in (archive / "index.jsonl").read_text().splitlines()]
    by_id = {entry["queue_id"]: entry for entry in entries}
    assert by_id[good]["recipients"] == ["r1@remote.test"]
    assert by_id[good]["login"] == "alice@example.com"
    assert (archive / by_id[good]["file"]).read_bytes() == b"Subject: 1\n\n"
    assert by_id[damaged]["file"].endswith(".queue")
    assert (archive / by_id[damaged]["file"]).read_bytes().startswith(b"A")
    assert {stat.S_IMODE(found.stat().st_mode) for found in archive.iterdir()} == {0o600}
    assert stat.S_IMODE(archive.stat().st_mode) == 0o700
    assert len(list(archive.iterdir())) == 3


def test_nothing_is_deleted_unless_it_is_saved(
    host: Host, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = host.put("deferred/0", 1)

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(act.archive, "_file", full)
    with pytest.raises(MailError) as caught:
        host.act("delete", filter=ALICE, archive_to=str(tmp_path / "archive"))
    assert "messages cannot be saved: No space left on device" in caught.value.message
    assert "1 messages are on hold, and none was deleted" in caught.value.message
    assert host.files("hold") == [name]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"action": "delete", "filter": ALICE, "archive_to": "relative"}, "'relative' is no full path"),
        ({"action": "delete", "filter": ALICE, "archive_to": "/dev/null"}, "is no directory"),
        ({"action": "delete", "filter": ALICE, "archive_to": "/tmp"}, "others may write there"),
        ({"action": "hold", "filter": ALICE, "archive_to": "/root/x"}, "archive_to: goes with delete, not with hold"),
        ({"action": "hold", "filter": {}}, "filter: it has no criterion"),
        ({"action": "hold", "filter": ALICE, "max_messages": -1}, "max_messages: -1 is out of range"),
        ({"action": "hold", "filter": ALICE, "limit": -1}, "limit: -1 is out of range"),
    ],
)
def test_wrong_options(host: Host, options: dict[str, Any], says: str) -> None:
    host.put("deferred/0", 1)
    with pytest.raises(MailError) as caught:
        host.act(options.pop("action"), **options)
    assert says in caught.value.message
    assert not any(line.startswith("-") for line in host.said())


def test_a_program_that_fails(host: Host) -> None:
    host.put("deferred/0", 1)
    program = host.root / "bin/postsuper"
    program.write_text("#!/bin/sh\necho 'postsuper: fatal: use of this command is reserved for root' >&2\nexit 1\n")
    with pytest.raises(MailError, match="reserved for root"):
        host.act("hold", filter=ALICE)
    with pytest.raises(MailError, match="reserved for root"):
        host.act("delete", filter=ALICE)
