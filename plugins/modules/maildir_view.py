#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maildir_view
short_description: Record what mail clients see of accounts, and compare it with an earlier record
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Logs in by IMAP and POP3 and looks, without changing anything, at what mail clients go by - folders with
    UIDVALIDITY, UIDs, flags, keywords, sizes and contents, subscriptions, and UIDLs with sizes in their order.
  - Two looks, before and after the server was exchanged, tell whether a client would notice. Mail that came in the
    meantime is counted and is no difference.
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  diff_mode:
    support: partial
    details:
      - Names the records that are written. What was seen is not shown.
  idempotent:
    details:
      - As long as nobody changes anything in the mailboxes.
options:
  accounts:
    description: The accounts, a sample of them or all.
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description: The name that is logged in with.
        type: str
        required: true
      password:
        description: The password.
        type: str
        required: true
  name:
    description: Record what is seen under this name. Without it nothing is recorded.
    type: str
    default: ''
  compare_to:
    description: The name of an earlier record to compare with.
    type: str
    default: ''
  sample:
    description:
      - How many messages of each folder are read whole, spread evenly; V(0) reads all, V(-1) none. UIDs, flags,
        keywords and sizes of all messages are looked at in any case.
    type: int
    default: 0
  host:
    description: The server.
    type: str
    default: 127.0.0.1
  imap_port:
    description: Its port for IMAP; V(0) leaves IMAP out.
    type: int
    default: 993
  pop3_port:
    description: Its port for POP3; V(0) leaves POP3 out.
    type: int
    default: 995
  tls:
    description: Whether these ports begin with TLS. Without TLS only this host is logged in to.
    type: bool
    default: true
  server_name:
    description: The name that the certificate must be for. Without it only this host is logged in to.
    type: str
    default: ''
  ca_file:
    description: A file with certificates of authorities to trust besides those of the system.
    type: path
    default: ''
  timeout:
    description: How many seconds to wait for an answer. The first look at a large folder takes long.
    type: float
    default: 300
  state_directory:
    description: Where records are kept, for root alone.
    type: path
    default: /var/lib/mailmigration
seealso:
  - module: mailops.mailserver.maildir_migration
"""

EXAMPLES = r"""
- name: Record what clients see with the old server
  mailops.mailserver.maildir_view:
    name: before
    accounts: "{{ sample_of_accounts }}"

- name: Compare it with what they see with the new one
  mailops.mailserver.maildir_view:
    compare_to: before
    accounts: "{{ sample_of_accounts }}"
  register: after
  failed_when: not after.same
"""

RETURN = r"""
same:
  description: Whether no account differs from the earlier record.
  returned: success
  type: bool
  sample: true
accounts:
  description: Every account.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The account.
      type: str
      returned: success
      sample: alice@example.com
    folders:
      description: How many folders were seen.
      type: int
      returned: success
      sample: 12
    messages:
      description: How many messages were seen by IMAP.
      type: int
      returned: success
      sample: 2048
    uidls:
      description: How many messages were seen by POP3.
      type: int
      returned: success
      sample: 311
    arrived:
      description: How many messages have come since the earlier record.
      type: int
      returned: success
      sample: 2
    differences:
      description: What a client would notice.
      type: list
      elements: str
      returned: success
      sample: ['INBOX: 2 messages have other flags or keywords, such as UID 17']
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import client
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

ACCOUNT = {
    "address": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
}
SPEC = {
    "accounts": {"type": "list", "elements": "dict", "required": True, "options": ACCOUNT},
    "name": {"type": "str", "default": ""},
    "compare_to": {"type": "str", "default": ""},
    "sample": {"type": "int", "default": 0},
    "host": {"type": "str", "default": "127.0.0.1"},
    "imap_port": {"type": "int", "default": 993},
    "pop3_port": {"type": "int", "default": 995},
    "tls": {"type": "bool", "default": True},
    "server_name": {"type": "str", "default": ""},
    "ca_file": {"type": "path", "default": ""},
    "timeout": {"type": "float", "default": 300},
    "state_directory": {"type": "path", "default": "/var/lib/mailmigration"},
}


def work(module: AnsibleModule) -> Outcome:
    return client.run(module.params, check_mode=module.check_mode)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
