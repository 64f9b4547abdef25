#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_store
short_description: The account store of a mail server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Creates the account store, the one place where a mail server's domains, accounts and aliases are kept, and remembers
    in it where
    mail, lookup tables and automatic replies go.
  - Brings the lookup tables for Postfix and the scripts of automatic replies up to the store's state, also after they
    were damaged or
    an earlier run was interrupted. When Postfix is not installed yet the tables wait for the next run.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.store
  - mailops.mailserver.store.settings
seealso:
  - module: mailops.mailserver.mail_domain
  - module: mailops.mailserver.mail_account
  - module: mailops.mailserver.mail_alias
"""

EXAMPLES = r"""
- name: Create the account store and bring the Postfix tables up to date
  mailops.mailserver.mail_store:
  register: store

- name: Show how Postfix refers to the tables
  ansible.builtin.debug:
    msg: "virtual_alias_maps = {{ store.table_type }}:{{ store.postfix_tables }}/aliases"
"""

RETURN = r"""
store_path:
  description: The SQLite file.
  returned: success
  type: str
  sample: /var/lib/mailaccounts/directory.sqlite
postfix_tables:
  description: The directory of the lookup tables.
  returned: success
  type: str
  sample: /etc/postfix/accounts
table_type:
  description: The lookup table type for Postfix, V(lmdb) or V(cdb); empty while Postfix is not installed.
  returned: success
  type: str
  sample: lmdb
locked:
  description: The accounts that M(mailops.mailserver.mail_account_lock) has locked.
  returned: success
  type: list
  elements: str
  sample: []
repaired:
  description: Tables and scripts that did not agree with the store and were (or would be) written anew.
  returned: success
  type: list
  elements: str
  sample: ["table /etc/postfix/accounts/aliases"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply, connect


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    wanted = connect.checked(connect.Settings(**{name: params[name] for name in connect.Settings._fields}))
    with connect.opened(
        params["path"], write=not module.check_mode, create=True, lock_timeout=params["lock_timeout"]
    ) as store:
        return apply.apply_settings(store, wanted)


def main() -> None:
    module = _report.Module(
        argument_spec={**_argspec.store(), **_argspec.settings()},
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
