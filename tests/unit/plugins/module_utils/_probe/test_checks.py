# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.checks import questions
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.terms import (
    SERVICES,
    Account,
    Check,
    Recipient,
    Target,
    read_ports,
)

ALICE = Account("alice@example.test", "a", senders=["team@example.test"], not_senders=["bob@example.test"])
BOB = Account("bob@example.test", "b")
INBOX_OF_BOB = Recipient("bob@example.test", "account bob@example.test", mailboxes=["bob@example.test"])


def target(**changes: Any) -> Target:
    values: dict[str, Any] = {
        "server_name": "mx.example.test",
        "ports": {name: service.port for name, service in SERVICES.items()},
        "source": "192.0.2.7",
        "tls_min_version": "TLSv1.2",
        "delimiter": "+",
        "foreign_address": "probe@example.net",
        "relay_domain": "example.test",
        "outside_sender": "",
        "token": "mp0",
    }
    return Target(**{**values, **changes})


def asked(checks: list[Check], action: str, service: str = "") -> list[Check]:
    return [check for check in checks if check.action == action and service in ("", check.service)]


def test_every_port_is_greeted_and_must_speak_tls_but_not_old_tls() -> None:
    checks = questions(target(), [], []).checks
    assert [check.service for check in asked(checks, "banner")] == list(SERVICES)
    assert [check.service for check in asked(checks, "encrypt")] == list(SERVICES)
    assert {check.arguments["version"] for check in asked(checks, "older_tls")} == {"TLSv1.1"}
    newer = questions(target(tls_min_version="TLSv1.3"), [], []).checks
    refused = {check.service: check.arguments["version"] for check in asked(newer, "older_tls")}
    assert refused.pop("smtp") == "TLSv1.1"
    assert set(refused.values()) == {"TLSv1.2"}


def test_no_password_is_ever_sent_before_tls() -> None:
    for check in asked(questions(target(), [ALICE], []).checks, "clear_login"):
        assert not check.arguments


def test_services_that_are_not_offered_are_not_probed() -> None:
    plan = questions(target(ports={"smtp": 25}), [ALICE], [INBOX_OF_BOB])
    assert {check.service for check in plan.checks} == {"smtp"}
    assert ("delivery", "mail delivered and fetched", "no IMAP or POP3 service is probed") in plan.skipped


def test_one_account_tries_every_port_and_others_one_of_each_protocol() -> None:
    logins = [c for c in asked(questions(target(), [ALICE, BOB], []).checks, "login") if c.expect == "accepted"]
    ports = {user: [c.service for c in logins if c.arguments["user"] == user] for user in (ALICE.address, BOB.address)}
    assert len(ports[ALICE.address]) == 7
    assert ports[BOB.address] == ["submission", "imap", "pop3", "sieve"]


def test_what_the_inventory_forbids_must_be_refused() -> None:
    recv = Account("recv@example.test", "r", smtp=False)
    logins = [c for c in asked(questions(target(), [recv], []).checks, "login") if c.arguments["password"] == "r"]
    assert {c.service: c.expect for c in logins}["submission"] == "refused"
    assert {c.service: c.expect for c in logins}["imaps"] == "accepted"


@pytest.mark.parametrize(
    ("networks", "expect"),
    [([], "accepted"), (["192.0.2.0/24"], "accepted"), (["198.51.100.0/24", "::1"], "refused"), (["bad"], "accepted")],
)
def test_an_account_logs_in_from_its_networks_only(networks: list[str], expect: str) -> None:
    account = ALICE._replace(allowed_networks=networks)
    logins = [c for c in asked(questions(target(), [account], []).checks, "login") if c.arguments["password"] == "a"]
    assert {c.expect for c in logins} == {expect}


def test_wrong_passwords_are_skipped_where_nobody_has_a_right_one() -> None:
    plan = questions(target(), [], [])
    assert not asked(plan.checks, "login")
    assert len([row for row in plan.skipped if "plaintext password" in row[2]]) == 7 + 2


def test_relaying_is_tried_with_an_outside_sender_and_with_one_of_our_own() -> None:
    senders = {c.arguments["sender"] for c in questions(target(), [], []).checks if "no relay" in c.what}
    assert senders == {"", "postmaster@example.test"}


def test_forged_and_granted_senders() -> None:
    checks = asked(questions(target(), [ALICE], []).checks, "recipient", "submission")
    verdicts = {c.arguments["sender"]: c.expect for c in checks if c.arguments["recipient"] == ALICE.address}
    assert verdicts == {"bob@example.test": "refused", "team@example.test": "accepted"}


def test_letters_go_by_both_submission_ports_and_from_outside() -> None:
    letters = questions(target(), [ALICE, BOB], [INBOX_OF_BOB]).letters
    assert [(x.service, x.sender, x.recipient) for x in letters] == [
        ("submission", "alice@example.test", "bob@example.test"),
        ("submissions", "alice@example.test", "bob@example.test"),
        ("smtp", "", "bob@example.test"),
    ]
    assert len({letter.token for letter in letters}) == 3


def test_a_letter_goes_from_each_domain_that_signs() -> None:
    carol = Account("carol@two.test", "c", alias_domains=["also.test", "unsigned.test"])
    no_smtp = Account("dave@three.test", "d", smtp=False)
    signed = ["example.test", "two.test", "also.test", "three.test"]
    found = questions(target(), [ALICE, BOB, carol, no_smtp], [INBOX_OF_BOB], signed).letters
    routes = [(x.service, x.login.address, x.sender) for x in found if x.login]
    assert routes == [
        ("submission", "alice@example.test", "alice@example.test"),
        ("submissions", "alice@example.test", "alice@example.test"),
        ("submission", "carol@two.test", "carol@two.test"),
        ("submission", "carol@two.test", "carol@also.test"),
    ]
    assert len({letter.token for letter in found}) == len(found)
    assert found[-1].what == "mail of carol@also.test delivered once: account bob@example.test"


def test_an_automatic_reply_is_asked_for_by_a_sender_that_never_wrote_before() -> None:
    letters = questions(target(), [ALICE, BOB], [INBOX_OF_BOB._replace(reply=True)]).letters
    asking = [letter for letter in letters if letter.reply_to]
    assert [(x.sender, x.reply_to) for x in asking] == [(f"alice+{asking[0].token}@example.test", "alice@example.test")]


def test_addresses_without_readable_mailbox_are_asked_for_only() -> None:
    recipient = Recipient("far@example.test", "alias far@example.test", why="x@far.test (another server)")
    plan = questions(target(), [ALICE], [recipient])
    assert not plan.letters
    check = next(c for c in plan.checks if c.arguments.get("recipient") == "far@example.test")
    assert check.note == "asked at RCPT, nothing sent: x@far.test (another server)"


@pytest.mark.parametrize(
    ("wanted", "ports"), [({"smtp": 25, "imaps": 0}, {"smtp": 25}), ({"imaps": "1993"}, {"imaps": 1993})]
)
def test_ports(wanted: dict[str, Any], ports: dict[str, int]) -> None:
    assert read_ports(wanted) == ports


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"imapz": 993}, "unknown service 'imapz'"),
        ({"imap": "x"}, "'x' is not a port"),
        ({"imap": -1}, "'-1' is not a port"),
        ({"imap": 65536}, "'65536' is not a port"),
        ({"imap": 0}, "no service is left"),
    ],
)
def test_bad_ports(wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError, match=message):
        read_ports(wanted)
