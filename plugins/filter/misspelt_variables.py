# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelt_variables
short_description: Names of variables that this collection would pass over in silence
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Compares names of variables with those that the roles or playbooks of this collection know, and tells which are
    misspelt, and which ask for something that a mail server cannot do.
  - Other names are left alone, also those that begin with C(mail_), C(postfix_) or C(dovecot_).
positional: _input
options:
  _input:
    description: The names, as the lookup P(ansible.builtin.varnames#lookup) finds them.
    type: list
    elements: str
    required: true
  of:
    description:
      - C(roles) compares with the variables of an inventory, C(playbooks) with those that a playbook is run with, such
        as C(lock_accounts) or C(mail_queue_sender). Of the latter, every unknown one is told that begins with
        C(mail_queue_).
    type: str
    choices: [roles, playbooks]
    default: roles
  own:
    description: Names that only look like misspelt ones; a list, or one text with commas.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse misspelt variables
  ansible.builtin.assert:
    that: misspelt | length == 0
    fail_msg: "{{ misspelt | join(' ') }}"
  vars:
    misspelt: "{{ lookup('ansible.builtin.varnames', '^(mail|postfix|dovecot|rspamd)_', wantlist=True)
      | mailops.mailserver.misspelt_variables(own=['mail_domain']) }}"

- name: Refuse misspelt filters of the queue
  ansible.builtin.assert:
    that: misspelt | length == 0
    fail_msg: "{{ misspelt | join(' ') }}"
  vars:
    misspelt: "{{ lookup('ansible.builtin.varnames', '^mail_queue_', wantlist=True)
      | mailops.mailserver.misspelt_variables(of='playbooks') }}"
"""

RETURN = r"""
_value:
  description: One text per name; it says what is wrong and what is probably meant.
  type: list
  elements: str
  sample: ["mail_domian: no such variable. Did you mean 'mail_domains'?"]
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.mailops.mailserver.plugins.module_utils._mail import variables

_JUDGES = {"roles": variables.faults, "playbooks": variables.playbook_faults}
_ROLES = Path(__file__).resolve().parents[2] / "roles"


@functools.cache
def known_variables() -> frozenset[str]:
    """The variables of all roles, by their argument specs."""
    specs = [yaml_load(path.read_text(encoding="utf-8")) for path in _ROLES.glob("*/meta/argument_specs.yml")]
    entries = [entry for spec in specs for entry in spec["argument_specs"].values()]
    return frozenset(name for entry in entries for name in entry.get("options", {}))


def misspelt_variables(names: Sequence[str], own: Sequence[str] | str = (), of: str = "roles") -> list[str]:
    """See DOCUMENTATION."""
    if of not in _JUDGES:
        raise AnsibleFilterError(f"misspelt_variables: of: '{of}' is not one of {', '.join(_JUDGES)}")
    excepted = [name.strip() for name in own.split(",")] if isinstance(own, str) else own
    return [fault.message for fault in _JUDGES[of](names, known_variables(), own=excepted)]


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"misspelt_variables": misspelt_variables}
