# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses and the names that mail leaves with."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import outgoing
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.outgoing import Exit
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements, Part, Places

AT = Places()
DOMAINS: list[dict[str, Any]] = [
    {"name": "a.example", "outgoing": {"ipv4": "192.0.2.10"}, "alias_domains": ["aa.example"]},
    {"name": "b.example", "outgoing": {"ipv4": "192.0.2.10", "ipv6": "2001:DB8::b", "helo_name": "mail.b.example"}},
    {"name": "c.example"},
    {"name": "old.example", "state": "absent", "outgoing": {"ipv4": "192.0.2.99"}},
]


def part(raw: Any, domains: Any = (), relay: Any = None) -> Part:
    return outgoing.part(raw, at=AT, domains=domains, relay=relay)


@pytest.mark.parametrize("raw", [None, {}, {"mode": "host"}])
def test_the_hosts_own_way(raw: Any) -> None:
    found = part(raw, [{"name": "a.example"}])
    assert set(found.parameters.values()) | set(found.if_known.values()) == {None}
    assert (found.services, found.tables[0].rows, found.warnings) == ([], (), [])
    assert found.elements["defer_transports"] == Elements(remove=("smtp", "relay"))


def test_an_address_per_domain() -> None:
    found = part({"mode": "domain_address", "ipv4": "192.0.2.1"}, DOMAINS)
    assert found.parameters["smtp_bind_address"] == "192.0.2.1"  # bounces and everything else
    assert found.if_known == {"smtp_bind_address_enforce": "yes"}
    rows = dict(found.tables[0].rows)
    both = rows["@b.example"].rstrip(":")
    assert rows == {
        "@a.example": "out-192-0-2-10:",
        "@aa.example": "out-192-0-2-10:",
        "@b.example": f"{both}:",
    }
    assert {service["name"]: service["options"] for service in found.services} == {
        "out-192-0-2-10": {"syslog_name": "postfix/out-192-0-2-10", "smtp_bind_address": "192.0.2.10"},
        both: {
            "syslog_name": f"postfix/{both}",
            "smtp_bind_address": "192.0.2.10",
            "smtp_bind_address6": "2001:db8::b",
        },
    }
    assert found.warnings == []


def test_the_domains_name_too() -> None:
    found = part({"mode": "domain_address_and_name"}, DOMAINS)
    names = outgoing.exits({"mode": "domain_address_and_name"}, DOMAINS)
    assert {key: way.helo for key, way in names.items()} == {
        "a.example": "a.example",
        "aa.example": "a.example",
        "b.example": "mail.b.example",
        "c.example": "c.example",
    }
    assert names["c.example"].options == {"smtp_helo_name": "c.example"}
    assert len(found.services) == 3
    assert found.warnings == []


def test_domains_that_share_an_address_under_two_names() -> None:
    domains = [{"name": f"d{number}.example", "outgoing": {"ipv4": "192.0.2.7"}} for number in range(101)]
    told = part({"mode": "domain_address_and_name"}, domains).warnings
    assert "d0.example, d1.example, d2.example and 98 more all send from 192.0.2.7" in told[0]
    assert "101 domains" in told[1]
    assert len(part({"mode": "domain_address"}, domains).services) == 1


def test_named_addresses() -> None:
    found = part({"mode": "addresses", "ipv4": "192.0.2.5", "ipv6": "2001:db8::5"}, DOMAINS)
    assert found.parameters == {
        "smtp_bind_address": "192.0.2.5",
        "smtp_bind_address6": "2001:db8::5",
        "default_transport": None,
        "relay_transport": None,
    }
    assert found.services == []
    assert "'outgoing' of a.example, b.example" in found.warnings[0]


def test_one_family_only() -> None:
    found = part({"mode": "addresses", "ipv4": "192.0.2.5", "ipv6": "none"})
    service = found.services[0]
    assert found.parameters["default_transport"] == found.parameters["relay_transport"] == service["name"]
    assert service["options"]["inet_protocols"] == "ipv4"
    assert outgoing.exits({"mode": "addresses", "ipv6": "none"}, ()) == {"": Exit(ipv6="none")}


def test_a_family_that_is_off_is_off_for_domains_too() -> None:
    ways = outgoing.exits({"mode": "domain_address", "ipv6": "none"}, DOMAINS)
    assert ways["a.example"] == Exit("192.0.2.10", "none")
    assert ways["b.example"] == Exit("192.0.2.10", "2001:db8::b")
    assert ways["c.example"] == Exit("", "none")


@pytest.mark.parametrize("raw", [{"mode": "none"}, {"mode": "addresses", "ipv4": "none", "ipv6": "none"}])
def test_nothing_leaves(raw: Any) -> None:
    found = part(raw, relay={"host": "r.example"})
    assert str(found.parameters["default_transport"]).startswith("error:5.7.1 ")
    assert found.parameters["relay_transport"] == found.parameters["default_transport"]
    assert "relay host is not used" in found.warnings[0]


def test_everything_waits() -> None:
    found = part({"mode": "none", "when_none": "hold"})
    assert found.parameters["default_transport"] is None
    assert found.elements["defer_transports"] == Elements(last=("smtp", "relay"))


def test_a_relay_host_with_a_service_of_its_own() -> None:
    relay = {"host": "r.example", "tls": "wrapper"}
    assert part({"mode": "host"}, relay=relay).parameters["default_transport"] == "relay-host"
    assert str(part({"mode": "none"}, relay=relay).parameters["default_transport"]).startswith("error:")
    with pytest.raises(MailError, match="needs a service of its own"):
        part({"mode": "domain_address"}, DOMAINS, relay)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            {"mode": "domain-ip"},
            "outgoing address: mode: 'domain-ip' is not possible. Write one of host, domain_address,",
        ),
        ({"mod": "host"}, "outgoing address: mod: no such option"),
        ({"mode": "addresses"}, "outgoing address: the mode addresses needs one"),
        ({"mode": "host", "ipv4": "192.0.2.1"}, "outgoing address: ipv4 and ipv6 do not count in the mode host"),
        ({"mode": "addresses", "ipv4": "2001:db8::1"}, "outgoing address: ipv4: '2001:db8::1' is not an IPv4 address"),
        ({"mode": "addresses", "ipv6": "192.0.2.1"}, "outgoing address: ipv6: '192.0.2.1' is not an IPv6 address"),
        ({"mode": "addresses", "ipv6": "fe80::1%eth0"}, "outgoing address: ipv6"),
        ({"mode": "addresses", "ipv4": "0.0.0.0"}, "outgoing address: ipv4: nothing can be sent from 0.0.0.0"),
        ({"mode": "addresses", "ipv4": 1}, "outgoing address: ipv4"),
        ({"mode": "none", "when_none": "drop"}, "outgoing address: when_none: 'drop' is not possible"),
    ],
)
def test_what_is_refused(raw: Any, message: str) -> None:
    with pytest.raises(MailError) as caught:
        part(raw)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("192.0.2.1", "domain a.example: outgoing: is not a dictionary"),
        ({"ip": "192.0.2.1"}, "domain a.example: outgoing: ip: no such option"),
        ({"ipv4": "::1"}, "domain a.example: outgoing: ipv4: '::1' is not an IPv4 address"),
        ({"helo_name": "not a name"}, "domain a.example: outgoing: helo_name: 'not a name' is not a host name"),
        ({"ipv4": "none", "ipv6": "none"}, "domain a.example: outgoing: ipv4 and ipv6 are both none"),
    ],
)
def test_what_a_domain_may_not_say(said: Any, message: str) -> None:
    with pytest.raises(MailError) as caught:
        outgoing.of_domain({"name": "a.example", "outgoing": said})
    assert caught.value.message.startswith(message)
