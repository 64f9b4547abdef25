# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits: sizes, recipients, connections and rates of one client, errors, waiting times, DNS."""

from __future__ import annotations

from typing import Any

from .options import Options, unless_stressed
from .part import Part

# Postfix's own list (postconf -d import_environment), which is the same in every release from 3.5 on.
_ENVIRONMENT = "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME"
_MOST = 1000000
_HOUR = 3600
_DATA_RATE = 500
_FEWEST_SESSIONS = 10

# What one client may do within postfix_rate_time_unit, and its parameter.
_RATES = {
    "client_connection_rate": "smtpd_client_connection_rate_limit",
    "client_message_rate": "smtpd_client_message_rate_limit",
    "client_recipient_rate": "smtpd_client_recipient_rate_limit",
    "client_login_rate": "smtpd_client_auth_rate_limit",
    "client_tls_rate": "smtpd_client_new_tls_session_rate_limit",
}


def part(options: Options) -> Part:
    """The parameters of main.cf. Raises MailError for values out of range and for what this Postfix lacks."""
    return Part(
        parameters={**_sizes(options), **_clients(options), **_errors(options), **_times(options), **_dns(options)}
    )


def inbound_options(options: Options) -> dict[str, Any]:
    """What differs from main.cf on port 25."""
    return _own_size(options, "inbound_message_size_limit")


def submission_options(options: Options) -> dict[str, Any]:
    """What differs from main.cf on the submission ports."""
    return {
        "smtpd_recipient_limit": options.count("submission_recipient_limit", high=_MOST),
        **_own_size(options, "submission_message_size_limit"),
    }


def process_limit(options: Options) -> int:
    return options.number("process_limit", low=2, high=20000)


def _own_size(options: Options, name: str) -> dict[str, Any]:
    """The size of one entrance, which the size for all bounds: the queue takes nothing that is greater."""
    if options.unset(name):
        return {}
    own, general = options.size(name), options.size("message_size_limit")
    if general and (own == 0 or own > general):
        raise options.fault(
            name,
            f"'{options.given[name]}' is more than {options.prefix}message_size_limit allows",
            f"Raise {options.prefix}message_size_limit, which bounds all mail, or lower this.",
        )
    return {"message_size_limit": own}


def _sizes(options: Options) -> dict[str, Any]:
    """Dovecot delivers and keeps the quota, so that local limits must not be the smaller ones."""
    size = options.size("message_size_limit")
    return {
        "message_size_limit": size,
        "mailbox_size_limit": 0,
        "virtual_mailbox_limit": 0,
        "queue_minfree": size * 3 // 2,
        "smtpd_recipient_limit": options.count("recipient_limit", high=_MOST),
    }


def _clients(options: Options) -> dict[str, Any]:
    processes = process_limit(options)
    connections = options.number("client_connection_limit", low=0, high=20000)
    if not 0 < connections < processes:
        options.warn(
            "client_connection_limit",
            f"one client may hold all {processes} processes (postfix_process_limit) and shut everybody else out.",
        )
    return {
        "default_process_limit": processes,
        "smtpd_client_connection_count_limit": connections,
        "anvil_rate_time_unit": options.time("rate_time_unit", high=24 * _HOUR),
        # Postfix's default, $mynetworks, would let trusted networks past every limit without a word.
        "smtpd_client_event_limit_exceptions": options.networks("limit_exceptions"),
        **{parameter: _rate(options, name) for name, parameter in _RATES.items()},
    }


def _rate(options: Options, name: str) -> int:
    """A rate. Too few TLS sessions would shut out also who proves, after each change, that the server works."""
    found = options.number(name, low=0, high=_MOST)
    if name == "client_tls_rate" and 0 < found < _FEWEST_SESSIONS:
        raise options.fault(name, f"'{found}' is not possible", f"Write 0 or at least {_FEWEST_SESSIONS}.")
    return found


def _errors(options: Options) -> dict[str, Any]:
    """After ``soft`` errors replies are slow, after ``hard`` ones the connection ends; sooner on a busy server."""
    soft = options.number("soft_error_limit", low=1, high=10000)
    hard = options.number("hard_error_limit", low=1, high=10000)
    if soft > hard:
        raise options.fault(
            "soft_error_limit",
            f"{soft} is more than {options.prefix}hard_error_limit ({hard}), which ends the connection before",
            "Lower it, or raise the other.",
        )
    return {
        "smtpd_soft_error_limit": soft,
        "smtpd_hard_error_limit": unless_stressed(hard, stressed=1),
        "smtpd_error_sleep_time": options.time("error_delay", low=0, high=60),
        "smtpd_junk_command_limit": unless_stressed(
            options.number("junk_command_limit", low=1, high=10000), stressed=1
        ),
    }


def _times(options: Options) -> dict[str, Any]:
    """An idle client, and one that sends a byte now and then so as never to be idle."""
    new = options.has("3.7")
    deadline = {"always": True, "never": False, "stress": None}[
        options.word("request_deadline", ("always", "stress", "never"))
    ]
    rate = options.number("minimum_data_rate", low=1, high=10**9)
    if rate != _DATA_RATE and not new:
        raise options.fault(
            "minimum_data_rate", f"Postfix {options.version} does not have it", "It came with Postfix 3.7."
        )
    idle = options.seconds("client_timeout", low=1, high=_HOUR)
    return {
        "smtpd_timeout": f"{unless_stressed(idle, stressed=10)}s",
        "smtpd_per_request_deadline": deadline if new else None,
        "smtpd_per_record_deadline": None if new else deadline,
        "smtpd_min_data_rate": rate if new else None,
    }


def _dns(options: Options) -> dict[str, Any]:
    """How long Postfix waits for DNS; without both options, as long as /etc/resolv.conf says."""
    wanted = [
        f"{word}:{options.number(name, low=1, high=high)}"
        for name, word, high in (("dns_timeout", "timeout", 30), ("dns_attempts", "attempts", 5))
        if not options.unset(name)
    ]
    if not wanted:
        return {"import_environment": None}
    return {"import_environment": f"{_ENVIRONMENT} {{ RES_OPTIONS = {' '.join(wanted)} }}"}
