# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files, the journal and the module: what is read, in which order, and what damage does."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import pathlib
import time
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._log import read, run
from ansible_collections.mailops.mailserver.plugins.module_utils._log.read import Period, Source
from ansible_collections.mailops.mailserver.plugins.modules import mail_log_info

JOURNAL = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "logs" / "debian13" / "journal.json"
NOW = 1795372000.0
ALL = Period(0, NOW + 86400)


def text(*minutes: int) -> bytes:
    """One message for each minute before NOW."""
    written = [time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(NOW - 60 * minute)) for minute in minutes]
    return b"".join(f"{stamp} mx postfix/smtpd[1]: connect from a[192.0.2.1]\n".encode() for stamp in written)


def put(path: pathlib.Path, data: bytes, age: float) -> None:
    path.write_bytes(data)
    os.utime(path, (NOW - age, NOW - age))


def minutes(lines: Any) -> list[int]:
    return [round((NOW - line.time) / 60) for line in lines]


def test_rotated_and_compressed_files_are_read_in_their_order(tmp_path: pathlib.Path) -> None:
    put(tmp_path / "mail.log", text(1), 10)
    put(tmp_path / "mail.log.1", text(3, 2), 100)
    put(tmp_path / "mail.log.2.gz", gzip.compress(text(5, 4)), 200)
    put(tmp_path / "mail.log-20261120.xz", lzma.compress(text(7, 6)), 300)
    put(tmp_path / "mail.log.3.bz2", bz2.compress(text(8)), 400)
    put(tmp_path / "mail.log.4.gz", gzip.compress(text(9)), 5000)
    put(tmp_path / "mail.log.gpg", b"something else", 100)
    put(tmp_path / "mail.log.1.orig", b"something else", 100)
    source = Source("x")
    period = Period(NOW - 1000, NOW)
    assert minutes(read.of_files(source, str(tmp_path / "mail.log"), period)) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (source.damaged, source.faults) == (0, [])


def test_a_file_that_was_just_rotated_needs_no_successor(tmp_path: pathlib.Path) -> None:
    put(tmp_path / "mail.log.1", text(2), 100)
    assert minutes(read.of_files(Source("x"), str(tmp_path / "mail.log"), ALL)) == [2]


def test_a_file_that_is_rotated_meanwhile_is_told(tmp_path: pathlib.Path) -> None:
    for name, minute in (("mail.log", 1), ("mail.log.1", 2), ("mail.log.2", 3)):
        put(tmp_path / name, text(minute), minute)
    source = Source("x")
    lines = read.of_files(source, str(tmp_path / "mail.log"), ALL)
    assert minutes([next(lines)]) == [3]
    (tmp_path / "mail.log.1").unlink()
    (tmp_path / "mail.log").rename(tmp_path / "mail.log.1")
    assert minutes(lines) == [1]
    assert [fault.count("rotated meanwhile") for fault in source.faults] == [1, 1]


def test_damage_is_counted_and_passed_over(tmp_path: pathlib.Path) -> None:
    whole = gzip.compress(os.urandom(99) + b"\n" + text(*range(9000, 0, -1)))
    put(tmp_path / "mail.log.2.gz", whole[: len(whole) // 2], 300)
    put(tmp_path / "mail.log.1", b"no gzip, \0\xff\n" + b"\0" * 99 + text(3) + b"y" * 3000000 + b"\n" + text(2), 200)
    put(tmp_path / "mail.log.3.gz", b"no gzip at all", 400)
    put(tmp_path / "mail.log", text(1) + b"2026-11-22T18:00", 0)
    source = Source("x")
    found = minutes(read.of_files(source, str(tmp_path / "mail.log"), ALL))
    assert found[-3:] == [3, 2, 1]
    assert len(found) > 1000
    assert source.damaged >= 4
    assert [fault.partition(":")[0].rpartition("/")[2] for fault in source.faults] == ["mail.log.3.gz", "mail.log.2.gz"]


@pytest.mark.parametrize(("ending", "compress"), [("gz", gzip.compress), ("xz", lzma.compress)])
def test_what_stands_before_the_end_of_a_cut_file_is_read(tmp_path: pathlib.Path, ending: str, compress: Any) -> None:
    # Logs compress well: all that is left of this one fits into one block.
    whole = compress(text(*range(2000, 0, -1)) + os.urandom(60000))
    put(tmp_path / f"mail.log.2.{ending}", whole[: len(whole) // 2], 0)
    source = Source("x")
    assert len(minutes(read.of_files(source, str(tmp_path / "mail.log"), ALL))) > 1900
    assert len(source.faults) == 1


def test_the_begin_of_a_long_file_is_found_without_reading_it(tmp_path: pathlib.Path) -> None:
    put(tmp_path / "mail.log", text(*range(100000, 0, -1)), 0)
    source = Source("x")
    assert minutes(read.of_files(source, str(tmp_path / "mail.log"), Period(NOW - 605, NOW))) == list(range(10, 0, -1))
    assert source.lines < 10000


def program(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setattr(read.commands, "find", lambda _name: str(path))


def test_the_journal_is_read(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, f"echo \"$*\" >{tmp_path}/asked; cat '{JOURNAL}'; echo '{{broken'")
    monkeypatch.setattr(read, "_uids", lambda: frozenset({0, 999}))
    source = Source("journal")
    found = list(read.of_journal(source, ALL))
    assert source.damaged == 1
    assert "SYSLOG_FACILITY=2" in (tmp_path / "asked").read_text(encoding="utf-8")
    assert {line.tag for line in found if line.text == "forged by nobody"} == {""}
    assert any(line.text == "C256E4120B2: uid=33 from=<www-data>" for line in found)


def test_a_journal_that_cannot_be_read_is_told(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "echo 'No such boot' >&2; exit 1")
    source = Source("journal")
    assert list(read.of_journal(source, ALL)) == []
    assert source.faults == ["journalctl: No such boot"]


def test_zstd_is_read_where_its_program_is(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "mail.log.1.zst", b"compressed", 0)
    put(tmp_path / "mail.log", text(1), 0)
    put(tmp_path / "plain", text(3, 2), 0)
    program(tmp_path, monkeypatch, f"cat {tmp_path}/plain")
    assert minutes(read.of_files(Source("x"), str(tmp_path / "mail.log"), ALL)) == [1, 3, 2]
    monkeypatch.setattr(read.commands, "find", lambda _name: None)
    source = Source("x")
    assert minutes(read.of_files(source, str(tmp_path / "mail.log"), ALL)) == [1]
    assert "program zstd is missing" in source.faults[0]


def test_sources_are_merged_by_time(tmp_path: pathlib.Path) -> None:
    put(tmp_path / "a.log", text(9, 5, 1), 0)
    put(tmp_path / "b.log", text(8, 6, 2), 0)
    streams = [read.of_files(Source(name), str(tmp_path / name), ALL) for name in ("a.log", "b.log")]
    assert minutes(read.merged(streams)) == [9, 8, 6, 5, 2, 1]


def params(**given: Any) -> dict[str, Any]:
    usual = {"since": "24h", "until": "", "login": "", "follow": None, "follow_max": 9, "top": 9, "interval": "hour"}
    return {**usual, "source": "auto", "paths": [], **given}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"since": "soon"}, "since: 'soon' is no time"),
        ({"until": "25h"}, "since: '24h' is not before '25h'"),
        ({"top": -1}, "top: -1 is less than 0"),
        ({"follow_max": 0}, "follow_max: 0 is less than 1"),
        ({"follow": {}}, "follow: says nothing"),
        ({"follow": {"sender": ""}}, "follow: says nothing"),
        ({"paths": ["/nonexistent/mail.log"]}, "/nonexistent/mail.log: no such file"),
        ({"source": "files"}, "files: there is neither"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "configured", list)
    monkeypatch.setattr(read, "kept_by_syslog", lambda _now: "")
    with pytest.raises(MailError) as error:
        run.run(params(**given))
    assert error.value.message.startswith(complaint)


@pytest.mark.parametrize(
    ("given", "files", "syslog", "places"),
    [
        ({}, [], "", (["journal"])),
        ({}, [], "mail.log", ["mail.log"]),
        ({}, ["mail.log"], "mail.log", ["mail.log", "journal"]),
        ({}, ["dovecot.log"], "mail.log", ["dovecot.log", "mail.log"]),
        ({}, ["dovecot.log"], "", ["dovecot.log", "journal"]),
        ({"source": "journal"}, ["dovecot.log"], "mail.log", ["journal"]),
        ({"source": "files"}, ["dovecot.log"], "", ["dovecot.log"]),
        ({"paths": ["*.log"]}, [], "", ["*.log"]),
        ({"paths": ["*.log"], "source": "journal"}, [], "", ["*.log", "journal"]),
    ],
)
def test_where_is_read(
    given: dict[str, Any],
    files: list[str],
    syslog: str,
    places: list[str],
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("mail.log", "dovecot.log"):
        put(tmp_path / name, text(1), 0)
    monkeypatch.setattr(read, "configured", lambda: [str(tmp_path / name) for name in files])
    monkeypatch.setattr(read, "kept_by_syslog", lambda _now: str(tmp_path / syslog) if syslog else "")
    monkeypatch.setattr(read, "has_journal", lambda: True)
    monkeypatch.setattr(read, "of_journal", lambda _source, _period: iter(()))
    if "paths" in given:
        given = {**given, "paths": [str(tmp_path / name) for name in given["paths"]]}
    found = run.run(params(since="2020-01-01", **given)).facts["read"]["sources"]
    assert [pathlib.Path(source["name"]).name for source in found] == places


def test_the_module(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "mail.log", text(9, 5) + b"damaged\n", 0)
    args = {"paths": [str(tmp_path / "mail.log")], "since": "2026-11-01", "_ansible_check_mode": True}
    with patch_module_args(args), pytest.raises(SystemExit):
        mail_log_info.main()
    result = json.loads(capsys.readouterr().out)
    assert result["changed"] is False
    assert (result["read"]["lines"], result["read"]["damaged"]) == (2, 1)
    assert result["read"]["first"] == "2026-11-22T18:17:40Z"
    assert result["messages"] == []
