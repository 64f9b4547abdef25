#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_alias
short_description: Aliases and alias domains of a mail server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Adds, changes and removes addresses that lead to other addresses, one or a whole list in one call.
  - A domain can be an alias of another one. Each address of that one is then known in both, and unknown users are still
    refused.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.store
  - mailops.mailserver.store.exclusive
options:
  name:
    description:
      - The address, in a domain that the store knows, or V(@domain) for an alias domain.
      - Either this or O(aliases) is required.
    type: str
  state:
    description: Whether the alias is there.
    type: str
    choices: [present, absent]
    default: present
  to:
    description:
      - The addresses, here or elsewhere, that mail is sent on to, or one V(@domain) of this server for an alias domain.
        Loops, and
        addresses of this server that do not exist, are refused.
      - Mail to an alias is refused while it leads only to accounts that take no mail.
      - Accounts of this server that an alias leads to directly may send in its name.
    type: list
    elements: str
  aliases:
    description:
      - Many aliases in one call. Each entry takes O(name), O(state) and O(to).
    type: list
    elements: dict
  domains:
    description:
      - With O(exclusive=true), the domains within which aliases, and alias domains that lead to them, are removed when
        they are not listed.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Send sales mail to Alice and to a partner
  mailops.mailserver.mail_alias:
    name: sales@example.com
    to: [alice@example.com, desk@example.net]

- name: Take mail for another domain as if it were ours
  mailops.mailserver.mail_alias:
    name: "@example.org"
    to: ["@example.com"]

- name: Have exactly these aliases in a domain
  mailops.mailserver.mail_alias:
    aliases:
      - name: sales@example.com
        to: [alice@example.com]
    exclusive: true
    max_removed_percent: 100
    domains: [example.com]
  register: result

- name: Show which are gone
  ansible.builtin.debug:
    var: result.removed

- name: Remove an alias
  mailops.mailserver.mail_alias:
    name: sales@example.com
    state: absent
"""

RETURN = r"""
added:
  description: Aliases that were (or would be) added.
  returned: success
  type: list
  elements: str
  sample: [sales@example.com]
modified:
  description: Aliases that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: Aliases that were (or would be) removed.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many of the given aliases needed no change.
  returned: success
  type: int
  sample: 0
repaired:
  description: Tables that did not agree with the store, when nothing else was to be changed.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import address, alias
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply, connect


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    entries = params["aliases"]
    if entries is None:
        entries = [{option: params[option] for option in alias.OPTIONS}]
    with connect.opened(params["path"], write=not module.check_mode, lock_timeout=params["lock_timeout"]) as store:
        wanted = alias.parse_all(entries, delimiter=store.settings().recipient_delimiter)
        domains = [address.domain_name(name) for name in params["domains"] or ()]
        exclusive = apply.Exclusive(params["exclusive"], domains, params["max_removed_percent"])
        return apply.apply_aliases(store, wanted, exclusive=exclusive)


def main() -> None:
    module = _report.Module(
        argument_spec={
            **_argspec.store(),
            **_argspec.exclusive(),
            "name": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "to": {"type": "list", "elements": "str"},
            "aliases": {"type": "list", "elements": "dict"},
            "domains": {"type": "list", "elements": "str"},
        },
        mutually_exclusive=[("name", "aliases")],
        required_one_of=[("name", "aliases")],
        required_if=[("exclusive", True, ["aliases", "domains"])],
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
