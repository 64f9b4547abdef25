#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_inventory
short_description: The account store with domains, accounts and aliases in one task
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Does what M(mailops.mailserver.mail_store), M(mailops.mailserver.mail_domain), M(mailops.mailserver.mail_account)
    and M(mailops.mailserver.mail_alias) do one after the other, with one start of a module instead of five.
  - The settings of the store come first, then domains, accounts and aliases, and at last the domains that are to be
    absent. Each of these steps is wholly done or not at all; an error ends the task before the next one.
  - An option that an object leaves out goes back to its default, so that the lists describe the objects completely.
    Passwords are kept.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.store
  - mailops.mailserver.store.settings
  - mailops.mailserver.store.exclusive
  - mailops.mailserver.store.passwords
options:
  domains:
    description:
      - The domains with their accounts and aliases, as in the variable C(mail_domains) of role
        C(mailops.mailserver.common). Names without C(@) belong to the domain that they stand in.
      - For the options of each, see M(mailops.mailserver.mail_domain), M(mailops.mailserver.mail_account) and
        M(mailops.mailserver.mail_alias).
    type: list
    elements: dict
    default: []
  postmaster:
    description: The address that gets the mail for C(postmaster@) and C(abuse@) of domains that have none of their own.
    type: str
    default: ""
  restricted_domains:
    description: See O(mailops.mailserver.mail_domain#module:restricted_domains).
    type: list
    elements: str
    default: []
seealso:
  - module: mailops.mailserver.mail_store
  - module: mailops.mailserver.mail_domain
  - module: mailops.mailserver.mail_account
  - module: mailops.mailserver.mail_alias
"""

EXAMPLES = r"""
- name: Write what the inventory says, and remove accounts and aliases that it does not list
  mailops.mailserver.mail_inventory:
    domains: "{{ mail_domains }}"
    exclusive: true
"""

RETURN = r"""
table_type:
  description: The lookup table type for Postfix, V(lmdb) or V(cdb); empty while Postfix is not installed.
  returned: success
  type: str
  sample: lmdb
added:
  description: Domains, accounts and aliases that were (or would be) added.
  returned: success
  type: list
  elements: str
  sample: [example.com, alice@example.com]
modified:
  description: Domains, accounts and aliases that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: Domains, accounts and aliases that were (or would be) removed.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many of the given objects needed no change.
  returned: success
  type: int
  sample: 4
repaired:
  description: Tables and scripts that did not agree with the store and were (or would be) written anew.
  returned: success
  type: list
  elements: str
  sample: []
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import (
    account,
    alias,
    domain,
    inventory,
    password,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply, apply_accounts, connect


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    settings = connect.checked(connect.Settings(**{name: params[name] for name in connect.Settings._fields}))
    rules = account.Rules(
        policy=password.policy(params["password_policy"]),
        scheme=params["password_scheme"],
        update_password=params["update_password"],
        omitted="default",
        delimiter=settings.recipient_delimiter,
    )
    found = inventory.objects(params["domains"], postmaster=params["postmaster"])
    domains = domain.parse_all(found["domains"], omitted="default", restricted=params["restricted_domains"])
    accounts = account.parse_all(found["accounts"], rules)
    aliases = alias.parse_all(found["aliases"], delimiter=settings.recipient_delimiter)
    within = apply.Exclusive(params["exclusive"], [item.name for item in domains], params["max_removed_percent"])
    with connect.opened(
        params["path"], write=not module.check_mode, create=True, lock_timeout=params["lock_timeout"]
    ) as store:
        outcomes = [apply.apply_settings(store, settings)]
        if domains or accounts or aliases:
            present, absent = ([item for item in domains if item.present is wanted] for wanted in (True, False))
            diff = module._diff  # pylint: disable=protected-access  # the documented way to know of --diff
            outcomes += [
                _domains(store, present),
                apply_accounts.apply_accounts(store, accounts, rules=rules, exclusive=within, diff=diff),
                apply.apply_aliases(store, aliases, exclusive=within),
                _domains(store, absent),  # last, when they are empty
            ]
    return _merged(outcomes)


def _domains(store: connect.Store, wanted: list[domain.Wanted]) -> Outcome:
    return apply.apply_domains(store, wanted, exclusive=apply.Exclusive(), remove_contents=False)


def _merged(outcomes: list[Outcome]) -> Outcome:
    """One outcome of many: changes and names one after the other, counts added up.

    What had to be repaired is told by the first step. In check mode later ones find the same again, and what the steps
    before them would have written.
    """
    outcomes = [outcomes[0], *(item._replace(changes=[]) if item.facts["repaired"] else item for item in outcomes[1:])]

    def names(key: str) -> list[str]:
        return list(dict.fromkeys(name for outcome in outcomes for name in outcome.facts.get(key, ())))

    facts: dict[str, Any] = {
        "table_type": outcomes[0].facts["table_type"],
        **{key: names(key) for key in ("added", "modified", "removed")},
        "repaired": outcomes[0].facts["repaired"],
        "unchanged": sum(outcome.facts.get("unchanged", 0) for outcome in outcomes),
    }
    changes = [change for outcome in outcomes for change in outcome.changes]
    return Outcome(changes, facts, list(dict.fromkeys(text for outcome in outcomes for text in outcome.warnings)))


def main() -> None:
    module = _report.Module(
        argument_spec={
            **_argspec.store(),
            **_argspec.settings(),
            **_argspec.exclusive(),
            **_argspec.passwords(),
            "domains": {"type": "list", "elements": "dict", "default": []},
            "postmaster": {"type": "str", "default": ""},
            "restricted_domains": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
