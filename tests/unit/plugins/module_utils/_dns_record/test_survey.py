# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything together, asked of a name server that lives in a thread."""

from __future__ import annotations

from typing import Any, Callable

import dns.flags
import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import lists, survey
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.answer import Server
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.ask import Asker
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.record import Record
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.terms import Terms
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.verdict import Row

from .conftest import Daemon, Reply, response

SOA = "{} 60 IN SOA ns.d.test. h.d.test. 1 2 3 4 5"
ROWS = {
    ("d.test.", "SOA"): [SOA.format("d.test.")],
    ("d.test.", "NS"): ["d.test. 60 IN NS ns.d.test."],
    ("ns.d.test.", "A"): ["ns.d.test. 60 IN A 127.0.0.1"],
    ("d.test.", "MX"): ["d.test. 60 IN MX 10 mx.d.test."],
    ("mx.d.test.", "A"): ["mx.d.test. 60 IN A 192.0.2.25"],
    ("_dmarc.d.test.", "TXT"): ['_dmarc.d.test. 60 IN TXT "v=DMARC1; p=none"'],
    ("d.test.", "TXT"): ['d.test. 60 IN TXT "v=spf1 ip4:192.0.2.25 ~all"'],
    ("2.0.0.127.bl.test.", "A"): ["2.0.0.127.bl.test. 60 IN A 127.0.0.2"],
    ("25.2.0.192.bl.test.", "A"): ["25.2.0.192.bl.test. 60 IN A 127.0.0.4"],
    ("test.bl.test.", "A"): ["test.bl.test. 60 IN A 127.0.0.2"],
}
RECORDS = [
    Record("mx.d.test", "A", 60, ("192.0.2.25",), "address", "", "mx.d.test"),
    Record("d.test", "MX", 60, ("10 mx.d.test.",), "mx", "", "d.test"),
    Record("d.test", "TXT", 60, ("v=spf1 ip4:192.0.2.25 ~all",), "spf", "", "d.test"),
    Record("_dmarc.d.test", "TXT", 60, ("v=DMARC1; p=none",), "dmarc", "", "d.test"),
    Record("_imaps._tcp.d.test", "SRV", 60, ("0 1 993 mail.d.test.",), "srv", "", "d.test"),
]


def answer(message: Any, rows: dict[tuple[str, str], list[str]]) -> Any:
    question = message.question[0]
    name, kind = question.name.to_text().lower(), question.rdtype.name
    known = any(owner == name for owner, _kind in rows)
    authority = SOA.format("d.test.") if name.endswith("d.test.") else SOA.format("test.")
    code = "NOERROR" if known else "NXDOMAIN"
    return response(message, *rows.get((name, kind), []), code=code, flags=dns.flags.AA, authority=authority)


@pytest.fixture(name="here")
def fixture_here(daemon: Callable[[Reply], Daemon]) -> Daemon:
    return daemon(lambda message: answer(message, ROWS))


def run(here: Daemon, *others: Daemon, **options: Any) -> list[Row]:
    resolvers = [[Server("127.0.0.1", each.port, str(each.port))] for each in (here, *others)]
    terms = Terms(resolvers, port=here.port, at_once=4, **options)
    return survey.Survey(terms, Asker(timeout=0.3, total=10)).run(RECORDS)


def verdicts(rows: list[Row]) -> list[tuple[str, str, str]]:
    return [(row.record.purpose, row.finding.verdict, row.finding.kind) for row in rows]


def test_records_and_what_is_true_of_several(here: Daemon) -> None:
    names = ("mx.d.test",)
    zones = (lists.of_addresses("bl.test"),)
    domains = (lists.Zone("bl.test", "test", "invalid"),)
    rows = run(here, names=names, address_lists=zones, domain_lists=domains)
    assert verdicts(rows) == [
        ("address", "ok", "ok"),
        ("mx", "ok", "ok"),
        ("spf", "ok", "ok"),
        ("dmarc", "ok", "ok"),
        ("srv", "missing", "nxdomain"),
        ("alignment", "ok", "spf_only"),
        ("certificate", "ok", "ok"),
        ("certificate", "wrong", "certificate"),
        ("name_server", "ok", "ok"),
        ("blocklist", "wrong", "listed"),
        ("blocklist", "ok", "ok"),
    ]
    assert survey.counts(rows) == {"ok": 8, "extra": 0, "unknown": 0, "missing": 1, "wrong": 2}


def test_whom_was_asked(here: Daemon) -> None:
    row = run(here)[1].as_dict()
    assert [seen["server"] for seen in row["seen"]] == [str(here.port), "ns.d.test (127.0.0.1)"]
    assert [seen["found"] for seen in row["seen"]] == [["10 mx.d.test."]] * 2
    assert row["expected"] == row["found"] == ["10 mx.d.test."]
    assert len(run(here, own_servers=False)[1].seen) == 1


def test_a_resolver_that_sees_something_else(here: Daemon, daemon: Callable[[Reply], Daemon]) -> None:
    other = daemon(lambda message: answer(message, {**ROWS, ("d.test.", "MX"): ["d.test. 60 IN MX 5 old.test."]}))
    silent = daemon(lambda _message: None)
    rows = run(here, other, silent, own_servers=False)
    assert verdicts(rows)[1] == ("mx", "wrong", "differs")
    assert str(other.port) in rows[1].finding.reason
    assert [seen["status"] for seen in rows[1].seen] == ["ok", "ok", "timeout"]
    assert verdicts(rows)[2] == ("spf", "ok", "ok")


def test_nothing_is_asked_of_own_servers_when_nothing_is_known(daemon: Callable[[Reply], Daemon]) -> None:
    failing = daemon(lambda message: response(message, code="SERVFAIL"))
    rows = run(failing)
    assert {row.finding.kind for row in rows[:5]} == {"servfail"}
    assert not any(row.record.purpose == "name_server" for row in rows)


def test_names_of_a_registry_are_not_ours(daemon: Callable[[Reply], Daemon]) -> None:
    free = daemon(lambda message: response(message, code="NXDOMAIN", authority=SOA.format("test.")))
    rows = run(free)
    assert {row.finding.verdict for row in rows[:5]} == {"missing"}
    assert not any(row.record.purpose == "name_server" for row in rows)
