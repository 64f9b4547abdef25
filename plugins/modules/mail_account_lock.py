#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_account_lock
short_description: Lock mail accounts that somebody else has got hold of
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Locks accounts, and unlocks them. A locked account takes mail, and nobody can log in to it, read, or send as it.
  - The lock lies beside the account. M(mailops.mailserver.mail_account), M(mailops.mailserver.mail_inventory) and the
    roles do not take it away, whatever status and password the inventory gives to the account.
  - The same run ends the sessions that are open, as M(mailops.mailserver.mail_session) does.
  - The password that the account has is noted as stolen. Afterwards an inventory that still has it does not bring it
    back; the newer one stays, with a warning.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.store
options:
  accounts:
    description: The addresses of the accounts. One that does not exist is an error, and nothing is changed then.
    type: list
    elements: str
    required: true
  state:
    description: Whether they are locked.
    type: str
    choices: [locked, unlocked]
    default: locked
  reason:
    description: A line that says why, for whoever finds the lock later. Without one, an earlier reason stays.
    type: str
    default: ''
  keep_password:
    description:
      - With O(state=unlocked), let the account keep the password that it was locked with, and forget that it was noted
        as stolen. Otherwise it must have got another one.
      - For an account that is not locked, all passwords that were noted are forgotten.
    type: bool
    default: false
seealso:
  - module: mailops.mailserver.mail_account
  - module: mailops.mailserver.mail_session
"""

EXAMPLES = r"""
- name: Lock an account
  mailops.mailserver.mail_account_lock:
    accounts: [bob@example.com]
    reason: Sends spam since this morning, ticket 4711
  register: result

- name: Show whose sessions were ended
  ansible.builtin.debug:
    var: result.ended

- name: Give it a new password
  mailops.mailserver.mail_account:
    name: bob@example.com
    password: "{{ vault_bob_new }}"

- name: Unlock it
  mailops.mailserver.mail_account_lock:
    accounts: [bob@example.com]
    state: unlocked
"""

RETURN = r"""
locked:
  description: Accounts that were (or would be) locked, or whose reason was changed.
  returned: success
  type: list
  elements: str
  sample: [bob@example.com]
unlocked:
  description: Accounts that were (or would be) unlocked, or whose noted passwords were forgotten.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many of the accounts needed no change.
  returned: success
  type: int
  sample: 0
locks:
  description: The locks of these accounts as they are now (in check mode, as they would be).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The address.
      type: str
      returned: success
      sample: bob@example.com
    reason:
      description: Why it is locked.
      type: str
      returned: success
      sample: Sends spam since this morning, ticket 4711
    since:
      description: Since when, in UTC.
      type: str
      returned: success
      sample: "2026-11-22T08:15:00+00:00"
ended:
  description: The sessions that were ended, as in M(mailops.mailserver.mail_session). In check mode none is named.
  returned: success
  type: list
  elements: dict
  sample:
    - {account: bob@example.com, server: dovecot, service: imap, clients: [192.0.2.7], processes: [4242]}
repaired:
  description: Tables and scripts that did not agree with the store, when nothing else was to be changed.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import address, values
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply_locks, connect


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    wanted = list(dict.fromkeys(address.own_address(name) for name in params["accounts"]))
    try:
        reason = values.line(params["reason"])
    except MailError as error:
        raise MailError(error.what, where="reason", mend=error.mend) from error
    with connect.opened(
        params["path"], write=not module.check_mode, must_exist=True, lock_timeout=params["lock_timeout"]
    ) as store:
        return apply_locks.apply_locks(
            store,
            wanted,
            lock=params["state"] == "locked",
            reason=reason,
            keep_password=params["keep_password"],
        )


def main() -> None:
    module = _report.Module(
        argument_spec={
            **_argspec.store(),
            "accounts": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["locked", "unlocked"], "default": "locked"},
            "reason": {"type": "str", "default": ""},
            "keep_password": {"type": "bool", "default": False, "no_log": False},
        },
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
