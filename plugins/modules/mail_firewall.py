#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_firewall
short_description: Open the ports of a mail server in the host's firewall
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Opens TCP ports to everybody in C(ufw), or in the default zone of C(firewalld) both now and permanently.
  - Never changes or removes another rule. A port about which the administrator has decided otherwise (a rule that
    denies it, limits it or lets in some addresses only) is left alone with a warning that quotes the rule.
  - Closes nothing, and neither installs nor enables a firewall. That could lock out the administrator.
  - A firewall that is unknown, not installed or does not run is a warning and no failure.
extends_documentation_fragment:
  - mailops.mailserver.attributes
options:
  backend:
    description: The host's firewall; C(ufw) or C(firewalld).
    type: str
    required: true
  ports:
    description: The TCP ports.
    type: list
    elements: int
    required: true
"""

EXAMPLES = r"""
- name: Let mail servers and mail clients in
  mailops.mailserver.mail_firewall:
    backend: ufw
    ports: [25, 465, 587, 993]
"""

RETURN = r"""
opened:
  description: The ports that were opened, or would be in check mode.
  returned: success
  type: list
  elements: int
  sample: [587]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import firewall
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome


def work(module: AnsibleModule) -> Outcome:
    """Judge, plan, apply."""
    for port in module.params["ports"]:
        if not 1 <= port <= 65535:
            raise MailError(f"{port} is not a port", where="ports", mend="Write numbers from 1 to 65535.")
    return firewall.settle(module.params["backend"], module.params["ports"], check_mode=module.check_mode)


def main() -> None:
    spec = {
        "backend": {"type": "str", "required": True},
        "ports": {"type": "list", "elements": "int", "required": True},
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
