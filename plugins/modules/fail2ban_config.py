#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fail2ban_config
short_description: Own whole configuration files of fail2ban and prove that its jails watch
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Compares whole files with those on disk. Before anything is replaced, the new configuration is staged in a private
    directory, together with all other files of O(directory), and judged by C(fail2ban-client -t).
  - Each file is then kept under a dated name, written aside, synced and renamed. fail2ban is reloaded, which keeps all
    bans, or started. If a jail of O(jails) does not watch then, the old files come back and the module fails.
  - Other files stay as they are. What stands in C(jail.local) counts before files of C(jail.d).
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  check_mode:
    details:
      - On a host without fail2ban the new configuration cannot be judged. The module says so in RV(not_judged) and
        foretells the changes.
options:
  files:
    description: The files, whole.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Where the file belongs, below O(directory).
        type: str
        required: true
      content:
        description: The file's text.
        type: str
        required: true
      mode:
        description: The file's mode as an octal number in quotes. Files belong to root.
        type: str
        default: '0644'
  jails:
    description: The jails that must watch.
    type: list
    elements: str
    default: []
  logs:
    description: Log files that must be there; fail2ban does not start when one is missing.
    type: list
    elements: path
    default: []
  nftables:
    description:
      - Whether it is tried before a change that nftables can ban here. fail2ban would count bans that nftables has
        refused.
    type: bool
    default: false
  directory:
    description: Where fail2ban's configuration lies.
    type: path
    default: /etc/fail2ban
seealso:
  - plugin: mailops.mailserver.fail2ban_settings
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Ban for an hour who tries passwords of SSH
  mailops.mailserver.fail2ban_config:
    files:
      - path: /etc/fail2ban/jail.d/ssh.conf
        content: |
          [sshd]
          enabled = true
          backend = systemd
          bantime = 1h
    jails: [sshd]
  register: fail2ban

- name: Say where the old files are
  ansible.builtin.debug:
    var: fail2ban.backup_files
"""

RETURN = r"""
changed_files:
  description: The files that were replaced, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [/etc/fail2ban/jail.d/ssh.conf]
backup_files:
  description: The copies of the old files, dated.
  returned: success
  type: list
  elements: str
  sample: ['/etc/fail2ban/jail.d/ssh.conf.2026-11-22@10:00:00~']
reloaded:
  description: Whether a running fail2ban was told to read its configuration, or would be in check mode.
  returned: success
  type: bool
  sample: true
started:
  description: Whether fail2ban was started, or would be in check mode.
  returned: success
  type: bool
  sample: false
not_judged:
  description: What check mode could not judge because it does not exist yet.
  returned: success
  type: list
  elements: str
  sample: ['fail2ban is not installed here, so the new configuration could not be judged.']
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._fail2ban import apply
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

FILE = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "str", "default": "0644"},
}
SPEC = {
    "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
    "jails": {"type": "list", "elements": "str", "default": []},
    "logs": {"type": "list", "elements": "path", "default": []},
    "nftables": {"type": "bool", "default": False},
    "directory": {"type": "path", "default": "/etc/fail2ban"},
}


def work(module: AnsibleModule) -> Outcome:
    return apply.converge(module.params, check_mode=module.check_mode)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
