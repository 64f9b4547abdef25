# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Courier's files, as daemons of Debian 11 to 13 left them."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import courier
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir.courier import Entry

UIDS = "1 795356198 5\n1 10.M1.mx,S=53\n2 11.M2.mx,S=53\n4 12.M3.mx\n"
SIZES = "/3 5 1795356199\n10.M1.mx,S=53:2,FR 58 1:1795356199:0\n11.M2.mx,S=53:2, 60 7:1795356199:1\n"


def test_uids_go_round() -> None:
    uids = courier.parse_uids(UIDS)
    assert uids is not None
    assert (uids.validity, uids.following, uids.uids["12.M3.mx"]) == (795356198, 5, 4)
    assert courier.render_uids(uids) == UIDS


@pytest.mark.parametrize("text", ["", "\n", "2 5 6\n", "1 5\n", "1 x 6\n", "1 0 6\n", "1 4294967296 6\n", "rubbish"])
def test_broken_lists_of_uids(text: str) -> None:
    assert courier.parse_uids(text) is None


def test_broken_lines_are_passed_over_and_no_uid_is_given_twice() -> None:
    uids = courier.parse_uids("1 7 3\nx y\n\n2\n9 90.b\n9 10.a\n3 30.c:2,S")
    assert uids is not None
    assert dict(uids.uids) == {"30.c": 3, "10.a": 9}
    assert (uids.following, list(uids.repeated)) == (10, ["90.b"])


def test_sizes_go_round() -> None:
    sizes = courier.parse_sizes(SIZES)
    assert sizes is not None
    assert sizes.entries["11.M2.mx,S=53"] == Entry(60, 7, 1795356199, 1)
    assert courier.render_sizes(sizes) == SIZES.replace(":2,FR", ":2,")
    assert courier.parse_sizes(courier.render_sizes(sizes)) == sizes


def test_sizes_of_version_2() -> None:
    sizes = courier.parse_sizes("/2 5 17\n10.a b:2,S 58 1:17\nrubbish\n")
    assert sizes is not None
    assert dict(sizes.entries) == {"10.a b": Entry(58, 1, 17)}
    assert courier.render_sizes(sizes) == "/2 5 17\n10.a b:2, 58 1:17\n"


@pytest.mark.parametrize("text", ["", "/1 5 17\n", "/4 5 17\n", "10.a 58 1:17\n", "/2 x 17\n"])
def test_broken_sizes(text: str) -> None:
    assert courier.parse_sizes(text) is None


@pytest.mark.parametrize(
    ("entry", "uidl"),
    [(Entry(1, 7, 17), "UID7-17"), (Entry(1, 7, 0), "UID7"), (Entry(1, 0, 0), "10.M1.m+20x,S=53")],
)
def test_uidls_and_back(entry: Entry, uidl: str) -> None:
    name = "10.M1.m x,S=53:2,S"
    assert courier.uidl(name, entry) == uidl
    assert courier.entry_for(uidl, name, 1) == entry


@pytest.mark.parametrize("uidl", ["0000000165f0", "UID0-5", "UID5-0", "UID5-", "xUID5-6", "other.name"])
def test_uidls_that_courier_cannot_tell(uidl: str) -> None:
    assert courier.entry_for(uidl, "10.M1.mx", 1) is None


def test_keywords_of_the_list_and_of_newer_files() -> None:
    text = "work\n$Label1\n\n10.a:1 0\n11.b:0\n12.c:7 x 1\n"
    updates = {".5.10.a": "old\n", ".6.10.a": "newer\n", "11.b": "", ".7.12.c": "early\n", "12.c": "Late\nlate\nmore\n"}
    assert courier.parse_keywords(text, updates) == {"10.a": ("newer",), "12.c": ("Late", "more")}
    assert courier.parse_keywords(text, {}) == {"10.a": ("$Label1", "work"), "11.b": ("work",), "12.c": ("$Label1",)}


def test_keywords_go_round() -> None:
    keywords = {"10.a": ("work", "$Label1"), "11.b": ("work",)}
    assert courier.parse_keywords(courier.render_keywords(keywords), {}) == keywords


@pytest.mark.parametrize(
    ("name", "update"), [("10.a", True), (".5.10.a", True), (":list", False), (".tmp.17", False), (".x", False)]
)
def test_which_files_tell_keywords(name: str, update: bool) -> None:
    assert courier.is_update(name) is update
