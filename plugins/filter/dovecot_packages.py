# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dovecot_packages
short_description: Which Dovecot packages are missing and which configuration syntax Dovecot has
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Reads the output of C(apt-cache policy). The version is that of the installed dovecot-core, else of the one that apt
    would install.
  - Fails when there is neither, or when that version is neither 2.3 nor 2.4.
positional: _input
options:
  _input:
    description: What C(apt-cache policy) printed for the packages, in the C locale.
    type: str
    required: true
  wanted:
    description: The packages that must be there.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Ask the package manager
  ansible.builtin.command: apt-cache policy dovecot-core dovecot-imapd
  register: policy
  changed_when: false

- name: Show the syntax
  ansible.builtin.debug:
    msg: "{{ (policy.stdout | mailops.mailserver.dovecot_packages(['dovecot-core', 'dovecot-imapd'])).syntax }}"
"""

RETURN = r"""
_value:
  description:
    - The names under C(missing), the package version of dovecot-core under C(version), whether it is C(installed), and
      V(2.3) or V(2.4)
      under C(syntax).
  type: dict
"""

from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dovecot import packages
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def dovecot_packages(policy: str, wanted: list[str]) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        return packages.read(policy, wanted)._asdict()
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dovecot_packages": dovecot_packages}
