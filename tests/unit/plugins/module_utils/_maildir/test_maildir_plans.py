# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written into a folder for the other server."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import (
    account,
    back,
    courier,
    dovecot,
    names,
    numbers,
    to_courier,
    to_dovecot,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir.folder import Found, Work

LIST = "courierimapkeywords/:list"
CUR = ["10.a:2,S", "11.b:2,", "9.c:2,F"]
UIDS = "1 77 5\n1 10.a\n2 11.b\n4 9.c\n3 8.gone\n"


def found(files: dict[str, str], cur: list[str] | None = None, name: str = "", **more: dict[str, str]) -> Found:
    return Found(name, files, more.get("updates", {}), CUR if cur is None else cur, ["dovecot.index.log"])


def converted(item: Found, *, whole: bool = False, code: str = names.UTF8) -> Work:
    return to_dovecot.folder(item, whole=whole, code=code)


def returned(item: Found, *, whole: bool = False, form: str = "%08Xu%08Xv", size: int = 99) -> Work:
    return to_courier.folder(item, whole=whole, code=names.UTF8, uidl_format=form, measure=lambda _name: size)


def test_uids_without_those_of_messages_that_are_gone() -> None:
    work = converted(found({courier.UIDS: UIDS}))
    assert work.write == {dovecot.UIDS: "3 V77 N5\n1 :10.a\n2 :11.b\n4 :9.c\n"}
    assert (list(work.remove), list(work.rename), list(work.oddities)) == ([], [], [])


def test_nothing_is_to_do_a_second_time() -> None:
    files = {courier.UIDS: UIDS, courier.SUBSCRIBED: "INBOX.Sent\n", LIST: "work\n\n10.a:0\n"}
    work = converted(found(files))
    assert not converted(found({**files, **work.write})).anything


def test_uidls_stand_beside_uids_in_their_own_order() -> None:
    files = {courier.UIDS: UIDS, courier.SIZES: "/3 9 55\n10.a:2, 5 1:55:0\n9.c:2, 5 8:44:0\n"}
    assert converted(found(files)).write == {
        dovecot.UIDS: "3 V77 N5\n1 PUID1-55 O2 :10.a\n2 O3 :11.b\n4 PUID8-44 O1 :9.c\n"
    }
    assert converted(found(files, name=".Sent")).write == {dovecot.UIDS: "3 V77 N5\n1 :10.a\n2 :11.b\n4 :9.c\n"}


def test_a_mailbox_that_only_pop3_has_seen() -> None:
    files = {courier.SIZES: "/2 3 1700000000\n10.a:2, 5 1:1700000000\n11.b:2, 5 2:700000000\n"}
    assert converted(found(files)).write == {
        dovecot.UIDS: "3 V700000001 N4\n1 :9.c\n2 PUID1-1700000000 :10.a\n3 PUID2-700000000 :11.b\n"
    }


def test_what_nobody_has_numbered_is_left_to_dovecot() -> None:
    assert not converted(found({})).anything


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({courier.UIDS: "rubbish"}, "courierimapuiddb is broken"),
        ({courier.SIZES: "/1 2 3\n"}, "courierpop3dsizelist is broken or too old"),
        ({courier.UIDS: "1 7 3\n1 10.a\n1 11.b\n"}, "UIDs twice"),
        ({courier.SUBSCRIBED: "#shared.x\n"}, "cannot be kept"),
        ({courier.SUBSCRIBED: "INBOX.\n"}, "cannot be kept"),
        ({courier.RIGHTS: "owner aceilrstwx\nuser=bob lrs\n"}, "is shared"),
    ],
)
def test_oddities(files: dict[str, str], word: str) -> None:
    assert any(word in oddity for oddity in converted(found(files)).oddities)


def test_what_dovecot_has_known_of_messages_stays_known() -> None:
    files = {courier.UIDS: UIDS, dovecot.UIDS: "3 V77 N4 Gabc\n1 Pold W12 :10.a\n"}
    assert converted(found(files)).write[dovecot.UIDS].startswith("3 V77 N5\n1 W12 :10.a\n")


@pytest.mark.parametrize(
    ("other", "wanted"),
    [
        (None, (77, 5, {"10.a": 1, "11.b": 2})),
        ((78, 9, {"10.a": 3, "9.c": 8}), (77, 5, {"10.a": 1, "11.b": 2})),
        ((77, 5, {"10.a": 1, "11.b": 2}), (77, 5, {"10.a": 1, "11.b": 2})),
        ((77, 9, {"10.a": 1, "11.b": 2, "9.c": 8, "gone": 5}), (77, 9, {"10.a": 1, "11.b": 2, "9.c": 8})),
        # It knew nothing of 11.b.
        ((77, 9, {"10.a": 1, "9.c": 8}), (77, 10, {"10.a": 1, "11.b": 2, "9.c": 9})),
        # It called another message as Courier calls 11.b, and not in Courier's order.
        ((77, 4, {"10.a": 1, "12.d": 2, "9.c": 3}), (77, 7, {"10.a": 1, "11.b": 2, "12.d": 5, "9.c": 6})),
        # Clients have counted to 4, and would never ask for 3.
        ((77, 5, {"10.a": 1, "11.b": 2, "9.c": 3}), (77, 6, {"10.a": 1, "11.b": 2, "9.c": 5})),
    ],
)
def test_uids_of_two_servers(
    other: tuple[int, int, dict[str, int]] | None, wanted: tuple[int, int, dict[str, int]]
) -> None:
    served = numbers.Numbers(77, 5, {"10.a": 1, "11.b": 2, "8.gone": 3})
    present = {"10.a", "11.b", "9.c", "12.d", "13.new"}
    told = numbers.joined(served, numbers.Numbers(*other) if other else None, present)
    assert told == wanted
    assert numbers.joined(served, told, present) == told


def test_mail_that_dovecot_numbered_on_delivery() -> None:
    """Courier's clients opened 12.d before 13.e, which came by LMTP first, and copied 11.x meanwhile."""
    files = {
        courier.UIDS: "1 77 7\n1 10.a\n5 12.d\n6 11.x\n",
        courier.SIZES: "/3 9 55\n10.a:2, 5 1:55:0\n12.d:2, 5 2:55:0\n",
        dovecot.UIDS: "3 V77 N7 Gabc\n1 PUID1-55 W5 :10.a\n5 W6 :13.e\n6 W7 :12.d\n",
    }
    cur = ["10.a:2,S", "12.d:2,", "11.x:2,S"]
    work = converted(found(files, cur)._replace(new=["13.e", "14.f"]), whole=True)
    assert work.write[dovecot.UIDS] == (
        "3 V77 N8\n1 PUID1-55 O1 W5 :10.a\n5 PUID2-55 O3 W7 :12.d\n6 O2 :11.x\n7 O4 W6 :13.e\n"
    )
    assert work.oddities == ()


def test_mail_that_courier_has_numbered_since() -> None:
    files = {
        dovecot.UIDS: "3 V77 N6 Gabc\n1 :10.a\n2 :11.b\n5 :9.c\n",
        courier.UIDS: "1 77 7\n1 10.a\n5 11.b\n6 12.d\n",
        courier.SIZES: "/2 9 55\n12.d:2, 7 8:55\n",
    }
    work = returned(found(files, [*CUR, "12.d:2,"]), form="UID%u-%v")
    assert work.write[courier.UIDS] == "1 77 8\n1 10.a\n2 11.b\n5 9.c\n7 12.d\n"
    assert "12.d:2, 7 8:55\n" in work.write[courier.SIZES]


def test_a_message_that_dovecot_showed_in_new_keeps_its_uid() -> None:
    item = found({dovecot.UIDS: "3 V77 N6 Gabc\n1 :10.a\n5 :12.d\n"}, ["10.a:2,"])._replace(new=["12.d", "13.e"])
    work = returned(item, whole=True)
    assert (work.write[courier.UIDS], work.settle) == ("1 77 6\n1 10.a\n5 12.d\n", ["12.d"])
    assert not returned(item).settle


def test_folders_that_the_other_server_never_served_keep_their_keywords() -> None:
    item = found({dovecot.KEYWORDS: "0 work\n"}, ["10.a:2,a"])
    assert (converted(item, whole=True).write, converted(item, whole=True).rename) == ({}, [])
    item = found({courier.UIDS: UIDS, LIST: "work\n\n10.a:0\n"}, updates={"9.c": "work\n"})
    assert not returned(item, whole=True).anything


def test_keywords_become_letters_when_no_server_runs() -> None:
    files = {LIST: "work\n$Label1\n\n10.a:0 1\n9.c:0\n", dovecot.KEYWORDS: "0 stale\n2 Work\n"}
    item = found(files, ["10.a:2,S", "11.b:2,a", "9.c:2,F"], updates={"9.c": "$Label1\n"})
    assert not converted(item).rename
    work = converted(item, whole=True)
    assert work.write == {dovecot.KEYWORDS: "0 $Label1\n2 Work\n"}
    assert work.rename == [("10.a:2,S", "10.a:2,Sac"), ("11.b:2,a", "11.b:2,"), ("9.c:2,F", "9.c:2,Fa")]
    assert work.remove == ["dovecot.index.log"]


def test_no_name_is_taken_from_another_message() -> None:
    work = converted(found({LIST: "work\n\n10.a:0\n"}, ["10.a:2,", "10.a:2,a"]), whole=True)
    assert work.rename == []


def test_more_keywords_than_letters() -> None:
    words = [f"k{number:02}" for number in range(28)]
    lines = "".join(f"{index}.m:{index}\n" for index in range(28)) + "50.n:26 27\n"
    cur = [*(f"{index}.m:2," for index in range(28)), "50.n:2,"]
    work = converted(found({LIST: "\n".join(words) + "\n\n" + lines}, cur), whole=True)
    kept = dovecot.parse_keywords(work.write[dovecot.KEYWORDS])
    assert sorted(kept.values()) == [*words[:24], "k26", "k27"]
    assert work.oddities == ("more than 26 keywords: Dovecot has no room for 2 of them (k24, k25)",)


def test_subscriptions_in_the_code_of_the_disk() -> None:
    lines = ["INBOX", "INBOX.日本語.x", "INBOX.A&B"]
    assert to_dovecot.subscriptions(lines, names.UTF8) == (["INBOX", "日本語.x", "A&B"], [])
    assert to_dovecot.subscriptions(lines, names.MODIFIED_UTF7) == (["INBOX", "&ZeVnLIqe-.x", "A&-B"], [])


def test_who_has_no_subscriptions_left_gets_none_of_earlier_days() -> None:
    work = converted(found({courier.UIDS: UIDS, dovecot.SUBSCRIPTIONS: "Old\n"}))
    assert work.write[dovecot.SUBSCRIPTIONS] == "V\t2\n\n"
    work = returned(found({dovecot.UIDS: "3 V77 N5 Gx\n", courier.SUBSCRIBED: "INBOX.Old\n"}))
    assert work.write[courier.SUBSCRIBED] == ""
    assert not converted(found({dovecot.SUBSCRIPTIONS: "Old\n"})).write


def test_there_and_back() -> None:
    files = {
        courier.UIDS: "1 77 5\n1 10.a\n2 11.b\n4 9.c\n",
        courier.SIZES: "/3 9 55\n9.c:2, 5 8:44:0\n10.a:2, 5 1:55:1\n11.b:2, 6 3:55:0\n",
        courier.SUBSCRIBED: "INBOX\nINBOX.Sent\n",
        LIST: "work\n\n10.a:0\n",
    }
    work = converted(found(files), whole=True)
    after = found({**files, **work.write}, [dict(work.rename).get(name, name) for name in CUR])
    assert returned(after).write == {}
    bare = found(dict(work.write), list(after.cur))
    assert returned(bare, size=5).write[courier.UIDS] == files[courier.UIDS]
    assert returned(bare).write[LIST] == files[LIST]
    assert returned(bare).write[courier.SUBSCRIBED] == files[courier.SUBSCRIBED]


@pytest.mark.parametrize(
    ("form", "sizes", "lost"),
    [
        ("%08Xu%08Xv", "/2 6 44\n11.b:2, 70 5:44\n", 2),
        ("UID%u-%v", "/2 6 44\n9.c:2, 99 4:77\n10.a:2, 99 1:77\n11.b:2, 70 5:44\n", 0),
        ("UID%{uid}-%{uidvalidity}", "/2 6 44\n9.c:2, 99 4:77\n10.a:2, 99 1:77\n11.b:2, 70 5:44\n", 0),
        ("%f", "/2 6 44\n9.c:2, 99 0:0\n10.a:2, 99 0:0\n11.b:2, 70 5:44\n", 0),
    ],
)
def test_uidls_on_the_way_back(form: str, sizes: str, lost: int) -> None:
    work = returned(found({dovecot.UIDS: "3 V77 N5 Gx\n1 :10.a\n2 PUID5-44 W70 :11.b\n4 :9.c\n"}), form=form)
    told = courier.parse_sizes(work.write[courier.SIZES])
    wanted = courier.parse_sizes(sizes)
    assert told is not None
    assert wanted is not None
    assert (told.entries, told.validity) == (wanted.entries, wanted.validity)
    assert told.following > max(entry.number for entry in told.entries.values() if entry.validity == told.validity)
    assert [f"UIDLs of {lost}" in oddity for oddity in work.oddities if "UIDL" in oddity] == ([True] if lost else [])


def test_new_uidls_of_courier_are_none_that_dovecot_would_make() -> None:
    work = returned(found({dovecot.UIDS: "3 V795000000 N5 Gx\n1 :10.a\n"}), form="UID%u-%v")
    assert work.write[courier.SIZES] == "/2 1 1795000000\n10.a:2, 99 1:795000000\n"


def test_newer_keywords_of_courier_go_when_no_server_runs() -> None:
    item = found({dovecot.KEYWORDS: "0 work\n"}, ["10.a:2,a"], updates={"10.a": "stale\n"})
    assert returned(item).remove == ()
    work = returned(item, whole=True)
    assert (work.remove, work.write) == (["courierimapkeywords/10.a"], {LIST: "work\n\n10.a:0\n"})


def test_undoing() -> None:
    item = found({courier.UIDS: UIDS, dovecot.UIDS: "3 V77 N5\n", dovecot.KEYWORDS: "0 x\n"}, ["10.a:2,Sa", "11.b"])
    work = back.folder(item, renamed=True)
    assert work.remove == [dovecot.UIDS, dovecot.KEYWORDS, "dovecot.index.log"]
    assert work.rename == [("10.a:2,Sa", "10.a:2,S")]
    assert not back.folder(item, renamed=False).rename


@pytest.mark.parametrize(
    ("text", "gone_on"),
    [("3 V77 N5\n", False), ("3 V77 N5 Gx\n", False), ("3 V77 N6 Gx\n5 :12.d\n", True), ("3 V78 N5 Gx\n", True)],
)
def test_whether_dovecot_has_gone_on(text: str, gone_on: bool) -> None:
    assert back.dovecot_has_gone_on(found({courier.UIDS: UIDS, dovecot.UIDS: text}), names.UTF8) is gone_on


@pytest.mark.parametrize(
    ("files", "cur", "gone_on"),
    [
        ({dovecot.KEYWORDS: "0 work\n", dovecot.SUBSCRIPTIONS: "V\t2\n\nSent\n"}, ["10.a:2,Sa"], False),
        ({dovecot.KEYWORDS: "0 work\n", dovecot.SUBSCRIPTIONS: "V\t2\n\nSent\n"}, ["10.a:2,S"], True),
        ({dovecot.KEYWORDS: "0 work\n1 new\n", dovecot.SUBSCRIPTIONS: "V\t2\n\nSent\n"}, ["10.a:2,Sab"], True),
        ({dovecot.KEYWORDS: "0 work\n", dovecot.SUBSCRIPTIONS: "V\t2\n\n"}, ["10.a:2,Sa"], True),
    ],
)
def test_keywords_and_subscriptions_count_as_well(files: dict[str, str], cur: list[str], gone_on: bool) -> None:
    old = {courier.UIDS: UIDS, courier.SUBSCRIBED: "INBOX.Sent\n", LIST: "work\n\n10.a:0\n"}
    item = found({**old, dovecot.UIDS: "3 V77 N5 Gx\n", **files}, cur)
    assert back.dovecot_has_gone_on(item, names.UTF8) is gone_on


@pytest.mark.parametrize(
    ("files", "updates", "gone_on"),
    [
        ({}, {}, False),
        ({courier.UIDS: "1 77 6\n1 10.a\n5 11.b\n"}, {}, True),
        ({courier.UIDS: "1 78 5\n1 10.a\n"}, {}, True),
        ({courier.SUBSCRIBED: ""}, {}, True),
        ({}, {"11.b": "other\n"}, True),
        ({LIST: "other\nWork\n\n10.a:1\n"}, {}, False),
    ],
)
def test_whether_courier_has_gone_on(files: dict[str, str], updates: dict[str, str], gone_on: bool) -> None:
    served = {
        dovecot.UIDS: "3 V77 N5 Gx\n1 :10.a\n",
        dovecot.KEYWORDS: "0 work\n",
        dovecot.SUBSCRIPTIONS: "V\t2\n\nSent\n",
    }
    cur = ["10.a:2,a", "11.b:2,"]
    work = returned(found(served, cur), whole=True)
    item = found({**served, **work.write, **files}, cur, updates=updates)
    assert back.courier_has_gone_on(item, names.UTF8) is gone_on


def test_folders_get_their_other_names_in_an_order_that_works() -> None:
    there = ["", ".A&B", ".A&-B", ".日本語", ".Sent", ".a.日", ".\udcff"]
    moves, oddities = account.folder_moves(there, before=names.UTF8, after=names.MODIFIED_UTF7)
    assert moves == [(".A&-B", ".A&--B"), (".a.日", ".a.&ZeU-"), (".日本語", ".&ZeVnLIqe-"), (".A&B", ".A&-B")]
    assert len(oddities) == 1
    again, _odd = account.folder_moves(
        ["", ".A&-B", ".A&--B", ".&ZeVnLIqe-"], before=names.MODIFIED_UTF7, after=names.UTF8
    )
    assert again == [(".&ZeVnLIqe-", ".日本語"), (".A&-B", ".A&B"), (".A&--B", ".A&-B")]
    assert back.moves(moves) == [(new, old) for old, new in reversed(moves)]
