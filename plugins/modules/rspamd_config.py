#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rspamd_config
short_description: Own whole configuration files of rspamd and prove that it serves with them
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Compares whole files with those on disk. Before anything is replaced, the new configuration is staged in a private
    directory, together with all other files of O(directory), and judged by C(rspamadm configtest).
  - Each file is then kept under a dated name, written aside, synced and renamed. rspamd is reloaded (never restarted),
    or started, and asked through its milter socket by new processes. If they do not answer, the old files come back
    and the module fails.
  - Other files stay as they are. What stands in C(override.d) counts before files of C(local.d).
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  check_mode:
    details:
      - On a host without rspamd the new configuration cannot be judged. The module says so in RV(not_judged) and
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
  readable:
    description:
      - Files that rspamd must be able to read, such as private keys. Before a change it is tried as user C(_rspamd);
        rspamd itself would only say in its log that it cannot sign.
    type: list
    elements: path
    default: []
  directory:
    description: Where rspamd's configuration lies.
    type: path
    default: /etc/rspamd
  socket:
    description: The milter socket at which it must answer.
    type: path
    default: /var/spool/postfix/rspamd/milter.sock
  wait:
    description:
      - For how many seconds an answer is waited for. The first start after an installation takes 15 seconds of a
        processor, which can be minutes on a busy host.
    type: int
    default: 300
  daemon:
    description:
      - V(running) starts rspamd when it does not run.
      - V(as_found) leaves a stopped rspamd stopped. A running one is reloaded in either case.
    type: str
    choices: [running, as_found]
    default: running
seealso:
  - module: mailops.mailserver.mail_dkim_key
  - plugin: mailops.mailserver.rspamd_settings
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Have rspamd ask a name server of its own
  mailops.mailserver.rspamd_config:
    files:
      - path: /etc/rspamd/local.d/options.inc
        content: |
          dns { nameserver = ["192.0.2.53:53:1"]; }
  register: rspamd

- name: Say where the old files are
  ansible.builtin.debug:
    var: rspamd.backup_files
"""

RETURN = r"""
changed_files:
  description: The files that were replaced, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [/etc/rspamd/local.d/options.inc]
backup_files:
  description: The copies of the old files, dated.
  returned: success
  type: list
  elements: str
  sample: ['/etc/rspamd/local.d/options.inc.2026-11-22@10:00:00~']
reloaded:
  description: Whether a running rspamd was told to read its configuration, or would be in check mode.
  returned: success
  type: bool
  sample: true
started:
  description: Whether rspamd was started, or would be in check mode.
  returned: success
  type: bool
  sample: false
not_judged:
  description: What check mode could not judge because it does not exist yet.
  returned: success
  type: list
  elements: str
  sample: ['rspamd is not installed here, so the new configuration could not be judged.']
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run
from ansible_collections.mailops.mailserver.plugins.module_utils._rspamd import apply

FILE = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "str", "default": "0644"},
}
SPEC = {
    "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
    "readable": {"type": "list", "elements": "path", "default": []},
    "directory": {"type": "path", "default": "/etc/rspamd"},
    "socket": {"type": "path", "default": "/var/spool/postfix/rspamd/milter.sock"},
    "wait": {"type": "int", "default": 300},
    "daemon": {"type": "str", "choices": ["running", "as_found"], "default": "running"},
}


def work(module: AnsibleModule) -> Outcome:
    return apply.converge(module.params, check_mode=module.check_mode)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
