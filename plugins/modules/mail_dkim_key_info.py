#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_dkim_key_info
short_description: Read which DKIM keys a host has, and what signs for which domain
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Reads what M(mailops.mailserver.mail_dkim_key) keeps, of all domains or of some.
  - Each private key is compared with what is known of it. What is damaged does not fail the module; look at RV(faults).
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
options:
  directory:
    description: Where the keys lie.
    type: path
    default: /var/lib/mailserver/dkim
  domains:
    description: The domains to read. The default is all.
    type: list
    elements: str
requirements:
  - python3-cryptography 3.3 or later on the host, for keys that M(mailops.mailserver.mail_dkim_key) has not seen yet
seealso:
  - module: mailops.mailserver.mail_dkim_key
"""

EXAMPLES = r"""
- name: Read all keys
  mailops.mailserver.mail_dkim_key_info:
  register: dkim

- name: Show what signs for a domain
  ansible.builtin.debug:
    msg: "{{ dkim.signing['example.com'] | default([]) }}"
"""

RETURN = r"""
dkim_keys:
  description:
    - The keys, sorted by domain and selector, each as RV(mailops.mailserver.mail_dkim_key#module:dkim_keys) describes
      it.
    - Keys that are at fault are not among them.
  returned: success
  type: list
  elements: dict
signing:
  description: The selectors of the keys that sign, by domain. Domains for which none signs are not in it.
  returned: success
  type: dict
  sample: {example.com: [mail2026, mail2026e]}
faults:
  description:
    - Each key that is damaged, missing, not the one that its description speaks of, or open to others.
    - Empty if all is well.
  returned: success
  type: list
  elements: str
damaged:
  description: Those of RV(faults) that speak of a key that cannot be used, by domain.
  returned: success
  type: dict
  sample:
    example.com: ["/var/lib/mailserver/dkim/example.com/mail2026.json: cannot be read: Input/output error"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import survey
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run


def work(module: AnsibleModule) -> Outcome:
    return Outcome([], survey.survey(module.params["directory"], module.params["domains"]))


def main() -> None:
    spec = {
        "directory": {"type": "path", "default": "/var/lib/mailserver/dkim"},
        "domains": {"type": "list", "elements": "str"},
    }
    run(Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
