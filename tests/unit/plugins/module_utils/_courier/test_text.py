# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Courier's files: what is put in, and that everything else stays."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._courier import text
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

SHELL = """\
##VERSION: $Id: 1 $
##NAME: MAXDAEMONS:0
#
#  MAXDAEMONS=10 is only said here

MAXDAEMONS=40

##NAME: TLS_PRIORITY:0
#
# TLS_PRIORITY="NORMAL"

##NAME: LAST:0
TCPDOPTS="-nodnslookup"   # mine
  odd line ; with `things`
MAXDAEMONS=50
"""
TABLE = """\
##NAME: SQLITE_SELECT_CLAUSE:0
# SQLITE_SELECT_CLAUSE SELECT a, \\
#  b
SQLITE_DATABASE\t\t/a
SQLITE_SELECT_CLAUSE SELECT a, \\
  b
##NAME: MARKER:0
"""


@pytest.mark.parametrize("sample", [SHELL, "", "a=b", "\n\n", 'X="a\nb"\n', SHELL.replace("\n", "\r\n")])
@pytest.mark.parametrize("table", [False, True])
def test_nothing_is_lost(sample: str, table: bool) -> None:
    for whole in (sample, TABLE):
        assert "".join(line.text for line in text.parse(whole, table=table)) == whole


def test_the_last_line_that_counts_is_replaced() -> None:
    assert text.edit(SHELL, {"MAXDAEMONS": "200"}) == SHELL.replace("MAXDAEMONS=50", "MAXDAEMONS=200")


def test_a_new_setting_stands_below_its_comments() -> None:
    wanted = SHELL.replace('# TLS_PRIORITY="NORMAL"\n', '# TLS_PRIORITY="NORMAL"\nTLS_PRIORITY="A:%B"\n')
    assert text.edit(SHELL, {"TLS_PRIORITY": "A:%B"}) == wanted


def test_one_without_a_block_stands_at_the_end_or_before_the_marker() -> None:
    assert text.edit(SHELL, {"NEW": "1"}) == f"{SHELL}NEW=1\n"
    assert text.edit("A=1", {"NEW": "1"}) == "A=1\nNEW=1\n"
    assert text.edit("A x\n##NAME: MARKER:0\n", {"B": "y"}, table=True) == "A x\nB\ty\n##NAME: MARKER:0\n"


@pytest.mark.parametrize("written", ["A=b\n", 'A="b"\n', "A='b'\n", "A=b  \n", "export A=b\n"])
def test_what_means_the_same_stays_as_it_is_written(written: str) -> None:
    assert text.edit(written, {"A": "b"}) == written


@pytest.mark.parametrize("written", ["A=$b\n", "A=b; rm -r /\n", 'A="b\n', "A=b#c\n", "A=`b`\n", "A=c\n"])
def test_what_may_mean_something_else_is_replaced(written: str) -> None:
    assert text.edit(written, {"A": "b"}) == "A=b\n"


def test_a_table_has_continued_lines_and_a_marker() -> None:
    found = text.edit(TABLE, {"SQLITE_SELECT_CLAUSE": "SELECT c"}, table=True)
    assert found == TABLE.replace("SQLITE_SELECT_CLAUSE SELECT a, \\\n  b\n", "SQLITE_SELECT_CLAUSE\tSELECT c\n")
    assert text.edit("", {"A": "b"}, table=True) == "A\tb\n##NAME: MARKER:0\n"


def test_twice_is_once() -> None:
    settings = {"MAXDAEMONS": "7", "TLS_PRIORITY": "NORMAL:%X", "EMPTY": "", "NEW": "a b"}
    once = text.edit(SHELL, settings)
    assert text.edit(once, settings) == once
    once = text.edit(TABLE, {"A": "x  y"}, table=True)
    assert text.edit(once, {"A": "x  y"}, table=True) == once


@pytest.mark.parametrize("value", ['a"b', "$HOME", "`id`", "a\\b", "a\nb"])
def test_what_a_shell_acts_on_is_refused(value: str) -> None:
    with pytest.raises(MailError, match="holds what a shell would act on"):
        text.edit("", {"A": value})


@pytest.mark.parametrize("value", ["a\nb", "a\\", " a", "a "])
def test_a_table_takes_lines_only(value: str) -> None:
    with pytest.raises(MailError, match="is not one line"):
        text.edit("", {"A": value}, table=True)
