# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which processes of Dovecot have a client that is logging in."""

from __future__ import annotations

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
        (b"grep\0dovecot/imap-login\0", False),
    ],
)
def test_who_is_logging_in(title: bytes, counts: bool) -> None:
    assert bool(logins._LOGIN.match(title)) is counts


def test_waits_until_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = iter([True, True, False])
    slept: list[float] = []
    monkeypatch.setattr(logins, "_is_busy", lambda: next(busy))
    monkeypatch.setattr(logins.time, "sleep", slept.append)
    logins.wait_for_quiet()
    assert len(slept) == 2


def test_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr(logins, "_is_busy", lambda: True)
    monkeypatch.setattr(logins.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(logins.time, "sleep", lambda seconds: None)
    logins.wait_for_quiet()
    assert next(clock) <= 20


def test_this_process_is_young_and_no_login() -> None:
    assert not logins._is_login("self")
    assert 0 <= logins._age("self") < 86400
    assert not logins._is_login("0")
