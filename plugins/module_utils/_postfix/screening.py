# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Postfix asks of a client on port 25 before it takes mail, and what it tells about itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import outgoing, relay
from .blocklists import ALLOWED, BLOCKED, Zone, unweighted, zones
from .options import Options
from .part import Part, Places, Table

_HELO = {
    "syntax": "reject_invalid_helo_hostname",
    "full_name": "reject_non_fqdn_helo_hostname",
    "resolves": "reject_unknown_helo_hostname",
}
_CLIENT_NAME = {
    "none": [],
    "reverse": ["reject_unknown_reverse_client_hostname"],
    "matching": ["reject_unknown_client_hostname"],
}
_KEYWORDS = (
    "8bitmime",
    "auth",
    "chunking",
    "dsn",
    "enhancedstatuscodes",
    "etrn",
    "pipelining",
    "size",
    "smtputf8",
    "starttls",
    "vrfy",
)
# For whom no list, no check of names and no other program counts.
TRUSTED = ("permit_mynetworks", "permit_sasl_authenticated")

_NULL_SENDER = "screen_null_sender"
_SENDERS = "screen_senders"
_RELAYED = "screen_recipients"


def part(options: Options, *, at: Places, sender_checks: Sequence[str] = ()) -> Part:
    """The parameters of main.cf and the tables. Raises MailError for values that cannot be.

    ``sender_checks`` are restrictions of access lists, which are only given a place here where users log in: an
    accepted sender is accepted of the user who owns it.
    """
    senders, tables = _senders(options, at, sender_checks)
    return Part(
        parameters={
            "smtpd_helo_required": options.switch("helo_required"),
            "smtpd_helo_restrictions": [
                "permit_mynetworks",
                *(_HELO[word] for word in options.words("helo_checks", tuple(_HELO))),
            ],
            "smtpd_client_restrictions": _clients(options),
            "smtpd_sender_restrictions": senders,
            "unverified_recipient_reject_code": 550 if options.switch("verify_relay_recipients") else None,
            "relay_domains": options.domains("relay_domains"),
            **_told(options),
        },
        if_known=_smuggling(options),
        tables=[*tables, _relayed(options)],
    )


def blocked(options: Options) -> list[Zone]:
    return zones(options, "dnsbl_zones", replies=BLOCKED)


def allowed(options: Options) -> list[Zone]:
    return zones(options, "dns_allow_zones", replies=ALLOWED, sign=-1)


def recipient_checks(options: Options, *, at: Places) -> list[str]:
    """The restriction that asks the next server whether a recipient exists, for the domains that are only relayed."""
    table = _relayed(options)
    return [f"check_recipient_access {at.of(table)}"] if table.rows else []


def _clients(options: Options) -> list[str]:
    """Trusted networks first: no list and no check of names counts for them. Bad lists are postscreen's where it is."""
    checks = list(_CLIENT_NAME[options.word("client_name_check", tuple(_CLIENT_NAME))])
    good, bad = allowed(options), blocked(options)
    if options.switch("postscreen"):
        bad = []
    else:
        unweighted(options, "dnsbl_zones", bad)
        unweighted(options, "dns_allow_zones", good)
    lists = [f"permit_dnswl_client {zone.filtered}" for zone in good] if bad or checks else []
    checks = [*lists, *checks, *(f"reject_rbl_client {zone.filtered}" for zone in bad)]
    return [*TRUSTED, *checks] if checks else []


def _senders(options: Options, at: Places, checks: Sequence[str]) -> tuple[list[str], Sequence[Table]]:
    null = Table(_NULL_SENDER)
    if not options.switch("null_sender_accepted"):
        null = Table(_NULL_SENDER, (("<>", "550 5.7.1 Mail without a sender is not taken here"),))
        options.warn(
            "null_sender_accepted",
            "bounces, receipts and address checks of other servers are refused, against RFC 5321 (sections 4.5.5 "
            "and 6.1).",
        )
    exempt = Table(_SENDERS, tuple((address, "OK") for address in _addresses(options, "unlisted_sender_exceptions")))
    unlisted = options.switch("unlisted_sender_refused") and not outgoing.is_refused(options.given.get("outgoing"))
    restrictions = [
        "reject_non_fqdn_sender",
        *(["reject_authenticated_sender_login_mismatch", *checks] if relay.is_login_on_port_25(options) else []),
        *([f"check_sender_access {at.of(null)}"] if null.rows else []),
        *TRUSTED,
        *([f"check_sender_access {at.of(exempt)}"] if exempt.rows and unlisted else []),
        *(["reject_unlisted_sender"] if unlisted else []),
    ]
    return restrictions, [null, exempt if unlisted else Table(_SENDERS)]


def _addresses(options: Options, name: str) -> list[str]:
    """Addresses and domains as an access table looks them up."""
    found = [item.lower() for item in options.strings(name)]
    for item in found:
        if not item.isascii() or any(character.isspace() for character in item) or item.count("@") > 1:
            raise options.fault(name, f"'{item}' is no address", "Write news@example.org or example.org.")
    return list(dict.fromkeys(item.removeprefix("@") for item in found))


def _relayed(options: Options) -> Table:
    if not options.switch("verify_relay_recipients"):
        return Table(_RELAYED)
    # relay_domains stands for subdomains, too; in an access table they have a key of their own.
    keys = [key for domain in options.domains("relay_domains") for key in (domain, f".{domain}")]
    return Table(_RELAYED, tuple((key, "reject_unverified_recipient") for key in keys))


def _told(options: Options) -> dict[str, Any]:
    """What the server offers in its answer to EHLO. What is hidden there still works when a client asks for it."""
    hidden = set(options.words("ehlo_keywords_hidden", _KEYWORDS))
    if not options.switch("dsn"):
        hidden.add("dsn")
    return {
        "disable_vrfy_command": not options.switch("vrfy"),
        "smtputf8_enable": options.switch("smtputf8"),
        "smtpd_discard_ehlo_keywords": [*sorted(hidden), *(["silent-discard"] if hidden else [])],
    }


def _smuggling(options: Options) -> dict[str, Any]:
    """Two protections that came with patch releases: what the installed one lacks is left out.

    Where both are missing, ``reject_unauth_pipelining`` and the missing CHUNKING remain.
    """
    wanted = options.word("bare_newline", ("normalize", "reject", "no"))
    if wanted == "reject" and not options.has("3.5.24", "3.6.14", "3.7.10", "3.8.5", "3.9"):
        raise options.fault("bare_newline", f"Postfix {options.version} cannot reject", "Write normalize.")
    if wanted == "no":
        options.warn("bare_newline", "smuggled mail can pass for mail of other servers.")
    return {
        # The releases that know no 'normalize' know 'yes', which is the same for the others.
        "smtpd_forbid_bare_newline": {"normalize": "yes", "reject": "reject", "no": "no"}[wanted],
        "smtpd_forbid_bare_newline_exclusions": options.networks("bare_newline_exceptions"),
        "smtpd_forbid_unauth_pipelining": options.switch("unauth_pipelining_forbidden"),
    }
