# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lock_report
short_description: Tell what was done about a stolen account
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives lines for a terminal or a letter from what modules returned. What was not asked for is left out.
  - Text that strangers chose is made harmless.
positional: _input
options:
  _input:
    description:
      - Results by name. C(lock) is that of M(mailops.mailserver.mail_account_lock), C(stopped) that of
        M(mailops.mailserver.mail_sieve), C(password) that of M(mailops.mailserver.mail_account).
      - C(held), C(released) and C(deleted) are lists of results of M(mailops.mailserver.postfix_queue). C(accounts) and
        C(scripts) are what M(mailops.mailserver.mail_account_info) and M(mailops.mailserver.mail_sieve_info) found.
        C(logs) is a list of results of M(mailops.mailserver.mail_log_info), each for one login. C(check) says that they
        are of check mode.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Lock an account
  mailops.mailserver.mail_account_lock:
    accounts: [bob@example.com]
  register: lock

- name: Tell what was done
  ansible.builtin.debug:
    msg: "{{ {'lock': lock} | mailops.mailserver.lock_report }}"
"""

RETURN = r"""
_value:
  description: The lines. The last one says so when nothing was left to do.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._session import report


def lock_report(found: Any) -> list[str]:
    """See DOCUMENTATION."""
    if not isinstance(found, Mapping):
        raise AnsibleFilterError("lock_report: give it results by name, such as {'lock': lock}.")
    return report.lines(found)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"lock_report": lock_report}
