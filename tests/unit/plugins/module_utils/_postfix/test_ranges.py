# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that Postfix swallows and then dies of."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import ranges, restrictions

DEFAULTS = {
    "smtpd_recipient_limit": "1000",
    "smtpd_soft_error_limit": "10",
    "smtpd_hard_error_limit": "20",
    "smtpd_timeout": "300s",
    "smtpd_starttls_timeout": "300s",
    "queue_run_delay": "300s",
    "bounce_queue_lifetime": "5d",
    "always_add_missing_headers": "no",
    "unknown_address_reject_code": "450",
    "message_size_limit": "10240000",
    "mailbox_size_limit": "51200000",
    "virtual_mailbox_limit": "51200000",
    "smtpd_forbid_bare_newline": "normalize",
    "lmtp_tcp_port": "24",
    "compatibility_level": "0",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtpd_recipient_limit", "abc"),
        ("smtpd_recipient_limit", "0"),
        ("smtpd_recipient_limit", "-5"),
        ("smtpd_hard_error_limit", "0"),
        ("smtpd_timeout", "5x"),
        ("smtpd_timeout", "0"),
        ("smtpd_timeout", "banana"),
        ("bounce_queue_lifetime", "1y"),
        ("always_add_missing_headers", "maybe"),
        ("message_size_limit", "-1"),
        ("message_size_limit", "10M"),
        ("unknown_address_reject_code", "999"),
        ("smtp_bind_address", "not-an-ip"),
        ("smtp_bind_address", "2001:db8::1"),
        ("inet_protocols", "ipv5"),
        ("mynetworks", "123.123.123.123/16"),
        ("mynetworks", "127.0.0.0/8, ::1/128"),
        ("mynetworks", "127.0.0.0/8 elsewhere"),
        ("smtpd_tls_protocols", ">=TLSv1.4"),
        ("smtpd_tls_security_level", "encrpyt"),
        ("smtpd_forbid_bare_newline", "normalise"),
        ("mailbox_size_limit", "1000"),
    ],
)
def test_bad_values(name: str, value: str) -> None:
    faults = ranges.faults({name: value}, DEFAULTS, "3.10.13")
    assert [fault.where for fault in faults] == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtpd_recipient_limit", "1"),
        ("smtpd_recipient_limit", "$other"),
        ("smtpd_timeout", "${stress?{10}:{300}}s"),
        ("smtpd_timeout", "5m"),
        ("bounce_queue_lifetime", "0"),
        ("message_size_limit", "51200000"),
        ("mailbox_size_limit", "0"),
        ("mynetworks", "127.0.0.0/8, [::1]/128 !192.0.2.1 192.0.2.0/24 cidr:/etc/postfix/n /etc/postfix/networks"),
        ("smtpd_tls_protocols", "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1"),
        ("smtpd_tls_protocols", ">=TLSv1.2, <=0304"),
        ("compatibility_level", "3.6"),
        ("lmtp_tcp_port", "lmtp"),
        ("smtpd_forbid_bare_newline", "yes"),
        ("smtp_bind_address6", "2001:db8::1"),
        ("something_of_my_own", "anything"),
    ],
)
def test_good_values(name: str, value: str) -> None:
    assert ranges.faults({name: value}, DEFAULTS, "3.10.13") == []


def test_without_postfix_the_own_tables_judge() -> None:
    assert ranges.faults({"smtpd_recipient_limit": "0", "smtpd_helo_required": "maybe"}, {}, "") != []
    assert ranges.faults({"smtpd_recipient_limit": "5", "smtpd_helo_required": "yes"}, {}, "") == []


def test_the_new_protocol_notation_would_switch_tls_off_in_3_5() -> None:
    (fault,) = ranges.faults({"smtpd_tls_protocols": ">=TLSv1.2"}, DEFAULTS, "3.5.25")
    assert "!TLSv1.1" in fault.mend


@pytest.mark.parametrize("limit", ["0", "60000000"])
def test_a_message_fits_into_a_mailbox(limit: str) -> None:
    faults = ranges.faults({"message_size_limit": limit}, DEFAULTS, "3.10.13")
    assert [fault.where for fault in faults] == ["mailbox_size_limit", "virtual_mailbox_limit"]


def test_host_bits_are_named_with_the_network() -> None:
    (fault,) = ranges.faults({"mynetworks": "[2001:db8::1]/32"}, DEFAULTS, "3.10.13")
    assert "[2001:db8::]/32" in fault.mend


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("smtpd_tls_chian_files", "Did you mean 'smtpd_tls_chain_files'?"),
        ("smtp_tlsrpt_enable", "this Postfix (3.7.11) does not have the parameter. It came with 3.10."),
        ("xyzzy", "Nothing in main.cf or master.cf uses it."),
    ],
)
def test_unknown_parameters(name: str, words: str) -> None:
    assert words in ranges.unknown(name, ["smtpd_tls_chain_files", "myhostname"], "3.7.11").message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"smtpd_recipient_restrictions": "reject_unknown_sender_domian, permit"}, "'reject_unknown_sender_domain'"),
        ({"smtpd_client_restrictions": "check_client_access"}, "needs an argument"),
        ({"smtpd_restriction_classes": "mine", "mine": "permit_sasl_autenticated"}, "'permit_sasl_authenticated'"),
        ({"smtpd_relay_restrictions": "permit_mynetworks"}, "reject_unauth_destination"),
    ],
)
def test_misspelt_restrictions(values: dict[str, str], words: str) -> None:
    assert words in "; ".join(fault.message for fault in restrictions.faults(values, {}))


@pytest.mark.parametrize(
    "value",
    [
        "permit_mynetworks, reject_unauth_destination",
        "check_recipient_access lmdb:/etc/x reject",
        "check_policy_service { unix:private/q, timeout=5s, default_action=DUNNO }, reject",
        "check_client_access inline:{ { 192.0.2.1=OK } }, warn_if_reject reject_rbl_client dnsbl.test=127.0.0.2 reject",
        "mine, reject",
        "$smtpd_client_restrictions reject",
        "sleep 1, reject",
    ],
)
def test_good_restrictions(value: str) -> None:
    values = {"smtpd_relay_restrictions": value, "smtpd_restriction_classes": "mine", "mine": "reject"}
    assert restrictions.faults(values, {}) == []
