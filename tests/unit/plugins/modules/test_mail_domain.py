# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules mail_domain and mail_domain_info."""

from __future__ import annotations

from typing import Any

import pytest


def found(play: Any) -> dict[str, Any]:
    result = play.run("mail_domain_info")
    assert result["changed"] is False
    return {domain["name"]: domain for domain in result["domains"]}


def test_the_life_of_a_domain(play: Any) -> None:
    options = {"name": "B.example", "catch_all": "discard", "quota": "2G", "note": "ours"}
    before = play.tree()
    foretold = play.run("mail_domain", check=True, **options)
    assert play.tree() == before
    result = play.run("mail_domain", **options)
    assert result == foretold
    assert (result["changed"], result["added"], result["unchanged"]) == (True, ["b.example"], 0)
    assert result["diff"] == [
        {
            "before_header": "domain b.example",
            "after_header": "domain b.example",
            "before": "",
            "after": "mail_service: True\ncatch_all: discard\nquota: 2G\nnote: ours\n",
        }
    ]
    again = play.run("mail_domain", **options)
    assert (again["changed"], again["unchanged"], again["diff"]) == (False, 1, [])
    assert play.run("mail_domain", name="b.example", mail_service=False)["modified"] == ["b.example"]
    assert found(play)["b.example"] == {
        "name": "b.example",
        "mail_service": False,
        "catch_all": "discard",
        "quota": "2G",
        "note": "ours",
        "accounts": 0,
        "aliases": 0,
        "alias_domains": [],
    }
    result = play.run("mail_domain", name="b.example", omitted_options="default")
    assert result["modified"] == ["b.example"]
    assert found(play)["b.example"]["quota"] == "unlimited"
    before = play.tree()
    gone = {"name": "b.example", "state": "absent"}
    foretold = play.run("mail_domain", check=True, **gone)
    assert play.tree() == before
    result = play.run("mail_domain", **gone)
    assert result == foretold
    assert result["removed"] == ["b.example"]
    assert play.run("mail_domain", **gone)["changed"] is False
    assert list(found(play)) == ["example.com"]


def test_a_list_and_its_guard(play: Any) -> None:
    domains = [{"name": "example.com"}, {"name": "b.example"}, {"name": "c.example", "quota": "1G"}]
    result = play.run("mail_domain", domains=domains)
    assert (result["added"], result["unchanged"]) == (["b.example", "c.example"], 1)
    result = play.run("mail_domain", domains=[], exclusive=True)
    assert result["msg"].startswith(
        "exclusive: 3 of 3 domains are not listed and would be removed (b.example, c.example"
    )
    assert "Nothing was changed." in result["msg"]
    result = play.run("mail_domain", domains=domains[:2], exclusive=True, max_removed_percent=50)
    assert result["removed"] == ["c.example"]


def test_counts(play: Any) -> None:
    play.run("mail_account", accounts=[{"name": "a@example.com"}, {"name": "b@example.com"}])
    play.run(
        "mail_alias",
        aliases=[
            {"name": "s@example.com", "to": ["a@example.com", "b@example.com"]},
            {"name": "@b.example", "to": ["@example.com"]},
        ],
    )
    domain = found(play)["example.com"]
    assert (domain["accounts"], domain["aliases"], domain["alias_domains"]) == (2, 1, ["b.example"])
    result = play.run("mail_domain", name="example.com", state="absent")
    assert result["msg"].startswith("domain example.com: still holds 2 accounts, 1 aliases, 1 domain aliases.")
    assert play.run("mail_domain", name="example.com", state="absent", remove_contents=True)["changed"] is True
    assert found(play) == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "one of the following is required: name, domains"),
        ({"name": "b.example", "domains": []}, "parameters are mutually exclusive: name|domains"),
        ({"name": "b.example", "exclusive": True}, "exclusive is True but all of the following are missing: domains"),
        ({"name": "b.example", "state": "gone"}, "value of state must be one of: present, absent, got: gone"),
        ({"name": "b.example", "colour": "red"}, "Unsupported parameters for"),
        ({"name": "b..example"}, "domain 'b..example': is not a domain name. Write two or more labels"),
        ({"name": "b.example", "quota": "20 apples"}, "domain b.example: quota: '20 apples' is not a size."),
        (
            {"name": "b.example", "catch_all": "rejct"},
            "domain b.example: catch_all: address 'rejct' is not a mail address.",
        ),
        (
            {"domains": [{"name": "b.example", "qota": "1G"}]},
            "domain b.example: qota: no such option. Did you mean 'quota'?",
        ),
        ({"domains": [{}]}, "domain None: is not a domain name"),
        ({"name": "gmail.com", "restricted_domains": ["gmail.com"]}, "domain gmail.com: belongs to somebody else"),
        (
            {"domains": [], "exclusive": True, "max_removed_percent": 101},
            "max_removed_percent: is not between 0 and 100",
        ),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_bad_input_fails_and_changes_nothing(play: Any, options: dict[str, Any], message: str, check: bool) -> None:
    before = play.tree()
    result = play.run("mail_domain", check=check, **options)
    assert result["failed"] is True
    assert result["msg"].startswith(message)
    assert play.tree() == before


def test_check_mode_on_a_host_that_has_nothing(fresh: Any) -> None:
    assert fresh.run("mail_domain", check=True, name="b.example")["added"] == ["b.example"]
    assert fresh.tree() == {}
    result = fresh.run("mail_domain_info")
    assert result["msg"].startswith(f"{fresh.store}: there is no account store. Create it with mail_store")
    assert fresh.run("mail_domain", name="b.example")["msg"] == result["msg"]
    assert fresh.tree() == {}
