# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import spf, spf_check
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.answer import Answer
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

from .conftest import Zone

HERE = "192.0.2.25"


def test_a_record_is_made() -> None:
    found = spf.make([HERE, "2001:db8::25", "198.51.100.0/24"], includes=["s.test"], end="-")
    assert found == "v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 ip4:198.51.100.0/24 include:s.test -all"
    assert spf.parse(found)[1] == []
    assert spf.networks(found) == [HERE, "2001:db8::25", "198.51.100.0/24"]


def test_a_record_with_too_many_names_is_not_made() -> None:
    with pytest.raises(MailError, match="11 names are included, and receivers look up 10"):
        spf.make([], includes=["i.test"] * 11)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("v=spf1", True), ("V=SPF1 -all", True), ("v=spf10 -all", False), ("v=spf1; -all", False), ("spf2.0/pra", False)],
)
def test_which_texts_are_records(text: str, is_one: bool) -> None:
    assert spf.is_spf(text) is is_one


@pytest.mark.parametrize(
    "words",
    [
        "",
        "all",
        "a mx ptr",
        "a/24 mx//64 a:x.test/24//64",
        "include:_spf.x.test ?exists:%{i}._spf.%{d2r-}",
        "redirect=_spf.x.test exp=%{d}.x.test",
        "ip4:192.0.2.0/24 ip6:::1 ip6:2001:db8::/32",
        "unknown=%{d} op=x",
        "MX IP4:192.0.2.1 -ALL",
    ],
)
def test_good_words(words: str) -> None:
    assert spf.parse(f"v=spf1 {words}")[1] == []


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("ip:192.0.2.1", "is no mechanism that SPF knows (the mechanisms for addresses are ip4 and ip6)"),
        ("ip4:2001:db8::1", "has an address of IPv6; write ip6:2001:db8::1"),
        ("ip4:192.0.2", "is no address"),
        ("ip4", "lacks an address"),
        ("ip4:192.0.2.0/33", "is no address"),
        ("ip4:192.0.2.0/024", "has a wrong prefix length"),
        ("all:x.test", "has something after 'all'"),
        ("include", "lacks a name"),
        ("include:", "lacks a name"),
        ("include:x", "has no whole domain name"),
        ("include:x.123", "has no whole domain name"),
        ("include=x.test", "has '=' where a mechanism has ':'; write include:x.test"),
        ("a/33", "has a wrong prefix length"),
        ("mx//129", "has a wrong prefix length"),
        ("a:%{x}.test", "has a wrong macro"),
        ("exists:%{c}.x.test", "has a wrong macro"),
        ("x=%", "is a modifier with a wrong macro"),
        ("-", "is no mechanism"),
        ("incldue:x.test", "is no mechanism that SPF knows"),
    ],
)
def test_wrong_words(word: str, reason: str) -> None:
    assert spf.parse(f"v=spf1 {word} -all")[1] == [f"'{word}' {reason}"]


def test_what_may_stand_once_only_and_in_ascii() -> None:
    assert spf.parse("v=spf1 redirect=a.test redirect=b.test")[1] == ["'redirect' is there twice"]
    assert spf.parse("v=spf1 a:é.test")[1] == ["it holds characters that are not printable ASCII"]


TABLE = {
    ("x.test", "A"): [HERE],
    ("x.test", "AAAA"): ["2001:db8::25"],
    ("mx.test", "MX"): ["10 x.test.", "20 nothing.test."],
    ("sub.test", "TXT"): ["v=spf1 ip4:192.0.2.25 -all"],
    ("loop.test", "TXT"): ["v=spf1 include:loop.test -all"],
    ("slow.test", "TXT"): "timeout",
    ("two.test", "TXT"): ["v=spf1 -all", "v=spf1 +all"],
    ("25.2.0.192.in-addr.arpa", "PTR"): ["x.test."],
    ("192.0.2.25._i.d.test", "A"): ["127.0.0.2"],
    ("many.test", "MX"): [f"{number} x.test." for number in range(11)],
}


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("", "neutral"),
        ("-all", "fail"),
        ("~all", "softfail"),
        ("ip4:192.0.2.25", "pass"),
        ("-ip4:192.0.2.0/24 +all", "fail"),
        ("ip6:::/0 -all", "fail"),
        ("a:x.test -all", "pass"),
        ("a:x.test/24 -all", "pass"),
        ("mx:mx.test -all", "pass"),
        ("ptr:x.test -all", "pass"),
        ("ptr:test -all", "permerror"),
        ("ptr:y.test -all", "fail"),
        ("exists:%{i}._i.%{d} -all", "pass"),
        ("include:sub.test -all", "pass"),
        ("redirect=sub.test", "pass"),
        ("include:none.test -all", "permerror"),
        ("redirect=none.test", "permerror"),
        ("include:two.test -all", "permerror"),
        ("include:loop.test -all", "permerror"),
        ("include:slow.test -all", "temperror"),
        ("mx:many.test -all", "permerror"),
        ("a:n1.test a:n2.test -all", "fail"),
        ("a:n1.test a:n2.test a:n3.test -all", "permerror"),
        ("ip4:192.0.2.25 a:n1.test a:n2.test a:n3.test -all", "pass"),
        ("ip4:192.0.2.25 incldue:x.test -all", "permerror"),
    ],
)
def test_what_receivers_find(words: str, result: str) -> None:
    zone = Zone({**TABLE, ("d.test", "TXT"): [f"v=spf1 {words}"]})
    assert spf_check.check(HERE, "d.test", zone).result == result


def test_an_address_of_ipv6() -> None:
    zone = Zone({**TABLE, ("d.test", "TXT"): ["v=spf1 ip4:192.0.2.25 a:x.test -all"]})
    assert spf_check.check("2001:db8::25", "d.test", zone).result == "pass"
    assert spf_check.check("::ffff:192.0.2.25", "d.test", zone).result == "pass"
    assert spf_check.check("2001:db8::26", "d.test", zone).result == "fail"


@pytest.mark.parametrize(
    ("macro", "name"),
    [
        ("%{s}", "a-b@o.test"),
        ("%{l1r-}", "a"),
        ("%{o}.%{d1}.%{v}", "o.test.test.in-addr"),
        ("%{h}%%%_%-", "helo.test% %20"),
        ("%{ir}.%{p}", "25.2.0.192.x.test"),
        ("%{i}", HERE),
    ],
)
def test_macros(macro: str, name: str) -> None:
    zone = Zone({**TABLE, ("d.test", "TXT"): [f"v=spf1 exists:{macro}.z.test -all"]})
    spf_check.check(HERE, "d.test", zone, sender="a-b@o.test", helo="helo.test")
    assert (f"{name}.z.test", "A") in zone.asked


def test_the_whole_of_a_record_is_counted() -> None:
    words = "ip4:192.0.2.25 include:sub.test a:x.test mx:mx.test exists:n1.test -all a:x.test redirect=sub.test"
    found = spf_check.count(HERE, "d.test", Zone({**TABLE, ("d.test", "TXT"): [f"v=spf1 {words}"]}))
    assert (found.result, found.lookups, found.voids) == ("fail", 4, 2)
    loop = spf_check.count(HERE, "loop.test", Zone(TABLE))
    assert loop.lookups > spf.MAX_LOOKUPS


@pytest.mark.parametrize("name", ["", "test", "a..test", "x" * 64 + ".test", ".".join(["x" * 60] * 5)])
def test_names_that_cannot_have_a_record(name: str) -> None:
    zone = Zone({})
    assert spf_check.check(HERE, name, zone).result == "none"
    assert zone.asked == []


def test_a_refusal_is_no_result() -> None:
    assert spf_check.check(HERE, "d.test", lambda _name, _kind: Answer("servfail")).result == "temperror"
