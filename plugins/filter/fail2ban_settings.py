# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fail2ban_settings
short_description: Work out the files of fail2ban from the variables of role fail2ban
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Checks the variables of role P(mailops.mailserver.fail2ban#role) and gives the whole files with which fail2ban
    watches the mail daemons as they say. Fails with a message that names the variable, its value and what is allowed.
positional: _input, services
options:
  _input:
    description: The role's variables without the prefix C(fail2ban_), with C(own_addresses), C(trusted_networks) and
      C(ssh_journal).
    type: dict
    required: true
  services:
    description: Where users can log in - C(smtp), C(dovecot) and C(courier).
    type: list
    elements: str
    default: []
seealso:
  - module: mailops.mailserver.fail2ban_config
"""

EXAMPLES = r"""
- name: Show which files there would be
  ansible.builtin.debug:
    msg: "{{ words | mailops.mailserver.fail2ban_settings(['smtp', 'dovecot']) }}"
  vars:
    words:
      max_retry: 5
      find_time: 10m
      ban_time: 10m
      ban_time_increment: true
      ban_time_max: 1w
      ignore: [192.0.2.0/24]
      own_addresses: [192.0.2.25]
      trusted_networks: []
      ban_action: nftables
      ports: [465, 587, 993]
      log_files: []
      ssh_journal: false
"""

RETURN = r"""
_value:
  description:
    - C(files), C(jails), C(logs) and C(nftables) for the options of module M(mailops.mailserver.fail2ban_config).
    - C(warnings), sentences that an administrator should read.
  type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._fail2ban import settings


def fail2ban_settings(words: Mapping[str, Any], services: Sequence[str] = ()) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        return settings.plan(words, services)
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"fail2ban_settings": fail2ban_settings}
