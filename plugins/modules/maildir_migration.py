#!/usr/bin/python

# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maildir_migration
short_description: Convert Maildirs between Courier-IMAP and Dovecot so that no client notices
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Writes beside the mail what the other server keeps there. IMAP clients find every folder with its UIDVALIDITY, UIDs,
    keywords and subscriptions, and POP3 clients their UIDLs in their order. Flags are in the names of messages, which
    both servers read alike.
  - Nobody has to stop working before O(phase=finish). O(phase=convert) may be repeated as often as wanted and writes
    only what differs. Whatever interrupts a phase, the next run goes on.
  - Files are written with the number of the account's user, whole and by rename, and no symbolic link is followed.
    Messages are renamed only where keywords demand it, in O(phase=finish).
  - What was last done for an account is remembered in O(state_directory). An account that is finished is left alone
    until it is converted in the other direction, and so is every other one that the server of O(to) serves already. An
    account on its way to one server is refused on the way to the other one.
  - Where Dovecot delivers for Courier, it numbers the mail that it delivers. UIDs that Courier's clients know stay, and
    what only Dovecot has numbered gets UIDs behind them.
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  diff_mode:
    details:
      - Files are told by their lengths and digests. What users have written is not shown.
options:
  phase:
    description:
      - V(survey) writes nothing. It counts, tells oddities, and says how much time and room the rest will take.
      - V(convert) is for the time when the old server still serves.
      - V(finish) is for the time when neither server runs and nothing is delivered into Maildirs but into C(new). It
        writes the last differences, renames messages for keywords, renames folders if O(dovecot_folder_names) asks for
        it, and removes index files that Dovecot may have left there earlier.
      - V(undo) takes a conversion back. It judges all accounts before it changes one, and refuses where one is finished
        and the new server has numbered messages or changed keywords or subscriptions since; converting to the other
        server is the way back then. Files for Courier stay, as Dovecot does not read them.
    type: str
    choices: [survey, convert, finish, undo]
    required: true
  to:
    description: The server that is to serve the mail. It has no meaning in O(phase=undo).
    type: str
    choices: [dovecot, courier]
    default: dovecot
  accounts:
    description: The accounts. Without it, all accounts of the account store that have a mailbox.
    type: list
    elements: dict
    suboptions:
      address:
        description: What the account is called in results.
        type: str
        required: true
      home:
        description: The account's home, in which the Maildir is O(maildir).
        type: str
      maildir:
        description: The Maildir itself, in the place of O(accounts[].home).
        type: str
      uid:
        description: The number of the user whom the mail belongs to.
        type: int
        required: true
      gid:
        description: The number of that user's group.
        type: int
        required: true
  maildir:
    description: Where the Maildir is in a home.
    type: str
    default: Maildir
  path:
    description: The account store.
    type: path
    default: /var/lib/mailaccounts/directory.sqlite
  dovecot_folder_names:
    description:
      - How Dovecot is told to write the names of folders on disk. Courier writes UTF-8. V(utf8) is for Dovecot's
        C(mailbox_list_utf8 = yes) (2.3 has C(:UTF-8) in C(mail_location)), and no folder is renamed on disk then.
      - Clients see the same names in either case.
    type: str
    choices: [modified_utf7, utf8]
    default: modified_utf7
  pop3_uidl_format:
    description:
      - Dovecot's setting of this name, for O(to=courier). UIDLs of messages that came while Dovecot served can only be
        kept with V(UID%u-%v), which Dovecot 2.4 writes V(UID%{uid}-%{uidvalidity}), and V(%f), V(%{filename}).
    type: str
    default: '%08Xu%08Xv'
  state_directory:
    description:
      - Where is remembered what was done. It is made for root alone.
      - If there is a file C(serves) with the word V(dovecot) or V(courier) in it, that is the server that serves now.
        Accounts that are finished for the other one are not, then, as their old server may have gone on. They can be
        undone whatever was delivered.
    type: path
    default: /var/lib/mailmigration
notes:
  - Dovecot has to serve these accounts with a namespace whose prefix is C(INBOX.) and whose separator is a dot, as
    Courier's clients know no other.
  - Dovecot keeps 26 keywords per folder in a Maildir. Of more, those that the fewest messages have are lost and named.
seealso:
  - module: mailops.mailserver.mail_account_info
"""

EXAMPLES = r"""
- name: Look at what there is, and at what is odd
  mailops.mailserver.maildir_migration:
    phase: survey
  register: survey

- name: Convert while Courier serves
  mailops.mailserver.maildir_migration:
    phase: convert

- name: Write the last differences once Courier has stopped
  mailops.mailserver.maildir_migration:
    phase: finish

- name: Convert one Maildir that is in no account store back again
  mailops.mailserver.maildir_migration:
    phase: convert
    to: courier
    pop3_uidl_format: UID%u-%v
    accounts:
      - {address: alice@example.com, home: /home/alice, uid: 1001, gid: 1001}
"""

RETURN = r"""
accounts:
  description: Every account.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The account.
      type: str
      returned: success
      sample: alice@example.com
    maildir:
      description: Its Maildir.
      type: str
      returned: success
      sample: /var/vmail/example.com/alice/Maildir
    phase:
      description:
        - What has been reached for it - C(converted), C(finishing), C(finished) or nothing.
        - An account that has no Maildir yet stays open. One whose Maildir is not there any more, or is another one than
          when it was converted, is refused.
      type: str
      returned: not in O(phase=survey)
      sample: converted
    refused:
      description: Why it cannot be looked at or converted, or nothing.
      type: str
      returned: in O(phase=survey)
      sample: ''
    folders:
      description: How many folders it has, the INBOX among them.
      type: int
      returned: success
      sample: 12
    messages:
      description: How many messages; in C(cur) alone when it is not O(phase=survey).
      type: int
      returned: success
      sample: 2048
    bytes:
      description: How large they are.
      type: int
      returned: in O(phase=survey)
      sample: 73400320
    tmp:
      description: How many files wait in C(tmp), which are deliveries that were not finished.
      type: int
      returned: in O(phase=survey)
      sample: 0
    changed_files:
      description: How many files were written or removed, or would be in check mode.
      type: int
      returned: not in O(phase=survey)
      sample: 14
    renamed:
      description: How many messages got another name for their keywords, or would in check mode.
      type: int
      returned: not in O(phase=survey)
      sample: 3
    oddities:
      description: What is unusual, or cannot be kept.
      type: list
      elements: str
      returned: success
      sample: ['INBOX: 2 messages without size in the name, such as 1700000027.M9P9.mx']
seconds:
  description: How long it took, or in O(phase=survey) an estimate of how long O(phase=convert) will take.
  returned: success
  type: float
  sample: 4.2
needed_bytes:
  description: Room that the new server will need for its lists and caches.
  returned: in O(phase=survey)
  type: int
  sample: 70000000
free_bytes:
  description: Room that there is on the fullest file system with mail.
  returned: in O(phase=survey)
  type: int
  sample: 72629809152
messages:
  description: The sum over all accounts, as are C(folders), and C(bytes), C(tmp), C(changed_files), C(renamed) where
    accounts have them.
  returned: success
  type: int
  sample: 100000
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import account, names, run, terms
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module
from ansible_collections.mailops.mailserver.plugins.module_utils._report import run as report

ACCOUNT = {
    "address": {"type": "str", "required": True},
    "home": {"type": "str"},
    "maildir": {"type": "str"},
    "uid": {"type": "int", "required": True},
    "gid": {"type": "int", "required": True},
}
SPEC = {
    "phase": {"type": "str", "choices": [terms.SURVEY, terms.CONVERT, terms.FINISH, terms.UNDO], "required": True},
    "to": {"type": "str", "choices": list(terms.SERVERS), "default": terms.DOVECOT},
    "accounts": {
        "type": "list",
        "elements": "dict",
        "options": ACCOUNT,
        "required_one_of": [["home", "maildir"]],
        "mutually_exclusive": [["home", "maildir"]],
    },
    "maildir": {"type": "str", "default": "Maildir"},
    "path": {"type": "path", "default": "/var/lib/mailaccounts/directory.sqlite"},
    "dovecot_folder_names": {"type": "str", "choices": list(names.ON_DISK), "default": names.MODIFIED_UTF7},
    "pop3_uidl_format": {"type": "str", "default": "%08Xu%08Xv"},
    "state_directory": {"type": "path", "default": "/var/lib/mailmigration"},
}


def work(module: AnsibleModule) -> Outcome:
    params = module.params
    if params["accounts"] is None:
        items = run.from_store(params["path"], params["maildir"])
    else:
        items = account.parse(params["accounts"], params["maildir"])
    given = terms.Terms(
        phase=params["phase"],
        to=params["to"],
        code=params["dovecot_folder_names"],
        uidl_format=params["pop3_uidl_format"],
        state=params["state_directory"],
        check_mode=module.check_mode,
    )
    return run.migrate(items, given)


def main() -> None:
    report(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
