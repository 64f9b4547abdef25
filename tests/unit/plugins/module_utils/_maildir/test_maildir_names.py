# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of messages and folders."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import names


@pytest.mark.parametrize(
    ("plain", "coded"),
    [
        ("Sent", "Sent"),
        ("日本語", "&ZeVnLIqe-"),
        ("日本語.テスト", "&ZeVnLIqe-.&MMYwuTDI-"),
        ("A&B", "A&-B"),
        ("&", "&-"),
        ("tab\tx", "tab&AAk-x"),
        ("😀", "&2D3eAA-"),
        ("&ZeVnLIqe-", "&-ZeVnLIqe-"),
    ],
)
def test_modified_utf7(plain: str, coded: str) -> None:
    assert names.to_modified_utf7(plain) == coded
    assert names.from_modified_utf7(coded) == plain


@pytest.mark.parametrize("text", ["&", "&x", "a&bad", "&AAA-x&", "日本", "&AEE-", "&ZeVnLIqe", "&2D0-", "\udcff"])
def test_what_is_not_modified_utf7(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        names.from_modified_utf7(text)


def test_undecodable_bytes_have_no_modified_utf7() -> None:
    with pytest.raises(UnicodeEncodeError):
        names.to_modified_utf7("a\udcff")


@pytest.mark.parametrize(
    ("name", "keywords", "new"),
    [
        ("1.M2.mx,S=3:2,", "", "1.M2.mx,S=3:2,"),
        ("1.M2.mx,S=3:2,S", "ba", "1.M2.mx,S=3:2,Sab"),
        ("1.M2.mx,S=3:2,FSac", "b", "1.M2.mx,S=3:2,FSb"),
        ("1.M2.mx:2,Sa", "", "1.M2.mx:2,S"),
        ("1.M2.mx", "a", "1.M2.mx:2,a"),
        ("1.M2.mx", "", "1.M2.mx"),
        ("1.M2.mx:2,S,x=1", "a", "1.M2.mx:2,Sa,x=1"),
        ("1.M2.mx:1,x", "", "1.M2.mx:1,x"),
    ],
)
def test_keyword_letters(name: str, keywords: str, new: str) -> None:
    assert names.with_keywords(name, keywords) == new


def test_courier_sorts_by_time_and_then_by_name() -> None:
    listed = ["100.b:2,S", "99.z", "x.y", "100.a:2,"]
    assert sorted(listed, key=names.arrival) == ["x.y", "99.z", "100.a:2,", "100.b:2,S"]


def test_sizes() -> None:
    assert names.size("1.M2.mx,S=345:2,S") == 345
    assert names.size("1.M2.mx:2,S") is None


@pytest.mark.parametrize(
    ("name", "more"), [(".&ZeVnLIqe-", True), (".A&-B", False), (".Sent", False), (".&bad", False), (".日本", False)]
)
def test_names_that_look_coded(name: str, more: bool) -> None:
    assert names.means_more(name) is more
