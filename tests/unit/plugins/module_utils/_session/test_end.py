# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ending sessions: whose, how often, and how a client is cut off from a process that lives on."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.module_utils._session import end, look
from ansible_collections.mailops.mailserver.plugins.module_utils._session.words import Session

ALICE, BOB = "alice@lock.test", "bob@lock.test"
IMAP = Session(ALICE, "dovecot", "imap", ("192.0.2.7",), (11,))
LATER = Session(ALICE, "dovecot", "imap", ("192.0.2.7",), (12,))
POP = Session(ALICE, "courier", "pop3", (), (13,))
SMTP = Session(ALICE, "postfix", "smtp", ("192.0.2.7",), (14,))
OTHER = Session(BOB, "dovecot", "imap", ("192.0.2.8",), (15,))


class World:
    """What is looked at in turn, and what was done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *turns: list[Session]) -> None:
        self.turns = list(turns)
        self.done: list[Any] = []
        monkeypatch.setattr(look, "seen", lambda: (self.turns.pop(0), []))
        monkeypatch.setattr(commands, "find", lambda name: name)
        monkeypatch.setattr(commands, "run", lambda argv, **_options: self.done.append(argv))
        monkeypatch.setattr(os, "kill", lambda pid, number: self.done.append((pid, number)))
        monkeypatch.setattr(end, "_hang_up", lambda pid, clients: self.done.append((pid, *clients)) or pid != 16)
        monkeypatch.setattr(end, "_PAUSE", 0)
        monkeypatch.setattr(look, "ANVIL", "/no/such/path")


def test_each_server_is_asked_in_its_way_and_nobody_elses_session_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, [OTHER, IMAP, POP, SMTP], [OTHER])
    assert end.end([ALICE]) == end.Ended([IMAP, POP, SMTP], [])
    assert world.done == [["doveadm", "kick", ALICE], (13, signal.SIGTERM), (14, "192.0.2.7")]


def test_dovecot_forgets_logins_first(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, [IMAP], [], [], [])
    monkeypatch.setattr(look, "ANVIL", "/")
    end.end([ALICE])
    assert world.done == [["doveadm", "auth", "cache", "flush", ALICE], ["doveadm", "kick", ALICE]]
    end.end([f"{number}@lock.test" for number in range(101)])
    assert world.done[2:] == [["doveadm", "auth", "cache", "flush"]]


def test_check_mode_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, [OTHER, IMAP, SMTP])
    assert end.end([ALICE], only_look=True).sessions == [IMAP, SMTP]
    assert world.done == []


def test_who_came_in_between_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    World(monkeypatch, [IMAP], [LATER], [LATER], [])
    assert end.end([ALICE]).sessions == [IMAP, LATER]


def test_who_shows_only_after_the_first_look_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    World(monkeypatch, [OTHER], [OTHER, LATER], [OTHER])
    assert end.end([ALICE]) == end.Ended([LATER], [])


def test_it_does_not_go_on_for_ever_and_tells_who_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, *[[IMAP, POP, OTHER]] * (end._ROUNDS + 1))
    ended = end.end([ALICE])
    assert ended.sessions == [IMAP, POP]
    assert ended.warnings == [
        f"{ALICE} still has a session of imap at dovecot (process 11)",
        f"{ALICE} still has a session of pop3 at courier (process 13)",
    ]
    assert world.turns == []


def test_what_cannot_be_cut_off_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = SMTP._replace(processes=(16,))
    World(monkeypatch, *[[stuck, IMAP]] * (end._ROUNDS + 1))
    first, second = end.end([ALICE]).warnings
    assert "process 16" in first
    assert "process 11" in second


def test_a_server_that_does_not_tell_is_a_warning_and_shields_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [[SMTP], []]
    world = World(monkeypatch)
    monkeypatch.undo()

    def fail() -> list[Session]:
        raise MailError("did not end within 10 seconds", where="doveadm")

    monkeypatch.setattr(look, "dovecot", fail)
    monkeypatch.setattr(look, "courier", list)
    monkeypatch.setattr(look, "postfix", lambda: turns.pop(0))
    monkeypatch.setattr(look, "ANVIL", "/no/such/path")
    monkeypatch.setattr(end, "_hang_up", lambda pid, _clients: world.done.append(pid) or True)
    assert end.end([ALICE]) == end.Ended(
        [SMTP], ["open sessions may not have been ended: doveadm: did not end within 10 seconds"]
    )
    assert world.done == [14]
    turns.append([SMTP, OTHER])
    assert end.end([ALICE], only_look=True).sessions == [SMTP]


SERVER = """
import socket, sys
door = socket.create_server(("127.0.0.1", 0))
other = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(door.getsockname()[1], flush=True)
client, _address = door.accept()
print("there", flush=True)
print("gone" if not client.recv(1) else "spoke", flush=True)
other.sendall(b"lives")
door.accept()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_a_client_is_cut_off_and_the_server_lives_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as policy:
        argv = [sys.executable, "-c", SERVER, str(policy.getsockname()[1])]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            try:
                port = int(server.stdout.readline())
                with socket.create_connection(("127.0.0.1", port)) as client:
                    assert server.stdout.readline() == "there\n"
                    # The process may serve somebody else by now.
                    if not end._hang_up(server.pid, ["192.0.2.7"]):
                        pytest.skip("this system does not let us")
                    client.settimeout(0.3)
                    with pytest.raises(TimeoutError):
                        client.recv(1)
                    assert end._hang_up(server.pid, ["127.0.0.1"])
                    client.settimeout(10)
                    assert client.recv(1) == b""
                assert server.stdout.readline() == "gone\n"
                # Connections of its own to other servers are left alone.
                with policy.accept()[0] as connection:
                    assert connection.recv(5) == b"lives"
                assert server.poll() is None
            finally:
                server.kill()


def test_a_process_that_has_ended_needs_nothing() -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    assert end._hang_up(gone.pid, [])


@pytest.mark.parametrize(("name", "service"), [("imapd", "imap"), ("courierpop3d", "pop3")])
def test_courier_tells_its_processes_whom_they_serve(tmp_path: pathlib.Path, name: str, service: str) -> None:
    program = tmp_path / name
    shutil.copy("/bin/sleep", program)
    told = {"AUTHENTICATED": "Alice@lock.test", "TCPREMOTEIP": "::ffff:192.0.2.7", "PATH": "/bin"}
    with subprocess.Popen([str(program), "30"], env=told) as process:
        try:
            found: list[Session] = []
            end_of_patience = time.monotonic() + 10
            while not found and time.monotonic() < end_of_patience:  # it may not have its own name yet
                found = [session for session in look.courier() if process.pid in session.processes]
            assert found == [Session(ALICE, "courier", service, ("192.0.2.7",), (process.pid,))]
        finally:
            process.kill()


def test_a_dovecot_that_was_stopped_leaves_its_socket_and_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "ANVIL", "/")
    monkeypatch.setattr(commands, "find", lambda name: name)
    monkeypatch.setattr(commands, "run", lambda *_argv, **_options: commands.Result(75, "", "Connection refused"))
    monkeypatch.setattr(look, "_named", lambda *_names: [])
    assert look.dovecot() == []
    monkeypatch.setattr(look, "_named", lambda *_names: [(7, "imap")])
    with pytest.raises(MailError, match="Connection refused"):
        look.dovecot()


def test_postfix_is_asked_by_journal_and_log_file(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    client = "A1: client=mx[192.0.2.7], sasl_method=PLAIN, sasl_username="
    log = tmp_path / "mail.log"
    log.write_text(
        f"2026-11-22T18:16:16+00:00 mx postfix/submission/smtpd[7]: {client}{BOB}\n"
        f"2026-11-22T18:16:16+00:00 mx postfix/submission/smtpd[8]: {client}{BOB}\n"
        f"2026-11-22T18:16:16+00:00 mx postfix/submission/smtpd[88]: {client}{BOB}\n"
    )
    journal = f"1795371376.310021 mx postfix/submission/smtpd[7]: {client}{ALICE}\n"
    asked: list[list[str]] = []

    def run(argv: list[str], **_options: Any) -> commands.Result:
        asked.append(argv)
        return commands.Result(0, journal, "")

    monkeypatch.setattr(look, "_LOGS", (str(tmp_path / "gone"), str(log)))
    monkeypatch.setattr(look, "_named", lambda *_names: [(7, "smtpd"), (8, "smtpd"), (9, "smtpd")])
    monkeypatch.setattr(look, "_begun", lambda _pid: 1795371300.0)
    monkeypatch.setattr(commands, "find", lambda name: name)
    monkeypatch.setattr(commands, "run", run)
    assert [(session.account, session.processes) for session in look.postfix()] == [(ALICE, (7,)), (BOB, (8,))]
    assert asked[0][-4:] == ["--since=@1795371299", "_PID=7", "_PID=8", "_PID=9"]
    monkeypatch.setattr(look, "_named", lambda *_names: [])
    assert look.postfix() == []
