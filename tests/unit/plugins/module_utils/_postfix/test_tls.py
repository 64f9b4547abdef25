# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Postfix is told about TLS."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import elements, server, tls
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.base import Host
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.options import Options
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements, Part, Places, Table

AT = Places("/t", "lmdb")


def part(
    variables: dict[str, Any], *, version: str = "3.10.13", given: dict[str, Any] | None = None, **host: Any
) -> Part:
    options = Options({**variables, **(given or {})}, version=version)
    return tls.part(options, Host("mx.example.com", tls_chain_files=("/c",), **host), at=AT)


def test_without_names_there_is_no_table(variables: dict[str, Any]) -> None:
    found = part(variables)
    assert found.parameters["smtpd_tls_chain_files"] == ["/c"]
    assert found.parameters["tls_server_sni_maps"] is None
    assert Table("tls_sni", (), "texthash") in found.tables


def test_each_name_has_its_file_and_a_wildcard_begins_with_a_dot(variables: dict[str, Any]) -> None:
    found = part(variables, tls_names=(("mail.A.test", "/a"), ("*.b.test", "/b")))
    assert found.parameters["tls_server_sni_maps"] == "texthash:/t/tls_sni"
    assert Table("tls_sni", (("mail.a.test", "/a"), (".b.test", "/b")), "texthash") in found.tables


@pytest.mark.parametrize(
    ("policy", "minimum", "newest_only"),
    [
        ("intermediate", "", False),
        ("modern", "", True),
        ("intermediate", "TLSv1.3", True),
        ("modern", "TLSv1.2", False),
    ],
)
def test_the_policy_is_for_users_and_port_25_speaks_with_everybody(
    variables: dict[str, Any], policy: str, minimum: str, newest_only: bool
) -> None:
    found = part(variables, tls_policy=policy, tls_min_version=minimum).parameters
    assert ("!TLSv1.2" in found["smtpd_tls_mandatory_protocols"]) is newest_only
    assert found["smtpd_tls_protocols"] == ["!SSLv2", "!SSLv3", "!TLSv1", "!TLSv1.1"]
    assert found["smtp_tls_mandatory_protocols"] == found["smtpd_tls_protocols"]


def test_a_policy_that_nobody_knows_is_refused(variables: dict[str, Any]) -> None:
    with pytest.raises(MailError, match="mail_tls_policy"):
        part(variables, tls_policy="old")


@pytest.mark.parametrize(("version", "is_new"), [("3.5.25", False), ("3.7.11", False), ("3.10.13", True)])
def test_the_group_for_tomorrow_is_offered_where_the_library_has_it(
    variables: dict[str, Any], version: str, is_new: bool
) -> None:
    groups = part(variables, version=version).parameters["tls_eecdh_auto_curves"]
    assert groups == [*(["X25519MLKEM768"] if is_new else []), "X25519", "prime256v1", "secp384r1"]


@pytest.mark.parametrize(
    ("version", "is_known"),
    [("3.5.6", False), ("3.5.25", True), ("3.7.5", False), ("3.7.11", True), ("3.10.13", True), ("3.10", True)],
)
def test_signatures_are_bound_on_each_entrance_and_never_for_outgoing_mail(
    variables: dict[str, Any], version: str, is_known: bool
) -> None:
    found = server.plan(
        {**variables, "postscreen": True},
        Host("mx.example.com", tls_chain_files=("/c",)),
        version=version,
        domains=[],
        token="t",
        today="2026-11-22",
    )
    expected = {"tls_config_file": "/etc/postfix/openssl.cnf", "tls_config_name": "postfix"} if is_known else {}
    bound = {
        item["name"]
        for item in found["services"]
        if item.get("options") and {"tls_config_file", "tls_config_name"} & set(item["options"])
    }
    assert bound == ({"smtpd", "tlsproxy", "submission", "submissions"} if is_known else set())
    assert tls.entrance(Options(variables, version=version)) == expected
    assert not set(found["parameters"]) & {"tls_config_file", "tls_config_name"}
    assert "/etc/postfix/openssl.cnf" in found["expected_paths"]


DAEMON = "socketmap:inet:127.0.0.1:8461:postfix"


@pytest.mark.parametrize(
    ("level", "dns"),
    [("may", None), ("encrypt", None), ("dane", "dnssec")],
)
def test_other_servers_are_met_as_the_word_says(variables: dict[str, Any], level: str, dns: str | None) -> None:
    found = part(variables, given={"outgoing_tls": level}).parameters
    assert found["smtp_tls_security_level"] == level
    assert found["smtp_dns_support_level"] == dns


@pytest.mark.parametrize("level", ["dane-only", "none", "", None])
def test_other_words_are_refused(variables: dict[str, Any], level: str | None) -> None:
    with pytest.raises(MailError, match="postfix_outgoing_tls"):
        part(variables, given={"outgoing_tls": level})


@pytest.mark.parametrize(
    ("wanted", "expected"), [(True, Elements(last=(DAEMON,))), (False, Elements(remove=(DAEMON,)))]
)
def test_policies_of_others_are_asked_for_last(variables: dict[str, Any], wanted: bool, expected: Elements) -> None:
    assert part(variables, given={"mta_sts": wanted}).elements == {"smtp_tls_policy_maps": expected}


def test_what_an_administrator_says_of_a_destination_counts_before_its_policy() -> None:
    own = AT.listed(Table("route_tls", (("a.test", "secure"),)), first=True)
    assert elements.change("smtp_tls_policy_maps", DAEMON, own) == f"lmdb:/t/route_tls, {DAEMON}"


def test_a_policy_in_the_place_of_dane_is_told(variables: dict[str, Any]) -> None:
    options = Options({**variables, "mta_sts": True, "outgoing_tls": "dane"}, version="3.10.13")
    tls.part(options, Host("mx.example.com"), at=AT)
    (warning,) = options.warnings
    assert "dane-only" in warning
