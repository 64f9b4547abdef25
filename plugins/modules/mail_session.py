#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_session
short_description: End the sessions of mail accounts
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Ends what is open of these accounts and of nobody else. These are sessions of IMAP, POP3 and ManageSieve at Dovecot
    or Courier, and those of SMTP at Postfix in which the account has logged in and begun a message.
  - A client that may still log in comes back at once. M(mailops.mailserver.mail_account_lock) takes that away, and ends
    sessions by itself.
extends_documentation_fragment:
  - mailops.mailserver.attributes
options:
  accounts:
    description: The addresses of the accounts.
    type: list
    elements: str
    required: true
notes:
  - Postfix tells nobody of a client that has logged in and sent nothing. Once the account is locked, the first
    recipient that such a client names is refused, and Postfix hangs up.
seealso:
  - module: mailops.mailserver.mail_session_info
"""

EXAMPLES = r"""
- name: Throw Bob out everywhere
  mailops.mailserver.mail_session:
    accounts: [bob@example.com]
  register: result
"""

RETURN = r"""
ended:
  description: The sessions that were (or would be) ended.
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: Who had logged in.
      type: str
      returned: success
      sample: bob@example.com
    server:
      description: V(dovecot), V(courier) or V(postfix).
      type: str
      returned: success
      sample: dovecot
    service:
      description: V(imap), V(pop3), V(sieve) or V(smtp), in the words of the server.
      type: str
      returned: success
      sample: imap
    clients:
      description: The addresses of the client.
      type: list
      elements: str
      returned: success
      sample: [192.0.2.7]
    processes:
      description: The processes that served it.
      type: list
      elements: int
      returned: success
      sample: [4242]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import address
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._session import end, words


def work(module: AnsibleModule) -> Outcome:
    accounts = {address.own_address(name) for name in module.params["accounts"]}
    ended = end.end(accounts, only_look=module.check_mode)
    facts = {"ended": [session._asdict() for session in ended.sessions]}
    return Outcome([words.described(session) for session in ended.sessions], facts, ended.warnings)


def main() -> None:
    module = _report.Module(
        argument_spec={"accounts": {"type": "list", "elements": "str", "required": True}},
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
