# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: zone_text
short_description: Write DNS records as a fragment of a zone file
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Writes records as name servers such as BIND, NSD and Knot read them (RFC 1035, section 5). Names are whole, and long
    texts are cut into strings of 255 octets.
positional: _input, zone
options:
  _input:
    description: The records, as filter P(mailops.mailserver.dns_records#filter) gives them under C(records).
    type: list
    elements: dict
    required: true
  zone:
    description:
      - Only records of this zone are written.
      - Without it all are written; those that stand in the zones of others, such as reverse names, as comments.
    type: str
    default: ''
seealso:
  - plugin: mailops.mailserver.dns_records
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write a file that the zone includes
  ansible.builtin.copy:
    content: "{{ wanted.records | mailops.mailserver.zone_text('example.com') }}"
    dest: /etc/bind/mail.example.com.inc
    mode: '0644'
"""

RETURN = r"""
_value:
  description: The lines.
  type: str
"""

from collections.abc import Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import record
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import zone as _zone
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def zone_text(records: Sequence[Any], zone: str = "") -> str:
    """See DOCUMENTATION."""
    try:
        return _zone.text(record.read_all(records), zone=record.name(zone, where="zone") if zone else "")
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"zone_text": zone_text}
