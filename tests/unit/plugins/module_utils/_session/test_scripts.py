# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Sieve scripts are found, and what is read in them."""

from __future__ import annotations

import os
import pathlib
import time

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._session import scripts

SCRIPT = b"""require ["vacation", "copy"];
# redirect "comment@example.net";
/* redirect "another@example.net"; */
if header :contains "subject" ["redirect", "discard"] {
  redirect :copy "thief@example.net";
  fileinto "Junk"; REDIRECT "Second\\"@example.net";
}
redirect "thief@example.net";
"""


def test_where_a_script_sends_mail() -> None:
    found = scripts.actions(SCRIPT)
    assert found["redirects"] == ["thief@example.net", 'Second"@example.net']


@pytest.mark.parametrize(
    "script",
    [
        # A lone quote in a text of several lines does not hide what follows.
        b'vacation text:\r\nI said " and\r\n..\r\n.\r\n;\r\nredirect "thief@example.net";\r\n',
        b'vacation :subject "x" text: # "\n.\n;redirect "thief@example.net";',
        b"redirect text:\nthief@example.net\n.\n;",
        b"redirect TEXT:\r\nthief@example.net\r\n.\r\n; keep;",
    ],
)
def test_no_text_of_several_lines_hides_where_mail_goes(script: bytes) -> None:
    assert scripts.actions(script)["redirects"] == ["thief@example.net"]


@pytest.mark.parametrize(
    "script",
    [
        b'notify :importance "1" :message "${subject}" "mailto:thief@example.net";',
        b'if true { NOTIFY :from "me@example.com" "MAILTO:thief@example.net"; }',
        b"notify :message text:\nhello\n.\n text:\nmailto:thief@example.net\n.\n;",
    ],
)
def test_a_notice_tells_somebody_about_mail(script: bytes) -> None:
    assert scripts.actions(script)["redirects"] == ["thief@example.net"]


@pytest.mark.parametrize(
    ("script", "replies", "discards"),
    [
        (b'vacation "I am away";', True, False),
        (b"discard;", False, True),
        (b'require "vacation"; # vacation\n keep;', False, False),
        (b"\xff\x00 not a script", False, False),
        (b"", False, False),
    ],
)
def test_what_a_script_does(script: bytes, replies: bool, discards: bool) -> None:
    found = scripts.actions(script)
    assert (found["replies"], found["discards"], found["redirects"]) == (replies, discards, [])


@pytest.mark.parametrize("piece", [b"text:\n", b"/*", b'"\\', b'redirect "', b"text: #\n", b"#", b"if true {"])
def test_a_script_is_read_in_a_moment_whatever_it_says(piece: bytes) -> None:
    begin = time.monotonic()
    scripts.actions(piece * (300000 // len(piece)))
    assert time.monotonic() - begin < 5


def test_the_scripts_of_a_home(tmp_path: pathlib.Path) -> None:
    (tmp_path / "sieve" / "tmp").mkdir(parents=True)
    (tmp_path / "sieve" / "a.sieve").write_bytes(SCRIPT)
    (tmp_path / "sieve" / "b.sieve").write_bytes(b"keep;")
    (tmp_path / "sieve" / "b.svbin").write_bytes(b"compiled")
    (tmp_path / "sieve" / "passwd.sieve").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "sieve" / "pipe.sieve")
    (tmp_path / ".dovecot.sieve").symlink_to("sieve/a.sieve")
    os.utime(tmp_path / "sieve" / "a.sieve", (0, 0))
    found = scripts.of_home(str(tmp_path), "no-such-user")
    assert [(os.path.basename(item["path"]), item["active"]) for item in found] == [
        ("a.sieve", True),
        ("b.sieve", False),
    ]
    assert found[0]["changed"] == "1970-01-01T00:00:00+00:00"


def test_many_scripts_do_not_hide_the_one_that_runs(tmp_path: pathlib.Path) -> None:
    (tmp_path / "sieve").mkdir()
    for number in range(300):
        (tmp_path / "sieve" / f"a{number}.sieve").write_bytes(b"keep;")
    (tmp_path / "sieve" / "z.sieve").write_bytes(SCRIPT)
    (tmp_path / ".dovecot.sieve").symlink_to("sieve/z.sieve")
    found = scripts.of_home(str(tmp_path), "no-such-user")
    assert [os.path.basename(item["path"]) for item in found if item["active"]] == ["z.sieve"]
    assert len(found) == 201


def test_what_the_one_that_runs_includes_is_told_however_many_lie_before_it(tmp_path: pathlib.Path) -> None:
    (tmp_path / "sieve").mkdir()
    texts = {"main": b'include :personal "y";', "y": b'include "../z"; include "y"; include "gone";', "z": SCRIPT}
    for name, text in {**{f"a{number}": b"keep;" for number in range(300)}, **texts}.items():
        (tmp_path / "sieve" / f"{name}.sieve").write_bytes(text)
    (tmp_path / ".dovecot.sieve").symlink_to("sieve/main.sieve")
    found = scripts.of_home(str(tmp_path), "no-such-user")
    (last,) = [item for item in found if item["path"].endswith("/z.sieve")]
    assert (last["active"], last["included"], last["redirects"]) == (
        False,
        True,
        ["thief@example.net", 'Second"@example.net'],
    )
    assert [os.path.basename(item["path"]) for item in found if item["included"]] == ["y.sieve", "z.sieve"]
    assert not any("includes" in item for item in found)


def test_a_script_that_is_no_link(tmp_path: pathlib.Path) -> None:
    (tmp_path / ".dovecot.sieve").write_bytes(b"discard;")
    (found,) = scripts.of_home(str(tmp_path), "no-such-user")
    assert found["active"]
    assert found["discards"]


def test_a_home_that_is_not_there(tmp_path: pathlib.Path) -> None:
    assert scripts.of_home(str(tmp_path / "gone"), "no-such-user") == []


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "sieve").mkdir()
    for name in ("a", "b"):
        (tmp_path / "sieve" / f"{name}.sieve").write_bytes(b"keep;")
    return tmp_path


def choose(home: pathlib.Path, name: str, *, write: bool = True) -> tuple[str, str]:
    """Base names of the scripts that ran and that run."""
    before, after = scripts.choose(str(home), "no-such-user", name, write=write)
    return os.path.basename(before), os.path.basename(after)


def test_another_script_runs_and_then_none(home: pathlib.Path) -> None:
    assert choose(home, "a", write=False) == ("", "a.sieve")
    assert not (home / ".dovecot.sieve").exists()
    assert choose(home, "a") == ("", "a.sieve")
    assert os.readlink(home / ".dovecot.sieve") == "sieve/a.sieve"
    assert choose(home, "b") == ("a.sieve", "b.sieve")
    assert choose(home, "b") == ("b.sieve", "b.sieve")
    assert choose(home, "") == ("b.sieve", "")
    assert choose(home, "") == ("", "")
    assert sorted(os.listdir(home / "sieve")) == ["a.sieve", "b.sieve"]
    assert os.listdir(home) == ["sieve"]


def test_a_script_that_is_no_link_is_kept(home: pathlib.Path) -> None:
    (home / ".dovecot.sieve").write_bytes(b"discard;")
    assert choose(home, "")[1] == ""
    assert (home / "sieve" / "dovecot.orig.sieve").read_bytes() == b"discard;"
    assert not (home / ".dovecot.sieve").exists()


def test_an_older_script_is_not_written_over(home: pathlib.Path) -> None:
    (home / ".dovecot.sieve").write_bytes(b"discard;")
    (home / "sieve" / "dovecot.orig.sieve").write_bytes(b"older")
    with pytest.raises(MailError, match="cannot be changed: File exists"):
        choose(home, "")
    assert (home / "sieve" / "dovecot.orig.sieve").read_bytes() == b"older"


@pytest.mark.parametrize("name", ["gone", "../sieve/a", "link", "."])
def test_a_script_that_is_not_there(home: pathlib.Path, name: str) -> None:
    (home / "sieve" / "link.sieve").symlink_to("/etc/passwd")
    with pytest.raises(MailError, match="there is no such Sieve script"):
        choose(home, name)
