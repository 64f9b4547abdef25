# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dovecot_settings
short_description: Check the variables of role dovecot and work out what its templates need
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Checks the ranges and the combination of the variables of role P(mailops.mailserver.dovecot#role) and derives the
    services, processes, folders
    and warnings from them. Fails with a message that names the variable, its value and what is allowed.
positional: _input
options:
  _input:
    description: The role's variables without the prefix C(dovecot_).
    type: dict
    required: true
  memory_mb:
    description: The memory of the host in MiB; V(0) when it is not known, which skips the capacity check.
    type: int
    default: 0
  cpus:
    description: The number of processors of the host.
    type: int
    default: 1
"""

EXAMPLES = r"""
- name: Check the connection limits
  ansible.builtin.debug:
    msg: "{{ (__dovecot_variables | mailops.mailserver.dovecot_settings(memory_mb=1024)).warnings }}"
"""

RETURN = r"""
_value:
  description:
    - The keys C(tls), C(protocols), C(logins), C(backends), C(auth_client_limit), C(anvil_client_limit),
      C(max_user_ip), C(folders), C(quota_warnings), C(quota_grace), and the sentences under C(warnings) that an
      administrator should read.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dovecot import settings
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def dovecot_settings(variables: Mapping[str, Any], memory_mb: int = 0, cpus: int = 1) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        return settings.plan(variables, memory_mb=int(memory_mb), cpus=int(cpus))
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dovecot_settings": dovecot_settings}
