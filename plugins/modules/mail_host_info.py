#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_host_info
short_description: Read packages, users, files and services of a host in one task
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Returns what is there of the packages, users, paths and units that are asked for. What is not there is left out.
  - The roles of this collection read a host once with it, and then run only those tasks that have something to do.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
options:
  packages:
    description: Names of Debian packages.
    type: list
    elements: str
    default: []
  users:
    description: Names of users.
    type: list
    elements: str
    default: []
  paths:
    description: Files and directories.
    type: list
    elements: path
    default: []
  texts:
    description: Small files whose first word is wanted.
    type: list
    elements: path
    default: []
  units:
    description: Units of systemd with their endings.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Read what there is of a mail server
  mailops.mailserver.mail_host_info:
    packages: [postfix, dovecot-core]
    users: [vmail]
    paths: [/etc/ssl/mailserver/server.key]
    units: [postfix.service, dovecot.service]
  register: result

- name: Nobody but root may read the key
  ansible.builtin.assert:
    that: result.paths['/etc/ssl/mailserver/server.key'].mode == '0600'
"""

RETURN = r"""
packages:
  description: The versions of those packages that are installed.
  returned: success
  type: dict
  sample: {postfix: 3.10.13-0+deb13u1}
users:
  description: Those users that exist, each with its C(uid), primary C(group), C(home) and C(shell).
  returned: success
  type: dict
  sample: {vmail: {uid: 999, group: vmail, home: /var/vmail, shell: /usr/sbin/nologin}}
paths:
  description:
    - Those paths that exist, each with its C(type) (V(file), V(directory), V(link), V(socket) or V(other)), C(owner),
      C(group), C(mode), C(size) in bytes and the time C(modified) in seconds since 1970. A link is not followed.
  returned: success
  type: dict
  sample:
    /etc/ssl/mailserver/server.key:
      {type: file, owner: root, group: root, mode: '0600', size: 241, modified: 1795331100.5}
texts:
  description: The first word in each of those files that exist.
  returned: success
  type: dict
  sample: {/etc/mailname: mx.example.com}
units:
  description: The units, each with C(active) and C(enabled); none on a host where systemd does not run.
  returned: success
  type: dict
  sample: {postfix.service: {active: true, enabled: true}}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._host import look
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome


def work(module: AnsibleModule) -> Outcome:
    asked = module.params
    found = {
        "packages": look.packages(asked["packages"]),
        "users": look.users(asked["users"]),
        "paths": look.paths(asked["paths"]),
        "texts": look.first_words(asked["texts"]),
        "units": look.units(asked["units"]),
    }
    return Outcome([], found)


def main() -> None:
    spec = {
        "packages": {"type": "list", "elements": "str", "default": []},
        "users": {"type": "list", "elements": "str", "default": []},
        "paths": {"type": "list", "elements": "path", "default": []},
        "texts": {"type": "list", "elements": "path", "default": []},
        "units": {"type": "list", "elements": "str", "default": []},
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
