#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_dnsbl_info
short_description: Whether DNS lists of mail clients can be used from a host
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Asks each list about C(127.0.0.2), which every list has, and C(127.0.0.1), which none has (RFC 5782, section 5),
    with the resolver of the host.
  - A list that blocks the resolver, is no more, or answers about everybody would refuse all mail or none. It is
    reported as not fit, with the reason.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
options:
  zones:
    description: The lists, such as V(zen.example.org).
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Try two lists from the host
  mailops.mailserver.mail_dnsbl_info:
    zones: [bl.example.org, dnsbl.example.net]
  register: lists

- name: Say which cannot be used
  ansible.builtin.debug:
    msg: "{{ item.zone }}: {{ item.reason }}"
  loop: "{{ lists.zones | rejectattr('fit') }}"
"""

RETURN = r"""
zones:
  description: One entry per list, in the order of O(zones).
  returned: success
  type: list
  elements: dict
  contains:
    zone:
      description: The list.
      type: str
    fit:
      description: Whether it can be used.
      type: bool
    reason:
      description: Why not, or that nobody answered; empty when it passed.
      type: str
  sample: [{zone: bl.example.org, fit: false, reason: 'it does not answer about 127.0.0.2, which every list has'}]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import dnsbl


def work(module: AnsibleModule) -> Outcome:
    """Ask all lists."""
    return Outcome([], {"zones": [found._asdict() for found in dnsbl.test(module.params["zones"])]})


def main() -> None:
    spec = {"zones": {"type": "list", "elements": "str", "required": True}}
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
