# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits, the queue's times, milters and policy services: what is written, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import filters, limits, queue_times


def test_the_defaults_are_those_of_postfix_but_for_sizes_and_recipients(options: Any) -> None:
    chosen = options()
    found = limits.part(chosen).parameters
    assert found == {
        "message_size_limit": 52428800,
        "mailbox_size_limit": 0,
        "virtual_mailbox_limit": 0,
        "queue_minfree": 78643200,
        "smtpd_recipient_limit": 100,
        "default_process_limit": 100,
        "smtpd_client_connection_count_limit": 50,
        "anvil_rate_time_unit": "60s",
        "smtpd_client_event_limit_exceptions": [],
        "smtpd_client_connection_rate_limit": 0,
        "smtpd_client_message_rate_limit": 0,
        "smtpd_client_recipient_rate_limit": 0,
        "smtpd_client_auth_rate_limit": 0,
        "smtpd_client_new_tls_session_rate_limit": 0,
        "smtpd_soft_error_limit": 10,
        "smtpd_hard_error_limit": "${stress?{1}:{20}}",
        "smtpd_error_sleep_time": "1s",
        "smtpd_junk_command_limit": "${stress?{1}:{100}}",
        "smtpd_timeout": "${stress?{10}:{300}}s",
        "smtpd_per_request_deadline": None,
        "smtpd_per_record_deadline": None,
        "smtpd_min_data_rate": 500,
        "import_environment": None,
    }
    assert chosen.warnings == []


@pytest.mark.parametrize(
    ("version", "word", "per_request", "per_record"),
    [
        ("3.10.13", "always", True, None),
        ("3.10.13", "never", False, None),
        ("3.5.25", "always", None, True),
        ("3.5.25", "stress", None, None),
    ],
)
def test_the_deadline_by_version(options: Any, version: str, word: str, per_request: Any, per_record: Any) -> None:
    found = limits.part(options(version=version, request_deadline=word)).parameters
    assert (found["smtpd_per_request_deadline"], found["smtpd_per_record_deadline"]) == (per_request, per_record)
    assert found["smtpd_min_data_rate"] == (500 if version == "3.10.13" else None)


def test_dns_is_asked_as_long_as_is_said_and_postfix_keeps_its_environment(options: Any) -> None:
    found = limits.part(options(dns_timeout=1, dns_attempts=3)).parameters["import_environment"]
    assert found.startswith("MAIL_CONFIG MAIL_DEBUG")
    assert found.endswith("{ RES_OPTIONS = timeout:1 attempts:3 }")
    assert limits.part(options(dns_timeout=2)).parameters["import_environment"].endswith("= timeout:2 }")


def test_each_entrance_has_its_size_and_submission_its_recipients(options: Any) -> None:
    chosen = options(inbound_message_size_limit="1M", submission_message_size_limit="20M", recipient_limit="unlimited")
    assert limits.inbound_options(chosen) == {"message_size_limit": 1048576}
    assert limits.submission_options(chosen) == {"smtpd_recipient_limit": 100, "message_size_limit": 20971520}
    assert limits.part(chosen).parameters["smtpd_recipient_limit"] == 2147483647


def test_one_client_with_all_processes_is_warned_of(options: Any) -> None:
    chosen = options(client_connection_limit=0)
    limits.part(chosen)
    assert "may hold all 100 processes" in chosen.warnings[0]


def everything(chosen: Any) -> None:
    for room in (limits, queue_times, filters):
        room.part(chosen)
        if hasattr(room, "submission_options"):
            room.submission_options(chosen)
    limits.inbound_options(chosen)
    filters.policy_checks(chosen)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"message_size_limit": "10X"}, "postfix_message_size_limit: '10X' is no size."),
        ({"message_size_limit": -1}, "postfix_message_size_limit: '-1' is no size."),
        ({"message_size_limit": "1K"}, "postfix_message_size_limit: 1024 bytes are out of range."),
        ({"inbound_message_size_limit": "60M"}, "postfix_inbound_message_size_limit: '60M' is more than"),
        ({"submission_message_size_limit": "unlimited"}, "postfix_submission_message_size_limit: 'unlimited' is more"),
        ({"recipient_limit": 0}, "postfix_recipient_limit: '0' is not possible."),
        ({"recipient_limit": "abc"}, "Or write unlimited."),
        ({"submission_recipient_limit": -5}, "postfix_submission_recipient_limit: '-5' is not possible."),
        ({"client_connection_limit": -1}, "postfix_client_connection_limit: '-1' is not possible."),
        ({"client_message_rate": "many"}, "postfix_client_message_rate: 'many' is not possible."),
        ({"limit_exceptions": ["nobody"]}, "postfix_limit_exceptions: 'nobody' is no network."),
        ({"process_limit": 0}, "postfix_process_limit: '0' is not possible."),
        ({"hard_error_limit": 0}, "postfix_hard_error_limit: '0' is not possible."),
        ({"soft_error_limit": 21}, "postfix_soft_error_limit: 21 is more than postfix_hard_error_limit (20)"),
        ({"error_delay": "1"}, "postfix_error_delay: '1' is no time."),
        ({"junk_command_limit": 0}, "postfix_junk_command_limit: '0' is not possible."),
        ({"client_timeout": "5x"}, "postfix_client_timeout: '5x' is no time."),
        ({"client_timeout": 0}, "postfix_client_timeout: '0' is out of range. Write a time from 1s to 1h."),
        ({"request_deadline": "sometimes"}, "postfix_request_deadline: 'sometimes' is not possible."),
        (
            {"version": "3.5.25", "minimum_data_rate": 100},
            "postfix_minimum_data_rate: Postfix 3.5.25 does not have it.",
        ),
        ({"dns_timeout": 31}, "postfix_dns_timeout: '31' is not possible. Write a whole number from 1 to 30."),
        ({"dns_attempts": 6}, "postfix_dns_attempts: '6' is not possible. Write a whole number from 1 to 5."),
        ({"client_tls_rate": 3}, "postfix_client_tls_rate: '3' is not possible."),
        ({"queue_lifetime": "1y"}, "postfix_queue_lifetime: '1y' is no time."),
        ({"retry_latest": "100s"}, "postfix_retry_soonest: '300s' does not lie between"),
        ({"queue_run_delay": "1h"}, "postfix_retry_soonest: '300s' does not lie between"),
        ({"notify_classes": ["bounces"]}, "postfix_notify_classes: 'bounces' is not possible."),
        ({"milters": ["127.0.0.1:11332"]}, "postfix_milters: '127.0.0.1:11332' is no socket."),
        ({"milters": ["inet:127.0.0.1:1, inet:h:2"]}, "is no socket."),
        ({"milter_connect_timeout": 0}, "postfix_milter_connect_timeout: '0' is out of range."),
        ({"milter_default_action": "ignore"}, "postfix_milter_default_action: 'ignore' is not possible."),
        (
            {"version": "3.7.11", "milter_default_action": "shutdown"},
            "postfix_milter_default_action: Postfix 3.7.11 does not have shutdown. Write tempfail.",
        ),
        ({"policy_services": ["local:x"]}, "postfix_policy_services: 'local:x' is no socket."),
        ({"policy_default_action": "DUNNO"}, "postfix_policy_default_action: 'DUNNO' is not possible."),
    ],
)
def test_values_that_postfix_could_not_live_with(options: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        everything(options(**changes))
    assert message in error.value.message


def test_the_queue_and_who_is_told(options: Any) -> None:
    chosen = options(queue_lifetime="2d", delay_warning="4h", notify_classes=["software", "bounce"])
    found = queue_times.part(chosen).parameters
    assert found["maximal_queue_lifetime"] == "2d"
    assert found["delay_warning_time"] == "4h"
    assert found["notify_classes"] == ["bounce", "software"]
    assert chosen.warnings == []
    late = options(queue_lifetime="2h", delay_warning="4h")
    queue_times.part(late)
    assert late.warnings == ["postfix_delay_warning: the message is returned before its sender is warned."]


def test_milters_are_for_all_mail_unless_others_are_named(options: Any) -> None:
    chosen = options(milters=["inet:127.0.0.1:11332"], local_milters=[], submission_milters=[])
    found = filters.part(chosen).parameters
    assert (found["smtpd_milters"], found["non_smtpd_milters"]) == (["inet:127.0.0.1:11332"], None)
    assert filters.submission_options(chosen) == {"smtpd_milters": []}
    assert "passes no milter" in chosen.warnings[0]
    same = filters.part(options(milters=["unix:private/milter"])).parameters
    assert same["smtpd_milters"] == same["non_smtpd_milters"] == ["unix:private/milter"]


def test_the_milter_of_another_role_comes_first_and_stops_no_mail(options: Any) -> None:
    socket = "unix:rspamd/milter.sock"
    first = f"{{ {socket}, connect_timeout=5s, command_timeout=15s, content_timeout=60s, default_action=accept }}"
    found = filters.part(options(milters=["inet:127.0.0.1:11332"], local_milters=[]), socket).parameters
    assert found["smtpd_milters"] == [first, "inet:127.0.0.1:11332"]
    assert found["non_smtpd_milters"] == [first]
    assert filters.submission_options(options(submission_milters=[]), socket) == {"smtpd_milters": [first]}


def test_a_policy_service_has_its_time_and_its_fallback(options: Any) -> None:
    chosen = options(policy_services=["inet:[::1]:10023"], policy_timeout="5s", policy_default_action="accept")
    assert filters.policy_checks(chosen) == [
        "check_policy_service { inet:[::1]:10023, timeout=5s, default_action=DUNNO }"
    ]
