#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_local_alias
short_description: Local aliases of the host, such as root and postmaster
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Keeps managed lines in the file of local aliases (see C(aliases(5))) and its compiled table. All other lines stay
    exactly as they are, except that a line for a name of O(aliases) makes room for the managed one.
  - The name C(postmaster), which every mail server must have, is added where it is missing and then leads to C(root).
  - A table that is missing, older than its text or without one of the names is built anew. A new text is compiled in
    a private directory first; any warning ends the task with nothing changed.
  - These aliases are for mail to this host itself. Addresses of hosted domains belong to
    M(mailops.mailserver.mail_alias).
extends_documentation_fragment:
  - mailops.mailserver.attributes
options:
  aliases:
    description:
      - Names and their targets, which are the whole of the managed lines.
      - A name has no domain. A target is an address, a local user or alias, C(|command), C(/a/file) or
        C(:include:/a/file).
      - A target that is neither an alias nor a user of the host, and a loop, are refused.
    type: dict
    default: {}
  path:
    description: The file of local aliases.
    type: path
    default: /etc/aliases
seealso:
  - module: mailops.mailserver.mail_alias
"""

EXAMPLES = r"""
- name: Send root's mail to somebody who reads it
  mailops.mailserver.postfix_local_alias:
    aliases:
      root: [alice@example.com]
      backup: [root, backup-reports@example.net]
"""

RETURN = r"""
backup_file:
  description: A dated copy of the file as it was before; empty when the text stayed or was not there.
  returned: success
  type: str
  sample: /etc/aliases.2026-11-22@10:00:00~
built:
  description: Whether the compiled table was built, or would be in check mode.
  returned: success
  type: bool
  sample: true
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import alias_table


def work(module: AnsibleModule) -> Outcome:
    """Plan, try, apply."""
    return alias_table.settle(module.params["path"], module.params["aliases"], check_mode=module.check_mode)


def main() -> None:
    spec = {
        "aliases": {"type": "dict", "default": {}},
        "path": {"type": "path", "default": "/etc/aliases"},
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
