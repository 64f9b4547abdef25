# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of keys."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import book
from ansible_collections.mailops.mailserver.plugins.module_utils._dkim.key import Key
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

KEY = Key("ed25519", 256, "QUJD", b"private\n")
HELD = book.hold(KEY, created=1795341600.9, phase="prepared", since=1795341601.2)


def test_what_is_written_is_read() -> None:
    assert book.read(book.write(HELD), where="json") == HELD


def test_nothing_private_is_written() -> None:
    text = book.write(HELD).decode()
    assert "private" not in text
    assert json.loads(text)["created"] == "2026-11-22T10:00:00Z"


def test_what_a_later_release_may_add_is_passed_over() -> None:
    data = json.dumps({**json.loads(book.write(HELD)), "more": 1}).encode()
    assert book.read(data, where="json") == HELD


def test_a_seal_shows_damage_of_either_part() -> None:
    assert book.seal("QUJD", b"private\n") == HELD.seal
    assert HELD.seal not in (book.seal("QUJE", b"private\n"), book.seal("QUJD", b"privatf\n"))


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": "dsa"},
        {"phase": "done"},
        {"bits": "many"},
        {"created": "yesterday"},
        {"since": None},
        {"public": "?"},
        {"public": 7},
    ],
)
def test_what_was_changed_by_hand_is_refused(change: dict[str, object]) -> None:
    data = json.dumps({**json.loads(book.write(HELD)), **change}).encode()
    with pytest.raises(MailError, match="does not describe a key"):
        book.read(data, where="json")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b"{}", b"\xff"])
def test_what_is_no_description_is_refused(data: bytes) -> None:
    with pytest.raises(MailError, match="json: is damaged"):
        book.read(data, where="json")
