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
