# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS in both directions: which certificate clients are shown, and what may be spoken with whom."""

from __future__ import annotations

from typing import Any

from .._mail import tls_policy
from . import part as parts
from .base import Host
from .options import Options
from .part import Elements, Part, Places, Table

LEVELS = ("may", "encrypt", "dane")
# Settings of OpenSSL itself. The role writes the file.
LIBRARY_FILE, _LIBRARY_NAME = "/etc/postfix/openssl.cnf", "postfix"
_KNOWS_LIBRARY_FILE = ("3.5.20", "3.6.10", "3.7.6", "3.8.1", "3.9")

# The exclusion list is understood by every release; the newer '>=TLSv1.2' would switch TLS off in 3.5.
_OLD_PROTOCOLS = {
    tls_policy.TLS_1_2: ["!SSLv2", "!SSLv3", "!TLSv1", "!TLSv1.1"],
    tls_policy.TLS_1_3: ["!SSLv2", "!SSLv3", "!TLSv1", "!TLSv1.1", "!TLSv1.2"],
}
# The authorities that the distribution trusts; smtp(8) reads them before it enters its chroot.
_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
# Where postfix-mta-sts-resolver listens. What an administrator says of a destination stands before it.
_MTA_STS = "socketmap:inet:127.0.0.1:8461:postfix"


def part(options: Options, host: Host, *, at: Places) -> Part:
    """Certificates for each name, offered to everybody; old protocols to nobody. Raises MailError."""
    names = Table("tls_sni", _rows(host), parts.TEXT)
    return Part(
        parameters={
            "smtpd_tls_chain_files": list(host.tls_chain_files),
            "tls_server_sni_maps": at.of(names) if names.rows else None,
            **_incoming(host),
            **_outgoing(options),
            **_library(options),
        },
        elements={"smtp_tls_policy_maps": _policies(options)},
        tables=[names],
    )


def entrance(options: Options) -> dict[str, Any]:
    """What each service says for itself with which clients speak TLS.

    Postfix hands the level of security in the list of suites to the certificate without SNI alone, and OpenSSL would
    sign with SHA-1 for clients that name another one. In main.cf it would bind mail to old servers as well.
    """
    if not options.has(*_KNOWS_LIBRARY_FILE):
        return {}
    return {"tls_config_file": LIBRARY_FILE, "tls_config_name": _LIBRARY_NAME}


def _rows(host: Host) -> tuple[tuple[str, str], ...]:
    """Postfix looks for a name and then for its domain with a dot before it."""
    return tuple({name.lower().removeprefix("*"): path for name, path in host.tls_names}.items())


def _incoming(host: Host) -> dict[str, Any]:
    """Port 25 speaks with every server that can keep a secret; what is mandatory is for clients of users."""
    policy = tls_policy.read(host.tls_policy, host.tls_min_version)
    return {
        "smtpd_tls_security_level": "may",
        "smtpd_tls_protocols": _OLD_PROTOCOLS[tls_policy.TLS_1_2],
        "smtpd_tls_ciphers": "high",
        "smtpd_tls_mandatory_protocols": _OLD_PROTOCOLS[policy.min_version],
        "smtpd_tls_mandatory_ciphers": "high",
        "tls_high_cipherlist": ":".join(tls_policy.SUITES),
        "smtpd_tls_loglevel": 1,
        "smtpd_tls_received_header": True,
    }


def _outgoing(options: Options) -> dict[str, Any]:
    """To other servers: weak encryption is better than none where none is the alternative."""
    level = options.word("outgoing_tls", LEVELS)
    return {
        "smtp_tls_security_level": level,
        "smtp_dns_support_level": "dnssec" if level == "dane" else None,
        "smtp_tls_mandatory_protocols": _OLD_PROTOCOLS[tls_policy.TLS_1_2],
        "smtp_tls_CAfile": _AUTHORITIES,
        "smtp_tls_loglevel": 1,
    }


def _policies(options: Options) -> Elements:
    """Who asks for policies that domains publish (RFC 8461)."""
    if not options.switch("mta_sts"):
        return Elements(remove=(_MTA_STS,))
    if options.given["outgoing_tls"] == "dane":
        options.warn(
            "mta_sts",
            "the policy of a domain takes the place of its DANE records, which RFC 8461 does not want; write a route"
            f" with tls: dane-only in {options.prefix}routes for each domain that has both.",
        )
    return Elements(last=(_MTA_STS,))


def _library(options: Options) -> dict[str, Any]:
    return {
        "tls_preempt_cipherlist": True,
        "tls_ssl_options": ["NO_COMPRESSION", "NO_RENEGOTIATION"],
        "tls_eecdh_auto_curves": list(tls_policy.NEW_GROUPS if options.has("3.10") else tls_policy.GROUPS),
    }
