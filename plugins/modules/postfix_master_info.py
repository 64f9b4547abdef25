#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_master_info
short_description: Read the services of Postfix's master.cf
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns the services of C(master.cf) in the notation of M(mailops.mailserver.postfix_master), and what a client
    meets on those that speak SMTP on the network.
  - Passwords in options and arguments are shown as V((hidden\)).
  - On a host without Postfix everything that is returned is empty and RV(installed) is false.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
  - mailops.mailserver.postfix
seealso:
  - module: mailops.mailserver.postfix_master
  - module: mailops.mailserver.postfix_main_info
"""

EXAMPLES = r"""
- name: Read the services
  mailops.mailserver.postfix_master_info:
  register: result

- name: No service offers AUTH without TLS
  ansible.builtin.assert:
    that: result.listeners | selectattr('auth') | selectattr('tls', 'in', ['none', 'offered']) | list == []
"""

RETURN = r"""
installed:
  description: Whether Postfix is installed.
  returned: success
  type: bool
  sample: true
version:
  description: The version of Postfix; empty when it is not installed.
  returned: success
  type: str
  sample: 3.10.13
services:
  description: The services in their order, as M(mailops.mailserver.postfix_master) takes them. What is left to
    Postfix's default is V(null).
  returned: success
  type: list
  elements: dict
  sample:
    - name: submission
      type: inet
      private: false
      unprivileged: null
      chroot: true
      wakeup: null
      process_limit: null
      command: smtpd
      options: {smtpd_tls_security_level: encrypt}
      arguments: []
listeners:
  description: The services on network ports that speak SMTP.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the service.
      returned: success
      type: str
      sample: submission
    command:
      description: V(smtpd) or V(postscreen).
      returned: success
      type: str
      sample: smtpd
    addresses:
      description: Where it listens, its own address or the words of C(inet_interfaces).
      returned: success
      type: list
      elements: str
      sample: [all]
    port:
      description: The port, as a number where its name is well known.
      returned: success
      type: str
      sample: '587'
    tls:
      description: V(wrapped) (from the first byte), V(required) or V(offered) (STARTTLS), or V(none).
      returned: success
      type: str
      sample: required
    auth:
      description: Whether it offers AUTH.
      returned: success
      type: bool
      sample: true
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import reading


def work(module: AnsibleModule) -> Outcome:
    return Outcome([], reading.master(module.params["config_directory"]))


def main() -> None:
    spec = {"config_directory": {"type": "path", "default": "/etc/postfix"}}
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
