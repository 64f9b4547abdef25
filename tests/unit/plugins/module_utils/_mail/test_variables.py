# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._mail import variables

KNOWN = [
    "dovecot_default_domain",
    "dovecot_max_connections",
    "dovecot_ports",
    "mail_domains",
    "mail_domains_exclusive",
    "mail_hostname",
    "mail_imap_server",
    "mail_max_removed_percent",
    "mail_owner",
    "mail_postfix_tables",
    "mail_postmaster",
    "mail_store_path",
    "mail_tls_min_version",
    "mail_update_password",
    "postfix_main_parameters",
    "postfix_message_size_limit",
    "postfix_submission_enabled",
    "postfix_submission_recipient_limit",
    "postfix_submissions_enabled",
]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        # a letter too few, too many, wrong or in the wrong place
        ("mail_domain", "mail_domains"),
        ("mail_domians", "mail_domains"),
        ("mail_domainss", "mail_domains"),
        ("mail_hostnmae", "mail_hostname"),
        ("mail_posmaster", "mail_postmaster"),
        ("maill_domains", "mail_domains"),
        ("postfix_mesage_size_limit", "postfix_message_size_limit"),
        ("postfix_message_size_limits", "postfix_message_size_limit"),
        ("postifx_message_size_limit", "postfix_message_size_limit"),
        ("postfix_main_parameter", "postfix_main_parameters"),
        ("postfix_submission_enable", "postfix_submission_enabled"),
        ("postfix_submission_recipients_limit", "postfix_submission_recipient_limit"),
        ("mail_tls_min_versoin", "mail_tls_min_version"),
        ("dovecot_max_conections", "dovecot_max_connections"),
        # an underscore, a capital letter
        ("mail_host_name", "mail_hostname"),
        ("mail_post_master", "mail_postmaster"),
        ("mail_Domains", "mail_domains"),
        ("postfix_messagesize_limit", "postfix_message_size_limit"),
        # the order of the words
        ("mail_exclusive_domains", "mail_domains_exclusive"),
        ("mail_max_percent_removed", "mail_max_removed_percent"),
        ("postfix_size_limit_message", "postfix_message_size_limit"),
        # the other daemon
        ("postfix_domains", "mail_domains"),
        ("postfix_mail_domains", "mail_domains"),
        ("postfix_hostname", "mail_hostname"),
        ("mail_message_size_limit", "postfix_message_size_limit"),
        ("mail_ports", "dovecot_ports"),
        ("postfix_tables", "mail_postfix_tables"),
        ("mail_dovecot_ports", "dovecot_ports"),
        ("mail_default_domain", "dovecot_default_domain"),
    ],
)
def test_a_misspelt_name(name: str, meant: str) -> None:
    faults = [fault.message for fault in variables.faults([*KNOWN, name], KNOWN)]
    assert faults == [f"{name}: no such variable. Did you mean '{meant}'?"]


@pytest.mark.parametrize(
    "name",
    [
        "mail_",
        "mail_team_name",
        "mail_host",
        "mail_port",
        "mail_server",
        "mail_server_ip",
        "mail_servers",
        "mail_users",
        "postfix_domain",
        "default_ports",
        "__",
        "mail_user",
        "mail_from",
        "mail_relay_password",
        "mail_domains_2",
        "mail_domains_extra",
        "mail_domains_of_customers",
        "mail_domain_names",
        "mail_domain_of_the_company",
        "mail_hostname_internal",
        "mail_hosts",
        "mail_verify_from",
        "mail_store",
        "mail_result",
        "mail_report",
        "mail_owner_group",
        "dovecot_result",
        "dovecot_version",
        "dovecot_backup_host",
        "postfix_conf",
        "postfix_files",
        "postfix_relayhost",
        "postfix_installed",
        "postfix_message",
        "postfix_exporter_port",
        "postfix_submission_firewall_zone",
        "default_domain",
        "message_size",
    ],
)
def test_names_of_others_are_left_alone(name: str) -> None:
    assert variables.faults([*KNOWN, name], KNOWN) == []


def test_no_known_name_is_a_slip_of_another() -> None:
    assert variables.faults(KNOWN, KNOWN) == []


def test_a_name_that_is_declared_as_own() -> None:
    assert variables.faults(["mail_domain", *KNOWN], KNOWN, own=["mail_domain"]) == []


def test_all_faults_by_name() -> None:
    faults = variables.faults(["postfix_mesage_size_limit", "mail_domain"], KNOWN)
    assert [fault.where for fault in faults] == ["mail_domain", "postfix_mesage_size_limit"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("postfix_session_max_minutes", "Postfix has no limit for a whole session"),
        ("postfix_store_incomplete_mail", "Postfix never keeps a message whose end did not arrive"),
        ("postfix_pop_before_smtp", "a POP3 login would open the relay to everybody behind the same address"),
        ("mail_pop_before_smtp", "a POP3 login would open the relay"),
        ("postfix_sender_domain_lookup", "Postfix asks for MX, A and AAAA records"),
    ],
)
def test_what_cannot_be_had(name: str, reason: str) -> None:
    (fault,) = variables.faults([name], KNOWN)
    assert fault.message.startswith(f"{name}: {reason}")
    assert fault.mend


def test_what_cannot_be_had_is_no_variable_of_ours() -> None:
    assert not variables.NOT_POSSIBLE.keys() & variables.PLAYBOOKS
