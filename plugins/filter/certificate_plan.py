# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: certificate_plan
short_description: Work out which certificates a mail server gets, and for which names each is served
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Judges C(mail_certificates) and what the entries of C(mail_domains) say under C(server_names) and C(certificate),
    and gives what the modules and the roles need. Fails with a message that names the entry.
  - Without an entry for the server's own name, a certificate that the server signs itself is served to clients that
    send no name. It is also for every name of a domain that no other certificate is for.
positional: _input
options:
  _input:
    description: The entries of C(mail_certificates).
    type: list
    elements: dict
    required: true
  domains:
    description: The entries of C(mail_domains).
    type: list
    elements: dict
    default: []
  hostname:
    description: The server's own name.
    type: str
    required: true
  address:
    description: The server's address, which a certificate that it signs itself is also for.
    type: str
    default: ''
  directory:
    description: The directory of the certificates on the host.
    type: str
    default: /etc/ssl/mailserver
"""

EXAMPLES = r"""
- name: Show which files are served for which name
  ansible.builtin.debug:
    msg: "{{ (mail_certificates | mailops.mailserver.certificate_plan(mail_domains, 'mx.example.com')).names }}"
"""

RETURN = r"""
_value:
  description:
    - C(certificates) for the option of that name of module M(mailops.mailserver.mail_certificate); it may hold keys.
    - C(acme) for the option C(certificates) of module M(mailops.mailserver.mail_acme).
    - C(default), the paths C(certificate), C(key), C(combined), C(alt_certificate) and C(alt_key) for clients that send
      no name, and the list C(names), the same with the C(name) that a client sends. Those of a second pair are empty
      where there is none.
    - C(mx_names) for the option of that name of module M(mailops.mailserver.mail_certificate).
    - C(warnings), sentences that an administrator should read.
  type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import plan
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

_END = " Nothing was changed."


def certificate_plan(
    certificates: Sequence[Mapping[str, Any]],
    domains: Sequence[Mapping[str, Any]],
    hostname: str,
    address: str = "",
    directory: str = plan.DIRECTORY,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        return plan.plan(certificates, domains, hostname=hostname, address=address, directory=directory)
    except MailError as error:
        said = error.message.removesuffix(_END)  # some rooms say it themselves
        raise AnsibleFilterError(f"{said}{_END}") from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"certificate_plan": certificate_plan}
