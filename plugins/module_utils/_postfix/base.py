# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every server has: its name, how it converses, and the mail that it keeps."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._mail import tls_policy
from .options import Options
from .part import Part

# If the answer is late, mail is accepted.
_QUOTA = "check_policy_service { unix:private/quota-status, timeout=5s, try_limit=1, default_action=DUNNO }"
# What a relay host or a route asks for. Without them it goes.
_OF_OTHER_SERVERS = (
    "smtp_sasl_auth_enable",
    "smtp_sasl_security_options",
    "smtp_sasl_tls_security_options",
)
_TABLES = ("domains", "mailboxes", "aliases", "senders", "refused", "locked")
_SOCKETS = ("auth", "dovecot-lmtp", "quota-status")


class Host(NamedTuple):
    """What other roles decide about the host. ``store`` is where the tables of the account store lie.

    ``tls_chain_files`` hold a key and its chain each, ``tls_names`` are names of clients' servers with such a file for
    each. ``tls_policy`` and ``tls_min_version`` are for clients of users. ``milter`` is the socket of the daemon that
    signs and checks mail, as Postfix names it; empty for none.
    """

    hostname: str
    domains: tuple[str, ...] = ()
    imap_server: str = "dovecot"
    recipient_delimiter: str = ""
    store: str = "/etc/postfix/accounts"
    table_type: str = "lmdb"
    tls_chain_files: tuple[str, ...] = ()
    tls_names: tuple[tuple[str, str], ...] = ()
    tls_policy: str = tls_policy.INTERMEDIATE
    tls_min_version: str = ""
    milter: str = ""

    def table(self, name: str) -> str:
        """A table of the account store, as a parameter names it."""
        return f"{self.table_type}:{self.store}/{name}"

    @property
    def expected_paths(self) -> list[str]:
        """What the configuration names and other tasks make."""
        return [
            *self.tls_chain_files,
            *(path for _name, path in self.tls_names),
            f"/etc/aliases.{self.table_type}",
            *(f"/var/spool/postfix/private/{name}" for name in _SOCKETS),
            *(f"{self.store}/{name}.{self.table_type}" for name in _TABLES),
        ]


def part(options: Options, host: Host) -> Part:
    """The parameters that are the same for a server and for a null client."""
    return Part(parameters={**_identity(options, host), **_conversation(), **dict.fromkeys(_OF_OTHER_SERVERS)})


def hosted(host: Host) -> Part:
    """Mail of the account store: who has a mailbox, and who takes it."""
    keeps = host.imap_server != "none"
    return Part(
        parameters={
            # A hosted domain is never a local one at the same time.
            "mydestination": [name for name in (host.hostname, "localhost") if name not in host.domains],
            "virtual_mailbox_domains": [host.table("domains")],
            "virtual_mailbox_maps": [host.table("mailboxes")],
            "virtual_alias_domains": [],
            "virtual_alias_maps": [host.table("aliases")],
            # What the store wants thrown away.
            "transport_maps": ["inline:{ { discard.invalid = discard: } }"],
            # Without a server that keeps mailboxes, mail for them is refused at RCPT time; forwards and aliases work.
            "virtual_transport": "lmtp:unix:private/dovecot-lmtp"
            if keeps
            else "error:5.2.1 This server keeps no mailboxes",
            "smtpd_sender_login_maps": [host.table("senders")],
            # AUTH is Dovecot's.
            "smtpd_sasl_type": "dovecot",
            "smtpd_sasl_path": "private/auth",
            "smtpd_sasl_security_options": ["noanonymous"],
            "smtpd_tls_auth_only": True,
        }
    )


def login_checks(host: Host) -> list[str]:
    """Who is locked after having logged in sends nothing more, not with an empty sender either, and is hung up on."""
    return [f"check_sasl_access {host.table('locked')}"]


def recipient_checks(host: Host) -> list[str]:
    """Whom this server knows and whose mailbox has room, asked while the sender is still connected."""
    known = [
        "reject_non_fqdn_recipient",
        f"check_recipient_access {host.table('refused')}",
        "reject_unlisted_recipient",
    ]
    return [*known, *([_QUOTA] if host.imap_server != "none" else [])]


def _identity(options: Options, host: Host) -> dict[str, Any]:
    aliases = [f"{host.table_type}:/etc/aliases"]
    return {
        # Compatibility with the release's own defaults; 3.5 knows whole numbers only.
        "compatibility_level": "3.6" if options.has("3.6") else "2",
        "myhostname": host.hostname,
        "inet_interfaces": "all",
        "inet_protocols": options.word("inet_protocols", ("all", "ipv4", "ipv6")),
        "smtp_address_preference": options.word("address_preference", ("any", "ipv4", "ipv6")),
        "append_dot_mydomain": False,
        "biff": False,
        "recipient_delimiter": host.recipient_delimiter,
        "alias_maps": aliases,
        "alias_database": aliases,
    }


def _conversation() -> dict[str, Any]:
    return {
        "smtpd_banner": "$myhostname ESMTP",
        "strict_rfc821_envelopes": True,
        "smtpd_etrn_restrictions": ["reject"],
        "allow_percent_hack": False,
        "swap_bangpath": False,
        "smtpd_data_restrictions": ["reject_unauth_pipelining"],
    }
