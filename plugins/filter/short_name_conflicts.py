# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: short_name_conflicts
short_description: Account names that cannot be used as short login names
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Lists the accounts of the default domain whose name also exists in another domain. Such a name alone does not say
    whose mailbox is meant,
    and with hashed passwords nobody can tell whether the passwords differ.
positional: _input
options:
  _input:
    description: The domains with their accounts, as in the variable C(mail_domains).
    type: list
    elements: dict
    required: true
  default_domain:
    description: The domain whose accounts may log in with their short name. Without it there are no conflicts.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Refuse ambiguous short names
  ansible.builtin.assert:
    that: conflicts | length == 0
    fail_msg: "{{ conflicts | join('; ') }}"
  vars:
    conflicts: "{{ mail_domains | mailops.mailserver.short_name_conflicts(default_domain='example.com') }}"
"""

RETURN = r"""
_value:
  description: One text per conflict that names the accounts, such as C(info@example.com and info@example.net).
  type: list
  elements: str
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import login_name


def short_name_conflicts(domains: Sequence[Mapping[str, Any]], default_domain: str = "") -> list[str]:
    """See DOCUMENTATION."""
    try:
        return login_name.conflicts(domains, default_domain)
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"short_name_conflicts": short_name_conflicts}
