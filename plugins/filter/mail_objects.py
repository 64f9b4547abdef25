# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_objects
short_description: Domains, accounts and aliases of a readable inventory
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Turns the variable C(mail_domains) into the lists that M(mailops.mailserver.mail_domain),
    M(mailops.mailserver.mail_account) and
    M(mailops.mailserver.mail_alias) take, with whole addresses.
  - Judges the inventory as a whole first. Anything wrong (an unknown option, a weak password, a loop, a target that
    does
    not exist) is an error that names it.
positional: _input
options:
  _input:
    description: The domains, each with C(name), options, C(accounts), C(aliases) and C(alias_domains).
    type: list
    elements: dict
    required: true
  postmaster:
    description: The address that gets the mail for postmaster and abuse of domains that have none of their own.
    type: str
    default: ''
  password_policy:
    description: As in M(mailops.mailserver.mail_account).
    type: dict
    default: {}
  delimiter:
    description: The characters that separate an address extension.
    type: str
    default: +
  restricted_domains:
    description: Domains that may not be created.
    type: list
    elements: str
    default: []
  dns:
    description: What all domains say of their DNS records, as the variable C(mail_dns). It is judged with what each
      domain says under C(dns).
    type: dict
    default: {}
  dkim:
    description: What all domains say of their DKIM keys, as the variable C(mail_dkim). It is judged with what each
      domain says under C(dkim).
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: List the addresses of all accounts
  ansible.builtin.debug:
    msg: "{{ (mail_domains | mailops.mailserver.mail_objects).accounts | map(attribute='name') }}"
"""

RETURN = r"""
_value:
  description: The lists under C(domains), C(accounts) and C(aliases).
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import subject
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import inventory, password


def mail_objects(
    mail_domains: Sequence[Mapping[str, Any]],
    *,
    postmaster: str = "",
    password_policy: Mapping[str, Any] | None = None,
    delimiter: str = "+",
    restricted_domains: Sequence[str] = (),
    dns: Mapping[str, Any] | None = None,
    dkim: Mapping[str, Any] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """See DOCUMENTATION."""
    try:
        found = inventory.objects(mail_domains, postmaster=postmaster)
        inventory.check(
            found,
            policy=password.policy(password_policy),
            delimiter=delimiter,
            restricted=restricted_domains,
        )
        subject.check(mail_domains, {} if dns is None else dns)
        wanted.check(mail_domains, {} if dkim is None else dkim)
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes
    return found


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mail_objects": mail_objects}
