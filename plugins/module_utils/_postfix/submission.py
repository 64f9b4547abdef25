# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The doors for those who send: ports 587 and 465 for users, and one on the loopback interface for Dovecot."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from . import relay, tls
from .base import Host
from .options import Options

REINJECTION = "127.0.0.1:10025"
SWEPT = [{"name": f"*:{port}", "state": "absent"} for port in ("submission", "submissions")]


def services(
    options: Options,
    extra: Mapping[str, Any],
    *,
    login_checks: Sequence[str],
    client_checks: Sequence[str],
    sender_checks: Sequence[str],
) -> list[dict[str, Any]]:
    """Both ports, each on all addresses or on those that are named; ports that are switched off are removed."""
    common = {
        "smtpd_sasl_auth_enable": True,
        "smtpd_client_restrictions": [relay.CLASS],
        "smtpd_helo_restrictions": list(client_checks),
        # Those who need not log in (trusted_networks_skip_auth) may use any sender.
        "smtpd_sender_restrictions": [
            *login_checks,
            "reject_non_fqdn_sender",
            "reject_authenticated_sender_login_mismatch",
            *sender_checks,
        ],
        "smtpd_relay_restrictions": [relay.CLASS],
        "smtpd_end_of_data_restrictions": list(login_checks),
        "milter_macro_daemon_name": "ORIGINATING",
        **tls.entrance(options),
        **extra,
    }
    ports = {
        "submission": {**common, "syslog_name": "postfix/submission", "smtpd_tls_security_level": "encrypt"},
        "submissions": {
            **common,
            "syslog_name": "postfix/submissions",
            "smtpd_tls_security_level": "encrypt",
            "smtpd_tls_wrappermode": True,
        },
    }
    wanted = [port for port in ports if is_wanted(options, port)]
    return [
        *SWEPT,
        *(
            {"name": f"{address}{port}", "command": "smtpd", "chroot": True, "options": ports[port]}
            for port in wanted
            for address in _addresses(options)
        ),
    ]


def is_wanted(options: Options, port: str) -> bool:
    return options.switch(f"{port}_enabled") and relay.mode(options) != "closed"


def reinjection(host: Host) -> dict[str, Any]:
    """Where Dovecot hands in automatic replies and Sieve redirects: no quota, no login, no limits of clients.

    Suspended accounts get none of them. Without Dovecot the door stays shut, for whoever is on the host may use it.
    """
    if host.imap_server == "none":
        return {"name": REINJECTION, "state": "absent"}
    loopback = ["127.0.0.0/8"]
    return {
        "name": REINJECTION,
        "command": "smtpd",
        "chroot": True,
        "options": {
            "syslog_name": "postfix/reinjection",
            # A milter is to tell replies of this server's accounts from mail of strangers that they send on.
            "milter_macro_daemon_name": "REINJECTION",
            "mynetworks": loopback,
            "smtpd_client_event_limit_exceptions": loopback,
            "smtpd_tls_security_level": "none",
            "smtpd_client_restrictions": ["permit_mynetworks", "reject"],
            "smtpd_helo_restrictions": [],
            "smtpd_sender_restrictions": [],
            "smtpd_relay_restrictions": ["permit_mynetworks", "reject"],
            "smtpd_recipient_restrictions": [
                f"check_recipient_access {host.table('refused')}",
                "permit_mynetworks",
                "reject",
            ],
        },
    }


def _addresses(options: Options) -> list[str]:
    """What stands before the port: nothing for all addresses, else each with its colon, IPv6 in brackets."""
    found = []
    for item in options.strings("submission_addresses"):
        try:
            address = ipaddress.ip_address(item.strip("[]"))
        except ValueError:
            raise options.fault(
                "submission_addresses", f"'{item}' is no address", "Write an IP address of this host."
            ) from None
        found.append(f"[{address}]:" if address.version == 6 else f"{address}:")
    return list(dict.fromkeys(found)) or [""]
