#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_sieve
short_description: Choose which Sieve script of a mail account runs
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Lets one of the scripts run that users keep in their accounts, or none of them. The scripts themselves stay.
  - So mail stops being sent on that somebody else has had sent on. Users can choose again with ManageSieve.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.store
options:
  accounts:
    description: The addresses of the accounts.
    type: list
    elements: str
    required: true
  active:
    description: The name of the script that is to run, without its ending. With an empty name, none runs.
    type: str
    default: ''
seealso:
  - module: mailops.mailserver.mail_sieve_info
"""

EXAMPLES = r"""
- name: Let no script of Bob's run
  mailops.mailserver.mail_sieve:
    accounts: [bob@example.com]
  register: result

- name: Let his filter run again
  mailops.mailserver.mail_sieve:
    accounts: [bob@example.com]
    active: filter
"""

RETURN = r"""
modified:
  description: The accounts in which another script runs now (or would run), or none.
  returned: success
  type: list
  elements: str
  sample: [bob@example.com]
former:
  description: The names of the scripts that ran in them before; empty where none did.
  returned: success
  type: dict
  sample: {bob@example.com: filter}
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import address
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Change, Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._session import scripts
from ansible_collections.mailops.mailserver.plugins.module_utils._store import accounts, connect


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    asked = {address.own_address(name) for name in params["accounts"]}
    with connect.opened(params["path"], write=False, must_exist=True) as store:
        found = accounts.read(store.connection, asked)
        owner = store.settings().mail_owner
    missing = sorted(asked - set(found))
    if missing:
        raise MailError(f"there is no account {', '.join(missing)}", where=params["path"], mend="Nothing was changed.")
    changes, former = {}, {}
    for write in (False, True) if not module.check_mode else (False,):
        for name, item in sorted(found.items()):
            before, after = scripts.choose(item.columns["home"], owner, params["active"], write=write)
            if before != after:
                changes[name] = Change(f"script of {name}", f"{before}\n" * bool(before), f"{after}\n" * bool(after))
                former[name] = os.path.basename(before).removesuffix(".sieve")
    return Outcome(list(changes.values()), {"modified": list(changes), "former": former})


def main() -> None:
    module = _report.Module(
        argument_spec={
            **_argspec.store(),
            "accounts": {"type": "list", "elements": "str", "required": True},
            "active": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
