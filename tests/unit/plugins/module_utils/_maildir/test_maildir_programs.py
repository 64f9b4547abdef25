# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at accounts through programs that are started without a login, and comparing with several looks."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import sys
import time
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import client, looks, programs
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir.account import Account
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir.client import Depth, Sessions
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir.programs import Start
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir.view import Folder, Message, View
from ansible_collections.mailops.mailserver.plugins.modules import maildir_view

ALICE = Account("alice@a.example", "/nowhere/Maildir", 1001, 1001)
# Speaks as much IMAP and POP3 as a look needs; its one folder has a message that cannot be read when it is told so.
PROGRAM = r"""
import sys
protocol, trouble = sys.argv[1:]
if trouble == "dies":
    sys.exit("imap: Info: hello\nimap: Fatal: Unknown user\n")
def say(*lines):
    sys.stdout.write("".join(line + "\r\n" for line in lines))
    sys.stdout.flush()
if protocol == "imap":
    say("* PREAUTH ready")
for line in sys.stdin:
    words = line.split()
    if protocol == "pop3":
        answers = {"UIDL": ["+OK", "1 UID1-5", "."], "LIST": ["+OK", "1 58", "."]}
        say(*answers.get(words[0], ["+OK"]))
        continue
    tag, word, rest = words[0], words[1].upper(), " ".join(words[2:])
    if word == "LIST":
        say('* LIST () "." INBOX')
    elif word == "LSUB":
        say('* LSUB () "." INBOX')
    elif word == "CAPABILITY":
        say("* CAPABILITY IMAP4rev1")
    elif word in ("EXAMINE", "SELECT"):
        say("* 2 EXISTS", "* OK [UIDVALIDITY 7] ok")
    elif word == "STATUS":
        say('* STATUS "INBOX" (UIDNEXT 9)')
    elif "BODY.PEEK" in rest:
        for number, uid in ((1, 3), (2, 8)):
            if str(uid) in rest and not (uid == 8 and trouble):
                say("* %d FETCH (UID %d BODY[] {5}" % (number, uid), "ab\r\n%d)" % uid)
    elif word in ("FETCH", "UID"):
        size = " RFC822.SIZE 5" if "SIZE" in rest else ""
        if word == "UID" and trouble == "deleted":
            size = None
        for number, uid in ((1, 3), (2, 8)):
            if size is not None and (word == "FETCH" or str(uid) in rest):
                say("* %d FETCH (UID %d FLAGS (\\Seen)%s)" % (number, uid, size))
    say(tag + " OK done")
    if word == "LOGOUT":
        break
"""


class Server:
    def __init__(self, directory: pathlib.Path, trouble: str = "", *, relayed: bool = False) -> None:
        self.program, self.trouble, self.relayed = directory / "program.py", trouble, relayed
        self.program.write_text(PROGRAM)

    def start(self, protocol: str, item: Account) -> Start:
        argv = (sys.executable, str(self.program), protocol, self.trouble)
        return Start(argv, {}, None, b"NOOP\r\n" if protocol == "pop3" else b"", self.relayed)

    def look(self, **depth: Any) -> View:
        imap = functools.partial(programs.imap, self, ALICE, 10)
        pop3 = functools.partial(programs.pop3, self, ALICE, 10)
        return client.look(Sessions(imap, pop3), ALICE.address, Depth(**depth))


@pytest.mark.parametrize("relayed", [False, True])
def test_a_look_through_programs(tmp_path: pathlib.Path, relayed: bool) -> None:
    seen = Server(tmp_path, relayed=relayed).look()
    inbox = seen.folders["INBOX"]
    assert (inbox.validity, inbox.following, sorted(inbox.messages)) == (7, 9, [3, 8])
    assert all(message.size == 5 and len(message.digest) == 64 for message in inbox.messages.values())
    assert (seen.subscribed, seen.uidls) == (["INBOX"], [("UID1-5", 58)])


def test_a_quick_look_reads_no_message(tmp_path: pathlib.Path) -> None:
    messages = Server(tmp_path).look(digests=False).folders["INBOX"].messages
    assert messages == {3: Message(("\\seen",), -1), 8: Message(("\\seen",), -1)}


def test_what_was_read_then_is_read_now(tmp_path: pathlib.Path) -> None:
    earlier = View({"INBOX": Folder(7, 9, {3: Message((), 5, "x"), 8: Message((), 5)})}, [], [])
    messages = Server(tmp_path).look(earlier=earlier, sample=2).folders["INBOX"].messages
    assert [uid for uid, message in messages.items() if message.digest] == [3]


def test_a_message_that_cannot_be_read_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(MailError, match="UID 8 cannot be read"):
        Server(tmp_path, "unreadable").look()
    assert list(Server(tmp_path, "deleted").look().folders["INBOX"].messages) == [3]


@pytest.mark.parametrize("relayed", [False, True])
def test_a_program_that_ends_is_quoted(tmp_path: pathlib.Path, relayed: bool) -> None:
    with pytest.raises(MailError, match="Fatal: Unknown user"):
        Server(tmp_path, "dies", relayed=relayed).look()


def test_much_is_relayed_from_a_program_that_waits_for_nobody() -> None:
    script = "import os; os.set_blocking(0, False); print('x' * 3_000_000)"
    start = Start((sys.executable, "-c", script), {}, relayed=True)
    with programs._started(start, ALICE, 10) as link:
        time.sleep(0.3)
        assert sum(iter(lambda: len(link.recv(65536)), 0)) == 3_000_001


def test_a_program_that_is_not_there() -> None:
    class Nobody:
        def start(self, _protocol: str, _item: Account) -> Start:
            return Start(("/nowhere/imapd",), {})

    with pytest.raises(MailError, match="cannot be run"), programs.imap(Nobody(), ALICE, 1):
        pass


def test_how_couriers_programs_are_started(tmp_path: pathlib.Path) -> None:
    for name in ("imapd", "imapd-ssl", "pop3d", "pop3d-ssl"):
        (tmp_path / name).write_text("IMAP_KEYWORDS=1\nIMAP_EMPTYTRASH=Trash:7\n")
    start = programs.Courier(str(tmp_path)).start("imap", ALICE)
    assert (start.argv[-1], start.owner) == (ALICE.maildir, (1001, 1001))
    assert start.environment["AUTHENTICATED"] == ALICE.address
    assert start.environment["IMAP_KEYWORDS"] == "1"
    assert "IMAP_EMPTYTRASH" not in start.environment
    (tmp_path / "pop3d").unlink()
    with pytest.raises(MailError, match="is not there"):
        programs.Courier(str(tmp_path))


def test_how_dovecots_programs_are_started() -> None:
    quick, whole = programs.Dovecot(sizes=False), programs.Dovecot(sizes=True)
    assert (
        whole.start("imap", ALICE).argv
        == quick.start("imap", ALICE).argv
        == ("/usr/lib/dovecot/imap", "-u", ALICE.address)
    )
    assert whole.start("pop3", ALICE).argv == ("/usr/lib/dovecot/pop3", "-u", ALICE.address)
    assert "pop3_fast_size_lookups=yes" in quick.start("pop3", ALICE).argv


def test_folders_without_numbers(tmp_path: pathlib.Path) -> None:
    for name in ("cur", ".Work/cur", ".日本語/cur", ".Sent/cur", ".Sent/new"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("Work", "Sent"):
        (tmp_path / f".{name}/courierimapuiddb").write_text("1 77 2\n1 10.a\n")
    for name in (".Work/cur/10.a:2,S", ".Sent/new/11.b"):
        (tmp_path / name).touch()
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        assert programs.unsettled(descriptor) == {"INBOX", "INBOX.&ZeVnLIqe-", "INBOX.Sent"}
    finally:
        os.close(descriptor)


READ, QUICK = Message(("\\seen",), 58, "aa"), Message(("\\seen",), -1)


def seen(message: Message) -> View:
    return View({"INBOX": Folder(77, 5, {1: message})}, [], [])


@pytest.fixture
def module(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the module on a store of five accounts, of which e has no Maildir, with what clients would see."""
    stored = [Account(f"{name}@a.example", str(tmp_path / name), os.geteuid(), os.getegid()) for name in "abcde"]
    for item in stored[:4]:
        pathlib.Path(item.maildir).mkdir()
    monkeypatch.setattr(looks, "from_store", lambda *_all: list(stored))
    monkeypatch.setattr(programs, "Dovecot", lambda **_options: Server(tmp_path))

    def run(view: View, **options: Any) -> dict[str, Any]:
        monkeypatch.setattr(client, "look", lambda *_all: view)
        state = str(tmp_path / "state")
        given = {"via": "programs", "server": "dovecot", "state_directory": state, **options}
        with patch_module_args(given), pytest.raises(SystemExit):
            maildir_view.main()
        result: dict[str, Any] = json.loads(capsys.readouterr()[0])
        return result

    run.stored = stored  # type: ignore[attr-defined]
    return run


def addresses(result: dict[str, Any]) -> str:
    return "".join(fact["address"][0] for fact in result["accounts"])


def test_two_earlier_looks(module: Any) -> None:
    assert module(seen(READ), name="before")["digests"] == 4
    assert module(seen(QUICK), name="last", accounts_of="before", digests=False, compare_to="before")["same"]
    assert module(seen(READ), compare_to="last", digests_from="before")["same"]
    result = module(seen(READ._replace(digest="bb", flags=())), compare_to="last", digests_from="before")
    assert result["accounts"][0]["differences"] == [
        "INBOX: 1 messages have other flags or keywords, such as UID 1",
        "INBOX: 1 messages have another content, such as UID 1",
    ]
    assert not result["same"]
    assert "was not looked at before (none)" in module(seen(READ), digests_from="none")["msg"]


def test_which_accounts_are_looked_at(module: Any, tmp_path: pathlib.Path) -> None:
    result = module(seen(READ), name="before")
    assert addresses(result) == "abcde"
    assert [fact["there"] for fact in result["accounts"]] == [True, True, True, True, False]
    result = module(seen(READ), name="some", account_sample=2)
    assert (addresses(result), result["candidates"]) == ("ce", 5)
    assert addresses(module(seen(READ), compare_to="some")) == "c"
    assert addresses(module(seen(READ), accounts=[{"address": "b@a.example"}])) == "b"
    assert "not an account" in module(seen(READ), accounts=[{"address": "x@a.example"}])["msg"]
    pathlib.Path(module.stored[0].maildir).rmdir()
    del module.stored[1]
    result = module(seen(READ), name="before", compare_to="before")
    assert result["accounts"][0]["differences"] == ["the Maildir is gone"]
    assert addresses(result) == "acd"
    assert addresses(module(seen(READ), compare_to="before")) == "cd"


def test_what_is_missing(module: Any) -> None:
    assert "accounts" in module(seen(READ), via="login")["msg"]
    assert "no password" in module(seen(READ), via="login", accounts=[{"address": "a@a.example"}])["msg"]
    assert "server" in module(seen(READ), server=None)["msg"]
    assert "has no account" in module(seen(READ), accounts_of="nobody")["msg"]


def test_accounts_that_cannot_be_looked_at_are_named(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_sessions: Sessions, address: str, _depth: Depth) -> View:
        raise MailError("no answer", where=address)

    module(seen(READ))
    with monkeypatch.context() as patch:
        patch.setattr(looks.client, "look", refuse)
        entries = [looks.Entry(f"{name}@a.example", Sessions(None, None)) for name in "abcdefg"]
        one = functools.partial(
            looks._one,
            params={"digests": True, "sample": 0},
            places=looks.Places("", "", "", ""),
            check_mode=False,
        )
        with pytest.raises(MailError, match=r"a@a.example: no answer; .*e@a.example: no answer \(and 2 more\)"):
            looks._all(one, entries, 2)
