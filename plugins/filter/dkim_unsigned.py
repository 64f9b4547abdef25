# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dkim_unsigned
short_description: Name the domains whose mail is not to be signed
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives the domains of an inventory that say C(dkim=false), with their alias domains. Keys of theirs may be there
    still.
positional: _input
options:
  _input:
    description: The entries of C(mail_domains).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show whose mail is not signed
  ansible.builtin.debug:
    msg: "{{ mail_domains | mailops.mailserver.dkim_unsigned }}"
"""

RETURN = r"""
_value:
  description: Names of domains.
  type: list
  elements: str
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def dkim_unsigned(domains: Sequence[Mapping[str, Any]]) -> list[str]:
    """See DOCUMENTATION."""
    try:
        return wanted.unsigned(domains)
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dkim_unsigned": dkim_unsigned}
