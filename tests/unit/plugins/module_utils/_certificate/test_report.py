# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import report
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.book import Book, Record
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.compare import compare
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.report import Finding, Limits
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.request import Entry, Source
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Installed, Served

from .conftest import NOW, Made, make

LIMITS = Limits(NOW, 7, 21)
AUTHORITY = make("Authority", ca=True, valid=(-10, 2000))
MIDDLE = make("Middle", AUTHORITY, ca=True, valid=(-10, 1000))
MX = make("mx.test", MIDDLE)
OLD = make("mx.test", MIDDLE, valid=(-80, 10))
PORTS = {"smtp": 25, "imaps": 993}


def installed(*chain: Made, names: Sequence[str] = ("mx.test",), previous: Sequence[Made] = ()) -> Installed:
    chains = (tuple(one.facts for one in chain),) if chain else ()
    stamps = tuple(f"20260101T000000Z-{one.facts.fingerprint[:8]}" for one in previous)
    return Installed("mx.test", tuple(names), True, "/etc/ssl/mailserver/live/mx.test", chains, stamps)


def served(
    *chain: Made, names: Sequence[str] = ("", "mx.test"), services: Sequence[str] = tuple(PORTS)
) -> list[Served]:
    der = tuple(one.der for one in chain)
    error = "" if der else "nothing listens on this port"
    return [Served(service, PORTS[service], name, der, error) for service in services for name in names]


def findings(entries: Sequence[Installed], seen: Sequence[Served], limits: Limits = LIMITS) -> list[Finding]:
    return report.findings(
        entries, [report.read(one) for one in compare(entries, seen)], {"mx.test": "Renew it."}, limits
    )


def words(made: Made) -> str:
    return f"CN={made.facts.names[0]} (EC P-256, {made.facts.fingerprint[:8]})"


def test_all_is_well() -> None:
    found = findings([installed(MX, MIDDLE)], served(MX, MIDDLE))
    assert report.advice(found, "failed") == report.advice(found, "soon") == []
    assert report.table(found) == [
        f"ok       disk        mx.test               {words(MX)}, 80 days left",
        f"ok       every port  without SNI, mx.test  {words(MX)}",
    ]


def test_a_daemon_that_was_not_reloaded() -> None:
    old = served(OLD, MIDDLE, services=["imaps"])
    found = findings([installed(MX, MIDDLE, previous=[OLD])], served(MX, MIDDLE, services=["smtp"]) + old)
    assert report.advice(found, "failed") == [
        "imaps 993: without SNI, mx.test: an older version of 'mx.test' is served, not the one on disk",
        "  -> Reload the daemon (systemctl reload postfix dovecot): the file was renewed after it had read it.",
    ]
    assert report.advice(found, "soon") == []


def test_a_port_where_nothing_listens_is_one_line() -> None:
    names = ["", "mx.test", "a.test", "b.test"]
    found = findings([installed(MX, MIDDLE, names=names[1:])], served(names=names))
    assert report.advice(found, "failed")[0] == "every port: every name: nothing listens on this port"


def test_a_host_without_any_certificate_says_what_is_served() -> None:
    found = findings([], served(MX, MIDDLE))
    assert report.advice(found, "failed") == []
    assert report.table(found) == [f"ok       every port  without SNI, mx.test  {words(MX)}, 80 days left"]


@pytest.mark.parametrize(
    ("entry", "seen", "faults"),
    [
        (
            installed(MX, MIDDLE),
            served(MX, services=["smtp"]),
            ["smtp 25: without SNI, mx.test: the chain is not complete: 1 of 1 intermediates are not served"],
        ),
        (
            installed(MX, MIDDLE),
            served(MX, MIDDLE, names=["x.test", "192.0.2.1"], services=["smtp"]),
            [f"smtp 25: x.test, 192.0.2.1: the certificate that is served is not for this name: {words(MX)}"],
        ),
        (
            installed(MX, MIDDLE),
            served(make("x.test", MIDDLE), MIDDLE, names=["mx.test"], services=["smtp"]),
            ["smtp 25: mx.test: what is served is neither 'mx.test' on disk nor another certificate that is installed"],
        ),
        (installed(), [], ["disk: mx.test: no version is live, or it cannot be read"]),
        (
            None,
            served(MX, AUTHORITY, services=["smtp"]),
            ["smtp 25: without SNI, mx.test: the chain is out of order, or a certificate is missing in it"],
        ),
    ],
)
def test_faults(entry: Installed | None, seen: Sequence[Served], faults: list[str]) -> None:
    found = report.advice(findings([entry] if entry else [], seen), "failed")
    assert [line for line in found if not line.startswith("  -> ")] == faults
    assert found[-1].startswith("  -> ")


def test_what_is_served_without_being_installed_may_have_two_faults() -> None:
    found = findings([], served(OLD, MIDDLE, names=["x.test"]))
    assert [(one.area, one.result, one.detail) for one in found if one.area == "smtp 25"] == [
        ("smtp 25", "failed", f"the certificate that is served is not for this name: {words(OLD)}"),
        ("smtp 25", "soon", f"{words(OLD)} expires in 10 days"),
    ]


@pytest.mark.parametrize(
    ("leaf", "middle", "result", "detail"),
    [
        ((-10, 22), (-10, 99), "ok", ", 22 days left"),
        ((-10, 20.9), (-10, 99), "soon", " expires in 20 days"),
        ((-10, 6.9), (-10, 99), "failed", " expires in 6 days"),
        ((-10, 0.5), (-10, 99), "failed", " expires in 0 days"),
        ((-10, -1), (-10, 99), "failed", " expired on 2027-01-14T08:00:00Z"),
        ((1, 80), (-10, 99), "failed", " is valid only from 2027-01-16T08:00:00Z on"),
        ((-10, 80), (-10, 5), "failed", "; its intermediate CN=Middle expires in 5 days"),
    ],
)
def test_how_long_a_chain_lasts(
    leaf: tuple[float, float], middle: tuple[float, float], result: str, detail: str
) -> None:
    authority = make("Middle", AUTHORITY, ca=True, valid=middle)
    made = make("mx.test", authority, valid=leaf)
    found = findings([installed(made, authority)], [])[0]
    assert (found.result, found.detail) == (result, words(made) + detail)
    assert bool(found.mend) is (result != "ok")


def test_where_the_next_certificate_comes_from() -> None:
    file = Source(
        certificate_file="/etc/letsencrypt/live/a/fullchain.pem", key_file="/etc/letsencrypt/live/a/privkey.pem"
    )
    entries = [
        Entry("a", ("a",), sources=(file,)),
        Entry("b", ("b",), self_signed=True),
        Entry("c", ("c",)),
    ]
    origins = report.origins(Book(records=tuple(Record(entry) for entry in entries)))
    assert [text.split(":")[0].split(";")[0] for text in origins.values()] == [
        "Renew what lies in /etc/letsencrypt/live/a/fullchain.pem, /etc/letsencrypt/live/a/privkey.pem",
        "It is signed by itself",
        "It was given as text",
    ]


def test_a_certificate_that_waits_for_its_record() -> None:
    entry = installed(MX, MIDDLE)._replace(next_tlsa=("3 1 1 aa",))
    detail, mend = report.advice(findings([entry], served(MX, MIDDLE)), "soon")
    assert detail == "disk: mx.test: a new certificate waits until senders can know its key (DANE)"
    assert "Publish TLSA 3 1 1 aa for it as well" in mend


def test_what_is_returned_of_a_look() -> None:
    look = report.read(compare([installed(MX, MIDDLE)], served(MX, MIDDLE))[0])
    shown = report.shown(look, NOW)
    assert (shown["certificate"], shown["agrees"], shown["why"], shown["error"]) == ("mx.test", True, "", "")
    assert (shown["names"], shown["days_left"]) == (["mx.test"], 80)
    assert shown["tlsa"] == f"3 1 1 {MX.facts.tlsa}"
    nothing = report.shown(report.read(compare([], served())[0]), NOW)
    assert (nothing["agrees"], nothing["error"], nothing["tlsa"]) == (False, "nothing listens on this port", "")
    unknown = report.shown(report.read(compare([], served(MX, MIDDLE))[0]), NOW)
    assert unknown["agrees"] is None


def test_what_cannot_be_read_is_a_fault() -> None:
    look = report.read(compare([], [Served("smtp", 25, "", (b"no certificate",))])[0])
    assert look.unreadable
    assert [one.result for one in report.findings([], [look], {}, LIMITS)] == ["failed"]
