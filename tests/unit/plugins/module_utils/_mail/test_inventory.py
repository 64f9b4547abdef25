# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The readable inventory as a whole."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import inventory
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.password import Policy

WHOLE: list[dict[str, Any]] = [
    {
        "name": "Example.com",
        "catch_all": "info@example.com",
        "quota": "2G",
        "accounts": [
            {"name": "alice", "password": "Correct-horse-9", "quota": "4G", "sender_addresses": ["sales"]},
            {"name": "Bob@example.com", "password": "Battery-staple-9", "rename_from": "robert"},
            {"name": "info", "mailbox": False, "forward_to": ["alice", "desk@example.net"]},
        ],
        "aliases": [{"name": "sales", "to": ["alice", "bob@example.com"]}, {"name": "abuse", "to": "bob"}],
        "alias_domains": ["example.org"],
        "outgoing": {"ipv4": "192.0.2.25", "helo_name": "mail.example.com"},
        "dns": {"mta_sts": "testing"},
        "dkim": {"bits": 4096},
    },
    {"name": "example.net", "mail_service": False},
    {
        "name": "old.example",
        "state": "absent",
        "accounts": [{"name": "carol"}],
        "aliases": [{"name": "x", "to": ["carol"]}],
    },
]


def judge(domains: Any, **options: Any) -> dict[str, Any]:
    found = inventory.objects(domains, postmaster=options.pop("postmaster", ""))
    inventory.check(found, **options)
    return found


def test_a_whole_inventory() -> None:
    given = copy.deepcopy(WHOLE)
    assert judge(WHOLE, postmaster="alice@example.com") == {
        "domains": [
            {"name": "Example.com", "catch_all": "info@example.com", "quota": "2G"},
            {"name": "example.net", "mail_service": False},
            {"name": "old.example", "state": "absent"},
        ],
        "accounts": [
            {
                "name": "alice@example.com",
                "password": "Correct-horse-9",
                "quota": "4G",
                "sender_addresses": ["sales@example.com"],
            },
            {"name": "Bob@example.com", "password": "Battery-staple-9", "rename_from": "robert@example.com"},
            {
                "name": "info@example.com",
                "mailbox": False,
                "forward_to": ["alice@example.com", "desk@example.net"],
            },
            {"name": "carol@old.example", "state": "absent"},
        ],
        "aliases": [
            {"name": "sales@example.com", "to": ["alice@example.com", "bob@example.com"]},
            {"name": "abuse@example.com", "to": ["bob@example.com"]},
            {"name": "postmaster@example.com", "to": ["alice@example.com"]},
            {"name": "@example.org", "to": ["@example.com"]},
            {"name": "postmaster@example.net", "to": ["alice@example.com"]},
            {"name": "abuse@example.net", "to": ["alice@example.com"]},
            {"name": "x@old.example", "to": ["carol@old.example"], "state": "absent"},
            {"name": "postmaster@old.example", "state": "absent"},
            {"name": "abuse@old.example", "state": "absent"},
        ],
    }
    assert given == WHOLE


def test_an_empty_inventory() -> None:
    assert judge([], postmaster="alice@example.com") == {"domains": [], "accounts": [], "aliases": []}


@pytest.mark.parametrize("name", ["Postmaster", "postmaster@example.com", "POSTMASTER@Example.COM"])
@pytest.mark.parametrize("kind", ["accounts", "aliases"])
def test_an_own_postmaster_stays(name: str, kind: str) -> None:
    own = {"name": name, "to": ["a@example.net"]} if kind == "aliases" else {"name": name}
    found = judge([{"name": "example.com", kind: [own]}], postmaster="chief@example.net")
    assert {"name": "postmaster@example.com", "to": ["chief@example.net"]} not in found["aliases"]
    assert "abuse@example.com" in [item["name"] for item in found["aliases"]]


def test_the_postmaster_is_no_alias_of_itself() -> None:
    domains = [{"name": "example.com", "accounts": [{"name": "postmaster"}]}]
    found = judge(domains, postmaster="postmaster@example.com")
    assert found["aliases"] == [{"name": "abuse@example.com", "to": ["postmaster@example.com"]}]


def one(**domain: Any) -> list[dict[str, Any]]:
    return [{"name": "example.com", **domain}]


@pytest.mark.parametrize(
    ("domains", "message"),
    [
        ("example.com", "mail_domains: is not a list. Write a list of domains"),
        ({"name": "example.com"}, "mail_domains: is not a list"),
        (["example.com"], "mail_domains: has an entry that is not a dictionary but str. Write name: example.com"),
        ([[{"password": "Secret7"}]], "mail_domains: has an entry that is not a dictionary but list"),
        ([{}], "domain None: is not a domain name"),
        ([{"name": ["example.com"]}], "domain ['example.com']: is not a domain name"),
        (one(acounts=[]), "domain example.com: acounts: no such option. Did you mean 'accounts'?"),
        (
            one(accounts={"name": "alice"}),
            "domain example.com: accounts: is not a list. Write a list, or leave it out.",
        ),
        (one(aliases="sales"), "domain example.com: aliases: is not a list"),
        (one(alias_domains="example.org"), "domain example.com: alias_domains: is not a list"),
        (one(accounts=5), "domain example.com: accounts: is not a list"),
        (
            one(accounts=["alice"]),
            "domain example.com: account entry is not a dictionary. Write name: and its options.",
        ),
        (one(aliases=[None]), "domain example.com: alias entry is not a dictionary"),
        (one(accounts=[{}]), "address None: is not a mail address"),
        (
            one(accounts=[{"name": "alice", "pasword": "Secret7"}]),
            "account alice@example.com: pasword: no such option. Did",
        ),
        (one(accounts=[{"name": "alice", "password": "Secret7"}]), "account alice@example.com: password: is too weak"),
        (
            one(accounts=[{"name": "alice@example.net"}]),
            "account alice@example.net: stands under domain example.com. Move",
        ),
        (one(accounts=[{"name": "alice"}, {"name": "ALICE"}]), "account alice@example.com: is listed twice"),
        (one(accounts=[{"name": "a b"}]), "address 'a b@example.com': is not a usable mail name"),
        (one(accounts=[{"name": "info", "mailbox": False}]), "account info@example.com: has no mailbox and nowhere"),
        (
            one(accounts=[{"name": "a", "forward_to": ["b"]}]),
            "address a@example.com: sends mail on to b@example.com, which",
        ),
        (
            one(accounts=[{"name": "a", "forward_to": ["b"]}, {"name": "b", "forward_to": ["a"]}]),
            "address a@example.com: mail would run in a loop: a@example.com -> b@example.com -> a@example.com.",
        ),
        (
            one(accounts=[{"name": "a", "forward_to": ["a@example.org"]}], alias_domains=["example.org"]),
            "address a@example.com: mail would run in a loop: a@example.com -> a@example.org -> a@example.com",
        ),
        (
            one(accounts=[{"name": "a"}], aliases=[{"name": "a", "to": ["x@example.net"]}]),
            "alias a@example.com: is an account",
        ),
        (one(aliases=[{"name": "s", "to": ["gone"]}]), "address s@example.com: sends mail on to gone@example.com"),
        (one(aliases=[{"name": "s", "to": []}]), "alias s@example.com: has no target"),
        (one(outgoing={"ipv4": "::1"}), "domain example.com: outgoing: ipv4: '::1' is not an IPv4 address"),
        (one(outgoing={"helo": "mx.example.com"}), "domain example.com: outgoing: helo: no such option. Did you mean"),
        (one(catch_all="gone@example.com"), "domain example.com: catch_all: gone@example.com does not exist. Create"),
        (
            one(catch_all="a@example.com", accounts=[{"name": "a", "forward_to": ["nobody"]}]),
            "address a@example.com: mail would run in a loop: a@example.com -> nobody@example.com -> a@example.com",
        ),
        (
            [{"name": "a.example", "catch_all": "x@b.example"}, {"name": "b.example", "catch_all": "y@a.example"}],
            "domain a.example: catch_all: mail would run in a loop: x@b.example -> y@a.example -> x@b.example",
        ),
        ([{"name": "a.example"}, {"name": "A.example"}], "domain a.example: is listed twice"),
        (
            [{"name": "a.example", "alias_domains": ["b.example"]}, {"name": "b.example"}],
            "alias domain b.example: is listed in mail_domains too. Take it out of one of the two.",
        ),
        (
            [
                {"name": "a.example", "alias_domains": ["c.example"]},
                {"name": "b.example", "alias_domains": ["c.example"]},
            ],
            "alias @c.example: is listed twice",
        ),
        (one(alias_domains=["example.com"]), "alias @example.com: mail would run in a loop"),
        ([{"name": "gmail.com"}], "domain gmail.com: belongs to somebody else"),
    ],
)
def test_what_is_wrong_is_named_before_anything_changes(domains: Any, message: str) -> None:
    with pytest.raises(MailError) as error:
        judge(domains, restricted=["gmail.com"])
    assert error.value.message.startswith(message)
    assert error.value.mend
    assert "Secret" not in error.value.message


def test_a_policy_and_a_delimiter_hold_for_the_whole_inventory() -> None:
    weak = one(accounts=[{"name": "alice-smith", "password": "simple"}])
    judge(weak, policy=Policy(enabled=False))
    with pytest.raises(MailError, match=r"separates address extensions"):
        judge(weak, policy=Policy(enabled=False), delimiter="-")


@pytest.mark.parametrize(
    "domains",
    [
        one(catch_all="INFO@example.com", accounts=[{"name": "info"}]),
        one(accounts=[{"name": "a", "forward_to": ["B@example.com"]}, {"name": "b"}]),
        one(catch_all="discard", aliases=[{"name": "s", "to": ["anybody"]}]),
        one(accounts=[{"name": "a"}], alias_domains=["example.org"], aliases=[{"name": "s", "to": ["a@example.org"]}]),
        one(accounts=[{"name": "a", "state": "absent", "forward_to": ["gone"]}]),
        one(mail_service=False, accounts=[{"name": "a", "forward_to": ["elsewhere"]}]),
        one(accounts=None, aliases=None, alias_domains=None),
    ],
)
def test_what_is_right_passes(domains: Any) -> None:
    judge(domains)
