# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clients see, and what they would notice."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import client, view
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir.view import Folder, Message, View
from ansible_collections.mailops.mailserver.plugins.modules import maildir_view

ONE, TWO = Message(("$label1", "\\seen"), 58, "aa"), Message((), 60, "bb")
SEEN = View({"INBOX": Folder(77, 5, {1: ONE, 4: TWO})}, ["INBOX"], [("UID1-5", 58), ("UID2-5", 60)])


def inbox(**fields: Any) -> View:
    return SEEN._replace(folders={"INBOX": SEEN.folders["INBOX"]._replace(**fields)})


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (SEEN, []),
        (inbox(following=7, messages={1: ONE, 4: TWO, 5: TWO}), []),
        (SEEN._replace(uidls=[*SEEN.uidls, ("new", 1)]), []),
        (inbox(messages={1: ONE._replace(digest=""), 4: TWO}), []),
        (inbox(validity=78), ["INBOX: UIDVALIDITY was 77 and is 78"]),
        (inbox(following=4), ["INBOX: the next UID was 5 and is 4"]),
        (inbox(messages={1: ONE}), ["INBOX: 1 messages are gone, such as UID 4"]),
        (
            inbox(messages={1: ONE, 2: TWO, 4: TWO}),
            ["INBOX: 1 messages have appeared among old ones, such as UID 2"],
        ),
        (
            inbox(messages={1: ONE._replace(flags=("\\seen",)), 4: TWO}),
            ["INBOX: 1 messages have other flags or keywords, such as UID 1"],
        ),
        (inbox(messages={1: ONE, 4: TWO._replace(size=1)}), ["INBOX: 1 messages have another size, such as UID 4"]),
        (
            inbox(messages={1: ONE, 4: TWO._replace(digest="c")}),
            ["INBOX: 1 messages have another content, such as UID 4"],
        ),
        (SEEN._replace(folders={}), ["folder INBOX is gone"]),
        (SEEN._replace(subscribed=["INBOX.x"]), ["subscription INBOX is gone", "subscription INBOX.x has appeared"]),
        (SEEN._replace(uidls=SEEN.uidls[1:]), ["POP3: 1 UIDLs are gone, such as UID1-5"]),
        (SEEN._replace(uidls=SEEN.uidls[::-1]), ["POP3: the messages have another order"]),
        (SEEN._replace(uidls=[("UID1-5", 1), SEEN.uidls[1]]), ["POP3: 1 messages have another size, such as UID1-5"]),
    ],
)
def test_differences(after: View, told: list[str]) -> None:
    assert view.differences(SEEN, after) == told


def test_the_order_of_pop3_counts_only_where_the_server_can_keep_it() -> None:
    assert view.differences(SEEN, SEEN._replace(uidls=SEEN.uidls[::-1]), ordered=False) == []


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (SEEN, []),
        (SEEN._replace(subscribed=[]), []),
        (inbox(messages={1: ONE._replace(flags=()), 9: TWO}), []),
        (inbox(validity=78), ["INBOX: UIDVALIDITY was 77 and is 78"]),
        (inbox(messages={1: ONE, 3: TWO, 4: TWO}), ["INBOX: 1 messages have appeared among old ones, such as UID 3"]),
        (inbox(messages={1: ONE._replace(size=59), 4: TWO}), ["INBOX: 1 messages have another size, such as UID 1"]),
        (
            SEEN._replace(uidls=[("new-1", 58), ("new-2", 60)]),
            ["POP3: 2 UIDLs are gone, more than messages of the INBOX"],
        ),
        (inbox(messages={4: TWO})._replace(uidls=[("UID2-5", 60)]), []),
    ],
)
def test_what_clients_change_is_no_difference_in_contents(after: View, told: list[str]) -> None:
    assert view.contents(SEEN, after) == told


def test_mail_that_came_is_counted() -> None:
    assert view.arrived(SEEN, inbox(following=7, messages={1: ONE, 5: TWO, 6: TWO})) == 2


def test_a_view_goes_through_json() -> None:
    assert view.from_data(json.loads(json.dumps(view.as_data(SEEN)))) == SEEN


def test_lists_of_folders() -> None:
    data = [
        b'(\\HasNoChildren) "." "INBOX.with space"',
        b'(\\Noselect \\HasChildren) "." "INBOX.a"',
        b'(\\NonExistent) "." INBOX.gone',
        b'() "." INBOX',
        b'(\\HasNoChildren) NIL "INBOX.a\\"b\\\\"',
        (b'() "." {7}', b"INBOX.x"),
        None,
    ]
    assert view.listed(data) == ["INBOX", 'INBOX.a"b\\', "INBOX.with space", "INBOX.x"]
    assert view.quoted('a"b\\') == '"a\\"b\\\\"'


def test_what_fetch_answers() -> None:
    line = b"1 (UID 7 FLAGS (\\Seen \\Recent $Label1) RFC822.SIZE 58)"
    assert view.message(line) == (7, Message(("$label1", "\\seen"), 58))
    assert view.message(b"1 (FLAGS (\\Seen))") is None
    assert view.uid_of(b" UID 12)") == 12


@pytest.mark.parametrize(
    ("number", "sample", "numbers"), [(3, 0, [1, 2, 3]), (10, 3, [4, 7, 10]), (2, 5, [1, 2]), (0, 0, [])]
)
def test_samples(number: int, sample: int, numbers: list[int]) -> None:
    assert view.spread(range(1, number + 1), sample) == numbers


def run(capsys: pytest.CaptureFixture[str], root: pathlib.Path, **options: Any) -> dict[str, Any]:
    accounts = [{"address": "a@b.example", "password": "Correct-Horse-1"}]
    given = {"accounts": accounts, "state_directory": str(root / "state"), **options}
    with patch_module_args(given), pytest.raises(SystemExit):
        maildir_view.main()
    out = capsys.readouterr()[0]
    assert "Correct-Horse-1" not in out
    result: dict[str, Any] = json.loads(out)
    return result


def test_a_look_is_kept_and_compared(
    capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "look", lambda *_all: SEEN)
    assert run(capsys, tmp_path, name="before", _ansible_check_mode=True)["changed"] is True
    assert not (tmp_path / "state").exists()
    assert run(capsys, tmp_path, name="before")["changed"] is True
    assert run(capsys, tmp_path, name="before")["changed"] is False
    (kept,) = (tmp_path / "state/view-before").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert run(capsys, tmp_path, compare_to="before")["same"] is True
    monkeypatch.setattr(client, "look", lambda *_all: inbox(validity=1))
    result = run(capsys, tmp_path, compare_to="before")
    assert (result["same"], len(result["accounts"][0]["differences"])) == (False, 1)
    kept.write_text("{}")
    assert "is damaged" in run(capsys, tmp_path, compare_to="before")["msg"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"compare_to": "before"}, "was not looked at before"),
        ({"name": "../x"}, "not a usable name"),
        ({"host": "192.0.2.1"}, "would not be verified"),
        ({"host": "192.0.2.1", "tls": False}, "in clear"),
        ({"imap_port": 1}, "refused"),
    ],
)
def test_what_is_refused(
    capsys: pytest.CaptureFixture[str],
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    word: str,
) -> None:
    if "compare_to" in options:
        monkeypatch.setattr(client, "look", lambda *_all: SEEN)
    assert word in run(capsys, tmp_path, **options)["msg"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_host_needs_no_certificate(host: str) -> None:
    client.Server(host, 993, 995, True, "", "", 1).context()
    with pytest.raises(MailError, match=r"\S"):
        client.Server("mail.example", 993, 995, True, "", "", 1).context()
