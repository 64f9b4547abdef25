# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that Postfix accepts without a word and then dies of: judged before anything is written.

The kind of most parameters follows from their default (``postconf -d``); the tables below add the lower limits and the
words that Postfix's own sources demand at run time, and the rules that span parameters. Values with ``$`` are left to
the shadow instance.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable, Mapping

from .._errors import MailError
from . import main_cf

BOOLEAN = ("yes", "no")
TIME = re.compile(r"\d+[smhdw]?")

# Booleans in their default, but with more words than yes and no; or numbers in their default, but free text.
_WORDS = {
    "smtpd_forbid_bare_newline": ("yes", "no", "normalize", "reject", "note"),
    "milter_default_action": ("accept", "reject", "tempfail", "quarantine", "shutdown"),
    "smtpd_tls_security_level": ("none", "may", "encrypt"),
    "smtp_tls_security_level": ("none", "may", "encrypt", "dane", "dane-only", "fingerprint", "verify", "secure"),
    "smtp_address_preference": ("any", "ipv4", "ipv6"),
    "mynetworks_style": ("class", "subnet", "host"),
}
_FREE = {"compatibility_level", "lmtp_tcp_port", "smtp_tcp_port", "mail_version", "mail_release_date"}

# Types for the case that no Postfix is installed to ask (check mode on a fresh host).
_KNOWN_BOOLEANS = [
    "always_add_missing_headers",
    "allow_percent_hack",
    "biff",
    "disable_vrfy_command",
    "smtpd_delay_reject",
    "smtpd_helo_required",
    "smtpd_sasl_auth_enable",
    "smtpd_tls_auth_only",
    "smtpd_tls_wrappermode",
    "smtputf8_enable",
    "strict_rfc821_envelopes",
    "swap_bangpath",
]
_AT_LEAST_ONE = {
    "smtpd_recipient_limit",
    "smtpd_hard_error_limit",
    "smtpd_soft_error_limit",
    "smtpd_junk_command_limit",
    "default_process_limit",
    "max_use",
    "hopcount_limit",
    "header_size_limit",
    "qmgr_message_active_limit",
    "qmgr_message_recipient_limit",
    "mime_nesting_limit",
    "bounce_size_limit",
    "virtual_alias_expansion_limit",
    "virtual_alias_recursion_limit",
    "initial_destination_concurrency",
}
_AT_LEAST_ONE_SECOND = {
    "smtpd_timeout",
    "smtpd_starttls_timeout",
    "smtpd_policy_service_timeout",
    "milter_connect_timeout",
    "milter_command_timeout",
    "milter_content_timeout",
    "smtp_helo_timeout",
    "smtp_mail_timeout",
    "smtp_rcpt_timeout",
    "smtp_data_init_timeout",
    "smtp_data_xfer_timeout",
    "smtp_data_done_timeout",
    "smtp_quit_timeout",
    "smtp_starttls_timeout",
    "ipc_timeout",
    "ipc_idle",
    "ipc_ttl",
    "max_idle",
    "daemon_timeout",
    "queue_run_delay",
    "minimal_backoff_time",
    "maximal_backoff_time",
    "anvil_rate_time_unit",
}
_SIZES = {
    "message_size_limit",
    "mailbox_size_limit",
    "virtual_mailbox_limit",
    "queue_minfree",
    "body_checks_size_limit",
}

# Parameters that later releases brought, for a clearer word than "unknown".
INTRODUCED = {
    "smtpd_relay_before_recipient_restrictions": "3.6",
    "respectful_logging": "3.6",
    "known_tcp_ports": "3.6",
    "dnssec_probe": "3.6",
    "local_login_sender_maps": "3.6",
    "smtpd_sasl_mechanism_filter": "3.6",
    "postscreen_allowlist_interfaces": "3.6",
    "postscreen_denylist_action": "3.6",
    "postscreen_dnsbl_allowlist_threshold": "3.6",
    "smtp_bind_address_enforce": "3.7",
    "smtpd_min_data_rate": "3.7",
    "smtpd_per_request_deadline": "3.7",
    "smtp_min_data_rate": "3.7",
    "smtp_per_request_deadline": "3.7",
    "smtpd_forbid_bare_newline": "3.5.23, 3.6.13, 3.7.9, 3.8.4 or 3.9",
    "smtpd_forbid_unauth_pipelining": "3.5.20, 3.6.10, 3.7.6, 3.8.1 or 3.9",
    "tls_config_file": "3.5.20, 3.6.10, 3.7.6, 3.8.1 or 3.9",
    "tls_config_name": "3.5.20, 3.6.10, 3.7.6, 3.8.1 or 3.9",
    "smtpd_tls_enable_rpk": "3.9",
    "force_mime_input_conversion": "3.9",
    "maillog_file_permissions": "3.9",
    "smtp_tlsrpt_enable": "3.10",
    "smtp_tlsrpt_socket_name": "3.10",
    "tls_required_enable": "3.10",
    "smtpd_hide_client_session": "3.10",
}


def faults(values: Mapping[str, str], defaults: Mapping[str, str], version: str) -> list[MailError]:
    """What is wrong with these values. ``defaults`` and ``version`` may be empty when no Postfix is there to ask."""
    found = []
    for name, value in values.items():
        if "$" in value:
            continue
        wrong = _wrong(name, value, defaults.get(name, ""), version)
        if wrong:
            found.append(MailError(wrong[0], where=name, mend=wrong[1]))
    return found + _sizes({**{name: defaults.get(name, "") for name in _SIZES}, **values})


def unknown(name: str, known: Iterable[str], version: str) -> MailError:
    """The error for a parameter that this Postfix does not use, with the near miss or the release that brings it."""
    if name in INTRODUCED:
        return MailError(
            f"this Postfix ({version}) does not have the parameter",
            where=name,
            mend=f"It came with {INTRODUCED[name]}.",
        )
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)
    mend = f"Did you mean '{near[0]}'?" if near else "Nothing in main.cf or master.cf uses it."
    return MailError(f"unknown parameter '{name}'", where="main.cf", mend=mend)


def _wrong(name: str, value: str, default: str, version: str) -> tuple[str, str] | None:
    """What is wrong with one value and how to mend it."""
    if name in _WORDS:
        words = _WORDS[name]
        return (
            None if value in words or not value else (f"'{value}' is not possible", f"Use one of {', '.join(words)}.")
        )
    if name == "mynetworks" or name.endswith("_mynetworks"):
        return _networks(value)
    if name == "inet_protocols":
        bad = [word for word in main_cf.words(value) if word not in ("all", "ipv4", "ipv6")]
        return (f"'{bad[0]}' is not possible", "Use all, ipv4, ipv6 or a list of these.") if bad or not value else None
    if name.endswith(("_tls_protocols", "_tls_mandatory_protocols")):
        return _protocols(value, version)
    if name.endswith(("bind_address", "bind_address6")):
        return _bind_address(name, value)
    return _typed(name, value, default)


def _typed(name: str, value: str, default: str) -> tuple[str, str] | None:
    """Booleans, numbers, times and reply codes; the kind is that of the default."""
    if name in _FREE:
        return None
    if default in BOOLEAN or name in _KNOWN_BOOLEANS:
        return None if value in BOOLEAN else (f"'{value}' is not possible", "Use yes or no.")
    if name.endswith("_code") and re.fullmatch(r"[45]\d\d", default):
        return None if re.fullmatch(r"[45]\d\d", value) else (f"'{value}' is no reply code", "Use 400 to 599.")
    if re.fullmatch(r"\d+", default) or name in _AT_LEAST_ONE or name in _SIZES:
        low = 1 if name in _AT_LEAST_ONE else 0
        if not re.fullmatch(r"\d{1,18}", value) or int(value) < low:
            return f"'{value}' is not possible", f"Use an integer of at least {low}, without a unit."
    elif re.fullmatch(r"\d+[smhdw]", default) or name in _AT_LEAST_ONE_SECOND:
        low = 1 if name in _AT_LEAST_ONE_SECOND else 0
        if not TIME.fullmatch(value) or int(re.sub(r"\D", "", value)) < low:
            return f"'{value}' is no time", f"Use a number of at least {low} with one of the units s, m, h, d, w."
    return None


def _networks(value: str) -> tuple[str, str] | None:
    for word in main_cf.words(value):
        text = word.lstrip("!")
        if text.startswith("/") or re.match(r"[a-z]+:", text):
            continue
        bare = re.sub(r"\[(.*)\]", r"\1", text)
        try:
            wide = ipaddress.ip_network(bare, strict=False)
        except ValueError:
            return f"'{word}' is no network", "Write 192.0.2.0/24, [2001:db8::]/32, a file or a table."
        brackets = f"[{wide.network_address}]/{wide.prefixlen}" if wide.version == 6 else str(wide)
        if "/" in bare and ipaddress.ip_address(bare.partition("/")[0]) != wide.network_address:
            return f"'{word}' has host bits set", f"Did you mean '{brackets}'?"
        if wide.version == 6 and "[" not in text:
            return f"'{word}' lacks the brackets of IPv6", f"Did you mean '{brackets}'?"
    return None


def _protocols(value: str, version: str) -> tuple[str, str] | None:
    names = {"sslv2", "sslv3", "tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"}
    for word in main_cf.words(value):
        bound = word.startswith((">=", "<="))
        if word.lstrip("!<>=").lower() not in names and not (bound and re.fullmatch(r"[<>]=0[0-9a-fA-F]{2,4}", word)):
            return f"'{word}' is no TLS protocol", "Use SSLv2, SSLv3, TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3."
        if bound and version and as_numbers(version) < (3, 6):
            return (
                f"'{word}' needs Postfix 3.6, this is {version}, which would switch TLS off",
                "Exclude the old ones instead: !SSLv2, !SSLv3, !TLSv1, !TLSv1.1",
            )
    return None


def _bind_address(name: str, value: str) -> tuple[str, str] | None:
    try:
        address = ipaddress.ip_address(value.strip("[]")) if value else None
    except ValueError:
        return f"'{value}' is no address", "Write an IP address of this host."
    if address and address.version != (6 if name.endswith("6") else 4):
        return f"'{value}' is of the wrong address family", ""
    return None


def _sizes(values: Mapping[str, str]) -> list[MailError]:
    """local(8) and virtual(8) refuse to deliver when the mailbox may hold less than one message."""
    message = values.get("message_size_limit", "")
    found = []
    for name in ("mailbox_size_limit", "virtual_mailbox_limit"):
        mailbox = values.get(name, "")
        if not (message.isdigit() and mailbox.isdigit()) or mailbox == "0":
            continue
        if int(message) == 0 or int(mailbox) < int(message):
            found.append(
                MailError(
                    f"{mailbox} bytes hold less than one message (message_size_limit = {message})",
                    where=name,
                    mend=f"Raise {name} or set it to 0 (no limit).",
                )
            )
    return found


def as_numbers(version: str) -> tuple[int, ...]:
    """``3.10.13`` as (3, 10, 13)."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
