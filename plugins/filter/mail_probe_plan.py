# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_probe_plan
short_description: What to probe on a mail server, from its mail domains
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Turns C(mail_domains) into the accounts and recipients that M(mailops.mailserver.mail_probe) takes.
  - It follows aliases, forwards, alias domains and catch-all addresses to the mailboxes where mail must end up. A
    message is only sent where every one of these mailboxes can be read with a plaintext password of the inventory;
    otherwise the probe asks at C(RCPT) and sends nothing.
positional: _input
options:
  _input:
    description: The list of mail domains.
    type: list
    elements: dict
    required: true
  limit:
    description: How many objects of each kind are taken at most (accounts, aliases, domains and so on).
    type: int
    default: 10
  only:
    description: Full addresses of the only accounts to log in as and write to. Empty for all.
    type: list
    elements: str
    default: []
  delimiter:
    description: The recipient delimiter of the server. Empty if it has none.
    type: str
    default: ''
  default_domain:
    description: The domain whose users may log in by their short name too. Empty if there is none.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Show whom the probe would write to
  ansible.builtin.debug:
    msg: "{{ (mail_domains | mailops.mailserver.mail_probe_plan(limit=5)).recipients }}"
"""

RETURN = r"""
_value:
  description:
    - The C(accounts) and C(recipients) for the options of the same name of M(mailops.mailserver.mail_probe), its
      C(foreign_address) and C(relay_domain), and C(notes) about what is left out. It holds passwords.
    - C(sender_domains), the domains that these accounts may write from.
  type: dict
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.inventory import directory
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.plan import plan


def mail_probe_plan(
    mail_domains: Any, limit: int = 10, only: Sequence[str] = (), delimiter: str = "", default_domain: str = ""
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        book = directory(mail_domains, today=date.today())
        return plan(
            book, limit=int(limit), only=list(only), delimiter=delimiter or "", default_domain=default_domain or ""
        )
    except MailError as error:
        raise AnsibleFilterError(f"mail_probe_plan: {error.message}") from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mail_probe_plan": mail_probe_plan}
