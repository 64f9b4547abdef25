# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._probe import run, signatures
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.checks import Questions
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.mailbox import Found
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.terms import (
    Account,
    Answer,
    Check,
    Letter,
    Sighting,
)

BOB = Account("bob@example.test", "b")
GREETING = Check("smtp 25", "greets", "smtp", "banner", {}, "accepted", "start it")
GREETINGS = [GREETING, GREETING._replace(area="imaps 993", service="imaps")]
TLS = Check("smtp 25", "TLS", "smtp", "encrypt", {}, "accepted", "sign it")
TLS_OF_IMAP = TLS._replace(area="imaps 993", what="IMAP TLS", service="imaps")
LOGIN = Check("imaps 993", "wrong password refused", "imaps", "login", {}, "refused", "close it")
RELAY = Check("smtp 25", "no relay", "smtp", "recipient", {}, "refused", "close it")
LETTER = Letter("mp0-1", "smtp 25", "mail", "smtp", None, "", BOB.address, (BOB.address,), "", "look")
PORTS = {"smtp": 25, "imaps": 993}


class Server:
    """Door and mailboxes in one: what is sent is in Bob's inbox ``copies`` times."""

    def __init__(self, *, copies: int = 1, silent: bool = False, sticky: bool = False, untrusted: str = "") -> None:
        self.ports: Mapping[str, int] = PORTS
        self.copies = copies
        self.silent = silent
        self.sticky = sticky
        self.untrusted = untrusted
        self.avoid: set[str] = set()
        self.inbox: list[Sighting] = []

    def ask(self, action: str, service: str, arguments: Mapping[str, Any]) -> Answer:
        if self.silent:
            return Answer("broken", "connection refused")
        if action == "encrypt" and service == self.untrusted:
            return Answer("broken", "certificate not verified")
        return Answer("accepted" if action in ("banner", "encrypt") else "refused")

    def send(self, letter: Letter) -> Answer:
        self.inbox += [Sighting(box, letter.token, "letter") for box in letter.mailboxes] * self.copies
        return Answer("accepted")

    def look(self, account: Account, *, everywhere: bool = False) -> Found:
        return Found([sighting for sighting in self.inbox if sighting.mailbox == account.address], "")

    def clear(self, account: Account) -> Found:
        found = self.look(account)
        if not self.sticky:
            self.inbox = []
        return found

    def read(self, account: Account, token: str) -> bytes:
        found = any(sighting.token == token for sighting in self.inbox)
        return b"DKIM-Signature: d=example.test; s=s1\r\n\r\n" if found else b""

    def fetch(self, service: str, account: Account, token: str) -> Answer:
        return Answer("accepted" if any(sighting.token == token for sighting in self.inbox) else "refused")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_SETTLE", 0)
    monkeypatch.setattr(run, "_POLL", 0.01)


def prove(
    server: Server, *, sending: bool = True, whole: float = 60, letter: Letter = LETTER, domain: str = "example.test"
) -> tuple[run.Proof, dict[str, str]]:
    key = signatures.Key(domain, "s1", "rsa", True, f"s1._domainkey.{domain}", "")
    proof = run.prove(
        Questions([*GREETINGS, TLS, TLS_OF_IMAP, LOGIN, RELAY], [letter], [("delivery", "this", "and why")]),
        [BOB],
        server,
        server,
        limits=run.Limits(whole, 0.05),
        sending=sending,
        signing=run.Signing([key], lambda _raw, _number, _records: Answer("accepted")),
    )
    return proof, {row.what: row.result for row in proof.rows}


def test_all_is_well() -> None:
    server = Server()
    proof, results = prove(server)
    assert set(results.values()) == {"ok", "skipped"}
    assert [what for what, result in results.items() if result == "skipped"] == ["this"]
    assert (proof.sent, proof.removed, server.inbox) == (1, 1, [])


@pytest.mark.parametrize(("copies", "result"), [(1, "ok"), (0, "skipped")])
def test_mail_of_users_proves_the_keys_of_their_domain(copies: int, result: str) -> None:
    mine = LETTER._replace(login=BOB, sender=BOB.address)
    assert prove(Server(copies=copies), letter=mine)[1]["mail of bob@example.test signed with s1 (rsa)"] == result
    assert not any("signed" in what for what in prove(Server(), letter=mine, domain="other.test")[1])


@pytest.mark.parametrize("copies", [0, 2])
def test_one_copy_and_no_other_number(copies: int) -> None:
    assert prove(Server(copies=copies))[1]["mail"] == "failed"


def test_mail_that_stays_is_reported() -> None:
    proof, results = prove(Server(sticky=True))
    assert results["all mail of the probe removed again"] == "failed"
    assert proof.removed == 0


def test_in_check_mode_nothing_is_sent() -> None:
    server = Server()
    proof, results = prove(server, sending=False)
    assert (proof.sent, results["mail"], results["no relay"]) == (0, "skipped", "ok")


def test_a_port_that_does_not_answer_fails_once() -> None:
    proof, results = prove(Server(silent=True))
    assert {what for what, result in results.items() if result == "failed"} == {"greets"}
    assert {row.area for row in proof.rows if row.result == "failed"} == {"smtp 25", "imaps 993"}
    assert "nothing answers on this port" in [row.detail for row in proof.rows]


@pytest.mark.parametrize(
    ("service", "failed", "skipped"),
    [
        ("imaps", {"IMAP TLS"}, {"wrong password refused", "mail", "this"}),
        ("smtp", {"TLS"}, {"this"}),
    ],
)
def test_no_password_and_no_mail_goes_where_tls_is_not_trusted(
    service: str, failed: set[str], skipped: set[str]
) -> None:
    results = prove(Server(untrusted=service))[1]
    assert {what for what, result in results.items() if result == "failed"} == failed
    assert {what for what, result in results.items() if result == "skipped"} == skipped


def test_nothing_goes_on_after_the_time_limit() -> None:
    assert prove(Server(), whole=-1)[1]["no relay"] == "failed"
