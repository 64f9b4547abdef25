# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dovecot_lookups
short_description: The SQL queries that Dovecot runs against the account store
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives the password, user and iterate queries for the account store of this collection, each on one line, in the
    notation
    of the given Dovecot version.
positional: _input
options:
  _input:
    description: The syntax of the Dovecot configuration.
    type: str
    required: true
    choices: ['2.3', '2.4']
  default_domain:
    description:
      - With a domain, a login name without C(@) is that domain's account, as long as no other domain has an account of
        the same name.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Show the password query for Dovecot 2.4
  ansible.builtin.debug:
    msg: "{{ ('2.4' | mailops.mailserver.dovecot_lookups).password_query }}"
"""

RETURN = r"""
_value:
  description: The queries under C(password_query), C(user_query) and C(iterate_query).
  type: dict
"""

from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._store import lookups


def dovecot_lookups(syntax: Any, default_domain: str = "") -> dict[str, str]:
    """See DOCUMENTATION."""
    if syntax not in ("2.3", "2.4"):
        raise AnsibleFilterError(f"dovecot_lookups: '{syntax}' is not a known Dovecot syntax. Use 2.3 or 2.4.")
    try:
        return lookups.dovecot(syntax, default_domain=default_domain)._asdict()
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dovecot_lookups": dovecot_lookups}
