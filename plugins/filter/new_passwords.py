# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: new_passwords
short_description: Make random passwords
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives each account a random password that fits any policy of M(mailops.mailserver.mail_account). It has groups of
    letters and digits that are not easily confused, between hyphens.
  - Each use makes others. Keep the result with M(ansible.builtin.set_fact), and set C(no_log) on all tasks that use it.
positional: _input
options:
  _input:
    description: The accounts.
    type: list
    elements: str
    required: true
  groups:
    description: How many groups of five characters a password has, 3 to 12. One group adds 28 bits.
    type: int
    default: 4
"""

EXAMPLES = r"""
- name: Make passwords
  ansible.builtin.set_fact:
    passwords: "{{ ['alice@example.com', 'bob@example.com'] | mailops.mailserver.new_passwords }}"
  no_log: true
"""

RETURN = r"""
_value:
  description: The passwords by account.
  type: dict
"""

import secrets
from collections.abc import Iterable
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

# Without 0 and O, 1, l and I, and letters that sound alike are told apart by their neighbours.
_LOWER = "abcdefghijkmnopqrstuvwxyz"
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"


def _password(groups: int) -> str:
    """Each kind of character is in it, so that no policy refuses it."""
    while True:
        found = "-".join(
            "".join(secrets.choice(_LOWER + _UPPER + _DIGITS) for _place in range(5)) for _group in range(groups)
        )
        if all(any(character in kind for character in found) for kind in (_LOWER, _UPPER, _DIGITS)):
            return found


def new_passwords(accounts: Any, groups: int = 4) -> dict[str, str]:
    """See DOCUMENTATION."""
    if isinstance(accounts, str) or not isinstance(accounts, Iterable):
        raise AnsibleFilterError("new_passwords: give it a list of accounts.")
    if isinstance(groups, bool) or not isinstance(groups, int) or not 3 <= groups <= 12:
        raise AnsibleFilterError(f"new_passwords: groups: {groups!r} is not a number from 3 to 12.")
    return {str(name): _password(groups) for name in accounts}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"new_passwords": new_passwords}
