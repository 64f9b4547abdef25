# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files the module is asked for, and what of them changes."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils import _config_files as request
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

MAIN = "/etc/dovecot/dovecot.conf"


def entry(path: str = MAIN, content: str = "a\n", mode: str = "0644", secret: bool = False) -> dict[str, Any]:
    return {"path": path, "content": content, "mode": mode, "secret": secret}


def test_the_main_file_comes_last() -> None:
    wanted = request.parse([entry(), entry("/etc/dovecot/sql", mode="600")], MAIN)
    assert [(item.path, item.mode) for item in wanted] == [("/etc/dovecot/sql", 0o600), (MAIN, 0o644)]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([entry("etc/x"), entry()], "etc/x: is not an absolute path"),
        ([entry("/etc/../x"), entry()], "is not an absolute path"),
        ([entry(), entry()], "is listed twice"),
        ([entry(mode="rw")], "mode 'rw' is not octal"),
        ([entry("/etc/x")], "is not among the files"),
    ],
)
def test_bad_requests(files: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(MailError, match=words):
        request.parse(files, MAIN)


@pytest.mark.parametrize(
    ("found", "before", "after"),
    [
        (request.Found(None, 0), "", "a\n"),
        (request.Found("b\n", 0o644), "b\n", "a\n"),
        (request.Found("a\n", 0o600), "mode 0600\na\n", "mode 0644\na\n"),
    ],
)
def test_changes(found: request.Found, before: str, after: str) -> None:
    changes = request.changes(request.parse([entry()], MAIN), {MAIN: found})
    assert changes == [(MAIN, before, after)]


def test_no_change() -> None:
    assert request.changes(request.parse([entry()], MAIN), {MAIN: request.Found("a\n", 0o644)}) == []


def test_a_secret_never_shows() -> None:
    wanted = request.parse([entry(content="password = hidden\n", secret=True)], MAIN)
    changes = request.changes(wanted, {MAIN: request.Found("password = old\n", 0o600)})
    assert "hidden" not in str(changes)
    assert "= old" not in str(changes)


def test_a_file_that_the_daemon_would_not_read() -> None:
    inside, outside = request.parse([entry("/etc/rspamd/local.d/x"), entry("/etc/rspamd2/x")])
    request.refuse_outside([inside], "/etc/rspamd", "rspamd")
    with pytest.raises(MailError, match=r"/etc/rspamd2/x: is not below /etc/rspamd. rspamd would not read it."):
        request.refuse_outside([inside, outside], "/etc/rspamd", "rspamd")
