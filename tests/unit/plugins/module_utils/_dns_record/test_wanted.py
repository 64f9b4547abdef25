# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import subject
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import wanted as room
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.record import Record
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.wanted import Wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

V4, V6 = "192.0.2.25", "2001:db8::25"
CERTIFICATES = [
    {"names": ["mx.example.com"], "default": True, "tlsa": "3 1 1 AA", "also": [{"tlsa": "3 1 1 bb"}]},
    {"names": ["*.two.test"], "tlsa": "3 1 1 cc", "next_tlsa": ["3 1 1 CC", "3 1 1 DD"]},
    {"names": ["none.test"], "tlsa": ""},
]


def wanted(*domains: dict[str, Any], **options: Any) -> Wanted:
    server = subject.server("mx.example.com", [V4, V6], certificates=CERTIFICATES, ports=[587, 993])
    return room.wanted(domains, server, **options)


def values(found: Wanted, name: str, kind: str) -> tuple[str, ...] | None:
    rows = [item for item in found.records if (item.name, item.type) == (name, kind)]
    assert len(rows) < 2, "a name and type is there once"
    return rows[0].values if rows else None


PLAIN = {"name": "example.com", "server_names": ["mail.example.com"]}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("mx.example.com", "A", (V4,)),
        ("mx.example.com", "AAAA", (V6,)),
        ("mx.example.com", "TXT", (f"v=spf1 ip4:{V4} ip6:{V6} -all",)),
        ("25.2.0.192.in-addr.arpa", "PTR", ("mx.example.com.",)),
        ("example.com", "MX", ("10 mx.example.com.",)),
        ("example.com", "TXT", (f"v=spf1 ip4:{V4} ip6:{V6} ~all",)),
        ("_dmarc.example.com", "TXT", ("v=DMARC1; p=none",)),
        ("_25._tcp.mx.example.com", "TLSA", ("3 1 1 aa", "3 1 1 bb")),
        ("mail.example.com", "A", (V4,)),
        ("_submission._tcp.example.com", "SRV", ("0 1 587 mail.example.com.",)),
        ("_imaps._tcp.example.com", "SRV", ("0 1 993 mail.example.com.",)),
        ("_imap._tcp.example.com", "SRV", ("0 0 0 .",)),
        ("_sieve._tcp.example.com", "SRV", ("0 0 0 .",)),
        ("_mta-sts.example.com", "TXT", None),
        ("_smtp._tls.example.com", "TXT", None),
        ("autoconfig.example.com", "CNAME", None),
        ("example.com", "CAA", None),
    ],
)
def test_what_a_plain_domain_gets(name: str, kind: str, expected: tuple[str, ...] | None) -> None:
    assert values(wanted(PLAIN), name, kind) == expected


@pytest.mark.parametrize(
    ("dns", "name", "kind", "expected"),
    [
        ({"mx": ["a.test", "b.test"]}, "example.com", "MX", ("10 a.test.", "20 b.test.")),
        ({"mx": ["."]}, "example.com", "MX", ("0 .",)),
        ({"mx": []}, "example.com", "MX", None),
        ({"mx": ["a.test"]}, "_25._tcp.a.test", "TLSA", None),
        ({"tlsa": False}, "_25._tcp.mx.example.com", "TLSA", None),
        ({"spf": False}, "example.com", "TXT", None),
        (
            {"spf": {"all": "fail", "include": ["s.test"], "addresses": ["198.51.100.0/24"]}},
            "example.com",
            "TXT",
            (f"v=spf1 ip4:{V4} ip6:{V6} ip4:198.51.100.0/24 include:s.test -all",),
        ),
        ({"spf": "neutral"}, "example.com", "TXT", (f"v=spf1 ip4:{V4} ip6:{V6} ?all",)),
        ({"dmarc": False}, "_dmarc.example.com", "TXT", None),
        (
            {"dmarc": {"p": "reject", "sp": "none", "adkim": "s", "rua": ["d@example.com"], "t": True}},
            "_dmarc.example.com",
            "TXT",
            ("v=DMARC1; p=reject; sp=none; adkim=s; rua=mailto:d@example.com; t=y",),
        ),
        ({"dmarc": {"rua": "d@r.test"}}, "example.com._report._dmarc.r.test", "TXT", ("v=DMARC1",)),
        ({"dmarc": {"rua": "d@sub.example.com"}}, "example.com._report._dmarc.sub.example.com", "TXT", None),
        ({"mta_sts": "testing"}, "mta-sts.example.com", "CNAME", ("mx.example.com.",)),
        ({"mta_sts": {"mode": "enforce", "host": "web.test"}}, "mta-sts.example.com", "CNAME", ("web.test.",)),
        ({"mta_sts": False}, "mta-sts.example.com", "CNAME", None),
        ({"mta_sts": "testing", "mx": ["."]}, "mta-sts.example.com", "CNAME", None),
        ({"tls_rpt": "t@example.com"}, "_smtp._tls.example.com", "TXT", ("v=TLSRPTv1; rua=mailto:t@example.com",)),
        ({"srv": False}, "_imaps._tcp.example.com", "SRV", None),
        ({"client_name": "imap.test"}, "_imaps._tcp.example.com", "SRV", ("0 1 993 imap.test.",)),
        ({"autoconfig": "web.test"}, "autodiscover.example.com", "CNAME", ("web.test.",)),
        ({"autoconfig": "web.test"}, "_autodiscover._tcp.example.com", "SRV", ("0 0 443 web.test.",)),
        ({"autoconfig": "autoconfig.example.com"}, "autoconfig.example.com", "CNAME", None),
        (
            {"caa": ["letsencrypt.org", "a.test"]},
            "example.com",
            "CAA",
            ('0 issue "letsencrypt.org"', '0 issue "a.test"'),
        ),
        (False, "example.com", "MX", None),
    ],
)
def test_what_a_domain_says_of_itself(dns: Any, name: str, kind: str, expected: tuple[str, ...] | None) -> None:
    assert values(wanted({**PLAIN, "dns": dns}), name, kind) == expected


def test_a_domain_s_words_count_before_the_general_ones() -> None:
    general = {"ttl": 600, "dmarc": {"p": "quarantine", "rua": ["d@example.com"]}}
    found = wanted({**PLAIN, "dns": {"dmarc": {"p": "reject"}}}, general=general)
    assert values(found, "_dmarc.example.com", "TXT") == ("v=DMARC1; p=reject; rua=mailto:d@example.com",)
    assert {item.ttl for item in found.records} == {600}


def test_an_alias_domain_gets_what_mail_needs() -> None:
    found = wanted({**PLAIN, "alias_domains": ["alias.test"]})
    assert values(found, "alias.test", "MX") == ("10 mx.example.com.",)
    assert values(found, "_dmarc.alias.test", "TXT") == ("v=DMARC1; p=none",)
    assert values(found, "_imaps._tcp.alias.test", "SRV") is None


def test_a_domain_without_mail_service_sends_only() -> None:
    found = wanted({"name": "example.com", "mail_service": False, "dns": {"mta_sts": "enforce", "tls_rpt": "t@x.test"}})
    kinds = {(item.name, item.type) for item in found.records if item.domain == "example.com"}
    assert kinds == {("example.com", "TXT"), ("_dmarc.example.com", "TXT")}
    assert found.policies == []


def test_an_outgoing_address_gets_its_names() -> None:
    found = wanted(
        {"name": "two.test", "outgoing": {"ipv4": "192.0.2.26", "ipv6": "none", "helo_name": "out.two.test"}}
    )
    assert values(found, "out.two.test", "A") == ("192.0.2.26",)
    assert values(found, "out.two.test", "TXT") == ("v=spf1 ip4:192.0.2.26 -all",)
    assert values(found, "26.2.0.192.in-addr.arpa", "PTR") == ("out.two.test.",)
    assert values(found, "two.test", "TXT") == (f"v=spf1 ip4:192.0.2.26 ip4:{V4} ip6:{V6} ~all",)
    assert values(found, "mx.example.com", "A") == (V4,)


def test_an_outgoing_address_without_a_name_is_the_server_s() -> None:
    found = wanted({"name": "two.test", "outgoing": {"ipv4": "192.0.2.26"}})
    assert values(found, "mx.example.com", "A") == (V4, "192.0.2.26")
    assert values(found, "26.2.0.192.in-addr.arpa", "PTR") == ("mx.example.com.",)


def test_an_mx_of_the_domain_has_the_key_of_its_certificate() -> None:
    found = wanted({"name": "two.test", "server_names": ["mx.two.test"], "dns": {"mx": ["mx.two.test"]}})
    assert values(found, "_25._tcp.mx.two.test", "TLSA") == ("3 1 1 cc", "3 1 1 dd")


def test_keys_that_are_to_be_published() -> None:
    def key(domain: str, selector: str, published: bool = True) -> dict[str, Any]:
        name = f"{selector}._domainkey.{domain}"
        return {"domain": domain, "name": name, "value": f"v=DKIM1; p={selector}", "published": published}

    keys = [
        key("example.com", "s1"),
        key("example.com", "s2"),
        key("example.com", "old", False),
        key("else.test", "s1"),
    ]
    found = wanted(PLAIN, dkim_keys=keys)
    rows = {item.name: item.values for item in found.records if item.purpose == "dkim"}
    assert rows == {
        "s1._domainkey.example.com": ("v=DKIM1; p=s1",),
        "s2._domainkey.example.com": ("v=DKIM1; p=s2",),
    }

    assert [item.name for item in found.retired] == ["old._domainkey.example.com"]


def test_a_key_that_check_mode_does_not_make_has_no_record_yet() -> None:
    key = {"domain": "example.com", "name": "s1._domainkey.example.com", "value": "", "published": True}
    assert not [item for item in wanted(PLAIN, dkim_keys=[key]).records if item.purpose == "dkim"]


def test_names_that_clients_use_may_be_written_as_people_read_them() -> None:
    found = wanted({"name": "example.com", "server_names": ["Bücher.example", "192.0.2.25", "*.example.com"]})
    assert values(found, "xn--bcher-kva.example", "A") == (V4,)
    assert values(found, "*.example.com", "A") == (V4,)
    assert values(found, "_imaps._tcp.example.com", "SRV") == ("0 1 993 xn--bcher-kva.example.",)


def test_the_policy_changes_its_identifier_with_its_content() -> None:
    first = wanted({**PLAIN, "dns": {"mta_sts": "testing"}})
    second = wanted({**PLAIN, "dns": {"mta_sts": "enforce"}})
    policy = first.policies[0]
    assert policy["content"] == "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n"
    assert policy["url"] == "https://mta-sts.example.com/.well-known/mta-sts.txt"
    assert values(first, "_mta-sts.example.com", "TXT") == (f"v=STSv1; id={policy['id']}",)
    assert policy["id"] != second.policies[0]["id"]
    assert policy["id"].isalnum()
    assert len(policy["id"]) <= 32


def test_notes() -> None:
    found = wanted({**PLAIN, "dns": {"dmarc": {"rua": ["d@r.test"]}, "mta_sts": "testing"}})
    assert [note.partition(": ")[2][:30] for note in found.notes] == [
        "has no DKIM key, so its mail p",
        "ask the owner of r.test for th",
        "the policy of MTA-STS must be ",
    ]


def test_an_address_that_nobody_outside_reaches_is_named() -> None:
    here = subject.server("mx.example.com", ["172.20.0.5", "fd00::5", "2001:db8::5"], certificates=(), ports=())
    notes = room.wanted([{"name": "example.com", "dns": False}], here).notes
    assert [note.partition(": ")[0] for note in notes] == ["172.20.0.5", "fd00::5"]


def test_every_record_says_whose_it_is_and_what_it_is_for() -> None:
    found = wanted({**PLAIN, "dns": {"mta_sts": "testing", "autoconfig": "web.test", "caa": ["a.test"]}})
    assert all(item.domain and item.mend and item.purpose in room.MENDS for item in found.records)
    assert "0 names at once for it, of 10 allowed" in next(
        item.mend for item in found.records if (item.name, item.purpose) == ("example.com", "spf")
    )


def test_absent_domains_get_nothing() -> None:
    found = wanted({**PLAIN, "state": "absent"})
    assert {item.domain for item in found.records} == {"mx.example.com"}


@pytest.mark.parametrize(
    ("dns", "message"),
    [
        ("yes", "domain example.com: dns: is not a dictionary"),
        ({"spff": {}}, "domain example.com: dns: spff: no such option. Did you mean 'spf'?"),
        ({"spf": {"all": "pass"}}, "domain example.com: dns: spf: all: 'pass' cannot end the record"),
        ({"spf": {"include": [f"i{number}.test" for number in range(11)]}}, "dns: spf: 11 names are included"),
        ({"spf": {"addresses": ["192.0.2.1/24"]}}, "dns: spf: addresses: '192.0.2.1/24' is no network"),
        ({"spf": {"includes": []}}, "Did you mean 'include'?"),
        ({"dmarc": {"p": "rejct"}}, "dns: dmarc: p: 'rejct' means nothing here. Did you mean 'reject'?"),
        ({"dmarc": {"rua": ["nobody"]}}, "dns: dmarc: rua: 'nobody' is no address for reports"),
        ({"dmarc": {"fo": "2"}}, "dns: dmarc: fo: '2' means nothing here"),
        ({"dmarc": {"pct": 50}}, "dns: dmarc: pct: no such option"),
        ({"dmarc": "reject"}, "dns: dmarc: is not a dictionary"),
        ({"mta_sts": "on"}, "dns: mta_sts: 'on' is no mode"),
        ({"mta_sts": {"max_age": 1}}, "dns: mta_sts: max_age: 1 is not a number of seconds. Write 86400 to 31557600"),
        ({"tls_rpt": ["nobody"]}, "dns: tls_rpt: 'nobody' is no address for reports"),
        ({"ttl": 5}, "dns: ttl: 5 is not a number of seconds. Write 60 to 604800"),
        ({"mx": ["a b"]}, "dns: mx: 'a b' is not a name of DNS"),
        ({"srv": "perhaps"}, "dns: srv: 'perhaps' is not a boolean"),
        ({"caa": {"a": 1}}, "dns: caa: is not a list"),
    ],
)
def test_wrong_words(dns: Any, message: str) -> None:
    with pytest.raises(MailError) as error:
        wanted({**PLAIN, "dns": dns})
    assert message in error.value.message


def test_wrong_general_words_are_named_as_such() -> None:
    with pytest.raises(MailError, match="mail_dns: spff: no such option"):
        wanted(general={"spff": 1})


@pytest.mark.parametrize(
    ("hostname", "addresses", "message"),
    [
        ("mx..example", [V4], "hostname: 'mx..example' is not a name"),
        ("mx.example", [], "addresses: is not a list of addresses"),
        ("mx.example", V4, "addresses: is not a list of addresses"),
        ("mx.example", ["here"], "addresses: 'here' is no address"),
    ],
)
def test_a_wrong_server(hostname: str, addresses: Any, message: str) -> None:
    with pytest.raises(MailError) as error:
        subject.server(hostname, addresses, certificates=[], ports=[])
    assert error.value.message.startswith(message)


def test_a_wrong_port() -> None:
    with pytest.raises(MailError, match="ports: 'imap' is no port"):
        subject.server("mx.example", [V4], certificates=[], ports=["imap"])


def test_a_name_that_several_need_is_there_once() -> None:
    found = wanted(PLAIN, {"name": "two.test", "server_names": ["mail.example.com"]})
    assert len([item for item in found.records if item.name == "_25._tcp.mx.example.com"]) == 1
    assert isinstance(found.records[0], Record)
