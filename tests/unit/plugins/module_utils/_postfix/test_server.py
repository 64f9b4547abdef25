# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's settings as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import elements, part, request, server
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.base import Host

HOST = Host(
    hostname="mx.example.com",
    domains=("example.com",),
    recipient_delimiter="+",
    tls_chain_files=("/c",),
)
RELAY_HOST = {"host": "smtp.example.net", "port": 587, "username": "me", "password": "Very-Secret-1"}
SPECS = Path(__file__).resolve().parents[5] / "roles/postfix/meta/argument_specs.yml"
SERVICE = {**dict.fromkeys(request.SERVICES["options"]), "type": "inet", "state": "present"}


def plan(variables: dict[str, Any], host: Host = HOST, *, version: str = "3.10.13", **changes: Any) -> dict[str, Any]:
    domains = [{"name": name} for name in host.domains]
    return server.plan({**variables, **changes}, host, version=version, domains=domains, token="t", today="2026-11-22")


def services(found: dict[str, Any]) -> dict[str, Any]:
    return {item["name"]: item for item in found["services"] if item.get("state") != "absent"}


def test_every_variable_has_its_default_and_its_description(variables: dict[str, Any]) -> None:
    described = yaml.safe_load(SPECS.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    assert sorted(described) == sorted(f"postfix_{name}" for name in variables)
    for name, option in described.items():
        if "default" in option:
            assert option["default"] == variables[name[len("postfix_") :]], name


@pytest.mark.parametrize("version", ["3.5.25", "3.7.11", "3.10.13", "3.10"])
def test_the_defaults_are_a_whole_server(variables: dict[str, Any], version: str) -> None:
    found = plan(variables, version=version)
    assert found["warnings"] == []
    assert found["dns_lists"] == []
    assert found["open_relay"] is False
    assert found["parameters"]["mydestination"] == ["mx.example.com", "localhost"]
    assert found["parameters"]["smtpd_sasl_auth_enable"] is False
    assert found["parameters"]["smtpd_recipient_restrictions"][-1].startswith("check_policy_service")
    assert {"smtp", "submission", "submissions", "127.0.0.1:10025"} <= set(services(found))
    assert "/etc/postfix/accounts/senders.lmdb" in found["expected_paths"]


def test_what_a_milter_of_ours_says_to_dovecot_nobody_else_can_say(variables: dict[str, Any]) -> None:
    def forged(host: Host) -> list[str]:
        tables = {table["name"]: table for table in plan(variables, host)["tables"]}
        return [row["key"] for row in tables["milter_header"]["rows"]]

    assert forged(HOST) == []
    signing = HOST._replace(milter="unix:rspamd/milter.sock")
    assert forged(signing) == ["/^X-Mailserver-Junk:/", "/^X-Mailserver-Subject-Tag:/"]
    assert "milter_header" in str(plan(variables, signing)["elements"]["header_checks"]["first"])


def test_a_hosted_domain_is_not_a_local_one(variables: dict[str, Any]) -> None:
    found = plan(variables, HOST._replace(domains=("mx.example.com",)))
    assert found["parameters"]["mydestination"] == ["localhost"]


def test_submission_is_bound_to_login_and_sender(variables: dict[str, Any]) -> None:
    found = services(plan(variables, submission_addresses=["192.0.2.1", "2001:db8::1"]))
    assert {"192.0.2.1:submission", "[2001:db8::1]:submission", "192.0.2.1:submissions"} <= set(found)
    options = found["192.0.2.1:submission"]["options"]
    assert options["smtpd_client_restrictions"] == options["smtpd_relay_restrictions"] == ["submission_clients"]
    assert options["smtpd_sender_restrictions"][:3] == [
        "check_sasl_access lmdb:/etc/postfix/accounts/locked",
        "reject_non_fqdn_sender",
        "reject_authenticated_sender_login_mismatch",
    ]
    assert options["smtpd_recipient_limit"] == 100


def test_a_closed_server_has_no_submission(variables: dict[str, Any]) -> None:
    found = plan(variables, relay_mode="closed")
    assert not {"submission", "submissions"} & set(services(found))
    assert found["parameters"]["smtpd_sasl_auth_enable"] is False


def test_an_open_relay_is_said_to_be_one(variables: dict[str, Any]) -> None:
    found = plan(variables, relay_mode="open", open_relay_is_meant=True)
    assert found["open_relay"] is True
    assert "open relay" in found["warnings"][0]


def test_policy_services_do_not_judge_users(variables: dict[str, Any]) -> None:
    found = plan(variables, policy_services=["inet:127.0.0.1:10023"], relay_domains=["backup.example"])
    restrictions = found["parameters"]["smtpd_recipient_restrictions"]
    place = restrictions.index("permit_sasl_authenticated")
    assert restrictions[place - 1] == "permit_mynetworks"
    assert [text.split()[0] for text in restrictions[place + 1 :]] == ["check_policy_service", "check_recipient_access"]


def test_a_server_without_mailboxes_refuses_mail_for_them(variables: dict[str, Any]) -> None:
    found = plan({**variables, "submission_enabled": False}, HOST._replace(imap_server="none"))
    assert found["parameters"]["virtual_transport"].startswith("error:5.2.1")
    assert not any("quota" in text for text in found["parameters"]["smtpd_recipient_restrictions"])


def test_passwords_are_in_secret_rows_only(variables: dict[str, Any]) -> None:
    route = {"match": "example.org", "next_hop": "a.example.net", "username": "me", "password": "Very-Secret-2"}
    found = plan(variables, relay_host=RELAY_HOST, routes=[route])
    secret = [row for table in found["tables"] for row in table["rows"] if "secret" in row]
    assert sorted(row["secret"] for row in secret) == ["me:Very-Secret-1", "me:Very-Secret-2"]
    rest = str({**found, "tables": [table for table in found["tables"] if "password" not in table["name"]]})
    assert "Very-Secret" not in rest


def test_own_parameters_and_services_come_last(variables: dict[str, Any]) -> None:
    own = {"name": "submission", "options": {"smtpd_recipient_limit": 500}}
    found = plan(variables, main_parameters={"biff": None, "smtpd_banner": "hi"}, master_services=[own])
    assert (found["parameters"]["biff"], found["parameters"]["smtpd_banner"]) == (None, "hi")
    assert found["services"][-1] == own


def test_what_is_planned_can_be_asked_of_the_module(variables: dict[str, Any]) -> None:
    found = plan(variables, postscreen=True, relay_host=RELAY_HOST, null_sender_accepted=False, srs_enabled=True)
    blank = {"kind": "indexed", "rows": []}
    row = {"value": None, "secret": None}
    asked = request.of_main(
        {
            "config_directory": "/etc/postfix",
            "tables_directory": "/etc/postfix/tables",
            "exclusive": False,
            **{
                key: found[key]
                for key in ("parameters", "parameters_if_known", "elements", "owned_prefixes", "open_relay")
            },
            "expected_paths": found["expected_paths"],
            "services": [{**SERVICE, **item} for item in found["services"]],
            "tables": [
                {**blank, **table, "rows": [{**row, **entry} for entry in table["rows"]]} for table in found["tables"]
            ],
        }
    )
    assert {wanted.name for wanted in asked.services if wanted.present} >= {"smtp", "smtpd", "dnsblog", "submission"}


NULL = Host(hostname="app.example.com", imap_server="none", tls_chain_files=("/c",))


def test_a_null_client_sends_through_its_relay_host_and_takes_nothing(variables: dict[str, Any]) -> None:
    found = plan(variables, NULL, null_client=True, relay_host=RELAY_HOST)
    assert found["parameters"]["inet_interfaces"] == "loopback-only"
    assert found["parameters"]["relayhost"] == "[smtp.example.net]:587"
    assert found["parameters"]["virtual_mailbox_domains"] is None
    assert list(services(found)) == ["smtp"]
    assert found["expected_paths"] == ["/etc/postfix/openssl.cnf"]
    assert {table["name"] for table in found["tables"] if table["rows"]} == {"relay_password", "relay_tls"}


@pytest.mark.parametrize(
    ("host", "changes", "message"),
    [
        (
            NULL,
            {},
            "postfix_null_client: contradicts a null client. Name the server for all mail in postfix_relay_host.",
        ),
        (HOST, {"relay_host": RELAY_HOST}, "Empty mail_domains, whose mail a null client cannot keep."),
        (NULL._replace(imap_server="dovecot"), {"relay_host": RELAY_HOST}, "Set mail_imap_server to none."),
        (NULL, {"relay_host": RELAY_HOST, "trusted_networks": ["192.0.2.1"]}, "postfix_trusted_networks: contradicts"),
        (NULL, {"relay_host": RELAY_HOST, "headers": {"sender": "submission"}}, "postfix_headers: contradicts a null"),
    ],
)
def test_what_a_null_client_cannot_be(
    variables: dict[str, Any], host: Host, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(MailError) as error:
        plan(variables, host, null_client=True, **changes)
    assert message in error.value.message


def test_an_accepted_sender_is_still_bound_to_the_login_on_port_25(variables: dict[str, Any]) -> None:
    lists = {"senders": [{"match": "alice@example.com", "action": "accept"}]}
    found = plan(variables, port_25_auth=True, access=lists)
    name = "smtpd_sender_restrictions"
    asked = part.Elements(**{key: tuple(more) for key, more in found["elements"][name].items()})
    after = elements.split(name, elements.change(name, ", ".join(found["parameters"][name]), asked))
    bound = after.index("reject_authenticated_sender_login_mismatch")
    assert bound < after.index("check_sender_access lmdb:/etc/postfix/tables/access_sender")


@pytest.mark.parametrize(
    ("threshold", "unfit", "sites"),
    [(3, [], 2), (3, ["one.example.net"], 1), (3, ["one.example.net", "two.example.net"], 0)],
)
def test_a_list_that_is_left_out_for_now_makes_no_threshold_wrong(
    variables: dict[str, Any], threshold: int, unfit: list[str], sites: int
) -> None:
    zones = [{"zone": "one.example.net", "weight": 2}, "two.example.net"]
    chosen = {**variables, "postscreen": True, "dnsbl_zones": zones, "postscreen_threshold": threshold}
    found = server.plan(
        chosen, HOST, version="3.10", domains=[], token="t", today="2026-11-22", unfit_zones=tuple(unfit)
    )
    assert len(found["parameters"]["postscreen_dnsbl_sites"]) == sites


def test_without_dovecot_there_is_no_door_for_it(variables: dict[str, Any]) -> None:
    found = plan(variables, HOST._replace(imap_server="none"))
    assert "127.0.0.1:10025" not in services(found)
    assert {"name": "127.0.0.1:10025", "state": "absent"} in found["services"]


def test_a_domain_without_mail_service_can_be_sent_on(variables: dict[str, Any]) -> None:
    domains = [{"name": "example.com", "mail_service": False}]
    chosen = {
        **variables,
        "relay_domains": ["example.com"],
        "routes": [{"match": "example.com", "next_hop": "192.0.2.9"}],
    }
    found = server.plan(chosen, HOST, version="3.10", domains=domains, token="t", today="2026-11-22")
    assert found["parameters"]["relay_domains"] == ["example.com"]


def test_a_sender_route_does_not_go_through_the_service_of_the_relay_host(variables: dict[str, Any]) -> None:
    """That one speaks TLS from the start, which another server on port 587 does not."""
    way = {"match": "example.com", "by": "sender", "next_hop": "b.example.net", "port": 587}
    found = plan(variables, relay_host={"host": "a.example.net", "tls": "wrapper"}, routes=[way])
    assert found["parameters"]["default_transport"] == "relay-host"
    rows = {table["name"]: table["rows"] for table in found["tables"]}
    assert rows["route_sender"] == []
    assert rows["route_sender_transport"] == [{"key": "@example.com", "value": "smtp:[b.example.net]:587"}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"submission_addresses": ["mx.example.com"]}, "postfix_submission_addresses: 'mx.example.com' is no address."),
        ({"relay_domains": ["example.com"]}, "postfix_relay_domains: mail for example.com is kept on this server."),
        ({"inet_protocols": "ipv5"}, "postfix_inet_protocols: 'ipv5' is not possible."),
        ({"address_preference": "best"}, "postfix_address_preference: 'best' is not possible."),
        ({"sendmail_users": "some"}, "'some' is neither all nor none nor a list"),
        ({"submission_enabled": "perhaps"}, "postfix_submission_enabled: 'perhaps' is not a boolean."),
    ],
)
def test_errors(variables: dict[str, Any], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        plan(variables, **changes)
    assert message in error.value.message


def test_logins_are_asked_about_where_somebody_can_log_in(variables: dict[str, Any]) -> None:
    name, asked = "smtpd_end_of_data_restrictions", ["check_sasl_access lmdb:/etc/postfix/accounts/locked"]
    found = plan(variables)
    assert found["parameters"][name] is None
    assert [services(found)[port]["options"][name] for port in ("submission", "submissions")] == [asked, asked]
    assert plan(variables, port_25_auth=True)["parameters"][name] == asked
