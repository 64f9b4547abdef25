# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import across, hosts, lists, verdict
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.answer import Answer
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.record import Record
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.verdict import Row, ok, wrong

from .conftest import Zone

HERE = "192.0.2.25"
TABLE: dict[tuple[str, str], Any] = {
    ("mx.test", "A"): [HERE],
    ("old.test", "A"): ["192.0.2.1"],
    ("alias.test", "A"): Answer("ok", (HERE,), alias="mx.test"),
    ("d.test", "A"): ["192.0.2.80"],
    ("v6.test", "AAAA"): ["2001:db8::25"],
}


def record(kind: str, *values: str, name: str = "d.test") -> Record:
    return Record(name, kind, 60, values, "", "", "d.test")


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (["10 mx.test."], ("ok", "ok")),
        (["20 old.test.", "10 mx.test."], ("extra", "extra")),
        (["20 mx.test."], ("wrong", "other")),
        (["10 old.test."], ("wrong", "other")),
        ([], ("missing", "implicit")),
        (["0 ."], ("wrong", "null_mx")),
        (["10 192.0.2.25."], ("wrong", "mx_address")),
        (["10 alias.test."], ("wrong", "mx_cname")),
        (["10 nowhere.test."], ("wrong", "mx_no_address")),
        ("bogus", ("unknown", "bogus")),
    ],
)
def test_mx(found: Any, wanted: tuple[str, str]) -> None:
    result = hosts.mx(record("MX", "10 mx.test."), Zone({**TABLE, ("d.test", "MX"): found}))
    assert (result.verdict, result.kind) == wanted


def test_an_mx_that_is_half_there_or_not_at_all() -> None:
    both = record("MX", "10 mx.test.", "20 old.test.", name="e.test")
    assert hosts.mx(both, Zone({**TABLE, ("e.test", "MX"): ["10 mx.test."]})).kind == "incomplete"
    assert hosts.mx(both, Zone(TABLE)).kind == "nxdomain"
    assert hosts.mx(record("MX", "0 ."), Zone({("d.test", "MX"): ["0 ."]})).verdict == "ok"


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (["mx.test."], ("ok", "ok")),
        (["mx.test.", "x.test."], ("extra", "extra")),
        (["alias.test."], ("wrong", "other_name")),
        (["old.test."], ("wrong", "fcrdns")),
        (["nowhere.test."], ("wrong", "fcrdns")),
        (None, ("missing", "nxdomain")),
        ("timeout", ("unknown", "timeout")),
    ],
)
def test_reverse_names(found: Any, wanted: tuple[str, str]) -> None:
    name = "25.2.0.192.in-addr.arpa"
    table = {**TABLE, (name, "PTR"): found} if found else TABLE
    result = hosts.reverse(record("PTR", "mx.test.", name=name), Zone(table))
    assert (result.verdict, result.kind) == wanted


def test_the_reverse_name_of_an_address_of_ipv6() -> None:
    name = "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
    found = hosts.reverse(record("PTR", "v6.test.", name=name), Zone({**TABLE, (name, "PTR"): ["v6.test."]}))
    assert found.verdict == "ok"


def test_reverse_names_that_are_none() -> None:
    for name in ("x.test", "x.in-addr.arpa", "1.ip6.arpa", "test"):
        found = hosts.reverse(record("PTR", "mx.test.", name=name), Zone({(name, "PTR"): ["mx.test."]}))
        assert found.verdict == "ok"


@pytest.mark.parametrize(
    ("host", "wanted"),
    [("mx.test", "ok"), ("a.w.test", "ok"), ("b.test", "wrong"), ("mx", "wrong"), ("_x.test", "wrong")],
)
def test_whether_a_certificate_is_for_a_host(host: str, wanted: str) -> None:
    assert hosts.covered(host, ["mx.test", "*.w.test"]).verdict == wanted


GOOD, OTHER = "3 1 1 " + "ab" * 32, "3 1 1 " + "cd" * 32


@pytest.mark.parametrize(
    ("found", "root", "wanted"),
    [
        (Answer("ok", (GOOD,), secure=True), True, ("ok", "ok")),
        (Answer("ok", (GOOD, OTHER), secure=True), True, ("extra", "extra")),
        (Answer("ok", (OTHER,), secure=True), True, ("wrong", "wrong_key")),
        (Answer("ok", (GOOD,)), True, ("wrong", "no_dnssec")),
        (Answer("ok", (GOOD,), signed=True), True, ("wrong", "no_dnssec")),
        (Answer("ok", (GOOD,), signed=True), False, ("unknown", "no_validation")),
        (Answer("nodata"), True, ("missing", "nodata")),
        (Answer("bogus"), True, ("unknown", "bogus")),
    ],
)
def test_tlsa(found: Answer, root: bool, wanted: tuple[str, str]) -> None:
    table = {("_25._tcp.mx.test", "TLSA"): found, (".", "SOA"): Answer("ok", secure=root)}
    result = hosts.tlsa(record("TLSA", GOOD, name="_25._tcp.mx.test"), Zone(table))
    assert (result.verdict, result.kind) == wanted


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ({("c.test", "CNAME"): ["mx.test."]}, ("ok", "ok")),
        ({("c.test", "CNAME"): ["x.test."]}, ("wrong", "other")),
        ({("c.test", "A"): [HERE]}, ("ok", "address")),
        ({}, ("missing", "nxdomain")),
    ],
)
def test_names_that_stand_for_others(table: dict[tuple[str, str], Any], wanted: tuple[str, str]) -> None:
    result = hosts.alias(record("CNAME", "mx.test.", name="c.test"), Zone(table))
    assert (result.verdict, result.kind) == wanted


def test_addresses_through_a_cname_and_without_one() -> None:
    found = verdict.compare(record("A", HERE), Answer("ok", (HERE,), alias="x.test"))
    assert (found.verdict, found.kind) == ("ok", "cname")
    found = verdict.compare(record("A", HERE), Answer("nxdomain", alias="x.test"))
    assert (found.verdict, found.kind) == ("missing", "cname")
    assert "x.test" in found.reason


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("ok", ("ok", "ok")),
        ("lame", ("wrong", "lame")),
        ("timeout", ("wrong", "timeout")),
        ("refused", ("wrong", "refused")),
        ("unreachable", ("unknown", "unreachable")),
        ("unasked", ("unknown", "unasked")),
    ],
)
def test_name_servers(status: str, wanted: tuple[str, str]) -> None:
    found = hosts.name_server("ns.test (192.0.2.53)", status)
    assert (found.verdict, found.kind) == wanted


LIST: dict[tuple[str, str], Any] = {("2.0.0.127.bl.test", "A"): ["127.0.0.2"], ("test.bl.test", "A"): ["127.0.1.2"]}
ENTRY = ("25.2.0.192.bl.test", "A")


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (LIST, ("ok", "ok")),
        ({**LIST, ENTRY: ["127.0.0.4"]}, ("wrong", "listed")),
        ({**LIST, ENTRY: ["127.255.255.254"]}, ("unknown", "unfit")),
        ({**LIST, ENTRY: ["192.0.2.99"]}, ("unknown", "unfit")),
        ({**LIST, ENTRY: "timeout"}, ("unknown", "timeout")),
        ({}, ("unknown", "unfit")),
        ({("2.0.0.127.bl.test", "A"): ["127.255.255.254"]}, ("unknown", "unfit")),
        ({("2.0.0.127.bl.test", "A"): "refused"}, ("unknown", "refused")),
        ({**LIST, ("1.0.0.127.bl.test", "A"): ["127.0.0.2"]}, ("unknown", "unfit")),
    ],
)
def test_lists(table: dict[tuple[str, str], Any], wanted: tuple[str, str]) -> None:
    found = lists.check(HERE, lists.of_addresses("bl.test"), Zone(table))
    assert (found.verdict, found.kind) == wanted


def test_a_list_says_why_and_lists_domains_too() -> None:
    zone = lists.Zone("bl.test", "test", "invalid")
    table = {**LIST, ("d.test.bl.test", "A"): ["127.0.1.2"], ("d.test.bl.test", "TXT"): ["sent spam"]}
    assert lists.check("d.test", zone, Zone(table)).reason == "It is listed with 127.0.1.2: sent spam."
    assert lists.check("e.test", zone, Zone(table)).verdict == "ok"
    assert lists.owner("2001:db8::1", zone).startswith("1.0.0.0.")


def rows(dkim: str, spf: str) -> list[Row]:
    findings = {"ok": ok(()), "wrong": wrong("x", (), "X."), "unknown": verdict.unknown(Answer("timeout"))}
    return [
        Row(Record(name, "TXT", 60, (), purpose, "", "d.test"), findings.get(word, ok(())))
        for name, purpose, word in (
            ("s._domainkey.d.test", "dkim", dkim),
            ("d.test", "spf", spf),
            ("_dmarc.d.test", "dmarc", ""),
        )
    ]


@pytest.mark.parametrize(
    ("dkim", "spf", "wanted"),
    [
        ("ok", "ok", ("ok", "ok")),
        ("ok", "wrong", ("ok", "ok")),
        ("wrong", "ok", ("ok", "spf_only")),
        ("wrong", "wrong", ("wrong", "not_aligned")),
        ("unknown", "wrong", ("unknown", "unknown")),
    ],
)
def test_whether_mail_passes_dmarc(dkim: str, spf: str, wanted: tuple[str, str]) -> None:
    found = list(across.alignments(rows(dkim, spf)))
    assert [(row.record.domain, row.finding.verdict, row.finding.kind) for row in found] == [("d.test", *wanted)]


def test_domains_without_dmarc_are_not_judged() -> None:
    assert list(across.alignments(rows("ok", "ok")[:2])) == []
