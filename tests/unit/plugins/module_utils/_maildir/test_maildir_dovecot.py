# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dovecot's files, as 2.3 and 2.4 left them."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import dovecot

UIDS = "3 V795357076 N25 G3097120398f9026b\n1 PUID2-17 O2 W84 :10.M1.mx,S=79\n3 :11.M2.mx\n"


def test_uids_go_round() -> None:
    uids = dovecot.parse_uids(UIDS)
    assert uids is not None
    assert (uids.validity, uids.following) == (795357076, 25)
    assert uids.messages["10.M1.mx,S=79"] == dovecot.Message(1, "UID2-17", 2, ("W84",))
    assert dovecot.render_uids(uids) == UIDS


@pytest.mark.parametrize("text", ["", "1 5 6\n", "3 V5\n", "3 N5\n", "3 Vx N5\n", "3 V0 N5\n"])
def test_broken_lists_of_uids(text: str) -> None:
    assert dovecot.parse_uids(text) is None


def test_the_next_uid_is_never_one_that_was_given() -> None:
    uids = dovecot.parse_uids("3 V5 N2\n7 :10.a:2,S\nx :11.b\n8\n")
    assert uids is not None
    assert (uids.following, list(uids.messages)) == (8, ["10.a"])


def test_keywords() -> None:
    known = dovecot.parse_keywords("0 work\n25 $Label1\n26 no\nx y\n3\n")
    assert known == {0: "work", 25: "$Label1"}
    assert dovecot.render_keywords(known) == "0 work\n25 $Label1\n"
    assert dovecot.keywords_of("10.a:2,Sabz", known) == ("work", "$Label1")


def test_subscriptions_of_both_versions() -> None:
    folders = ["INBOX", "a.b", "&ZeVnLIqe-"]
    assert dovecot.parse_subscriptions(dovecot.render_subscriptions(folders)) == folders
    assert dovecot.parse_subscriptions("INBOX\na.b\n&ZeVnLIqe-\na.b\n") == folders


def test_rights_and_back() -> None:
    rights = [("owner", "aceilrstwx"), ("administrators", "a"), ("user=bob", "lrs"), ("-anonymous", "r"), ("odd", "l")]
    found, unknown = dovecot.rights_from_courier(rights)
    assert found == [("owner", "akeilrstwx"), ("user=bob", "lrs"), ("-anyone", "r")]
    assert unknown == ["odd"]
    back, unknown = dovecot.rights_to_courier([*found, ("group-override=x", "l")])
    assert back == [("owner", "aceilrstwx"), ("user=bob", "lrs"), ("-anyone", "r")]
    assert unknown == ["group-override=x"]
