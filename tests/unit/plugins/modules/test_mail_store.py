# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module mail_store."""

from __future__ import annotations

import os
from typing import Any

import pytest


def test_create_again_and_change(fresh: Any) -> None:
    result = fresh.create()
    assert result["changed"] is True
    assert result["diff"][0]["before"] == ""
    assert f"mail_directory: {fresh.root}/vmail\n" in result["diff"][0]["after"]
    assert (result["store_path"], result["postfix_tables"]) == (fresh.store, f"{fresh.root}/tables")
    assert (result["table_type"], result["repaired"]) == ("", [])
    before = fresh.tree()
    again = fresh.create()
    assert (again["changed"], again["diff"]) == (False, [])
    assert fresh.tree() == before
    changed = fresh.create(recipient_delimiter="-")
    assert changed["changed"] is True
    assert changed["diff"][0]["before"].replace("delimiter: +", "delimiter: -") == changed["diff"][0]["after"]
    assert fresh.create(recipient_delimiter="-")["changed"] is False


def test_check_mode_on_a_host_that_has_nothing(fresh: Any) -> None:
    foretold = fresh.create(check=True)
    assert os.listdir(fresh.root) == []
    result = fresh.create()
    assert foretold == result


def test_no_diff_unless_it_is_asked_for(fresh: Any) -> None:
    assert "diff" not in fresh.create(diff=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "directory.sqlite"}, "path 'directory.sqlite': is not an absolute path. Begin it with a slash."),
        ({"mail_directory": "vmail"}, "mail_directory: 'vmail' is not an absolute path. Begin it with a slash."),
        ({"postfix_tables": "tables"}, "postfix_tables: 'tables' is not an absolute path."),
        ({"autoreply_directory": "/a\nb"}, "autoreply_directory: '/a\\nb' is not an absolute path."),
        ({"recipient_delimiter": "x"}, "recipient_delimiter: 'x' cannot separate an address extension. Choose signs"),
        ({"recipient_delimiter": "+@"}, "recipient_delimiter: '@' cannot separate an address extension."),
        ({"recipient_delimiter": " "}, "recipient_delimiter: ' ' cannot separate an address extension."),
        ({"recipient_delimiter": "\n"}, "recipient_delimiter: '\\n' cannot separate an address extension."),
        ({"lock_timeout": "soon"}, "argument 'lock_timeout' is of type"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_bad_input_fails_before_anything_changes(
    fresh: Any, options: dict[str, Any], message: str, check: bool
) -> None:
    result = fresh.create(check=check, **options)
    assert result["failed"] is True
    assert result["msg"].startswith(message)
    assert os.listdir(fresh.root) == []


@pytest.mark.parametrize("delimiter", ["", "+", "-", "+-_#"])
def test_delimiters(fresh: Any, delimiter: str) -> None:
    assert fresh.create(recipient_delimiter=delimiter)["changed"] is True


def test_another_run_holds_the_store(play: Any) -> None:
    import fcntl  # noqa: PLC0415

    with open(f"{play.store}.lock", "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        result = play.run("mail_domain", name="b.example", lock_timeout=0)
    assert result["msg"].startswith(f"{play.store}.lock: another run has held the account store for 0 seconds.")
