# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to mail whose sender's domain has neither MX nor A nor AAAA in DNS.

Postfix can refuse it itself. To mark it takes a policy service (SMTPD_POLICY_README), because access tables do not ask
DNS; it answers in smtpd_data_restrictions, once per message. A failing DNS marks and refuses nothing for good.
"""

from __future__ import annotations

from .._errors import MailError
from . import marks
from .part import Elements, Part, Places, merge

CHOICES = ("accept", "tag", "defer", "reject")
HEADER = "X-DNSEXISTS: FAIL"
SERVICE = "senderdomain"
SCRIPT = "/usr/local/lib/postfix-sender-domain"
_REFUSAL = "reject_unknown_sender_domain"
_POLICY = f"check_policy_service {{ unix:private/{SERVICE}, timeout=30s, try_limit=1, default_action=DUNNO }}"
# Longer than smtpd(8) keeps the connection, and an end for a process that hangs (enforced by Postfix 3.10 and later).
_TIME_LIMIT = "3600s"


def part(choice: str, *, at: Places, token: str, script: str = SCRIPT) -> Part:
    """The choice ``accept``, ``tag``, ``defer`` (450) or ``reject`` (550). Raises MailError for another one."""
    if choice not in CHOICES:
        mend = f"Use {', '.join(CHOICES)}."
        if choice in ("any", "soa"):
            mend += " Postfix looks for MX, A and AAAA; ANY queries are answered no more (RFC 8482)."
        raise MailError(f"'{choice}' is not possible", where="unknown sender domain", mend=mend)
    refuse, tag = choice in ("defer", "reject"), choice == "tag"
    service = {"name": SERVICE, "type": "unix"}
    if tag:
        columns = {"private": True, "unprivileged": False, "chroot": False, "process_limit": 0, "command": "spawn"}
        argv = ["user=nobody", "argv=/usr/bin/python3", script, marks.internal(HEADER, token=token)]
        service = {**service, **columns, "arguments": argv}  # type: ignore[dict-item]
    chosen = Part(
        parameters={
            "unknown_address_reject_code": 550 if choice == "reject" else None,
            f"{SERVICE}_time_limit": _TIME_LIMIT if tag else None,
        },
        elements={
            "smtpd_sender_restrictions": Elements(last=(_REFUSAL,)) if refuse else Elements(remove=(_REFUSAL,)),
            "smtpd_data_restrictions": Elements(last=(_POLICY,)) if tag else Elements(remove=(_POLICY,)),
        },
        services=[service if tag else {**service, "state": "absent"}],
    )
    return merge([chosen, marks.checks("access_sender_domain", [HEADER] if tag else [], token=token, at=at)])
