# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: courier_settings
short_description: Check the variables of role courier and work out the settings of Courier's files
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Checks the ranges and the combination of the variables of role P(mailops.mailserver.courier#role). Fails with a
    message that names the variable, its value and what is allowed.
positional: _input
options:
  _input:
    description:
      - The role's variables without the prefix C(courier_), with C(tls_policy), C(tls_min_version) and the number of
        Debian's C(release).
    type: dict
    required: true
  store:
    description: The path of the account store.
    type: str
    default: /var/lib/mailaccounts/directory.sqlite
  uid:
    description: The number of the user that owns the mail.
    type: int
    default: 0
  gid:
    description: The number of the group that owns the mail.
    type: int
    default: 0
  certificate:
    description: The file with key and certificate.
    type: str
    default: /etc/ssl/mailserver/courier.pem
"""

EXAMPLES = r"""
- name: Check the connection limits
  ansible.builtin.debug:
    msg: "{{ (__courier_variables | mailops.mailserver.courier_settings).warnings }}"
"""

RETURN = r"""
_value:
  description:
    - The settings of each file under C(settings), the C(ports), C(limits) as C(MAXDAEMONS) and C(MAXPERIP) of each
      protocol, and the sentences under C(warnings) that an administrator should read.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._courier import settings
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def courier_settings(
    variables: Mapping[str, Any],
    store: str = "/var/lib/mailaccounts/directory.sqlite",
    uid: int = 0,
    gid: int = 0,
    certificate: str = "/etc/ssl/mailserver/courier.pem",
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        return settings.plan(variables, store=str(store), uid=int(uid), gid=int(gid), certificate=str(certificate))
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"courier_settings": courier_settings}
