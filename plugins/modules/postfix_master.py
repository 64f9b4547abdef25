#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_master
short_description: Services of Postfix's master.cf, proved before they run
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Adds, changes and removes any number of services in C(master.cf) in one step. Services and comments that are not
    concerned stay exactly as they were. Without services, what is there is judged and spoken to.
  - The new configuration is staged, judged, swapped in and proved as M(mailops.mailserver.postfix_main) does it.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.postfix
  - mailops.mailserver.postfix.services
attributes:
  check_mode:
    details:
      - The configuration is judged in check mode as well. On a host without Postfix only the range rules can judge it.
seealso:
  - module: mailops.mailserver.postfix_main
"""

EXAMPLES = r"""
- name: Offer submission on one address only
  mailops.mailserver.postfix_master:
    services:
      - name: "*:submission"
        state: absent
      - name: 192.0.2.1:submission
        chroot: true
        command: smtpd
        options:
          smtpd_tls_security_level: encrypt
          smtpd_sasl_auth_enable: true
          smtpd_relay_restrictions: [permit_sasl_authenticated, reject]

- name: Remove a delivery agent that nothing uses
  mailops.mailserver.postfix_master:
    services:
      - {name: uucp, type: unix, state: absent}
"""

RETURN = r"""
version:
  description: The version of Postfix; empty when it is not installed.
  returned: success
  type: str
  sample: 3.10.13
left_out:
  description: Always empty; as in M(mailops.mailserver.postfix_main).
  returned: success
  type: list
  elements: str
  sample: []
backup_files:
  description: Dated copies of the files as they were before; empty when nothing was written.
  returned: success
  type: list
  elements: str
  sample: ['/etc/postfix/master.cf.2026-11-22@10:00:00~']
activated:
  description: What the running Postfix needs, or needed, to read the configuration; V(no) when it does not run or
    nothing changed.
  returned: success
  type: str
  sample: reload
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import request, stage


def work(module: AnsibleModule) -> Outcome:
    """Plan, judge, apply."""
    return stage.settle(request.of_master(module.params), check_mode=module.check_mode)


def main() -> None:
    spec = {
        "services": request.SERVICES,
        "config_directory": {"type": "path", "default": "/etc/postfix"},
        "expected_paths": {"type": "list", "elements": "path", "default": []},
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
