#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_domain_info
short_description: Read the domains of a mail server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns the domains as the account store has them, in the words of M(mailops.mailserver.mail_domain), with what they
    hold.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
  - mailops.mailserver.store
"""

EXAMPLES = r"""
- name: Read the domains
  mailops.mailserver.mail_domain_info:
  register: result

- name: Name those whose mail is delivered here
  ansible.builtin.debug:
    msg: "{{ result.domains | selectattr('mail_service') | map(attribute='name') }}"
"""

RETURN = r"""
domains:
  description: The domains, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The domain.
      type: str
      returned: success
      sample: example.com
    mail_service:
      description: Whether its mail is delivered here.
      type: bool
      returned: success
      sample: true
    catch_all:
      description: What happens to mail for unknown users.
      type: str
      returned: success
      sample: reject
    quota:
      description: The quota of accounts that have none of their own.
      type: str
      returned: success
      sample: unlimited
    note:
      description: The note for administrators.
      type: str
      returned: success
      sample: ''
    accounts:
      description: How many accounts it has.
      type: int
      returned: success
      sample: 2
    aliases:
      description: How many aliases it has.
      type: int
      returned: success
      sample: 1
    alias_domains:
      description: The domains that are aliases of it.
      type: list
      elements: str
      returned: success
      sample: [example.org]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import domain
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import connect, domains


def work(module: AnsibleModule) -> Outcome:
    listed = []
    with connect.opened(module.params["path"], write=False, must_exist=True) as store:
        for name, columns in domains.read(store.connection).items():
            contents = domains.contents(store.connection, name)
            listed.append(
                {
                    "name": name,
                    **domain.options_of(columns),
                    "accounts": len(contents["accounts"]),
                    "aliases": len(contents["aliases"]),
                    "alias_domains": contents["domain aliases"],
                }
            )
    return Outcome([], {"domains": listed})


def main() -> None:
    module = _report.Module(argument_spec=_argspec.store(), supports_check_mode=True)
    _report.run(module, work)


if __name__ == "__main__":
    main()
