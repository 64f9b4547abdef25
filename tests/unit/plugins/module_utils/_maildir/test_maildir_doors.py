# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""maildir_migration on a real disk, as Ansible runs it; as root it works with the rights of another user."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import book, look, run, write
from ansible_collections.mailops.mailserver.plugins.module_utils._store import connect
from ansible_collections.mailops.mailserver.plugins.modules import maildir_migration

OWNER = 65534 if os.geteuid() == 0 else os.geteuid()
LIST = "courierimapkeywords/:list"


class Host:
    """A home with a Maildir that Courier has served, and the module."""

    def __init__(self, root: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.home = root / "home"
        self.maildir = self.home / "Maildir"
        self.state = root / "state"
        self.warnings: list[str] = []
        self._capsys = capsys
        for part in ("", ".Sent", ".日本語", ".A&B"):
            for sub in ("cur", "new", "tmp"):
                (self.maildir / part / sub).mkdir(parents=True)
        self.put("courierimapuiddb", "1 77 5\n1 10.a,S=5\n2 11.b\n4 9.c\n")
        self.put("courierpop3dsizelist", "/3 9 55\n10.a,S=5:2, 6 1:55:0\n")
        self.put("courierimapsubscribed", "INBOX.日本語\nINBOX\n")
        self.put(LIST, "work\n\n10.a,S=5:0\n")
        for name in ("cur/10.a,S=5:2,S", "cur/11.b:2,", "cur/9.c:2,", ".日本語/cur/1.x:2,", "new/12.d,S=5"):
            self.put(name, "a\nb\nc")
        self.put(".日本語/courierimapuiddb", "1 78 2\n1 1.x\n")
        self.own()

    def put(self, name: str, text: str) -> None:
        path = self.maildir / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def own(self) -> None:
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, OWNER, -1, follow_symlinks=False)

    def run(self, phase: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        with pytest.raises(SystemExit):
            self.start(phase, _ansible_check_mode=check, _ansible_diff=True, **options)
        result: dict[str, Any] = json.loads(self._capsys.readouterr()[0])
        return result

    def start(self, phase: str, **options: Any) -> None:
        account = {"address": "a@b.example", "home": str(self.home), "uid": OWNER, "gid": os.getegid() or OWNER}
        given = {"phase": phase, "accounts": [account], "state_directory": str(self.state), **options}
        with patch_module_args(given):
            maildir_migration.main()

    def forget(self) -> None:
        """What was said."""
        self._capsys.readouterr()

    def tree(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.home)): path.read_bytes() if path.is_file() else b""
            for path in sorted(self.home.rglob("*"))
        }

    def text(self, name: str) -> str:
        return (self.maildir / name).read_text(encoding="utf-8")


@pytest.fixture
def host(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Outside of pytest's own directories, which nobody but this user may enter."""
    root = pathlib.Path(tempfile.mkdtemp())
    root.chmod(0o755)
    host = Host(root, capsys)
    monkeypatch.setattr(AnsibleModule, "warn", lambda _self, message: host.warnings.append(message))
    yield host
    shutil.rmtree(root)


def test_a_survey_counts_and_writes_nothing(host: Host) -> None:
    before = host.tree()
    result = host.run("survey")
    (account,) = result["accounts"]
    assert (account["folders"], account["messages"], account["bytes"], account["refused"]) == (4, 5, 25, "")
    assert any(
        "3 messages without size" in oddity or "messages without size" in oddity for oddity in account["oddities"]
    )
    assert result["changed"] is False
    assert host.tree() == before
    assert not host.state.exists()


def test_check_mode_foretells_and_writes_nothing(host: Host) -> None:
    before = host.tree()
    foretold = host.run("convert", check=True)
    assert (host.tree(), host.state.exists()) == (before, False)
    done = host.run("convert")
    assert (foretold["changed"], foretold["diff"]) == (True, done["diff"])
    assert foretold["accounts"] == done["accounts"]
    again = host.run("convert")
    assert (again["changed"], again["diff"]) == (False, [])


def test_converting_writes_beside_the_mail(host: Host) -> None:
    host.run("convert")
    assert host.text("dovecot-uidlist") == "3 V77 N5\n1 PUID1-55 O2 :10.a,S=5\n2 O3 :11.b\n4 O1 :9.c\n"
    assert host.text("subscriptions") == "V\t2\n\n&ZeVnLIqe-\nINBOX\n"
    assert (host.maildir / "cur/10.a,S=5:2,S").exists()
    found = (host.maildir / "dovecot-uidlist").stat()
    assert (found.st_uid, found.st_mode & 0o777) == (OWNER, 0o600)


def test_finishing_renames_and_undoing_takes_it_back(host: Host) -> None:
    host.put("dovecot.index.log", "stale")
    host.own()
    before = {name: data for name, data in host.tree().items() if "dovecot" not in name}
    host.run("convert")
    host.put("courierimapuiddb", "1 77 6\n1 10.a,S=5\n2 11.b\n4 9.c\n")
    result = host.run("finish")
    assert (result["accounts"][0]["phase"], result["renamed"]) == ("finished", 1)
    assert (host.maildir / "cur/10.a,S=5:2,Sa").exists()
    assert (host.maildir / ".&ZeVnLIqe-/dovecot-uidlist").exists()
    assert (host.maildir / ".A&-B/cur").exists()
    assert not (host.maildir / "dovecot.index.log").exists()
    assert host.text("dovecot-uidlist").startswith("3 V77 N6\n")
    assert host.run("finish")["changed"] is False
    assert host.run("convert")["changed"] is False
    assert host.run("undo")["changed"] is True
    host.put("courierimapuiddb", "1 77 5\n1 10.a,S=5\n2 11.b\n4 9.c\n")
    assert host.tree() == before
    assert host.run("undo")["changed"] is False


def test_names_on_disk_stay_where_both_servers_write_them_alike(host: Host) -> None:
    host.run("finish", dovecot_folder_names="utf8")
    assert (host.maildir / ".日本語/dovecot-uidlist").exists()
    assert host.text("subscriptions") == "V\t2\n\n日本語\nINBOX\n"


def test_there_and_back(host: Host) -> None:
    host.run("finish")
    uids = {"": host.text("courierimapuiddb"), "日": host.text(".&ZeVnLIqe-/courierimapuiddb")}
    for name in ("courierimapuiddb", "courierimapsubscribed", LIST, ".&ZeVnLIqe-/courierimapuiddb"):
        (host.maildir / name).unlink()
    host.run("convert", to="courier")
    host.run("finish", to="courier")
    assert uids == {"": host.text("courierimapuiddb"), "日": host.text(".日本語/courierimapuiddb")}
    assert host.text("courierimapsubscribed") == "INBOX.日本語\nINBOX\n"
    assert host.text(LIST) == "work\n\n10.a,S=5:0\n"
    assert "10.a,S=5:2, 6 1:55:0" in host.text("courierpop3dsizelist")
    assert (host.maildir / ".A&B").is_dir()


def test_sizes_for_courier_are_read_from_messages_that_nobody_has_measured(host: Host) -> None:
    host.run("finish")
    (host.maildir / "courierpop3dsizelist").unlink()
    host.run("finish", to="courier", pop3_uidl_format="UID%u-%v")
    assert "10.a,S=5:2, 7 1:55\n" in host.text("courierpop3dsizelist")
    assert "11.b:2, 7 2:77\n" in host.text("courierpop3dsizelist")


def test_dovecot_that_has_gone_on_is_not_undone(host: Host) -> None:
    host.run("finish")
    host.put("dovecot-uidlist", "3 V77 N8 Gabc\n1 :10.a,S=5\n2 :11.b\n4 :9.c\n7 :12.d,S=5\n")
    result = host.run("undo")
    assert result["failed"]
    assert "Convert to courier instead" in result["msg"]
    assert host.run("finish", to="courier")["changed"] is True
    assert host.text("courierimapuiddb") == "1 77 8\n1 10.a,S=5\n2 11.b\n4 9.c\n7 12.d,S=5\n"
    assert (host.maildir / "cur/12.d,S=5:2,").exists()
    assert not (host.maildir / "new/12.d,S=5").exists()


class Killed(BaseException):
    """As a signal that cannot be caught."""


@pytest.mark.parametrize("after", range(1, 14))
def test_a_run_that_is_killed_goes_on(host: Host, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = iter(range(after))
    rename = os.rename

    def killed(*args: Any, **more: Any) -> None:
        if next(steps, None) is None:
            raise Killed
        rename(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", killed)
        with pytest.raises((Killed, SystemExit)):
            host.start("finish")
    host.forget()
    host.run("finish")
    assert (host.maildir / ".A&-B/cur").is_dir()
    assert not (host.maildir / ".A&-&-B").exists()
    assert (host.maildir / "cur/10.a,S=5:2,Sa").exists()
    assert host.text(".&ZeVnLIqe-/dovecot-uidlist") == "3 V78 N2\n1 :1.x\n"
    assert host.text("dovecot-keywords") == "0 work\n"


def test_a_maildir_that_is_a_link_is_refused_before_anything_is_written(host: Host) -> None:
    other = host.root / "other"
    host.maildir.rename(other)
    host.maildir.symlink_to(other)
    assert "symbolic link" in host.run("survey")["accounts"][0]["refused"]
    result = host.run("convert")
    assert result["failed"]
    assert "Nothing was written" in result["msg"]
    assert not (other / "dovecot-uidlist").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
@pytest.mark.parametrize("part", [".Sent", ".Sent/cur", ".Sent/new"])
def test_a_folder_of_another_owner_is_refused(host: Host, part: str) -> None:
    os.chown(host.maildir / part, 0, 0)
    (host.maildir / part).chmod(0o755)
    result = host.run("convert")
    assert "INBOX.Sent: is not the account's to write" in result["msg"]
    (account,) = host.run("survey")["accounts"]
    assert account["refused"].startswith("a@b.example: INBOX.Sent: is not the account's to write")
    assert not (host.maildir / "dovecot-uidlist").exists()


def test_links_lead_nowhere(host: Host) -> None:
    secret = host.root / "secret"
    (secret / "cur").mkdir(parents=True)
    (secret / "list").write_text("1 66 3\n1 10.a,S=5\n")
    secret.chmod(0o777)
    (host.maildir / ".Out").symlink_to(secret)
    (host.maildir / "cur/13.e:2,").symlink_to(secret / "list")
    (host.maildir / ".日本語/courierimapuiddb").unlink()
    (host.maildir / ".日本語/courierimapuiddb").symlink_to(secret / "list")
    (host.maildir / "dovecot-uidlist").symlink_to(secret / "list")
    (host.maildir / "dovecot-keywords.mailserver-new").symlink_to(secret / "list")
    oddities = " ".join(host.run("convert")["accounts"][0]["oddities"])
    assert "folder .Out is a symbolic link" in oddities
    assert "symbolic links and were left out: 13.e:2," in oddities
    assert "courierimapuiddb cannot be read" in oddities
    assert (secret / "list").read_text() == "1 66 3\n1 10.a,S=5\n"
    assert not (host.maildir / "dovecot-uidlist").is_symlink()
    assert "10.a,S=5" in host.text("dovecot-uidlist")
    assert not list(secret.glob("dovecot*"))


def test_what_is_odd_is_told(host: Host) -> None:
    host.put("cur/10.a,S=5:2,F", "twice")
    host.put("cur/14.x\ny", "line end")
    host.put("tmp/15.half", "half")
    host.put("cur/16.w,S=1:2,", "wrong")
    os.mkfifo(host.maildir / ".Sent/courierimapuiddb")
    (host.maildir / ".&MMYwuTDI-/cur").mkdir(parents=True)
    os.makedirs(bytes(host.maildir) + b"/.\xff/cur")
    host.own()
    result = host.run("survey")
    oddities = "\n".join(result["accounts"][0]["oddities"])
    for word in (
        "twice under one name",
        "line end in the name",
        "no file of a usual size",
        "looks like",
        "not UTF-8",
        "wrong size",
    ):
        assert word in oddities
    assert result["tmp"] == 1
    assert host.run("finish")["changed"] is True
    assert (host.maildir / ".&-MMYwuTDI-").is_dir()
    assert os.path.isdir(bytes(host.maildir) + b"/.\xff")


def test_a_full_disk_is_told_before_the_start(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "free_bytes", lambda _maildir: (1, 10))
    before = host.tree()
    assert "10 are free" in host.run("convert")["msg"]
    assert host.tree() == before
    host.run("survey")
    assert any("are needed and 10 are free" in warning for warning in host.warnings)


def test_a_disk_that_fills_up_leaves_whole_files(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.put("dovecot-keywords", "0 old\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(write.os, "fsync", full)
        result = host.run("convert")
    assert result["failed"]
    assert host.text("dovecot-keywords") == "0 old\n"
    assert not list(host.maildir.glob("*.mailserver-new"))
    assert host.run("convert")["changed"] is True


def test_an_account_that_never_got_mail_stays_open(host: Host) -> None:
    away = host.root / "away"
    host.maildir.rename(away)
    result = host.run("finish")
    (account,) = result["accounts"]
    assert (account["phase"], account["oddities"], result["changed"]) == ("", ["has no Maildir yet"], False)
    assert host.run("survey")["accounts"][0]["oddities"] == ["has no Maildir yet"]
    assert not host.maildir.exists()
    away.rename(host.maildir)
    assert host.run("finish")["accounts"][0]["phase"] == "finished"


@pytest.mark.parametrize("phase", ["convert", "finish", "undo"])
def test_a_maildir_that_is_gone_since_it_was_converted_is_refused(host: Host, phase: str) -> None:
    host.run("convert")
    away = host.root / "away"
    host.maildir.rename(away)
    (page,) = host.state.glob("*.json")
    result = host.run(phase)
    assert "is not there, and was when it was converted" in result["msg"]
    (host.maildir / "cur").mkdir(parents=True)
    host.own()
    result = host.run(phase)
    assert "is another directory than when it was converted" in result["msg"]
    assert str(page) in result["msg"]
    shutil.rmtree(host.maildir)
    away.rename(host.maildir)
    assert host.run(phase)["accounts"][0]["phase"] == {"convert": "converted", "finish": "finished"}.get(phase, "")


def test_an_account_on_its_way_is_not_converted_the_other_way(host: Host) -> None:
    host.run("convert")
    before = host.tree()
    for phase in ("convert", "finish"):
        assert "is being converted for dovecot" in host.run(phase, to="courier")["msg"]
    assert host.tree() == before
    host.run("undo")
    assert host.run("finish", to="courier")["changed"] is False
    assert host.run("finish")["changed"] is True


def test_what_the_server_serves_already_is_left_alone(host: Host) -> None:
    host.state.mkdir()
    (host.state / "serves").write_text("dovecot\n")
    before = host.tree()
    for phase in ("convert", "finish", "undo"):
        result = host.run(phase)
        assert (result["changed"], result["accounts"][0]["phase"]) == (False, "")
    assert host.tree() == before


def test_a_stop_that_ended_with_the_old_server_is_finished_again(host: Host) -> None:
    host.run("finish")
    (host.state / "serves").write_text("courier\n")
    host.put("courierimapuiddb", "1 77 6\n1 10.a,S=5\n2 11.b\n4 9.c\n5 12.d,S=5\n")
    assert host.run("finish")["accounts"][0]["phase"] == "finished"
    assert "5 O4 :12.d,S=5\n" in host.text("dovecot-uidlist")
    for part in ("cur", "new", "tmp"):
        (host.maildir / ".新" / part).mkdir(parents=True)
    host.own()
    host.run("finish")
    assert (host.maildir / ".&ZbA-").is_dir()
    assert (host.maildir / ".A&-B").is_dir()
    (host.state / "serves").write_text("dovecot\n")
    assert host.run("finish")["changed"] is False


def test_delivery_does_not_hinder_undoing_while_the_old_server_serves(host: Host) -> None:
    host.run("convert")
    host.put("dovecot-uidlist", "3 V77 N8 Gabc\n1 :10.a,S=5\n2 :11.b\n4 :9.c\n7 :12.d,S=5\n")
    host.put("cur/13.e:2,a", "with a keyword of a script")
    result = host.run("undo")
    assert (result["changed"], result["accounts"][0]["phase"], result["renamed"]) == (True, "", 0)
    assert not (host.maildir / "dovecot-uidlist").exists()
    host.run("finish")
    (host.state / "serves").write_text("courier\n")
    host.put("dovecot-uidlist", "3 V77 N8 Gabc\n1 :10.a,S=5\n2 :11.b\n4 :9.c\n7 :12.d,S=5\n")
    assert host.run("undo")["changed"] is True


def test_all_are_judged_before_one_is_undone(host: Host) -> None:
    other = host.root / "other"
    shutil.copytree(host.home, other)
    for path in (other, *other.rglob("*")):
        os.chown(path, OWNER, -1)
    accounts = [
        {"address": address, "home": str(home), "uid": OWNER, "gid": os.getegid() or OWNER}
        for address, home in (("a@b.example", other), ("b@b.example", host.home))
    ]
    host.run("finish", accounts=accounts)
    host.put("dovecot-uidlist", "3 V77 N8 Gabc\n1 :10.a,S=5\n2 :11.b\n4 :9.c\n7 :12.d,S=5\n")
    result = host.run("undo", accounts=accounts)
    assert "b@b.example: INBOX: Dovecot has worked on it since" in result["msg"]
    assert (other / "Maildir/dovecot-uidlist").exists()


def test_a_folder_that_is_deleted_meanwhile_stops_nothing(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = write.publish

    def deleting(parent: int, name: str, content: str) -> None:
        if os.path.samestat(os.fstat(parent), (host.maildir / ".日本語").stat()):
            shutil.rmtree(host.maildir / ".日本語")
        publish(parent, name, content)

    host.put(".Sent/courierimapuiddb", "1 78 2\n")
    host.own()
    monkeypatch.setattr(write, "publish", deleting)
    assert host.run("convert", dovecot_folder_names="utf8")["accounts"][0]["phase"] == "converted"
    assert not (host.maildir / ".日本語").exists()
    assert host.text("dovecot-uidlist")


def test_a_message_that_goes_while_it_is_counted_is_no_oddity(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = look.listing

    def stale(descriptor: int) -> list[tuple[str, bool, bool]]:
        return [*listing(descriptor), ("99.gone:2,S", False, False)]

    monkeypatch.setattr(look, "listing", stale)
    (account,) = host.run("survey")["accounts"]
    assert (account["refused"], account["messages"]) == ("", 5)


def test_one_migration_waits_for_the_end_of_another(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.ExitStack() as other:
        other.enter_context(book.only_run(str(host.state)))
        monkeypatch.setattr(time, "sleep", lambda _seconds: other.close())
        assert host.run("convert")["changed"]


def test_two_migrations_at_once_are_refused(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "PATIENCE", 0.0)
    with book.only_run(str(host.state)):
        assert "another migration is at work" in host.run("convert")["msg"]


def test_a_damaged_page_is_named(host: Host) -> None:
    host.run("convert")
    (page,) = host.state.glob("*.json")
    page.write_text("{}")
    assert str(page) in host.run("convert")["msg"]


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ({"home": "home", "uid": 1, "gid": 1}, "has no Maildir"),
        ({"home": "/home", "uid": 0, "gid": 1}, "uid 0"),
        ({"home": "/home", "uid": 1, "gid": 0}, "gid 0"),
    ],
)
def test_accounts_that_cannot_be(host: Host, entry: dict[str, Any], word: str) -> None:
    assert word in host.run("survey", accounts=[{"address": "a", **entry}])["msg"]


def test_accounts_of_the_store(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(host.root / "store/directory.sqlite")
    user = pwd.getpwuid(OWNER)
    with connect.opened(path, write=True, create=True) as store:
        store.save_settings(connect.Settings(mail_directory=str(host.root), mail_owner=user.pw_name))
        store.connection.execute("INSERT INTO domain (name) VALUES ('b.example')")
        rows = [("a@b.example", str(host.home), 1), ("alias@b.example", "/nowhere", 0)]
        store.connection.executemany(
            "INSERT INTO account (address, local_part, domain, home, mailbox) VALUES (?, 'x', 'b.example', ?, ?)", rows
        )
        store.commit()
    result = host.run("survey", accounts=None, path=path)
    assert [(item["address"], item["messages"]) for item in result["accounts"]] == [("a@b.example", 5)]
    monkeypatch.setattr(run.pwd, "getpwnam", {}.__getitem__)
    assert "there is no user" in host.run("survey", accounts=None, path=path)["msg"]


def test_an_account_is_listed_once(host: Host) -> None:
    entry = {"address": "a", "home": "/home/a", "uid": 1, "gid": 1}
    assert "listed twice" in host.run("survey", accounts=[entry, {**entry, "address": "b"}])["msg"]
