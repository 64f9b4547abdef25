#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_main_info
short_description: Read the parameters and lookup tables of Postfix
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns the parameters that are set in C(main.cf), the values that count for those that are asked for, and the
    state of every lookup table that the configuration names.
  - Passwords that stand in a parameter itself are shown as V((hidden\)). The contents of tables are not read.
  - On a host without Postfix everything that is returned is empty and RV(installed) is false.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
  - mailops.mailserver.postfix
options:
  names:
    description: The parameters whose effective values and defaults are wanted.
    type: list
    elements: str
    default: []
seealso:
  - module: mailops.mailserver.postfix_main
  - module: mailops.mailserver.postfix_master_info
"""

EXAMPLES = r"""
- name: Read what limits the size of messages
  mailops.mailserver.postfix_main_info:
    names: [message_size_limit, mailbox_size_limit]
  register: result

- name: Every table is there and no older than its source
  ansible.builtin.assert:
    that: result.tables | rejectattr('state', 'equalto', 'current') | list == []
"""

RETURN = r"""
installed:
  description: Whether Postfix is installed.
  returned: success
  type: bool
  sample: true
version:
  description: The version of Postfix; empty when it is not installed.
  returned: success
  type: str
  sample: 3.10.13
parameters:
  description: The parameters in C(main.cf) as they are written there; of several entries the one that counts.
  returned: success
  type: dict
  sample: {inet_protocols: all, virtual_mailbox_maps: 'lmdb:/etc/postfix/accounts/mailboxes'}
effective:
  description: The values that count for O(names), from C(main.cf) or by default, with the values of other parameters
    put in for their C($names).
  returned: success
  type: dict
  sample: {message_size_limit: '52428800'}
defaults:
  description: Postfix's own defaults for O(names).
  returned: success
  type: dict
  sample: {message_size_limit: '10240000'}
unknown:
  description: Those of O(names) that this version of Postfix does not know.
  returned: success
  type: list
  elements: str
  sample: []
tables:
  description: The lookup tables in files that C(main.cf) and C(master.cf) name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The table with its type.
      returned: success
      type: str
      sample: lmdb:/etc/postfix/accounts/mailboxes
    file:
      description: The file that Postfix opens.
      returned: success
      type: str
      sample: /etc/postfix/accounts/mailboxes.lmdb
    state:
      description:
        - V(current), or V(missing) when that file does not exist, or V(stale) when the source of a compiled table is
          newer than what was compiled from it.
      returned: success
      type: str
      sample: current
    named_by:
      description: The parameters that name it.
      returned: success
      type: list
      elements: str
      sample: [virtual_mailbox_maps]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import reading


def work(module: AnsibleModule) -> Outcome:
    return Outcome([], reading.main(module.params["config_directory"], module.params["names"]))


def main() -> None:
    spec = {
        "names": {"type": "list", "elements": "str", "default": []},
        "config_directory": {"type": "path", "default": "/etc/postfix"},
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
