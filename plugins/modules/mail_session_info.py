#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_session_info
short_description: See who is logged in to a mail server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns the sessions that are open now. These are those of IMAP, POP3 and ManageSieve at Dovecot or Courier, and
    those of SMTP at Postfix in which somebody has logged in and begun a message.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
options:
  accounts:
    description: Return only sessions of these accounts. Without it, those of all.
    type: list
    elements: str
seealso:
  - module: mailops.mailserver.mail_session
"""

EXAMPLES = r"""
- name: See who is logged in
  mailops.mailserver.mail_session_info:
  register: result

- name: Name the accounts that send now
  ansible.builtin.debug:
    msg: "{{ result.sessions | selectattr('service', 'equalto', 'smtp') | map(attribute='account') | unique }}"
"""

RETURN = r"""
sessions:
  description: The sessions, in the words of M(mailops.mailserver.mail_session).
  returned: success
  type: list
  elements: dict
  sample:
    - {account: bob@example.com, server: dovecot, service: imap, clients: [192.0.2.7], processes: [4242]}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import address
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._session import look


def work(module: AnsibleModule) -> Outcome:
    asked = {address.own_address(name) for name in module.params["accounts"] or ()}
    found = [session._asdict() for session in look.sessions() if not asked or session.account in asked]
    return Outcome([], {"sessions": found})


def main() -> None:
    module = _report.Module(
        argument_spec={"accounts": {"type": "list", "elements": "str"}},
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
