# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on port 25, DNS lists and postscreen."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import (
    blocklists,
    dnsbl,
    postscreen,
    screening,
    tls,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.blocklists import Zone
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Places, Table, merge

AT = Places()


def parameters(chosen: Any) -> dict[str, Any]:
    return dict(screening.part(chosen, at=AT).parameters)


def table(chosen: Any, name: str) -> Table:
    return next(item for item in screening.part(chosen, at=AT).tables if item.name == name)


def test_what_is_asked_of_everybody(options: Any) -> None:
    found = parameters(options())
    assert found["smtpd_helo_restrictions"] == ["permit_mynetworks", "reject_invalid_helo_hostname"]
    assert found["smtpd_client_restrictions"] == []
    assert found["smtpd_sender_restrictions"] == [
        "reject_non_fqdn_sender",
        "permit_mynetworks",
        "permit_sasl_authenticated",
        "reject_unlisted_sender",
    ]
    assert found["smtpd_discard_ehlo_keywords"] == ["chunking", "etrn", "silent-discard"]
    assert (found["disable_vrfy_command"], found["smtputf8_enable"]) == (True, False)


def test_nothing_is_hidden_when_nothing_is_named(options: Any) -> None:
    assert parameters(options(ehlo_keywords_hidden=[]))["smtpd_discard_ehlo_keywords"] == []
    assert "dsn" in parameters(options(dsn=False))["smtpd_discard_ehlo_keywords"]


def test_the_empty_sender_can_be_refused_with_a_warning(options: Any) -> None:
    chosen = options(null_sender_accepted=False)
    assert (
        "check_sender_access lmdb:/etc/postfix/tables/screen_null_sender"
        in parameters(chosen)["smtpd_sender_restrictions"]
    )
    assert table(chosen, "screen_null_sender").rows[0][0] == "<>"
    assert "RFC 5321" in chosen.warnings[0]


def test_unlisted_senders_and_those_that_need_not_be_listed(options: Any) -> None:
    chosen = options(unlisted_sender_exceptions=["News@Example.org", "@example.net"])
    assert parameters(chosen)["smtpd_sender_restrictions"][-2:] == [
        "check_sender_access lmdb:/etc/postfix/tables/screen_senders",
        "reject_unlisted_sender",
    ]
    assert table(chosen, "screen_senders").rows == (("news@example.org", "OK"), ("example.net", "OK"))
    allowed = options(unlisted_sender_refused=False, unlisted_sender_exceptions=["a@example.org"])
    assert "reject_unlisted_sender" not in parameters(allowed)["smtpd_sender_restrictions"]
    assert table(allowed, "screen_senders").rows == ()


def test_a_login_on_port_25_is_bound_to_its_senders(options: Any) -> None:
    found = parameters(options(port_25_auth=True))["smtpd_sender_restrictions"]
    assert "reject_authenticated_sender_login_mismatch" in found
    closed = parameters(options(port_25_auth=True, relay_mode="closed"))["smtpd_sender_restrictions"]
    assert "reject_authenticated_sender_login_mismatch" not in closed


def test_recipients_of_relayed_domains_are_asked_for(options: Any) -> None:
    chosen = options(relay_domains=["Backup.Example"])
    assert parameters(chosen)["relay_domains"] == ["backup.example"]
    assert table(chosen, "screen_recipients").rows == (
        ("backup.example", "reject_unverified_recipient"),
        (".backup.example", "reject_unverified_recipient"),
    )
    assert screening.recipient_checks(chosen, at=AT) == [
        "check_recipient_access lmdb:/etc/postfix/tables/screen_recipients"
    ]
    assert screening.recipient_checks(options(relay_domains=["a.example"], verify_relay_recipients=False), at=AT) == []


def test_lists_stand_after_trusted_networks_and_good_ones_before_bad_ones(options: Any) -> None:
    chosen = options(dnsbl_zones=["bl.example.org"], dns_allow_zones=["good.example.org"], client_name_check="matching")
    assert parameters(chosen)["smtpd_client_restrictions"] == [
        "permit_mynetworks",
        "permit_sasl_authenticated",
        "permit_dnswl_client good.example.org=127.0.[0..255].[1..3]",
        "reject_unknown_client_hostname",
        "reject_rbl_client bl.example.org=127.0.0.[2..255]",
    ]


def test_a_list_that_is_not_fit_is_left_out_with_a_warning(options: Any) -> None:
    chosen = options(dnsbl_zones=["bl.example.org", "other.example.org"], unfit_zones=("bl.example.org",))
    assert [zone.name for zone in screening.blocked(chosen)] == ["other.example.org"]
    assert "bl.example.org is left out" in chosen.warnings[0]


def test_protection_against_smuggled_mail(options: Any) -> None:
    found = screening.part(options(bare_newline_exceptions=["192.0.2.1"]), at=AT).if_known
    assert found == {
        "smtpd_forbid_bare_newline": "yes",
        "smtpd_forbid_bare_newline_exclusions": ["192.0.2.1/32"],
        "smtpd_forbid_unauth_pipelining": True,
    }
    assert screening.part(options(bare_newline=False), at=AT).if_known["smtpd_forbid_bare_newline"] == "no"
    assert (
        screening.part(options("3.5.25", bare_newline="reject"), at=AT).if_known["smtpd_forbid_bare_newline"]
        == "reject"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"helo_checks": ["strict"]}, "postfix_helo_checks: 'strict' is not possible."),
        ({"client_name_check": "forward"}, "postfix_client_name_check: 'forward' is not possible."),
        ({"unlisted_sender_exceptions": ["a b"]}, "postfix_unlisted_sender_exceptions: 'a b' is no address."),
        ({"ehlo_keywords_hidden": ["foo"]}, "postfix_ehlo_keywords_hidden: 'foo' is not possible."),
        ({"bare_newline": "maybe"}, "postfix_bare_newline: 'maybe' is not possible."),
        ({"version": "3.5.23", "bare_newline": "reject"}, "postfix_bare_newline: Postfix 3.5.23 cannot reject."),
        ({"relay_domains": ["localhost"]}, "postfix_relay_domains: 'localhost' is no domain."),
        ({"dnsbl_zones": "bl.example.org"}, "postfix_dnsbl_zones: is not a list."),
        ({"dnsbl_zones": ["bl"]}, "postfix_dnsbl_zones: 'bl' is no zone."),
        ({"dnsbl_zones": [{"name": "bl.example.org"}]}, "is no zone. Write zen.example.org, or {zone: …, weight: 2}."),
        ({"dnsbl_zones": [{"zone": "b.example", "wieght": 2}]}, "unknown option 'wieght'. Did you mean 'weight'?"),
        ({"dnsbl_zones": [{"zone": "b.example", "weight": 0}]}, "postfix_dnsbl_zones b.example: weight: '0' is not"),
        ({"dnsbl_zones": [{"zone": "b.example", "weight": 2}]}, "b.example has a weight, which only postscreen counts"),
        ({"dnsbl_zones": [{"zone": "b.example", "replies": "127.255.255.254"}]}, "'127.255.255.254' is no pattern"),
        ({"dnsbl_zones": [{"zone": "b.example", "replies": "127.0.0.[2..999]"}]}, "is no pattern of answers"),
        ({"dnsbl_zones": ["b.example", "b.example"]}, "postfix_dnsbl_zones: a zone is given twice."),
        (
            {"postscreen": True, "dnsbl_zones": ["b.example"], "postscreen_threshold": 2},
            "postfix_postscreen_threshold: 2",
        ),
        ({"postscreen": True, "postscreen_greet_delay": 0}, "postfix_postscreen_greet_delay: '0' is out of range."),
        ({"postscreen": True, "postscreen_greet_action": "kill"}, "postfix_postscreen_greet_action: 'kill' is not"),
    ],
)
def test_what_cannot_be(options: Any, changes: dict[str, Any], message: str) -> None:
    chosen = options(**changes)
    with pytest.raises(MailError) as error:
        merge([screening.part(chosen, at=AT), postscreen.part(chosen, {}, at=AT)])
    assert message in error.value.message


def test_postscreen_stands_before_port_25_and_adds_up_weights(options: Any) -> None:
    chosen = options(
        postscreen=True,
        dnsbl_zones=[{"zone": "bl.example.org", "weight": 2, "replies": "127.0.0.[2;3]"}],
        dns_allow_zones=["good.example.org"],
        postscreen_threshold=2,
    )
    assert parameters(chosen)["smtpd_client_restrictions"] == []
    found = postscreen.part(chosen, {"message_size_limit": 1}, at=AT)
    assert found.parameters["postscreen_dnsbl_sites"] == [
        "bl.example.org=127.0.0.[2;3]*2",
        "good.example.org=127.0.[0..255].[1..3]*-1",
    ]
    assert found.parameters["postscreen_greet_wait"] == "${stress?{2}:{6}}s"
    assert found.parameters["postscreen_access_list"] == [
        "permit_mynetworks",
        "cidr:/etc/postfix/tables/screen_clients",
    ]
    services = {(item["name"], item.get("type", "inet")): item for item in found.services}
    assert services["smtp", "inet"]["command"] == "postscreen"
    assert services["smtp", "inet"]["process_limit"] == 1
    assert services["smtpd", "pass"]["options"] == {"message_size_limit": 1, **tls.entrance(chosen)}
    # What postscreen hands to tlsproxy has the same settings; they are nothing to the other two.
    assert services["tlsproxy", "unix"]["options"] == tls.entrance(chosen)
    assert services["smtp", "inet"]["options"] == services["dnsblog", "unix"]["options"] == {}


@pytest.mark.parametrize(("reused", "is_bound"), [(True, False), ("yes", False), (False, True), ("no", True)])
def test_what_other_servers_are_reached_through_is_not_bound(options: Any, reused: Any, is_bound: bool) -> None:
    found = postscreen.part(
        options(postscreen=True, main_parameters={"smtp_tls_connection_reuse": reused}), {}, at=AT
    ).services
    bound = {item["name"] for item in found if item["options"]}
    assert bound == ({"smtpd", "tlsproxy"} if is_bound else {"smtpd"})


def test_good_lists_spare_a_client_from_the_check_of_names_behind_postscreen(options: Any) -> None:
    lists = {"dns_allow_zones": ["good.example.net"], "dnsbl_zones": ["bad.example.net"]}
    found = parameters(options(postscreen=True, client_name_check="reverse", **lists))
    assert [text.split("=")[0] for text in found["smtpd_client_restrictions"]] == [
        *screening.TRUSTED,
        "permit_dnswl_client good.example.net",
        "reject_unknown_reverse_client_hostname",
    ]


def test_without_postscreen_all_goes_back(options: Any) -> None:
    found = postscreen.part(options(), {"message_size_limit": 1}, at=AT)
    assert set(found.parameters.values()) == {None}
    assert found.services[0] == {
        "name": "smtp",
        "command": "smtpd",
        "chroot": True,
        "options": {"message_size_limit": 1, **tls.entrance(options())},
        "process_limit": 100,
    }
    assert [item["state"] for item in found.services[1:]] == ["absent"] * 3
    assert [item.rows for item in found.tables] == [()]


def test_a_zone_as_postfix_writes_it() -> None:
    assert Zone("bl.example.org", blocklists.BLOCKED, 1).filtered == "bl.example.org=127.0.0.[2..255]"


@pytest.mark.parametrize(
    ("listed", "unlisted", "reason"),
    [
        (["127.0.0.2"], [], ""),
        (["127.0.0.2", "127.0.0.4"], [], ""),
        (["127.0.10.0"], [], ""),
        ([], [], "it does not answer about 127.0.0.2, which every list has"),
        (["127.255.255.254"], [], "it answers with 127.255.255.254, as to a resolver that may not ask it"),
        (["198.51.100.7"], ["198.51.100.7"], "it answers with 198.51.100.7, as to a resolver that may not ask it"),
        (["127.0.0.2"], ["127.0.0.2"], "it lists 127.0.0.1, and probably everybody"),
    ],
)
def test_which_list_can_be_used(listed: list[str], unlisted: list[str], reason: str) -> None:
    assert dnsbl.judge("bl.example.org", listed, unlisted) == ("bl.example.org", not reason, reason)


def test_each_list_is_asked_about_both_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"2.0.0.127.good.example.": "127.0.0.2"}

    def getaddrinfo(name: str, *_rest: Any) -> list[Any]:
        if name not in answers:
            raise OSError(name)
        return [(0, 0, 0, "", (answers[name], 0))]

    monkeypatch.setattr(dnsbl.socket, "getaddrinfo", getaddrinfo)
    assert [(item.zone, item.fit) for item in dnsbl.test(["good.example", "dead.example"])] == [
        ("good.example", True),
        ("dead.example", False),
    ]


@pytest.mark.parametrize(
    ("outgoing", "checked"),
    [({}, True), ({"mode": "none"}, False), ({"mode": "none", "when_none": "hold"}, True)],
)
def test_where_all_addresses_elsewhere_are_refused_no_sender_is_looked_up(
    options: Any, outgoing: dict[str, str], checked: bool
) -> None:
    found = parameters(options(outgoing=outgoing))["smtpd_sender_restrictions"]
    assert ("reject_unlisted_sender" in found) is checked
