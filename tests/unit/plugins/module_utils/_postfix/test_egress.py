# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way that mail would leave, judged with what the host and DNS say: here both are made up."""

from __future__ import annotations

import ipaddress
import pathlib
from collections.abc import Iterable

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._host import addresses, resolver
from ansible_collections.mailops.mailserver.plugins.module_utils._host.resolver import AAAA, MX, A, Question
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import egress, master_cf
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Table
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.verdict import Verdict

OWN = addresses.Own(tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "192.0.2.1/32", "::1/128", "2001:db8::1/128"))))
HOSTS = {
    "mx.own.example": ["192.0.2.1"],
    "alias.own.example": ["192.0.2.1"],
    "six.own.example": ["2001:db8::1"],
    "relay.example": ["198.51.100.1"],
    "proxied.example": ["203.0.113.1"],
    "no-ptr.own.example": ["192.0.2.1"],
    "192.0.2.1": ["mx.own.example"],
}
EXCHANGERS = {"own.example": ["mx.own.example"], "far.example": ["relay.example"]}
MASTER = """\
smtp       inet  n - y - - smtpd
submission inet  n - y - - smtpd
127.0.0.1:10025 inet n - y - - smtpd
smtp       unix  - - y - - smtp
relay      unix  - - y - - smtp
lmtp       unix  - - y - - lmtp
error      unix  - - y - - error
"""
BASE = {"myhostname": "mx.own.example"}
TABLES = {
    "transport_maps": "hash:/etc/other, lmdb:/etc/postfix/tables/route_transport",
    "sender_dependent_relayhost_maps": "lmdb:/etc/postfix/tables/route_sender",
}


@pytest.fixture(name="asked", autouse=True)
def fixture_asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    asked: list[Question] = []

    def ask(questions: Iterable[Question]) -> resolver.Answers:
        given = list(questions)
        asked.extend(given)
        return {question: answer(question) for question in given if not question.name.startswith("silent")}

    def answer(question: Question) -> list[str]:
        if question.kind == MX:
            return EXCHANGERS.get(question.name, [])
        if question.kind in (A, AAAA):
            return [text for text in HOSTS.get(question.name, []) if (":" in text) is (question.kind == AAAA)]
        return next((HOSTS[text] for text in HOSTS if text[0].isdigit() and resolver.reverse(text) == question), [])

    monkeypatch.setattr(resolver, "ask", ask)
    monkeypatch.setattr(addresses, "own", lambda: OWN)
    return asked


def judge(values: dict[str, str] | None = None, *, rows: str = "", senders: str = "", more: str = "") -> Verdict:
    """The verdict on main.cf's ``values``, one row of each table, and further lines of master.cf."""
    found = [
        Table("route_transport", (("far.example", rows),) if rows else ()),
        Table("route_sender", (("@own.example", senders),) if senders else ()),
    ]
    return egress.faults(
        {**BASE, **TABLES, **(values or {})}, master_cf.services(master_cf.parse(MASTER + more)), found
    )


@pytest.mark.parametrize(
    "hop",
    [
        "[mx.own.example]",
        "[MX.own.example]:587",
        "[192.0.2.1]",
        "[192.0.2.1]:25",
        "[2001:db8::1]",
        "[127.0.0.1]",
        "[127.0.0.1]:10025",
        "[::1]:587",
        "[localhost]",
        "[alias.own.example]",
        "[six.own.example]:587",
        "own.example",
        "[proxied.example]",
    ],
)
def test_a_loop_is_a_fault_wherever_it_stands(hop: str) -> None:
    values = {"proxy_interfaces": "203.0.113.1"}
    for found in (
        judge({**values, "relayhost": hop}),
        judge(values, rows=f"smtp:{hop}"),
        judge(values, senders=hop),
        judge({**values, "default_transport": f"relay:{hop}"}),
    ):
        assert ["leads back to this host" in fault.what for fault in found.faults] == [True]


@pytest.mark.parametrize(
    "hop",
    [
        "[relay.example]",
        "[relay.example]:587",
        "far.example",
        "[127.0.0.1]:10024",
        "[192.0.2.1]:10025",
        "[localhost]:2525",
        "[mx.own.example]:2525",
        "[198.51.100.1]",
    ],
)
def test_other_servers_and_local_filters_are_none(hop: str) -> None:
    assert judge(rows=f"smtp:{hop}") == Verdict([], [])


@pytest.mark.parametrize("value", ["lmtp:inet:[127.0.0.1]:25", "error:5.7.1 no", "smtp:", "lmtp:unix:private/x"])
def test_what_is_no_next_hop_of_smtp(value: str) -> None:
    assert judge(rows=value) == Verdict([], [])


def test_another_mail_server_on_loopback_is_no_loop() -> None:
    assert not judge({"inet_interfaces": "192.0.2.1", "relayhost": "[127.0.0.1]"}).faults
    assert judge({"inet_interfaces": "192.0.2.1, localhost", "relayhost": "[127.0.0.1]"}).faults
    assert not judge({"inet_interfaces": "loopback-only", "relayhost": "[192.0.2.1]"}).faults


def test_names_that_dns_does_not_tell_are_notes() -> None:
    assert judge(rows="smtp:[nowhere.example]").notes == [
        "table route_transport: far.example: nowhere.example does not resolve, so mail for it has to wait."
    ]
    assert judge({"smtp_host_lookup": "native"}, rows="smtp:[nowhere.example]").notes == []
    assert judge(rows="smtp:silent.example").notes == [
        "No name server told whether silent.example would lead back to this host."
    ]


@pytest.mark.parametrize(
    ("values", "more", "where"),
    [
        ({"smtp_bind_address": "192.0.2.2"}, "", "smtp_bind_address"),
        ({"smtp_bind_address6": "2001:db8::2"}, "", "smtp_bind_address6"),
        ({}, "out-x unix - - y - - smtp\n  -o smtp_bind_address=192.0.2.2\n", "service out-x: smtp_bind_address"),
    ],
)
def test_an_address_that_is_not_here(values: dict[str, str], more: str, where: str) -> None:
    faults = judge(values, more=more).faults
    assert [(fault.where, fault.what.partition(" ")[2]) for fault in faults] == [
        (where, "is not an address of this host")
    ]


def test_addresses_that_are_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge({"smtp_bind_address": "192.0.2.1", "smtp_bind_address6": "[2001:db8::1]"}).faults == []
    monkeypatch.setattr(addresses, "own", addresses.Own)
    assert judge({"smtp_bind_address": "192.0.2.99"}).faults == []


def test_a_transport_that_nobody_offers() -> None:
    assert [fault.message for fault in judge(rows="slow:").faults] == [
        "table route_transport: far.example: master.cf has no service 'slow'. Write smtp, or add that service."
    ]


@pytest.mark.parametrize(("other", "is_wrong"), [("ann:secret", False), ("bob:secret", True)])
def test_two_passwords_for_one_next_hop(other: str, *, is_wrong: bool) -> None:
    tables = [
        Table("route_password", (("[r.example]", "ann:secret"),), secret=True),
        Table("relay_password", (("[r.example]", other),), secret=True),
    ]
    values = {**BASE, "smtp_sasl_password_maps": "lmdb:/x/route_password, lmdb:/x/relay_password"}
    faults = egress.faults(values, master_cf.services(master_cf.parse(MASTER)), tables).faults
    wanted = "table relay_password: table route_password says something else of [r.example]. Say the same in both."
    assert [fault.message for fault in faults] == ([wanted] if is_wrong else [])


def test_an_authority_without_a_file(tmp_path: pathlib.Path) -> None:
    more = f"route-x unix - - y - - smtp\n  -o smtp_tls_CAfile={tmp_path}/ca.pem\n"
    assert "there is no file" in judge(more=more).faults[0].message
    (tmp_path / "ca.pem").write_text("x", encoding="ascii")
    assert judge(more=more).faults == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, ""),
        ({"smtp_bind_address": "192.0.2.1"}, ""),
        ({"myhostname": "nowhere.example"}, "does not resolve"),
        ({"myhostname": "no-ptr.own.example"}, "differ: the latter is mx.own.example"),
        ({"myhostname": "relay.example"}, "differ: the latter does not exist"),
        ({"smtp_helo_name": "relay.example", "smtp_bind_address": "192.0.2.1"}, "not to 192.0.2.1"),
        ({"myhostname": "silent.example"}, ""),
        ({"myhostname": "nowhere.example", "relayhost": "[relay.example]"}, ""),
        ({"myhostname": "single"}, ""),
    ],
)
def test_names_in_ehlo(values: dict[str, str], told: str) -> None:
    found = judge(values)
    assert found.faults == []
    assert told in " ".join(found.notes)
    assert bool(found.notes) is bool(told)


def test_the_name_of_a_service() -> None:
    more = "out-x unix - - y - - smtp\n  -o smtp_helo_name=own.example\n  -o smtp_bind_address=192.0.2.1\n"
    assert "service out-x: the name own.example in EHLO does not resolve" in judge(more=more).notes[0]


def test_nobody_is_asked_when_there_is_nothing_to_ask(asked: list[Question]) -> None:
    judge({"relayhost": "[relay.example]:2525", "myhostname": "mx.own.example"}, rows="smtp:[198.51.100.1]")
    services = master_cf.services(master_cf.parse(MASTER))
    egress.faults({"relayhost": "[relay.example]"}, services, [], ask_dns=False)
    assert asked == []


@pytest.mark.parametrize(
    ("servers", "proves", "words"),
    [
        (["127.0.0.1", "::1"], True, []),
        (["127.0.0.1"], False, ["DANE: the resolver of this host proves nothing"]),
        (["127.0.0.1", "192.0.2.53"], True, ["DANE: whoever is between this host and its resolver 192.0.2.53"]),
    ],
)
def test_a_resolver_that_dane_cannot_rely_on_is_told(
    servers: list[str], proves: bool, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "servers", lambda: servers)
    monkeypatch.setattr(resolver, "validates", lambda: proves)
    notes = [note for note in judge({"smtp_dns_support_level": "dnssec"}).notes if note.startswith("DANE")]
    assert [note[: len(start)] for note, start in zip(notes, words)] == words
    assert len(notes) == len(words)
    assert not [note for note in judge().notes if note.startswith("DANE")]
