# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which processes of Dovecot have a client that is logging in."""

from __future__ import annotations

import os
import subprocess

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dovecot import logins


@pytest.mark.parametrize(
    ("title", "counts"),
    [
        (b"dovecot/imap-login\0", True),  # has just begun
        (b"dovecot/imap-login [127.0.0.1 pre-login]\0", True),  # 2.4.1
        (b"dovecot/pop3-login [2 pre-login + 1 TLS proxies]\0", False),  # reused: not told apart, so not waited for
        (b"dovecot/managesieve-login [1 pre-login]\0", True),  # 2.3.13
        (b"dovecot/imap-login [192.0.2.1 TLS proxy]\0", False),
        (b"dovecot/imap [alice@example.com 192.0.2.1 IDLE]\0", False),
        (b"dovecot/auth [0 wait, 0 passdb, 0 userdb]\0", False),
        (b"/usr/sbin/dovecot\0-F\0", True),  # forked, and not yet what it will be
        (b"", False),  # has ended
    ],
)
def test_who_is_logging_in(title: bytes, counts: bool) -> None:
    assert (bool(title) and not logins._SETTLED.match(title)) is counts


def test_waits_until_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = iter([True, True, False])
    slept: list[float] = []
    monkeypatch.setattr(logins, "_is_busy", lambda master, settled: next(busy))
    monkeypatch.setattr(logins.time, "sleep", slept.append)
    logins.wait_for_quiet("1")
    assert len(slept) == 2


def test_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr(logins, "_is_busy", lambda master, settled: True)
    monkeypatch.setattr(logins.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(logins.time, "sleep", lambda seconds: None)
    logins.wait_for_quiet("1")
    assert next(clock) <= 20


def test_a_young_process_counts_and_a_settled_one_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(logins, "_children", lambda master: ["1", "2"])
    monkeypatch.setattr(logins, "_is_login", lambda pid: bool(looked.append(pid)) or (pid, len(looked)) == ("2", 2))
    settled: set[str] = set()
    assert logins._is_busy("0", settled)
    assert not logins._is_busy("0", settled)
    assert looked == ["1", "2", "2"]


def test_children_and_their_age() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        pid = str(child.pid)
        assert pid in logins._children(str(os.getpid()))
        assert logins._is_login(pid)
        assert 0 <= logins._age(pid) < 60
        child.kill()
    assert not logins._is_login(pid)
    assert str(os.getpid()) in logins._children("0")
