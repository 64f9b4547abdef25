# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dkim_records
short_description: The DNS records of DKIM keys, to ask whether they are seen
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives the records of keys to M(mailops.mailserver.mail_dns_info), whose answer filter
    P(mailops.mailserver.dkim_rotation#filter) takes. Also those of keys that are retired, which may still be there.
  - What is to be published, and what no longer, says filter P(mailops.mailserver.dns_records#filter).
positional: _input, domains
options:
  _input:
    description: The keys as RV(mailops.mailserver.mail_dkim_key_info#module:dkim_keys) has them.
    type: list
    elements: dict
    required: true
  domains:
    description: The domains that are meant. The default is all.
    type: list
    elements: str
seealso:
  - plugin: mailops.mailserver.dkim_rotation
    plugin_type: filter
  - module: mailops.mailserver.mail_dns_info
"""

EXAMPLES = r"""
- name: Read the keys
  mailops.mailserver.mail_dkim_key_info:
  register: dkim

- name: Ask for their records
  mailops.mailserver.mail_dns_info:
    records: "{{ dkim.dkim_keys | mailops.mailserver.dkim_records }}"
"""

RETURN = r"""
_value:
  description: The records, with C(name), C(type), C(values), C(purpose) and C(domain).
  type: list
  elements: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import sight
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def dkim_records(keys: Sequence[Mapping[str, Any]], domains: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    try:
        return sight.questions(keys, only=None if domains is None else frozenset(domains))
    except MailError as error:
        raise AnsibleFilterError(f"dkim_records: {error.message}") from None


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dkim_records": dkim_records}
