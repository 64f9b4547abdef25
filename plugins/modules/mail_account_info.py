#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_account_info
short_description: Read the accounts of a mail server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns accounts as the account store has them, in the words of M(mailops.mailserver.mail_account). Passwords and
    hashes are never
    returned.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
  - mailops.mailserver.store
options:
  name:
    description: Return only the account with this address.
    type: str
  domain:
    description: Return only the accounts of this domain.
    type: str
"""

EXAMPLES = r"""
- name: Read the accounts of a domain
  mailops.mailserver.mail_account_info:
    domain: example.com
  register: result

- name: Name those who cannot log in
  ansible.builtin.debug:
    msg: "{{ result.accounts | rejectattr('status', 'equalto', 'active') | map(attribute='name') }}"

- name: Name those who are locked
  ansible.builtin.debug:
    msg: "{{ result.accounts | selectattr('lock') | map(attribute='name') }}"
"""

RETURN = r"""
accounts:
  description: The accounts, by address.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The address.
      type: str
      returned: success
      sample: alice@example.com
    password:
      description: Whether there is a password.
      type: str
      returned: success
      sample: (set)
    password_scheme:
      description: What its hash is - V(sha512-crypt), V(yescrypt), V(bcrypt), V(sha256-crypt), or empty without one.
      type: str
      returned: success
      sample: sha512-crypt
    password_outdated:
      description: Whether it is easier to find out than with a hash of today - SHA-256, SHA-512 with fewer than 5000
        rounds, or bcrypt with a cost below 10. A new password makes a new hash.
      type: bool
      returned: success
      sample: false
    home:
      description: Where the account's mail is.
      type: str
      returned: success
      sample: /var/vmail/example.com/alice
    lock:
      description: The C(reason) of a lock and C(since) when it is there (M(mailops.mailserver.mail_account_lock)).
        Empty while the account is not locked.
      type: dict
      returned: success
      sample: {}
    status:
      description: And every further option of M(mailops.mailserver.mail_account), under its name.
      type: str
      returned: success
      sample: active
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import account, address, scheme
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import accounts, connect, locks


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    with connect.opened(params["path"], write=False, must_exist=True) as store:
        wanted = None
        if params["name"]:
            wanted = {address.own_address(params["name"])}
        if params["domain"]:
            within = accounts.addresses_in(store.connection, [address.domain_name(params["domain"])])
            wanted = within if wanted is None else wanted & within
        found = accounts.read(store.connection, wanted)
        locked = {name: lock._asdict() for name, lock in locks.read(store.connection).items()}
    listed = [
        {"name": name, **account.options_of(found[name]), **_hash(found[name]), "lock": locked.get(name, {})}
        for name in sorted(found)
        if wanted is None or name in wanted
    ]
    return Outcome([], {"accounts": listed})


def _hash(stored: account.Stored) -> dict[str, object]:
    found = scheme.of(stored.columns["pwhash"])
    return {"password_scheme": found.name, "password_outdated": found.is_outdated}


def main() -> None:
    module = _report.Module(
        argument_spec={**_argspec.store(), "name": {"type": "str"}, "domain": {"type": "str"}},
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
