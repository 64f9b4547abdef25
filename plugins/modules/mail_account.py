#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_account
short_description: Mailboxes and forward-only addresses of a mail server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Adds, changes, renames, locks and removes mail accounts, one or a list of thousands in one call.
  - All changes of a call are one transaction. When anything in it is wrong, nothing is changed.
  - Passwords never appear in results, diffs, logs or process lists.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.store
  - mailops.mailserver.store.exclusive
  - mailops.mailserver.store.omitted
  - mailops.mailserver.store.passwords
options:
  name:
    description:
      - The address, in a domain that the store knows. Before the C(@) letters, digits and C(. _ -) are allowed, and
        lower case is stored.
      - Either this or O(accounts) is required.
    type: str
  state:
    description:
      - Whether the account is there. Removing it keeps its mail unless O(purge_mail) is set, and an account that is
        created again
        finds that mail.
    type: str
    choices: [present, absent]
    default: present
  password:
    description:
      - A plaintext password, or a ready hash as a crypt(5) string (C($6$), C($5$), C($2b$), C($y$)), bare or after
        C({SHA512-CRYPT}),
        C({SHA256-CRYPT}), C({BLF-CRYPT}) or C({CRYPT}).
      - A plaintext is checked against the stored hash, so an unchanged password is no change.
      - Without a password a new account exists, takes mail and cannot log in.
    type: str
  mailbox:
    description:
      - Whether the account has a mailbox. Without one it is a forward-only address that needs O(forward_to), and nobody
        can log in.
      - The default for a new account is V(true).
    type: bool
  forward_to:
    description:
      - Addresses that all mail is sent on to. Loops, and addresses of this server that do not exist, are refused. V([])
        for none.
    type: list
    elements: str
  keep_copy:
    description:
      - With O(forward_to), whether the mailbox keeps a copy.
      - The default for a new account is V(true).
    type: bool
  sender_addresses:
    description:
      - Further addresses of this server's domains that the user may send as. The own address and aliases that lead to
        the account may
        always be used.
    type: list
    elements: str
  imap:
    description: Whether the user may log in with IMAP. The default for a new account is V(true).
    type: bool
  pop3:
    description: Whether the user may log in with POP3. The default for a new account is V(true).
    type: bool
  smtp:
    description: Whether the user may log in to send mail. The default for a new account is V(true).
    type: bool
  sieve:
    description: Whether the user may log in with ManageSieve to edit filters. The default for a new account is V(true).
    type: bool
  send_only:
    description: Whether mail to the account is refused. The default for a new account is V(false).
    type: bool
  receive_only:
    description: Whether the user may not send mail. The default for a new account is V(false).
    type: bool
  status:
    description:
      - V(disabled) refuses every login, SMTP included, and still takes mail. V(suspended) refuses mail too.
      - Sessions that are open are ended.
      - The default for a new account is V(active).
    type: str
    choices: [active, disabled, suspended]
  allowed_networks:
    description:
      - Addresses and networks that the user may log in from, such as V(192.0.2.0/24) or V(2001:db8::/32). V([]) for
        everywhere.
    type: list
    elements: str
  quota:
    description:
      - How much mail the mailbox may hold, such as V(500M), V(2G) or V(unlimited), or V(default) for what its domain
        says.
      - The default for a new account is V(default).
    type: str
  max_message_size:
    description:
      - The largest message that the account takes, such as V(10M), or V(unlimited) for what the server takes.
      - The default for a new account is V(unlimited).
    type: str
  autoreply:
    description:
      - An automatic reply, or V({}) for none. It is sent once per sender and O(autoreply.days), to mail that is
        addressed to the
        account or an alias of it, and never to lists, bulk mail, other automatic replies or bounces (RFC 3834, RFC
        5230).
    type: dict
    suboptions:
      text:
        description: The text. Required for a reply.
        type: str
      subject:
        description:
          - The subject. C(%s) stands for the original's subject, C(%m) for the account's address, C(%%) for a percent
            sign.
          - "The default is V(Auto: %s)."
        type: str
      from:
        description: The first day, as V(YYYY-MM-DD) in the server's time zone. Without it, from now on.
        type: str
      until:
        description: The last day, as V(YYYY-MM-DD). Without it, until further notice.
        type: str
      days:
        description: How many days pass before the same sender is answered again, 1 to 365. The default is V(7).
        type: int
      sender:
        description: The address that the reply comes from. The default is the account's own.
        type: str
  full_name:
    description: The user's name.
    type: str
  note:
    description: A note for administrators.
    type: str
  rename_from:
    description:
      - The account's former address. When that account exists it is renamed, and its mail, forwards, aliases and grants
        go with it.
        Otherwise the option does nothing, so it may stay.
    type: str
  purge_mail:
    description: With O(state=absent), whether the mail on disk is removed too. It cannot be brought back.
    type: bool
    default: false
  accounts:
    description:
      - Many accounts in one call. Each entry takes the options of a single account, O(name) to O(purge_mail).
    type: list
    elements: dict
  domains:
    description: With O(exclusive=true), the domains within which accounts that are not listed are removed.
    type: list
    elements: str
seealso:
  - module: mailops.mailserver.mail_account_info
  - module: mailops.mailserver.mail_account_lock
"""

EXAMPLES = r"""
- name: Create a mailbox
  mailops.mailserver.mail_account:
    name: alice@example.com
    password: "{{ vault_alice }}"
    quota: 2G
    full_name: Alice Example

- name: Create an address that only forwards
  mailops.mailserver.mail_account:
    name: info@example.com
    mailbox: false
    forward_to: [alice@example.com, desk@example.net]

- name: Reply while Alice is away
  mailops.mailserver.mail_account:
    name: alice@example.com
    autoreply:
      subject: "Away: %s"
      text: I am back on Monday.
      from: "2026-12-21"
      until: "2027-01-03"

- name: Rename an account and keep its mail
  mailops.mailserver.mail_account:
    name: alice.smith@example.com
    rename_from: alice@example.com

# For a stolen account there is mail_account_lock, which no inventory takes away.
- name: Let nobody log in, and still take mail
  mailops.mailserver.mail_account:
    name: bob@example.com
    status: disabled

- name: Have exactly these accounts in a domain
  mailops.mailserver.mail_account:
    accounts:
      - name: alice@example.com
        password: "{{ vault_alice_hash }}"
      - name: bob@example.com
        password: "{{ vault_bob }}"
        update_password: on_create
    exclusive: true
    domains: [example.com]
    omitted_options: default
  register: result

- name: Show who was removed
  ansible.builtin.debug:
    var: result.removed

- name: Remove an account with its mail
  mailops.mailserver.mail_account:
    name: bob@example.com
    state: absent
    purge_mail: true
"""

RETURN = r"""
added:
  description: Accounts that were (or would be) added.
  returned: success
  type: list
  elements: str
  sample: [alice@example.com]
modified:
  description: Accounts that were (or would be) changed or renamed.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: Accounts that were (or would be) removed.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many of the given accounts needed no change.
  returned: success
  type: int
  sample: 1
repaired:
  description: Tables and scripts that did not agree with the store, when nothing else was to be changed.
  returned: success
  type: list
  elements: str
  sample: []
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _argspec, _report
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import account, address, password
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._store import apply, apply_accounts, connect


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    entries = params["accounts"]
    if entries is None:
        entries = [{option: params[option] for option in account.OPTIONS}]
    with connect.opened(params["path"], write=not module.check_mode, lock_timeout=params["lock_timeout"]) as store:
        rules = account.Rules(
            policy=password.policy(params["password_policy"]),
            scheme=params["password_scheme"],
            update_password=params["update_password"],
            omitted=params["omitted_options"],
            delimiter=store.settings().recipient_delimiter,
            purge_mail=params["purge_mail"],
        )
        domains = [address.domain_name(name) for name in params["domains"] or ()]
        return apply_accounts.apply_accounts(
            store,
            account.parse_all(entries, rules),
            rules=rules,
            exclusive=apply.Exclusive(params["exclusive"], domains, params["max_removed_percent"]),
            diff=module._diff,  # pylint: disable=protected-access  # the documented way to know of --diff
        )


def argument_spec() -> dict[str, Any]:
    """The module's options."""
    switches = ("mailbox", "keep_copy", "imap", "pop3", "smtp", "sieve", "send_only", "receive_only")
    return {
        **_argspec.store(),
        **_argspec.exclusive(),
        **_argspec.omitted(),
        **_argspec.passwords(),
        "name": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "password": {"type": "str", "no_log": True},
        **{name: {"type": "bool"} for name in switches},
        **{
            name: {"type": "list", "elements": "str"}
            for name in ("forward_to", "sender_addresses", "allowed_networks", "domains")
        },
        "status": {"type": "str", "choices": ["active", "disabled", "suspended"]},
        **{name: {"type": "str"} for name in ("quota", "max_message_size", "full_name", "note", "rename_from")},
        "autoreply": {
            "type": "dict",
            "options": {
                "text": {"type": "str"},
                "subject": {"type": "str"},
                "from": {"type": "str"},
                "until": {"type": "str"},
                "days": {"type": "int"},
                "sender": {"type": "str"},
            },
        },
        "purge_mail": {"type": "bool", "default": False},
        # Entries are checked by the account rule, which names the account in its errors and is many times faster.
        "accounts": {"type": "list", "elements": "dict"},
    }


def main() -> None:
    module = _report.Module(
        argument_spec=argument_spec(),
        mutually_exclusive=[("name", "accounts")],
        required_one_of=[("name", "accounts")],
        required_if=[("exclusive", True, ["accounts", "domains"])],
        supports_check_mode=True,
    )
    _report.run(module, work)


if __name__ == "__main__":
    main()
