# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: courier_config
short_description: Put settings into Courier's configuration files and prove that it serves with them
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Changes settings in C(imapd), C(imapd-ssl), C(pop3d), C(pop3d-ssl), C(authdaemonrc) and C(authsqliterc). Every other
    line and all comments stay as they are.
  - Courier's start scripts end with success whatever they read. So before anything is replaced, the new files are
    staged and judged - the shell must read them without a word, C(MAXDAEMONS) and C(MAXPERIP) must be numbers of which
    the first is larger, C(couriertcpd) must run with the options in them, the certificate must be there and the ports
    must be free.
  - Each changed file is then kept under a dated name, written aside, synced and renamed. Only the listeners that read a
    changed file are restarted, which ends their sessions. They are spoken to like a client - greeting and TLS handshake
    on their ports - and C(authdaemond) is asked whether it reads the account store. If that fails, the old files come
    back and the module fails.
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  check_mode:
    details:
      - On a host without Courier nothing can be judged. The module says so in RV(not_judged) and foretells the changes.
options:
  directory:
    description: The directory of the files.
    type: path
    default: /etc/courier
  settings:
    description:
      - The settings of each file, by the file's name. A value is a text; it may not hold what a shell would act on.
    type: dict
    required: true
  ports:
    description:
      - The port of each listener, as the settings have it. With V(0) its unit is stopped and does not start with the
        host; the others are started and do.
    type: dict
    required: true
    suboptions:
      imap:
        description: IMAP with STARTTLS.
        type: int
        default: 143
      imaps:
        description: IMAP with implicit TLS.
        type: int
        default: 993
      pop3:
        description: POP3 with STARTTLS.
        type: int
        default: 110
      pop3s:
        description: POP3 with implicit TLS.
        type: int
        default: 995
seealso:
  - module: mailops.mailserver.mail_store
  - module: mailops.mailserver.dovecot_config
"""

EXAMPLES = r"""
- name: Let one address have more IMAP connections
  mailops.mailserver.courier_config:
    settings:
      imapd:
        MAXDAEMONS: "400"
        MAXPERIP: "80"
    ports: {}
  register: courier

- name: Say where the old file is
  ansible.builtin.debug:
    var: courier.backup_files
"""

RETURN = r"""
changed_files:
  description: The files that were replaced, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [/etc/courier/imapd]
backup_files:
  description: The copies of the old files, dated.
  returned: success
  type: list
  elements: str
  sample: ['/etc/courier/imapd.2026-11-22@10:00:00~']
restarted:
  description: The units that ran and were restarted, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [courier-imap.service, courier-imap-ssl.service]
started:
  description: The units that were started and enabled, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
stopped:
  description: The units that were stopped and disabled, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
not_judged:
  description: What check mode could not judge because it does not exist yet.
  returned: success
  type: list
  elements: str
  sample: ['Courier is not installed here, so its configuration could not be judged.']
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._courier import apply
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

PORTS = {
    "imap": {"type": "int", "default": 143},
    "imaps": {"type": "int", "default": 993},
    "pop3": {"type": "int", "default": 110},
    "pop3s": {"type": "int", "default": 995},
}
SPEC = {
    "directory": {"type": "path", "default": "/etc/courier"},
    "settings": {"type": "dict", "required": True},
    "ports": {"type": "dict", "required": True, "options": PORTS},
}


def work(module: AnsibleModule) -> Outcome:
    return apply.converge(module.params, check_mode=module.check_mode)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
