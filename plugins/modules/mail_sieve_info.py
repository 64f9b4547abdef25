#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_sieve_info
short_description: See what the Sieve scripts of mail accounts do
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns the Sieve scripts that users keep in their accounts, when each was last changed, and where it sends mail.
  - Whoever got hold of an account may have left a script there that goes on forwarding mail, answering it or throwing
    it away after the password was changed.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
  - mailops.mailserver.store
options:
  accounts:
    description: The addresses of the accounts. Without it, all are looked at, which takes a moment for thousands.
    type: list
    elements: str
seealso:
  - module: mailops.mailserver.mail_sieve
notes:
  - Scripts are read, not run. An address that a script puts together out of variables is returned as it is written.
"""

EXAMPLES = r"""
- name: See the scripts of an account
  mailops.mailserver.mail_sieve_info:
    accounts: [bob@example.com]
  register: result

- name: Name all scripts that send mail on
  ansible.builtin.debug:
    msg: "{{ result.scripts | selectattr('redirects') }}"
"""

RETURN = r"""
scripts:
  description: The scripts, by account. The one that runs is V(active).
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: Whose it is.
      type: str
      returned: success
      sample: bob@example.com
    path:
      description: Where it lies.
      type: str
      returned: success
      sample: /var/vmail/example.com/bob/sieve/filter.sieve
    active:
      description: Whether it is the one that runs.
      type: bool
      returned: success
      sample: true
    changed:
      description: When it was last changed, in UTC.
      type: str
      returned: success
      sample: "2026-11-22T03:14:00+00:00"
    included:
      description: Whether the one that runs makes it a part of itself (C(include)).
      type: bool
      returned: success
      sample: false
    redirects:
      description: The addresses that it sends mail on to, or something about it (C(redirect), C(notify)).
      type: list
      elements: str
      returned: success
      sample: [collector@example.net]
    replies:
      description: Whether it answers mail (C(vacation)).
      type: bool
      returned: success
      sample: false
    discards:
      description: Whether it throws mail away (C(discard)).
      type: bool
      returned: success
      sample: true
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import address
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._session import scripts
from ansible_collections.mailops.mailserver.plugins.module_utils._store import accounts, connect


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    asked = None if params["accounts"] is None else {address.own_address(name) for name in params["accounts"]}
    with connect.opened(params["path"], write=False, must_exist=True) as store:
        found = accounts.read(store.connection, asked)
        owner = store.settings().mail_owner
    missing = sorted((asked or set()) - set(found))
    if missing:
        raise MailError(f"there is no account {', '.join(missing)}", where=params["path"])
    listed = [
        {"account": name, **script}
        for name, item in sorted(found.items())
        for script in scripts.of_home(item.columns["home"], owner)
    ]
    return Outcome([], {"scripts": listed})


def main() -> None:
    module = _report.Module(
        argument_spec={**_argspec.store(), "accounts": {"type": "list", "elements": "str"}},
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
