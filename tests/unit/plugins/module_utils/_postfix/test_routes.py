# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes by recipient and by sender."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import routes
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.outgoing import Exit
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements, Part, Places

AT = Places()
TODAY = "2026-11-22"
LOGIN = {"username": "ann", "password": "hidden"}
OTHER_LOGIN = {"username": "bob", "password": "hidden-too"}
RELAY = {"next_hop": "relay.example", "port": 587}


def part(*raw: dict[str, Any], exits: Any = None) -> Part:
    return routes.part(raw, at=AT, own_domains=["own.example", "Sub.Own.example"], today=TODAY, exits=exits)


def rows(found: Part) -> dict[str, dict[str, str]]:
    return {table.name: dict(table.rows) for table in found.tables if table.rows}


def options(found: Part) -> dict[str, dict[str, str]]:
    """The options of each service but for its name in the log."""
    return {
        service["name"]: {name: value for name, value in service["options"].items() if name != "syslog_name"}
        for service in found.services
    }


def test_no_routes_remove_all_tables() -> None:
    found = part()
    assert (rows(found), found.services, found.parameters) == ({}, [], {})
    assert found.elements["transport_maps"] == Elements(remove=("lmdb:/etc/postfix/tables/route_transport",))
    assert found.owned == ("route-",)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ({"match": "A.example", **RELAY}, {"a.example": "smtp:[relay.example]:587"}),
        ({"match": "a.example", "next_hop": "b.example", "mx": True}, {"a.example": "smtp:b.example"}),
        ({"match": ".a.example", "next_hop": "192.0.2.9"}, {".a.example": "smtp:[192.0.2.9]"}),
        ({"match": "Joe@a.example", "next_hop": "2001:db8::9"}, {"joe@a.example": "smtp:[2001:db8::9]"}),
        (
            {"match": "a.example", "include_subdomains": True, "next_hop": "r.example", "transport": "relay"},
            {"a.example": "relay:[r.example]", ".a.example": "relay:[r.example]"},
        ),
        ({"match": "a.example", "transport": "lmtp", "next_hop": "r.example"}, {"a.example": "lmtp:[r.example]"}),
        ({"match": "a.example", "transport": "slow"}, {"a.example": "slow:"}),
        ({"match": "above.own.example.org", "next_hop": "r.example"}, {"above.own.example.org": "smtp:[r.example]"}),
    ],
)
def test_by_recipient(raw: dict[str, Any], wanted: dict[str, str]) -> None:
    found = part(raw)
    assert rows(found) == {"route_transport": wanted}
    assert found.services == []


@pytest.mark.parametrize(("match", "key"), [("own.example", "@own.example"), ("joe@own.example", "joe@own.example")])
def test_by_sender(match: str, key: str) -> None:
    assert rows(part({"match": match, "by": "sender", **RELAY})) == {"route_sender": {key: "[relay.example]:587"}}


def test_credentials_stand_by_next_hop() -> None:
    found = part({"match": "a.example", **RELAY, **LOGIN}, {"match": "b.example", **RELAY, **LOGIN})
    assert rows(found) == {
        "route_transport": {"a.example": "smtp:[relay.example]:587", "b.example": "smtp:[relay.example]:587"},
        "route_tls": {"[relay.example]:587": "encrypt"},
        "route_password": {"[relay.example]:587": "ann:hidden"},
    }
    assert [table.name for table in found.tables if table.secret] == ["route_password"]
    assert found.parameters == {
        "smtp_sasl_auth_enable": "${smtp_sasl_password_maps?{yes}:{no}}",
        "smtp_sasl_tls_security_options": "noanonymous",
    }


@pytest.mark.parametrize("other", [OTHER_LOGIN, {"tls": "encrypt"}])
def test_two_logins_at_one_next_hop_are_kept_apart(other: dict[str, Any]) -> None:
    found = part({"match": "a.example", **RELAY, **LOGIN}, {"match": "b.example", **RELAY, **other})
    assert "[relay.example]:587" not in rows(found)["route_password"]
    assert rows(found)["route_password"]["service/route-a-example"] == "ann:hidden"
    assert options(found)["route-a-example"] == {
        "smtp_sasl_password_maps": "pipemap:{static:service/route-a-example,lmdb:/etc/postfix/tables/route_password}"
    }
    assert rows(found)["route_transport"]["a.example"] == "route-a-example:[relay.example]:587"


def test_throttles_become_parameters_of_a_service() -> None:
    found = part({"match": "a.example", "concurrency": 2, "rate_delay": "1s", "recipient_limit": "5"})
    assert found.parameters == {
        "route-a-example_destination_concurrency_limit": "2",
        "route-a-example_destination_rate_delay": "1s",
        "route-a-example_destination_recipient_limit": "5",
    }
    assert rows(found) == {"route_transport": {"a.example": "route-a-example:"}}
    assert found.services[0]["command"] == "smtp"
    assert found.services[0]["options"] == {"syslog_name": "postfix/route-a-example"}


def test_recipient_limit_one_counts_otherwise() -> None:
    assert "per recipient" in part({"match": "a.example", "rate_delay": "1s", "recipient_limit": 1}).warnings[0]


def test_a_wrapper_has_its_port_and_its_service() -> None:
    found = part({"match": "a.example", "next_hop": "r.example", "tls": "wrapper", **LOGIN})
    assert rows(found) == {
        "route_transport": {"a.example": "route-a-example:[r.example]:465"},
        "route_tls": {"[r.example]:465": "encrypt"},
        "route_password": {"[r.example]:465": "ann:hidden"},
    }
    assert options(found) == {"route-a-example": {"smtp_tls_wrappermode": "yes", "smtp_tls_security_level": "encrypt"}}


def test_an_authority_of_its_own_is_read_before_the_chroot() -> None:
    found = part({"match": "a.example", "next_hop": "r.example", "tls": "secure", "ca_file": "/etc/ssl/own.pem"})
    assert rows(found)["route_tls"] == {"[r.example]": "secure"}
    assert options(found) == {"route-a-example": {"smtp_tls_CAfile": "/etc/ssl/own.pem", "smtp_tls_CApath": ""}}


def test_tls_alone_is_a_matter_of_the_domain() -> None:
    found = part({"match": "a.example", "include_subdomains": True, "tls": "dane-only"})
    assert rows(found) == {"route_tls": {"a.example": "dane-only", ".a.example": "dane-only"}}
    assert found.parameters == {"smtp_dns_support_level": "dnssec"}


def test_a_sender_with_a_service_keeps_the_domains_way_out() -> None:
    ways = {"own.example": Exit("192.0.2.10", "", "own.example")}
    found = part(
        {"match": "own.example", "by": "sender", **RELAY, "rate_delay": "2s"},
        {"match": "vip@own.example", "by": "sender", "next_hop": "vip.example"},
        {"match": "other.example", "by": "sender", "next_hop": "other.example"},
        exits=ways,
    )
    way = ways["own.example"].service
    assert rows(found) == {
        "route_sender_transport": {
            "@own.example": "route-from_own-example:[relay.example]:587",
            "vip@own.example": f"{way}:[vip.example]",
        },
        "route_sender": {"@other.example": "[other.example]"},
    }
    assert options(found) == {
        "route-from_own-example": {"smtp_bind_address": "192.0.2.10", "smtp_helo_name": "own.example"}
    }
    assert found.elements["sender_dependent_default_transport_maps"].first


def test_a_family_that_is_off_is_off_for_routes_too() -> None:
    everything = Exit("192.0.2.5", "none")
    found = part({"match": "a.example", **RELAY}, {"match": "b.example", "concurrency": 1}, exits={"": everything})
    assert rows(found)["route_transport"]["a.example"] == f"{everything.service}:[relay.example]:587"
    assert options(found)["route-b-example"] == {"smtp_bind_address": "192.0.2.5", "inet_protocols": "ipv4"}


@pytest.mark.parametrize(
    ("until", "is_over"),
    [("2026-11-21", True), ("2026-11-22", False), (datetime.date(2026, 11, 21), True), ("2027-01-01", False)],
)
def test_a_last_day(until: Any, *, is_over: bool) -> None:
    raw = {"match": "a.example", **RELAY, "until": until, **LOGIN}
    assert bool(rows(part(raw))) is not is_over
    assert routes.left_out([raw], today=TODAY) == (["a.example"] if is_over else [])
    assert len(part(raw).warnings) == is_over


def test_names_of_services_are_never_the_same() -> None:
    matches = ["a-b.example", "a.b-example", "a.b.example", ".a.b.example", "a@b.example", f"{'x' * 60}.example"]
    found = part(*({"match": match, "concurrency": 1} for match in matches))
    names = [service["name"] for service in found.services]
    assert len(set(names)) == len(matches)
    assert max(map(len, names)) < 60


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"match": "*", **RELAY}, "route *: match: is not a domain or an address. Write example.org, .example.org"),
        ({"match": "*.a.example", **RELAY}, "route *.a.example: match"),
        ({"match": "@a.example", **RELAY}, "route @a.example: match"),
        ({"match": "a b.example", **RELAY}, "route a b.example: match"),
        ({"match": "", **RELAY}, "route None: match"),
        (RELAY, "route None: match"),
        ({"match": "own.example", **RELAY}, "route own.example: match: would take the mail for own.example away"),
        ({"match": "joe@own.example", **RELAY}, "route joe@own.example: match: would take the mail for own.example"),
        ({"match": ".own.example", **RELAY}, "route .own.example: match: would take the mail for sub.own.example"),
        ({"match": "example", **RELAY}, "route example: match"),
        ({"match": ".a.example", "by": "sender", **RELAY}, "route .a.example: match: Postfix looks up senders"),
        (
            {"match": "a.example", "by": "sender", "include_subdomains": True, **RELAY},
            "route a.example: include_subdomains: Postfix looks up senders",
        ),
        ({"match": "joe@a.example", "include_subdomains": True, **RELAY}, "route joe@a.example: include_subdomains"),
        ({"match": "a.example", "by": "domain", **RELAY}, "route a.example: by: 'domain' is not possible"),
        ({"match": "a.example", "nexthop": "r.example"}, "route a.example: nexthop: no such option. Did you mean"),
        ({"match": "a.example"}, "route a.example: says nothing"),
        ({"match": "a.example", "port": 25}, "route a.example: port: goes with a next_hop only"),
        ({"match": "a.example", **LOGIN}, "route a.example: username: goes with a next_hop only"),
        ({"match": "a.example", "next_hop": "r.example", "port": 0}, "route a.example: port: 0 is not a port"),
        ({"match": "a.example", **RELAY, "password": "hidden"}, "route a.example: has a password but no username"),
        ({"match": "a.example", **RELAY, **LOGIN, "tls": "none"}, "route a.example: tls: the password would travel"),
        ({"match": "a.example", **RELAY, **LOGIN, "transport": "lmtp"}, "route a.example: username: is not for the"),
        ({"match": "a.example", **RELAY, "tls": "may", "transport": "lmtp"}, "route a.example: tls: is not for the"),
        (
            {"match": "a.example", "transport": "slow", "concurrency": 1},
            "route a.example: transport: a throttled route",
        ),
        ({"match": "a.example", "transport": "a b"}, "route a.example: transport: 'a b' is not the name"),
        ({"match": "a.example", "tls": "wrapper"}, "route a.example: tls: goes with a next_hop only"),
        ({"match": "j@a.example", "tls": "encrypt"}, "route j@a.example: tls: is a matter of the destination"),
        ({"match": "a.example", "by": "sender", "tls": "encrypt"}, "route a.example: tls: is a matter of the"),
        ({"match": "a.example", "concurrency": 0}, "route a.example: concurrency: 0 is not possible"),
        ({"match": "a.example", "concurrency": -1}, "route a.example: concurrency: -1 is not possible"),
        ({"match": "a.example", "recipient_limit": True}, "route a.example: recipient_limit: True is not possible"),
        ({"match": "a.example", "rate_delay": "1"}, "route a.example: rate_delay: '1' is no time"),
        ({"match": "a.example", "rate_delay": 5}, "route a.example: rate_delay: 5 is no time"),
        ({"match": "a.example", **RELAY, "until": "30.11.2026"}, "route a.example: until: '30.11.2026' is not a day"),
        ({"match": "a.example", **RELAY, "until": "2026-02-30"}, "route a.example: until: '2026-02-30' is not a day"),
        ({"match": "a.example", **RELAY, "mx": "maybe"}, "'maybe' is not a boolean"),
    ],
)
def test_what_is_refused(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as caught:
        part(raw)
    assert caught.value.message.startswith(message)
    assert "hidden" not in caught.value.message


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([{"match": "a.example", **RELAY}, {"match": "A.example", **RELAY}], "route a.example: is matched twice"),
        (
            [{"match": "a.example", **RELAY, "include_subdomains": True}, {"match": ".a.example", **RELAY}],
            "route .a.example: is matched twice",
        ),
        (
            [{"match": "a.example", **RELAY, "tls": "may"}, {"match": "b.example", **RELAY, "tls": "secure"}],
            "route b.example: tls: another route to [relay.example]:587 uses TLS otherwise",
        ),
    ],
)
def test_routes_that_do_not_go_together(raw: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(MailError) as caught:
        part(*raw)
    assert caught.value.message.startswith(message)


def test_recipient_and_sender_are_two_matches() -> None:
    assert len(rows(part({"match": "a.example", **RELAY}, {"match": "a.example", "by": "sender", **RELAY}))) == 2
