#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_main
short_description: Parameters of Postfix's main.cf, proved before they run
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Sets, changes and removes any number of parameters in C(main.cf) in one step. Lines and comments that are not
    concerned stay exactly as they were.
  - The whole new configuration is staged in a private copy and judged before it is swapped in, by range rules of this
    collection, by C(postconf) and C(postfix check), by asking every lookup table, and by a trial instance with a
    queue of its own that is spoken to like a client. Any fault ends the task with nothing changed.
  - After the swap a running Postfix is reloaded (restarted where Postfix demands it) and every SMTP service is spoken
    to. If one does not work, the previous files come back and the task fails with Postfix's own words.
  - A run that has nothing to change still judges what is on disk and speaks to what runs, and reloads a Postfix that
    still runs an older configuration.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.postfix
  - mailops.mailserver.postfix.services
attributes:
  check_mode:
    details:
      - The configuration is judged in check mode as well. On a host without Postfix only the range rules can judge it.
options:
  parameters:
    description:
      - Parameters of C(main.cf) by name.
      - A value is a string, an integer, a boolean (written as V(yes) or V(no)) or a list of them (joined with V(, )).
        Numbers such as V('3.10') must be quoted.
      - V(null) removes the parameter, so that Postfix's default counts.
    type: dict
    default: {}
  parameters_if_known:
    description:
      - Like O(parameters), but a parameter that the installed Postfix lacks is left out and named in RV(left_out),
        where O(parameters) would refuse it.
    type: dict
    default: {}
  exclusive:
    description: Remove every parameter that is in neither O(parameters) nor O(parameters_if_known).
    type: bool
    default: false
  elements:
    description:
      - Single elements of list parameters, by the parameter's name. The other elements stay as they are; a list that
        C(main.cf) does not set begins with Postfix's default.
      - A value is a list of elements that must be there (new ones are put at the end), or a dictionary with C(first),
        C(last) (lists of elements that must be there, new ones put at that end) and C(remove).
      - In a list of restrictions, a restriction and its argument are one element, as in
        V(check_client_access cidr:/etc/postfix/denied).
    type: dict
    default: {}
  tables:
    description:
      - Lookup tables that belong to the same change. Each is compared by content with what the compiled table answers,
        and is made again when it was deleted or is stale.
      - Parameters name them with type and path, as in V(lmdb:/etc/postfix/tables/NAME); the types are V(lmdb) (or
        V(cdb) where Postfix lacks it), V(texthash), V(cidr) and V(regexp).
      - Files with keys that a V(texthash) table of C(tls_server_sni_maps) names are opened and judged too.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The file's name in O(tables_directory).
        type: str
        required: true
      kind:
        description: How keys are looked up.
        type: str
        choices: [indexed, texthash, cidr, regexp]
        default: indexed
      rows:
        description: The rows, in the order in which they are tried. Without rows the table is removed.
        type: list
        elements: dict
        default: []
        suboptions:
          key:
            description: What is looked up, an address, a network or a C(/pattern/).
            type: str
            required: true
          value:
            description: What the lookup gives.
            type: str
          secret:
            description: What the lookup gives, when nobody may see it. The whole table is then readable by root only,
              and its values stay out of every output.
            type: str
  tables_directory:
    description: Where O(tables) are kept.
    type: path
    default: /etc/postfix/tables
  owned_prefixes:
    description: Services and parameters whose name begins with one of these and that this task does not list are
      removed.
    type: list
    elements: str
    default: []
  local_aliases:
    description: The managed lines of C(/etc/aliases), as option
      O(mailops.mailserver.postfix_local_alias#module:aliases). Without it, the file is left alone.
    type: dict
  open_relay:
    description: Whether a stranger is meant to be able to send mail anywhere through this host. Without it, a
      configuration that allows that is refused.
    type: bool
    default: false
seealso:
  - module: mailops.mailserver.postfix_master
"""

EXAMPLES = r"""
- name: Set the message size and two restrictions, and let the queue lifetime be Postfix's own
  mailops.mailserver.postfix_main:
    parameters:
      message_size_limit: 52428800
      smtpd_helo_required: true
      smtpd_recipient_restrictions:
        - reject_non_fqdn_recipient
        - reject_unlisted_recipient
      maximal_queue_lifetime:
  register: postfix

- name: Say where the previous file is
  ansible.builtin.debug:
    msg: "Before this change: {{ postfix.backup_files | join(', ') }}"
  when: postfix is changed

- name: Refuse mail from two networks, wherever else clients are judged
  mailops.mailserver.postfix_main:
    elements:
      smtpd_client_restrictions:
        first:
          - check_client_access cidr:/etc/postfix/tables/denied_networks
    tables:
      - name: denied_networks
        kind: cidr
        rows:
          - {key: 192.0.2.0/24, value: REJECT}
          - {key: "2001:db8::/32", value: REJECT}

- name: Use the protection against smuggled mail where this Postfix has it
  mailops.mailserver.postfix_main:
    parameters_if_known:
      smtpd_forbid_bare_newline: true
"""

RETURN = r"""
version:
  description: The version of Postfix; empty when it is not installed.
  returned: success
  type: str
  sample: 3.10.13
left_out:
  description: Parameters of O(parameters_if_known) that this Postfix lacks.
  returned: success
  type: list
  elements: str
  sample: [smtpd_forbid_bare_newline]
backup_files:
  description: Dated copies of the files as they were before; empty when nothing was written.
  returned: success
  type: list
  elements: str
  sample: ['/etc/postfix/main.cf.2026-11-22@10:00:00~']
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
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import alias_table, request, stage

_ALIASES = "/etc/aliases"


def work(module: AnsibleModule) -> Outcome:
    """Plan, judge, apply. Local aliases are judged first and written last, once their table is there to be named."""
    wanted, check_mode = request.of_main(module.params), module.check_mode
    aliases = module.params["local_aliases"]
    if aliases is None:
        return stage.settle(wanted, check_mode=check_mode)
    local = alias_table.settle(_ALIASES, aliases, check_mode=True)
    is_new = not alias_table.is_made(_ALIASES)
    if is_new and not check_mode:
        alias_table.settle(_ALIASES, aliases, check_mode=False)
    done = stage.settle(wanted, check_mode=check_mode)
    if local.changed and not is_new and not check_mode:
        alias_table.settle(_ALIASES, aliases, check_mode=False)
    return Outcome([*local.changes, *done.changes], done.facts, done.warnings)


def main() -> None:
    spec = {
        "parameters": {"type": "dict", "default": {}},
        "parameters_if_known": {"type": "dict", "default": {}},
        "exclusive": {"type": "bool", "default": False},
        "services": request.SERVICES,
        **request.DIRECTORIES,
        "expected_paths": {"type": "list", "elements": "path", "default": []},
        "elements": {"type": "dict", "default": {}},
        "tables": request.TABLES,
        "owned_prefixes": {"type": "list", "elements": "str", "default": []},
        "open_relay": {"type": "bool", "default": False},
        "local_aliases": {"type": "dict"},
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
