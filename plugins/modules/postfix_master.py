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
    concerned stay exactly as they were.
  - The new configuration is staged, judged, swapped in and proved as M(mailops.mailserver.postfix_main) does it.
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  check_mode:
    details:
      - The configuration is judged in check mode as well. On a host without Postfix only the range rules can judge it.
options:
  services:
    description:
      - The services, told apart by O(services[].name) and O(services[].type). Where one is named twice, the later
        entry counts.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - For O(services[].type=inet) a port (V(submission)) or an address and a port (V(192.0.2.1:submission),
            V([2001:db8::1]:465)); otherwise the name of the socket.
          - With O(services[].state=absent), V(*:PORT) stands for every C(inet) service on that port that the same
            call does not list as present.
        type: str
        required: true
      type:
        description: The type of the service.
        type: str
        choices: [inet, unix, fifo, pass, unix-dgram]
        default: inet
      state:
        description: Whether the service is in C(master.cf).
        type: str
        choices: [present, absent]
        default: present
      private:
        description: Whether only Postfix itself can reach it. A field that is not given keeps its value, or is
          Postfix's default.
        type: bool
      unprivileged:
        description: Whether it runs without the rights of root.
        type: bool
      chroot:
        description: Whether it runs in the queue directory.
        type: bool
      wakeup:
        description: Seconds between wake-ups, V(0) for none; a question mark after it means only when the service is
          in use.
        type: str
      process_limit:
        description: The greatest number of processes, V(0) for no limit.
        type: int
      command:
        description: The program in Postfix's daemon directory. A new service needs one.
        type: str
      options:
        description:
          - The C(-o) options of the service, by parameter name, with values as in
            O(mailops.mailserver.postfix_main#module:parameters). Given, they replace all the options that the service
            has.
        type: dict
      arguments:
        description: The other arguments of the program, such as V(user=vmail) for C(pipe). Given, they replace what
          there is.
        type: list
        elements: str
  config_directory:
    description: The directory of C(main.cf) and C(master.cf).
    type: path
    default: /etc/postfix
  expected_paths:
    description: See O(mailops.mailserver.postfix_main#module:expected_paths).
    type: list
    elements: path
    default: []
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
        "services": {**{key: value for key, value in request.SERVICES.items() if key != "default"}, "required": True},
        "config_directory": {"type": "path", "default": "/etc/postfix"},
        "expected_paths": {"type": "list", "elements": "path", "default": []},
    }
    _report.run(AnsibleModule(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
