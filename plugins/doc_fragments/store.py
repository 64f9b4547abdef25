# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  path:
    description:
      - The SQLite file of the account store on the managed host. Its directory must be the store's own, with mode
        0700, and is created that way; one that others may enter is refused.
    type: path
    default: /var/lib/mailaccounts/directory.sqlite
  lock_timeout:
    description:
      - How many seconds to wait for another run that writes to the store. After that the module fails and has changed
        nothing.
    type: int
    default: 60
requirements:
  - Python 3.9 or later on the managed host, with its standard sqlite3 module.
notes:
  - Changes are live at once. Dovecot and Courier read the store itself, Postfix reads tables that the same run exports
    next to it.
    No daemon is restarted or reloaded.
  - A run that was interrupted is made good by the next one, with the module of any object.
"""

    EXCLUSIVE = r"""
options:
  exclusive:
    description:
      - Whether what is not listed is removed.
      - Mail on disk is always kept.
    type: bool
    default: false
  max_removed_percent:
    description:
      - With O(exclusive=true), refuse to remove more than this share of what is there, in percent, so that an empty
        variable
        cannot delete a company.
    type: int
    default: 20
"""

    OMITTED = r"""
options:
  omitted_options:
    description:
      - What it means for something that exists already when an option is left out.
      - With V(keep) the stored value stays. With V(default) the option goes back to its default, so that the task or
        the inventory
        describes the object completely. Passwords are always kept.
    type: str
    choices: [keep, default]
    default: keep
"""

    SETTINGS = r"""
options:
  mail_directory:
    description: The directory below which mail is kept, in C(<domain>/<name>/Maildir).
    type: path
    default: /var/vmail
  mail_owner:
    description: The system user and group that own the mail.
    type: str
    default: vmail
  postfix_tables:
    description: The directory for the lookup tables that Postfix reads. They hold no secrets.
    type: path
    default: /etc/postfix/accounts
  autoreply_directory:
    description: The directory for the Sieve scripts of automatic replies, one per account.
    type: path
    default: /var/lib/mailautoreply
  recipient_delimiter:
    description:
      - The characters that separate an address extension, as in C(alice+shop@example.com). Names of accounts and
        aliases may not hold
        them. Empty for none.
    type: str
    default: +
"""

    PASSWORDS = r"""
options:
  update_password:
    description:
      - V(always) sets the password whenever it differs. V(on_create) sets it for new accounts only, so that passwords
        that users
        changed themselves stay.
    type: str
    choices: [always, on_create]
    default: always
  password_policy:
    description:
      - What a plaintext password must have. A hash cannot be judged.
    type: dict
    default: {}
    suboptions:
      enabled:
        description: Whether there is any policy.
        type: bool
        default: true
      min_length:
        description: The least number of characters.
        type: int
        default: 8
      lower:
        description: Whether a lower-case letter is needed.
        type: bool
        default: true
      upper:
        description: Whether an upper-case letter is needed.
        type: bool
        default: true
      digit:
        description: Whether a digit is needed.
        type: bool
        default: true
      symbol:
        description: Whether a character that is neither letter nor digit is needed.
        type: bool
        default: true
      deny_name:
        description: Whether a password that holds the account's name is refused.
        type: bool
        default: true
  password_scheme:
    description: How plaintext passwords are hashed. Each takes the system library's default cost.
    type: str
    choices: [sha512-crypt, bcrypt, yescrypt]
    default: sha512-crypt
"""
