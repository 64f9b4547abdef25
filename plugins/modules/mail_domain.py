#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_domain
short_description: Mail domains of a mail server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Adds, changes and removes the domains that this server handles mail for, one or a whole list in one call.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.store
  - mailops.mailserver.store.exclusive
  - mailops.mailserver.store.omitted
options:
  name:
    description:
      - The domain. International names are stored with A-labels.
      - Either this or O(domains) is required.
    type: str
  state:
    description:
      - Whether the domain is there.
    type: str
    choices: [present, absent]
    default: present
  mail_service:
    description:
      - Whether mail for the domain is delivered on this server. When it is off, mail goes to the domain's MX. Accounts
        and their mail
        stay, and their users can still log in and send.
      - The default for a new domain is V(true).
    type: bool
  catch_all:
    description:
      - What happens to mail for users that do not exist. V(reject) refuses it at RCPT time, V(discard) accepts and
        drops it, and an
        address takes it. The mail of an existing account or alias never goes there.
      - An address on this server must exist; as long as it does not, unknown users are rejected.
      - The default for a new domain is V(reject).
    type: str
  quota:
    description:
      - The mailbox quota of accounts that have none of their own, such as V(500M) or V(2G), or V(unlimited).
      - The default for a new domain is V(unlimited).
    type: str
  note:
    description: A note for administrators.
    type: str
  domains:
    description:
      - Many domains in one call. Each entry takes O(name), O(state), O(mail_service), O(catch_all), O(quota) and
        O(note).
    type: list
    elements: dict
  remove_contents:
    description:
      - Whether removing a domain also removes the accounts and aliases in it. Without this a domain that holds any is
        not removed. Mail
        on disk is kept.
    type: bool
    default: false
  restricted_domains:
    description:
      - Domains that may not be created here because they belong to somebody else. Mail for them would no longer leave
        this server.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Add a domain that discards mail for unknown users
  mailops.mailserver.mail_domain:
    name: example.com
    catch_all: discard

- name: Send the mail of a domain to its MX again
  mailops.mailserver.mail_domain:
    name: example.net
    mail_service: false

- name: Have exactly the domains of the inventory
  mailops.mailserver.mail_domain:
    domains:
      - name: example.com
      - name: example.net
        quota: 2G
    exclusive: true
    omitted_options: default
  register: result

- name: Show which are new
  ansible.builtin.debug:
    var: result.added

- name: Remove a domain and its accounts, and keep the mail on disk
  mailops.mailserver.mail_domain:
    name: example.org
    state: absent
    remove_contents: true
"""

RETURN = r"""
added:
  description: Domains that were (or would be) added.
  returned: success
  type: list
  elements: str
  sample: [example.com]
changed:
  description: Whether anything was (or would be) changed.
  returned: always
  type: bool
modified:
  description: Domains that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: Domains that were (or would be) removed.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many of the given domains needed no change.
  returned: success
  type: int
  sample: 1
repaired:
  description: Tables that did not agree with the store, when nothing else was to be changed.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import domain
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply, connect


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    entries = params["domains"]
    if entries is None:
        entries = [{option: params[option] for option in domain.OPTIONS}]
    wanted = domain.parse_all(entries, omitted=params["omitted_options"], restricted=params["restricted_domains"])
    with connect.opened(params["path"], write=not module.check_mode, lock_timeout=params["lock_timeout"]) as store:
        return apply.apply_domains(
            store,
            wanted,
            exclusive=apply.Exclusive(params["exclusive"], (), params["max_removed_percent"]),
            remove_contents=params["remove_contents"],
        )


def main() -> None:
    module = _report.Module(
        argument_spec={
            **_argspec.store(),
            **_argspec.exclusive(),
            **_argspec.omitted(),
            "name": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "mail_service": {"type": "bool"},
            "catch_all": {"type": "str"},
            "quota": {"type": "str"},
            "note": {"type": "str"},
            "domains": {"type": "list", "elements": "dict"},
            "remove_contents": {"type": "bool", "default": False},
            "restricted_domains": {"type": "list", "elements": "str", "default": []},
        },
        mutually_exclusive=[("name", "domains")],
        required_one_of=[("name", "domains")],
        required_if=[("exclusive", True, ["domains"])],
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
