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
  - Speaks IMAP and POP3 and looks, without changing anything, at what mail clients go by - folders with UIDVALIDITY,
    UIDs, flags, keywords, sizes and contents, subscriptions, and UIDLs with sizes in their order.
  - Two looks, before and after the server was exchanged, tell whether a client would notice. Mail that came in the
    meantime is counted and is no difference.
  - With O(via=programs) no password is needed and no listener has to be there, so that every account can be looked at,
    also one that may not log in, and a server that is stopped for everybody.
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
  via:
    description:
      - V(login) logs in at the ports of a server, as its users do.
      - V(programs) starts the programs of O(server) on this host that speak with a user who has logged in.
    type: str
    choices: [login, programs]
    default: login
  server:
    description:
      - Whose programs are started.
      - Those of V(courier) run with the settings of its listeners and with the rights of the mail owner. Courier may be
        stopped. Old mail in Trash is not removed by it (C(IMAP_EMPTYTRASH)). Folders and messages that no client has
        opened yet get their UIDVALIDITY and UIDs with this look, as Courier makes up others for each look otherwise.
      - Those of V(dovecot) find the user by themselves, for which Dovecot must run, with or without ports. Where it
        removes old mail by itself (C(autoexpunge)), it does so at the end of this session, too.
      - The order of UIDLs is not compared with what V(courier) shows, as it always sorts by the names of files.
    type: str
    choices: [courier, dovecot]
  accounts:
    description:
      - The accounts, a sample of them or all. O(via=login) needs them.
      - Without them, O(via=programs) looks at those of O(accounts_of), or of O(compare_to), or at all accounts of the
        account store that have a mailbox. Accounts that have been removed from the store are left out.
    type: list
    elements: dict
    suboptions:
      address:
        description: The account, and the name that is logged in with.
        type: str
        required: true
      password:
        description: The password, for O(via=login).
        type: str
  accounts_of:
    description: Look at the accounts that were looked at under this name.
    type: str
    default: ''
  account_sample:
    description: How many of these accounts are looked at, spread evenly over their sorted list; V(0) takes all.
    type: int
    default: 0
  name:
    description:
      - Record what is seen under this name. Without it nothing is recorded.
      - Where O(accounts) are not given, what was recorded of other accounts under this name is removed.
    type: str
    default: ''
  compare_to:
    description:
      - The name of an earlier record to compare with. Everything that a client would notice is a difference.
    type: str
    default: ''
  digests_from:
    description:
      - The name of an earlier record with sizes and contents, when O(compare_to) names a later one without, or when
        clients have worked since. Compared is what no client can change, which is the UIDVALIDITY of folders and the
        sizes and contents of messages that are still there. UIDLs may be gone with messages of the INBOX.
    type: str
    default: ''
  digests:
    description:
      - Whether sizes and contents are looked at, too. Servers read every message for that, so that a look without it is
        quick.
    type: bool
    default: true
  sample:
    description:
      - How many messages of each folder are read whole, spread evenly; V(0) reads all. UIDs, flags, keywords and sizes
        of all messages are looked at in any case.
      - A look that is compared reads those that were read then.
    type: int
    default: 0
  workers:
    description: How many accounts are looked at in the same moment.
    type: int
    default: 2
  host:
    description: The server to log in to.
    type: str
    default: 127.0.0.1
  imap_port:
    description: Its port for IMAP; V(0) leaves IMAP out, also with O(via=programs).
    type: int
    default: 993
  pop3_port:
    description: Its port for POP3; V(0) leaves POP3 out, also with O(via=programs).
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
  path:
    description: The account store, for O(via=programs).
    type: path
    default: /var/lib/mailaccounts/directory.sqlite
  maildir:
    description: Where the Maildir is in a home, for O(server=courier).
    type: str
    default: Maildir
  courier_directory:
    description: Where Courier's configuration is.
    type: path
    default: /etc/courier
  state_directory:
    description: Where records are kept, for root alone.
    type: path
    default: /var/lib/mailmigration
seealso:
  - module: mailops.mailserver.maildir_migration
"""

EXAMPLES = r"""
- name: Record what clients see with the old server, with the contents of all messages
  mailops.mailserver.maildir_view:
    via: programs
    server: courier
    name: before
    account_sample: 20

- name: Record it once more when nobody can change anything, quickly
  mailops.mailserver.maildir_view:
    via: programs
    server: courier
    name: last
    accounts_of: before
    digests: false

- name: Compare it with what they see with the new server
  mailops.mailserver.maildir_view:
    via: programs
    server: dovecot
    compare_to: last
    digests_from: before
  register: after
  failed_when: not after.same

- name: Log in, as users do, and look at some accounts made for the purpose
  mailops.mailserver.maildir_view:
    compare_to: yesterday
    accounts:
      - {address: probe@example.com, password: "{{ vault_probe_password }}"}
"""

RETURN = r"""
same:
  description: Whether no account differs from the earlier records.
  returned: success
  type: bool
  sample: true
candidates:
  description: How many accounts there were to choose from; RV(accounts) are those that O(account_sample) took.
  returned: success
  type: int
  sample: 50
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 4.2
messages:
  description: The sum over all accounts, as are C(folders), C(uidls), C(digests) and C(arrived).
  returned: success
  type: int
  sample: 100000
accounts:
  description: Every account that was looked at.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The account.
      type: str
      returned: success
      sample: alice@example.com
    there:
      description: Whether it has a Maildir. Without one, V(via=programs) looks at nothing and records nothing.
      type: bool
      returned: success
      sample: true
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
    digests:
      description: How many of them were read whole.
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

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import looks
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

ACCOUNT = {
    "address": {"type": "str", "required": True},
    "password": {"type": "str", "no_log": True},
}
SPEC = {
    "via": {"type": "str", "choices": ["login", "programs"], "default": "login"},
    "server": {"type": "str", "choices": ["courier", "dovecot"]},
    "accounts": {"type": "list", "elements": "dict", "options": ACCOUNT},
    "accounts_of": {"type": "str", "default": ""},
    "account_sample": {"type": "int", "default": 0},
    "name": {"type": "str", "default": ""},
    "compare_to": {"type": "str", "default": ""},
    "digests_from": {"type": "str", "default": ""},
    "digests": {"type": "bool", "default": True},
    "sample": {"type": "int", "default": 0},
    "workers": {"type": "int", "default": 2},
    "host": {"type": "str", "default": "127.0.0.1"},
    "imap_port": {"type": "int", "default": 993},
    "pop3_port": {"type": "int", "default": 995},
    "tls": {"type": "bool", "default": True},
    "server_name": {"type": "str", "default": ""},
    "ca_file": {"type": "path", "default": ""},
    "timeout": {"type": "float", "default": 300},
    "path": {"type": "path", "default": "/var/lib/mailaccounts/directory.sqlite"},
    "maildir": {"type": "str", "default": "Maildir"},
    "courier_directory": {"type": "path", "default": "/etc/courier"},
    "state_directory": {"type": "path", "default": "/var/lib/mailmigration"},
}
RULES = [("via", "login", ["accounts"]), ("via", "programs", ["server"])]


def work(module: AnsibleModule) -> Outcome:
    return looks.run(module.params, check_mode=module.check_mode)


def main() -> None:
    run(Module(argument_spec=SPEC, required_if=RULES, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
