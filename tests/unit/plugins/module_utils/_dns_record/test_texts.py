# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import dmarc, tags, texts
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.answer import Answer
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.record import Record

from .conftest import Zone

SPF = "v=spf1 ip4:192.0.2.25 ~all"
KEY = "v=DKIM1; k=rsa; p=" + "MIIB" * 80
HALVES = KEY[:200], KEY[200:]
SELECTOR = "s1._domainkey.d.test"


def record(purpose: str, value: str, name: str = "d.test") -> Record:
    return Record(name, "TXT", 60, (value,), purpose, "Say it.", "d.test")


def verdict(wanted: Record, found: Any, **more: Any) -> tuple[str, str]:
    table = {(wanted.name, "TXT"): found, **{tuple(key.split("/")): value for key, value in more.items()}}
    result = texts.judge(wanted, Zone({key: value for key, value in table.items() if value is not None}))
    assert not result.reason[0].islower()
    assert result.reason.endswith(".")
    assert bool(result.mend) == (result.verdict != "ok")
    return result.verdict, result.kind


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([SPF], ("ok", "ok")),
        ([SPF, "proof=1"], ("ok", "ok")),
        (["v=spf1 ip4:192.0.2.0/24 -all"], ("ok", "ok")),
        (None, ("missing", "nxdomain")),
        ([], ("missing", "nodata")),
        (["proof=1"], ("missing", "nodata")),
        ([SPF, "v=spf1 -all"], ("wrong", "two_records")),
        (["v=spf1; ip4:192.0.2.25 ~all"], ("wrong", "syntax")),
        (['"v=spf1 ip4:192.0.2.25 ~all"'], ("wrong", "syntax")),
        (["v=spf1 ipv4:192.0.2.25 ~all"], ("wrong", "syntax")),
        (["v=spf1 ip4:192.0.2.25 all"], ("wrong", "pass_all")),
        (["v=spf1 ip6:::/0 -all"], ("wrong", "pass_all")),
        (["v=spf1 ip4:198.51.100.1 ~all"], ("wrong", "not_covered")),
        (["v=spf1 include:none.test ~all"], ("wrong", "permerror")),
        (["v=spf1 ip4:192.0.2.25 include:d.test -all"], ("wrong", "too_many_lookups")),
        (["v=spf1 ip4:192.0.2.25 a:a.test a:b.test a:c.test -all"], ("wrong", "void_lookups")),
        ("servfail", ("unknown", "servfail")),
        ("bogus", ("unknown", "bogus")),
        ("timeout", ("unknown", "timeout")),
        ("unasked", ("unknown", "unasked")),
        ("nodata", ("missing", "nodata")),
    ],
)
def test_spf(found: Any, wanted: tuple[str, str]) -> None:
    assert verdict(record("spf", SPF), found) == wanted


def test_spf_that_depends_on_what_cannot_be_asked() -> None:
    found = ["v=spf1 include:i.test -all"]
    assert verdict(record("spf", SPF), found, **{"i.test/TXT": "timeout"}) == ("unknown", "temperror")


def test_spf_in_strings_without_a_space() -> None:
    parts = ("v=spf1 ip4:192.0.2.25", "ip4:192.0.2.26 ~all")
    found = Answer("ok", ("".join(parts),), (parts,))
    assert verdict(record("spf", SPF), found) == ("wrong", "split")
    good = ("v=spf1 ip4:192.0.2.25 ", "ip4:192.0.2.26 ~all")
    assert verdict(record("spf", SPF), Answer("ok", ("".join(good),), (good,))) == ("ok", "ok")


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([KEY], ("ok", "ok")),
        ([KEY.replace("MIIB", "MI IB")], ("ok", "ok")),
        ([KEY.replace("v=DKIM1; k=rsa; ", "")], ("ok", "ok")),
        ([KEY + ";"], ("ok", "ok")),
        (None, ("missing", "nxdomain")),
        (["v=DKIM1; k=rsa; p=AAAA"], ("wrong", "wrong_key")),
        (["v=DKIM1; k=ed25519; p=AAAA"], ("wrong", "wrong_key")),
        (["v=DKIM1; k=rsa; p="], ("wrong", "revoked")),
        (list(HALVES), ("wrong", "split")),
        (list(reversed(HALVES)), ("wrong", "split")),
        ([KEY, "v=DKIM1; p=AAAA"], ("wrong", "two_records")),
        ([f'{HALVES[0]}" "{HALVES[1]}'], ("wrong", "quotes")),
        ([KEY.replace(";", "\\;")], ("wrong", "quotes")),
        (["v=DKIM1 k=rsa p=AAAA"], ("wrong", "syntax")),
        (["k=rsa; v=DKIM1; p=AAAA"], ("wrong", "syntax")),
        (["v=DKIM1; k=rsa"], ("wrong", "syntax")),
        (["v=DKIM1; p=AAAA; p=BBBB"], ("wrong", "syntax")),
        (["v=DKIM1; k=rsa; p=!"], ("wrong", "syntax")),
        (["something else"], ("wrong", "syntax")),
        ([KEY.replace("k=rsa", "h=sha1; k=rsa")], ("wrong", "limited")),
        ([KEY.replace("k=rsa", "s=chat; k=rsa")], ("wrong", "limited")),
        ([KEY.replace("k=rsa", "t=s:y; k=rsa")], ("wrong", "testing")),
        (Answer("ok", (KEY,), alias="x.test"), ("ok", "cname")),
        (Answer("ok", ("v=DKIM1; p=AAAA",), alias="x.test"), ("wrong", "cname")),
        (Answer("nxdomain", alias="x.test"), ("missing", "cname")),
        ("refused", ("unknown", "refused")),
    ],
)
def test_dkim(found: Any, wanted: tuple[str, str]) -> None:
    assert verdict(record("dkim", KEY, SELECTOR), found) == wanted


DMARC = "v=DMARC1; p=quarantine; rua=mailto:d@d.test"


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([DMARC], ("ok", "ok")),
        (["v=DMARC1;p=quarantine;sp=quarantine;adkim=r;rua=mailto:d@d.test;pct=100;"], ("ok", "ok")),
        (None, ("missing", "nxdomain")),
        (["proof=1"], ("missing", "nodata")),
        ([DMARC, DMARC], ("wrong", "two_records")),
        (["DMARC1; p=none"], ("wrong", "syntax")),
        (["v=DMARC1"], ("wrong", "syntax")),
        (["v=DMARC1; p=nothing"], ("wrong", "syntax")),
        (["v=DMARC1; p=quarantine; rua=d@d.test"], ("wrong", "syntax")),
        (["v=DMARC1; p=quarantine; p=none"], ("wrong", "syntax")),
        (["v=DMARC1; p=none; rua=mailto:d@d.test"], ("wrong", "other")),
        (["v=DMARC1; p=quarantine"], ("wrong", "other")),
        (["v=DMARC1; p=quarantine; sp=none; rua=mailto:d@d.test"], ("wrong", "other")),
        ("servfail", ("unknown", "servfail")),
    ],
)
def test_dmarc(found: Any, wanted: tuple[str, str]) -> None:
    assert verdict(record("dmarc", DMARC, "_dmarc.d.test"), found) == wanted


def test_dmarc_of_a_parent() -> None:
    wanted = Record("_dmarc.a.d.test", "TXT", 60, (DMARC,), "dmarc", "", "a.d.test")
    found = texts.judge(wanted, Zone({("_dmarc.d.test", "TXT"): ["v=DMARC1; p=reject"]}))
    assert (found.verdict, found.kind) == ("missing", "parent")
    assert found.reason == "There is none of its own; that of d.test counts: v=DMARC1; p=reject."


@pytest.mark.parametrize(
    ("table", "owner"),
    [
        ({}, None),
        ({"c.test": "p=none"}, "c.test"),
        ({"b.c.test": "p=none", "c.test": "p=none"}, "c.test"),
        ({"b.c.test": "p=none; psd=n", "c.test": "p=none"}, "b.c.test"),
        ({"b.c.test": "p=none", "test": "p=none; psd=y"}, "b.c.test"),
        ({"test": "p=none; psd=y"}, "test"),
    ],
)
def test_the_walk_up(table: dict[str, str], owner: str | None) -> None:
    zone = Zone({(f"_dmarc.{name}", "TXT"): [f"v=DMARC1; {text}"] for name, text in table.items()})
    found = dmarc.parent("a.b.c.test", zone)
    assert (found.owner if found else None) == owner


def test_the_walk_up_of_a_long_name_is_cut_short() -> None:
    assert list(dmarc.above("a.b.c.test")) == ["b.c.test", "c.test", "test"]
    found = list(dmarc.above("1.2.3.4.5.6.7.8.9.test"))
    assert (found[0], len(found)) == ("4.5.6.7.8.9.test", 7)


@pytest.mark.parametrize(
    ("purpose", "value", "found", "wanted"),
    [
        ("tls_rpt", "v=TLSRPTv1; rua=mailto:a@b.test", ["v=TLSRPTv1; rua=mailto:a@b.test", "x"], ("ok", "ok")),
        ("tls_rpt", "v=TLSRPTv1; rua=mailto:a@b.test", ["v=TLSRPTv1; rua=mailto:c@b.test"], ("wrong", "other")),
        ("tls_rpt", "v=TLSRPTv1; rua=mailto:a@b.test", ["v=TLSRPTv1;rua=mailto:a@b.test;"], ("ok", "ok")),
        ("tls_rpt", "v=TLSRPTv1; rua=mailto:a@b.test", ["v=TLSRPTv1; rua"], ("wrong", "other")),
        ("", "any text", ["any text", "another", "v=spf1 -all"], ("ok", "ok")),
        ("", "any text", ["another"], ("wrong", "other")),
        ("mta_sts", "v=STSv1; id=2", ["v=STSv1; id=1"], ("wrong", "other")),
        ("mta_sts", "v=STSv1; id=2", ["v=STSv1; id=1", "v=STSv1; id=2"], ("wrong", "two_records")),
        ("mta_sts", "v=STSv1; id=2", ["x"], ("missing", "nodata")),
        ("dmarc_report", "v=DMARC1", ["v=DMARC1; rua=mailto:x@y.test"], ("ok", "ok")),
    ],
)
def test_other_texts(purpose: str, value: str, found: list[str], wanted: tuple[str, str]) -> None:
    assert verdict(record(purpose, value), found) == wanted


def test_the_version_of_a_text() -> None:
    assert [tags.version(text) for text in ("v=spf1 -all", " V=DMARC1;p=none", "v = DKIM1", "vv=1", "x")] == [
        "v=spf1",
        "",
        "v=dkim1",
        "",
        "",
    ]
