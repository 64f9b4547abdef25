# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains and aliases: from what is wanted to what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply

ALICE = {"name": "alice@example.com"}


def names(outcome: Any) -> dict[str, Any]:
    return {key: value for key, value in outcome.facts.items() if value and key != "repaired"}


def test_domains_are_added_changed_and_removed(host: Any) -> None:
    outcome = host.domains({"name": "b.example", "quota": "2G"}, {"name": "a.example"}, {"name": "example.com"})
    assert names(outcome) == {"added": ["b.example", "a.example"], "unchanged": 1}
    again = host.domains({"name": "b.example", "quota": "2G"}, {"name": "a.example"})
    assert (again.changed, names(again)) == (False, {"unchanged": 2})
    outcome = host.domains({"name": "b.example", "note": "n"}, {"name": "a.example", "state": "absent"})
    assert names(outcome) == {"modified": ["b.example"], "removed": ["a.example"]}
    assert [change.name for change in outcome.changes] == ["domain b.example", "domain a.example"]
    assert "quota: 2G\n" in outcome.changes[0].before
    assert outcome.changes[0].after == outcome.changes[0].before + "note: n\n"
    assert outcome.changes[1].after == ""
    assert names(host.domains({"name": "a.example", "state": "absent"})) == {"unchanged": 1}
    assert host.rows("SELECT name, quota_bytes, note FROM domain ORDER BY name") == [
        ("b.example", 2 * 1024**3, "n"),
        ("example.com", 0, ""),
    ]


def test_a_domain_that_holds_something_is_not_removed_by_the_way(host: Any) -> None:
    host.accounts(ALICE, {"name": "bob@example.com", "sender_addresses": ["x@example.com"]})
    host.aliases({"name": "s@example.com", "to": ["alice@example.com"]}, {"name": "@b.example", "to": ["@example.com"]})
    before = host.tree()
    with pytest.raises(MailError) as error:
        host.domains({"name": "new.example"}, {"name": "example.com", "state": "absent"})
    assert error.value.message == (
        "domain example.com: still holds 2 accounts, 1 aliases, 1 domain aliases. "
        "Remove those first, or set remove_contents (mail on disk is kept). Nothing was changed."
    )
    assert host.tree() == before
    outcome = host.domains({"name": "example.com", "state": "absent"}, remove_contents=True)
    assert names(outcome) == {"removed": ["example.com"]}
    for table in ("domain", "domain_alias", "account", "alias_target", "sender_grant"):
        assert host.rows(f"SELECT * FROM {table}") == []


def test_grants_to_send_as_a_domain_go_with_it(host: Any) -> None:
    host.domains({"name": "b.example"})
    host.aliases({"name": "@c.example", "to": ["@example.com"]})
    host.accounts({**ALICE, "sender_addresses": ["x@b.example", "x@c.example", "x@example.com", "x@sub-b.example"][:3]})
    host.domains({"name": "b.example", "state": "absent"})
    assert host.rows("SELECT sender FROM sender_grant ORDER BY sender") == [("x@c.example",), ("x@example.com",)]
    host.aliases({"name": "@c.example", "state": "absent"})
    assert host.rows("SELECT sender FROM sender_grant") == [("x@example.com",)]


def test_exclusive_domains_and_the_guard(host: Any) -> None:
    host.domains({"name": "a.example"}, {"name": "b.example"}, {"name": "c.example"}, {"name": "d.example"})
    keep = [{"name": f"{name}.example"} for name in "abcd"]
    with pytest.raises(MailError, match=r"exclusive: 5 of 5 domains are not listed"):
        host.domains(exclusive=apply.Exclusive(True))
    with pytest.raises(MailError, match=r"exclusive: 2 of 5 domains .*max_removed_percent \(20\)"):
        host.domains(*keep[:3], exclusive=apply.Exclusive(True))
    outcome = host.domains(*keep, exclusive=apply.Exclusive(True))
    assert names(outcome) == {"removed": ["example.com"], "unchanged": 4}
    outcome = host.domains(exclusive=apply.Exclusive(True, (), 100))
    assert names(outcome) == {"removed": ["a.example", "b.example", "c.example", "d.example"]}


def test_a_catch_all_of_a_new_domain_may_come_later(host: Any) -> None:
    outcome = host.domains({"name": "example.com", "catch_all": "Info@example.com"})
    assert outcome.warnings == [
        "domain example.com: catch_all info@example.com does not exist yet; unknown users are rejected until it does"
    ]
    host.accounts({"name": "info@example.com"})
    assert host.domains({"name": "example.com", "catch_all": "INFO@example.com"}).changed is False
    outcome = host.domains({"name": "b.example", "catch_all": "Any@Elsewhere.example"})
    assert outcome.warnings == []
    assert host.rows("SELECT catch_all FROM domain ORDER BY name") == [
        ("Any@elsewhere.example",),
        ("info@example.com",),
    ]


def test_catch_alls_do_not_chase_each_other(host: Any) -> None:
    host.domains({"name": "b.example", "catch_all": "x@example.com"})
    with pytest.raises(MailError) as error:
        host.domains({"name": "example.com", "catch_all": "y@b.example"})
    assert error.value.message == (
        "domain example.com: catch_all: mail would run in a loop: y@b.example -> x@example.com -> y@b.example. "
        "Choose another address. Nothing was changed."
    )


def test_aliases_are_added_changed_and_removed(host: Any) -> None:
    host.accounts(ALICE)
    alias = {"name": "s@example.com", "to": ["ALICE@example.com", "Bob@Elsewhere.example"]}
    outcome = host.aliases(alias, {"name": "@b.example", "to": ["@example.com"]})
    assert names(outcome) == {"added": ["s@example.com", "@b.example"]}
    assert outcome.changes[0].after == "to: Bob@elsewhere.example\nto: alice@example.com\n"
    assert names(host.aliases(alias, {"name": "@b.example", "to": ["@example.com"]})) == {"unchanged": 2}
    outcome = host.aliases({**alias, "to": ["alice@example.com"]}, {"name": "@b.example", "state": "absent"})
    assert names(outcome) == {"modified": ["s@example.com"], "removed": ["@b.example"]}
    assert names(host.aliases({"name": "s@example.com", "state": "absent"})) == {"removed": ["s@example.com"]}
    assert names(host.aliases({"name": "s@example.com", "state": "absent"})) == {"unchanged": 1}
    assert host.rows("SELECT * FROM alias_target") == []


def test_an_alias_domain_can_be_led_elsewhere(host: Any) -> None:
    host.domains({"name": "c.example"})
    host.aliases({"name": "@b.example", "to": ["@example.com"]})
    assert names(host.aliases({"name": "@b.example", "to": ["@c.example"]})) == {"modified": ["@b.example"]}
    assert host.rows("SELECT * FROM domain_alias") == [("b.example", "c.example")]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"name": "s@other.example", "to": ["alice@example.com"]},
            "alias s@other.example: domain other.example is not managed here. Add it with mail_domain first.",
        ),
        (
            {"name": "alice@example.com", "to": ["bob@elsewhere.example"]},
            "alias alice@example.com: there is an account with this address. Use the account's forward_to instead.",
        ),
        (
            {"name": "s@example.com", "to": ["gone@example.com"]},
            "address s@example.com: sends mail on to gone@example.com, which does not exist on this server. Create it",
        ),
        (
            {"name": "one@example.com", "to": ["two@example.com"]},
            "address one@example.com: mail would run in a loop: one@example.com -> two@example.com -> one@example.com.",
        ),
        (
            {"name": "@example.com", "to": ["@b.example"]},
            "alias @example.com: is a mail domain of its own. Remove that domain first.",
        ),
        (
            {"name": "@new.example", "to": ["@other.example"]},
            "alias @new.example: domain other.example is not managed here. Add it with mail_domain first.",
        ),
        (
            {"name": "@loop.example", "to": ["@example.com"]},
            "address carol@example.com: mail would run in a loop: carol@example.com -> carol@loop.example -> carol@ex",
        ),
    ],
)
def test_an_alias_that_would_do_harm_is_refused(host: Any, entry: dict[str, Any], message: str) -> None:
    host.domains({"name": "b.example"})
    host.accounts(ALICE, {"name": "carol@example.com", "forward_to": ["carol@loop.example"]})
    host.aliases({"name": "two@example.com", "to": ["x@elsewhere.example"]})
    host.aliases({"name": "three@example.com", "to": ["two@example.com"]})
    entries = [entry]
    if entry["name"] == "one@example.com":
        entries.append({"name": "two@example.com", "to": ["one@example.com"]})
    before = host.tree()
    with pytest.raises(MailError) as error:
        host.aliases({"name": "fine@example.com", "to": ["alice@example.com"]}, *entries)
    assert error.value.message.startswith(message)
    assert host.tree() == before


def test_an_alias_domain_does_not_become_a_domain(host: Any) -> None:
    host.aliases({"name": "@b.example", "to": ["@example.com"]})
    with pytest.raises(MailError, match=r"domain b.example: is an alias domain. Remove that alias first."):
        host.domains({"name": "b.example"})


def test_exclusive_aliases_and_the_guard(host: Any) -> None:
    host.domains({"name": "b.example"})
    host.accounts(ALICE)
    entries = [{"name": f"s{number}@example.com", "to": ["alice@example.com"]} for number in range(4)]
    host.aliases(
        *entries,
        {"name": "other@b.example", "to": ["alice@example.com"]},
        {"name": "@c.example", "to": ["@example.com"]},
        {"name": "@d.example", "to": ["@b.example"]},
    )
    within = apply.Exclusive(True, ["example.com"])
    with pytest.raises(MailError, match=r"exclusive: 5 of 5 aliases are not listed"):
        host.aliases(exclusive=within)
    assert names(host.aliases(*entries, exclusive=within)) == {"removed": ["@c.example"], "unchanged": 4}
    gone = {"name": "s0@example.com", "state": "absent"}
    assert names(host.aliases(gone, *entries[1:], exclusive=within)) == {"removed": ["s0@example.com"], "unchanged": 3}
    outcome = host.aliases(exclusive=within._replace(max_removed_percent=100))
    assert names(outcome) == {"removed": ["s1@example.com", "s2@example.com", "s3@example.com"]}
    assert host.rows("SELECT source FROM alias_target") == [("other@b.example",)]
    assert host.rows("SELECT name FROM domain_alias") == [("d.example",)]


def test_check_mode_foretells_and_changes_nothing(host: Any) -> None:
    host.accounts(ALICE)
    before = host.tree()
    outcome = host.domains({"name": "new.example"}, write=False)
    assert names(outcome) == {"added": ["new.example"]}
    outcome = host.aliases({"name": "s@new.example", "to": ["x@new.example"]}, write=False)
    assert names(outcome) == {"added": ["s@new.example"]}
    assert outcome.warnings[0] == "domain new.example is not there yet; a real run needs it to be added first"
    assert outcome.warnings[1].startswith("address s@new.example: sends mail on to x@new.example, which does not exist")
    assert outcome.warnings[1].endswith("; a real run fails unless an earlier task adds it")
    with pytest.raises(MailError, match=r"loop"):
        host.aliases(
            {"name": "a@example.com", "to": ["b@example.com"]},
            {"name": "b@example.com", "to": ["a@example.com"]},
            write=False,
        )
    assert host.tree() == before


def test_what_a_dry_run_says_is_what_the_real_run_does(host: Any) -> None:
    host.accounts(ALICE)
    entries = [{"name": "s@example.com", "to": ["alice@example.com"]}, {"name": "@b.example", "to": ["@example.com"]}]
    assert host.aliases(*entries, write=False) == host.aliases(*entries)
    assert host.aliases(*entries, write=False) == host.aliases(*entries)
