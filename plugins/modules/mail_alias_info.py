#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_alias_info
short_description: Read the aliases of a mail server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns aliases and alias domains as the account store has them.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
  - mailops.mailserver.store
"""

EXAMPLES = r"""
- name: Read the aliases
  mailops.mailserver.mail_alias_info:
  register: result

- name: Name those that lead to Alice
  ansible.builtin.debug:
    msg: "{{ result.aliases | selectattr('to', 'contains', 'alice@example.com') | map(attribute='name') }}"
"""

RETURN = r"""
aliases:
  description: The aliases, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The address, or V(@domain) for an alias domain.
      type: str
      returned: success
      sample: sales@example.com
    to:
      description: Where its mail goes.
      type: list
      elements: str
      returned: success
      sample: [alice@example.com]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import aliases, connect


def work(module: AnsibleModule) -> Outcome:
    with connect.opened(module.params["path"], write=False, must_exist=True) as store:
        found = aliases.read(store.connection)
    return Outcome([], {"aliases": [{"name": name, "to": sorted(found[name])} for name in sorted(found)]})


def main() -> None:
    module = _report.Module(argument_spec=_argspec.store(), supports_check_mode=True)
    _report.run(module, work)


if __name__ == "__main__":
    main()
