# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of access restriction lists (SMTPD_ACCESS_README): a misspelt one answers every recipient with 451."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from .._errors import MailError

LISTS = tuple(
    f"smtpd_{stage}_restrictions"
    for stage in ("client", "helo", "sender", "relay", "recipient", "data", "end_of_data", "etrn")
)
_ALONE = {
    "permit",
    "reject",
    "defer",
    "defer_if_permit",
    "defer_if_reject",
    "warn_if_reject",
    "permit_mynetworks",
    "permit_inet_interfaces",
    "permit_sasl_authenticated",
    "permit_tls_all_clientcerts",
    "permit_tls_clientcerts",
    "permit_auth_destination",
    "permit_mx_backup",
    "reject_unauth_destination",
    "defer_unauth_destination",
    "reject_unauth_pipelining",
    "reject_plaintext_session",
    "reject_multi_recipient_bounce",
    "reject_invalid_helo_hostname",
    "reject_non_fqdn_helo_hostname",
    "reject_unknown_helo_hostname",
    "reject_unknown_client_hostname",
    "reject_unknown_reverse_client_hostname",
    "reject_unknown_forward_client_hostname",
    "reject_non_fqdn_sender",
    "reject_unknown_sender_domain",
    "reject_unlisted_sender",
    "reject_unverified_sender",
    "reject_sender_login_mismatch",
    "reject_authenticated_sender_login_mismatch",
    "reject_known_sender_login_mismatch",
    "reject_unauthenticated_sender_login_mismatch",
    "reject_non_fqdn_recipient",
    "reject_unknown_recipient_domain",
    "reject_unlisted_recipient",
    "reject_unverified_recipient",
    "permit_naked_ip_address",
    "reject_invalid_hostname",
    "reject_non_fqdn_hostname",
    "reject_unknown_hostname",
    "reject_unknown_client",
    "reject_unknown_address",
    "reject_maps_rbl",
    "check_recipient_maps",
}
_WITH_ARGUMENT = {
    "check_policy_service",
    "check_etrn_access",
    "check_ccert_access",
    "check_sasl_access",
    "check_reverse_client_hostname_access",
    "reject_rbl_client",
    "permit_dnswl_client",
    "permit_rhswl_client",
    "sleep",
    *(f"reject_rhsbl_{what}" for what in ("client", "reverse_client", "helo", "sender", "recipient")),
    *(f"check_{what}_access" for what in ("client", "helo", "sender", "recipient")),
    *(
        f"check_{what}_{record}_access"
        for what in ("client", "reverse_client_hostname", "helo", "sender", "recipient")
        for record in ("a", "mx", "ns")
    ),
}
_ENDS_RELAY = {"reject_unauth_destination", "defer_unauth_destination", "reject", "defer", "defer_if_permit"}


def faults(values: Mapping[str, str], defaults: Mapping[str, str]) -> list[MailError]:
    """Misspelt words in the restriction lists and restriction classes of ``values``, and a relay list that never ends.

    ``defaults`` fill what ``values`` does not set; they may be empty.
    """
    classes = set(words(values.get("smtpd_restriction_classes", "")))
    found = []
    for name in (*LISTS, *sorted(classes)):
        error = _misspelt(name, values.get(name, ""), classes)
        if error:
            found.append(error)
    lists = [
        values.get(name, defaults.get(name, ""))
        for name in ("smtpd_relay_restrictions", "smtpd_recipient_restrictions")
    ]
    if any(map(words, lists)) and not any(_decides(value, values, classes) for value in lists):
        found.append(
            MailError(
                "neither this list nor smtpd_recipient_restrictions decides about strangers, so smtpd refuses to run",
                where="smtpd_relay_restrictions",
                mend="End it with reject_unauth_destination.",
            )
        )
    return found


def _decides(value: str, values: Mapping[str, str], classes: set[str]) -> bool:
    """True for a list that refuses somebody, by itself or by a restriction class; ``$name`` is taken at its word."""
    return any(
        word in _ENDS_RELAY
        or "$" in word
        or (word in classes and _decides(values.get(word, ""), values, classes - {word}))
        for word in words(value)
    )


def _misspelt(name: str, value: str, classes: set[str]) -> MailError | None:
    left = iter(words(value))
    for word in left:
        lower = word.lower()
        if lower in _WITH_ARGUMENT:
            if next(left, None) is None:
                return MailError(f"'{word}' needs an argument", where=name)
        elif lower not in _ALONE and word not in classes and not re.search(r"[:/$]", word):
            near = difflib.get_close_matches(lower, sorted(_ALONE | _WITH_ARGUMENT | classes), n=1, cutoff=0.75)
            return MailError(
                f"'{word}' is not a restriction",
                where=name,
                mend=f"Did you mean '{near[0]}'?" if near else "See the Postfix manual page postconf(5).",
            )
    return None


def with_argument(word: str, left: Iterator[str]) -> str:
    """A restriction with the argument that follows it in ``left``, if it takes one."""
    return f"{word} {next(left, '')}".strip() if word.lower() in _WITH_ARGUMENT else word


def words(value: str) -> list[str]:
    """Split at commas and white space; ``{ … }`` is one word."""
    return re.findall(r"[^\s,{}]*\{(?:[^{}]|\{[^{}]*\})*\}|[^\s,{}]+", value)
