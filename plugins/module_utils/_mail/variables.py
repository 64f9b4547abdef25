# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of variables that would be passed over in silence: misspelt ones, and wishes that cannot be granted."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import NamedTuple

from .._errors import MailError

# Below this likeness, other people's names such as mail_domain_names are taken for misspelt ones of ours.
_LIKENESS = 0.9
# A playbook has few words, and acts on what is left out.
_WORD_LIKENESS = 0.8
_OURS_ALONE = "mail_queue_"
_DAEMONS = ("mail", "postfix", "dovecot", "courier", "rspamd", "fail2ban")

# Variables of the playbooks: no argument spec has them, and a name that is only like theirs is nobody's mistake.
PLAYBOOKS = frozenset(
    {
        "lock_accounts",
        "lock_archive_to",
        "lock_delete_queued",
        "lock_held",
        "lock_keep_password",
        "lock_log_since",
        "lock_new_password",
        "lock_notice_to",
        "lock_reason",
        "lock_stop_scripts",
        "mail_dkim_publish_wait",
        "mail_dkim_queue_lifetime",
        "mail_dkim_rotate_after",
        "mail_dns_address_lists",
        "mail_dns_addresses",
        "mail_dns_domain_lists",
        "mail_dns_from",
        "mail_dns_key_algorithm",
        "mail_dns_key_name",
        "mail_dns_key_secret",
        "mail_dns_only",
        "mail_dns_own_servers",
        "mail_dns_port",
        "mail_dns_resolvers",
        "mail_dns_server",
        "mail_dns_state",
        "mail_dns_strict",
        "mail_dns_total_time",
        "mail_dns_zone",
        "mail_hosts",
        "mail_queue_action",
        "mail_queue_archive_to",
        "mail_queue_client_address",
        "mail_queue_everything",
        "mail_queue_ids",
        "mail_queue_larger_than",
        "mail_queue_limit",
        "mail_queue_login",
        "mail_queue_max_messages",
        "mail_queue_newer_than",
        "mail_queue_older_than",
        "mail_queue_queues",
        "mail_queue_reason",
        "mail_queue_recipient",
        "mail_queue_recipient_domain",
        "mail_queue_sender",
        "mail_queue_smaller_than",
        "mail_queue_top",
        "mail_verify_accounts",
        "mail_verify_address",
        "mail_verify_delivery_timeout",
        "mail_verify_from",
        "mail_verify_hosts",
        "mail_verify_limit",
        "mail_verify_min_days",
        "mail_verify_ports",
        "mail_verify_warn_days",
        "report_file",
        "report_language",
        "report_min_days",
        "report_networks",
        "report_own_domains",
        "report_since",
        "report_time_zone",
        "report_title",
        "report_top",
        "report_until",
        "rotate_accounts",
        "rotate_domains",
        "rotate_file",
        "rotate_gpg_recipient",
        "rotate_groups",
        "rotate_vault_password",
        "security_advisories",
        "security_ignore",
        "security_refresh",
        "security_report_only",
        "security_severities",
        "security_upgrade",
        "switch_keep_days",
        "switch_phase",
        "switch_sample",
        "switch_stop_sample",
    }
)


class Refusal(NamedTuple):
    """Why something cannot be had, and what to do instead."""

    reason: str
    mend: str


_POP_BEFORE_SMTP = Refusal(
    "a POP3 login would open the relay to everybody behind the same address, and neither Postfix nor Dovecot does it "
    "by itself",
    "Let clients log in on port 587 or 465.",
)
_INSTALLED = Refusal(
    "certificates are not used in place but installed, once they are found to be right",
    "Write mail_certificates: [{names: [mx.example.com], certificate_file: ..., key_file: ...}].",
)
# What administrators of other servers ask for.
NOT_POSSIBLE = {
    "mail_pop_before_smtp": _POP_BEFORE_SMTP,
    "mail_tls_certificate_file": _INSTALLED,
    "mail_tls_key_file": _INSTALLED,
    "postfix_pop_before_smtp": _POP_BEFORE_SMTP,
    "postfix_sender_domain_lookup": Refusal(
        "Postfix asks for MX, A and AAAA records of a sender's domain, nothing else; many DNS servers do not answer "
        "ANY (RFC 8482), and an SOA record does not say whether a domain takes mail",
        "Leave it out.",
    ),
    "postfix_session_max_minutes": Refusal(
        "Postfix has no limit for a whole session",
        "Bound each command and the rate of data: postfix_request_deadline, postfix_minimum_data_rate, "
        "postfix_client_timeout, postfix_junk_command_limit.",
    ),
    "postfix_store_incomplete_mail": Refusal(
        "Postfix never keeps a message whose end did not arrive: the sender keeps it and tries again (RFC 5321, "
        "section 4.1.1.4), so that it would arrive twice",
        "Leave it out.",
    ),
}


def faults(found: Iterable[str], known: Collection[str], *, own: Collection[str] = ()) -> list[MailError]:
    """What is wrong with the names ``found`` in an inventory.

    ``known`` are the roles' variables, ``own`` the inventory's own that only look like misspelt ones. A name that is
    not near to a known one is nobody's business here.
    """
    wrong = []
    for name in sorted({*found} - {*known, *PLAYBOOKS, *own}):
        if name in NOT_POSSIBLE:
            refusal = NOT_POSSIBLE[name]
            wrong.append(MailError(refusal.reason, where=name, mend=refusal.mend))
            continue
        near = _near(name, known)
        if near:
            wrong.append(MailError("no such variable", where=name, mend=f"Did you mean '{near}'?"))
    return wrong


def playbook_faults(found: Iterable[str], known: Collection[str], *, own: Collection[str] = ()) -> list[MailError]:
    """The same for the names ``found`` that begin as those of a playbook do.

    A filter of the queue that nothing reads would let the others mean more messages, so any unknown one is refused.
    """
    wrong = []
    for name in sorted({*found} - {*known, *PLAYBOOKS, *own}):
        near = _word(name)
        if near or name.startswith(_OURS_ALONE):
            mend = f"Did you mean '{near}'?" if near else "Leave it out."
            wrong.append(MailError("no such variable", where=name, mend=mend))
    return wrong


def _word(name: str) -> str:
    """The playbook's variable that is meant, or an empty string. Each may be the beginning of the other."""
    likeness = _LIKENESS if name.startswith("mail_") else _WORD_LIKENESS
    begun = [word for word in sorted(PLAYBOOKS) if word.startswith(f"{name}_") or name.startswith(f"{word}_")]
    close = begun or difflib.get_close_matches(name.lower(), sorted(PLAYBOOKS), n=1, cutoff=likeness)
    return close[0] if close and _digits(close[0]) == _digits(name) else ""


def _near(name: str, known: Collection[str]) -> str:
    """The known name that is meant, or an empty string."""
    forms = _forms(name)
    meant = [other for other in sorted(known) if forms & _forms(other)]
    if meant:
        return max(meant, key=lambda other: difflib.SequenceMatcher(None, name, other).ratio())
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=_LIKENESS)
    return close[0] if close and _digits(close[0]) == _digits(name) else ""


def _forms(name: str) -> set[str]:
    """What stays of a name when its daemon is wrong, or its underscores, its plurals or the order of its words."""
    daemon, _underscore, rest = name.lower().partition("_")
    words = [word for word in rest.split("_") if word and word not in _DAEMONS]
    if daemon not in _DAEMONS or not words:
        return set()
    return {"".join(words), " ".join([daemon, *sorted(word.rstrip("s") for word in words)])}


def _digits(name: str) -> str:
    """The digits of a name: mail_domains_2 is one more list, no slip of the fingers."""
    return "".join(character for character in name if character.isdigit())
