# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dovecot_config
short_description: Own whole configuration files of Dovecot and prove that it serves with them
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Compares whole files with those on disk. Before anything is replaced, the new configuration is staged in a private
    directory and judged - by C(doveconf), whose warnings count as failures; by loading certificate and key; and by
    looking up the users, groups and directories of the services, which Dovecot itself does only at its next start.
  - Each file is then kept under a dated name, written aside, synced and renamed. Dovecot is reloaded (never restarted),
    or started, and spoken to like a client - greeting and TLS handshake on every configured port, delivery and
    authentication sockets. If that fails, the old files come back and the module fails with the daemon's own words.
  - A reload keeps sessions open, but would cut off clients that are logging in; a moment without any is waited for, up
    to ten seconds. A bad Dovecot file mostly survives a reload and fails at the next restart, which is
    why it is judged first.
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  check_mode:
    details:
      - On a host without Dovecot the new configuration cannot be judged. The module says so in RV(not_judged) and
        foretells the changes.
options:
  config:
    description: The main configuration file. It must be one of O(files) and is published last.
    type: path
    default: /etc/dovecot/dovecot.conf
  files:
    description: The files, whole.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Where the file belongs. Its directory must exist.
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
      secret:
        description: Never show the text of this file in a diff.
        type: bool
        default: false
  daemon:
    description:
      - V(running) starts Dovecot when it does not run.
      - V(as_found) leaves a stopped Dovecot stopped. A running one is reloaded in either case.
      - V(untouched) only judges the new configuration and changes nothing, for one that is to follow another server
        which still holds the ports.
    type: str
    choices: [running, as_found, untouched]
    default: running
seealso:
  - module: mailops.mailserver.mail_store
"""

EXAMPLES = r"""
- name: Configure Dovecot
  mailops.mailserver.dovecot_config:
    files:
      - path: /etc/dovecot/dovecot.conf
        content: "{{ lookup('ansible.builtin.template', 'dovecot.conf.j2') }}"
      - path: /etc/dovecot/accounts-sql.conf.ext
        content: "{{ lookup('ansible.builtin.template', 'accounts-sql.conf.ext.j2') }}"
        mode: '0600'
        secret: true
  register: dovecot

- name: Say where the old files are
  ansible.builtin.debug:
    var: dovecot.backup_files
"""

RETURN = r"""
changed_files:
  description: The files that were replaced, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [/etc/dovecot/dovecot.conf]
backup_files:
  description: The copies of the old files, dated.
  returned: success
  type: list
  elements: str
  sample: ['/etc/dovecot/dovecot.conf.2026-11-22@10:00:00~']
reloaded:
  description: Whether a running Dovecot was told to read its configuration, or would be in check mode.
  returned: success
  type: bool
  sample: true
started:
  description: Whether Dovecot was started, or would be in check mode.
  returned: success
  type: bool
  sample: false
not_judged:
  description: What check mode could not judge because it does not exist yet.
  returned: success
  type: list
  elements: str
  sample: ['doveconf is not installed here, so the new configuration could not be judged.']
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._dovecot import apply
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

FILE = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "str", "default": "0644"},
    "secret": {"type": "bool", "default": False, "no_log": False},
}
SPEC = {
    "config": {"type": "path", "default": "/etc/dovecot/dovecot.conf"},
    "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
    "daemon": {"type": "str", "choices": ["running", "as_found", "untouched"], "default": "running"},
}


def work(module: AnsibleModule) -> Outcome:
    return apply.converge(module.params, check_mode=module.check_mode)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
