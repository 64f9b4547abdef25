#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_relay
short_description: Who may send mail through a Postfix server, and how mail leaves it
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - The relay settings of a server in one task - who may relay, which networks are trusted, from which addresses mail
    leaves, and over which relay host.
  - The settings become parameters, services and tables of Postfix in one change, which is staged, judged, proved and
    taken back on failure as M(mailops.mailserver.postfix_main) does it. A configuration through which strangers could
    relay is refused, unless O(mode=open).
  - Role P(mailops.mailserver.postfix#role) makes the same settings of its variables, with the submission ports.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.postfix
attributes:
  check_mode:
    details:
      - The configuration is judged in check mode as well. On a host without Postfix only the range rules can judge it.
options:
  mode:
    description:
      - V(authenticated) lets users relay after they have logged in, and O(trusted_networks) without that.
      - V(closed) lets nobody relay. AUTH is switched off and the submission services are removed; a later
        V(authenticated) does not bring them back.
      - V(open) lets everybody relay, which needs O(open_relay_is_meant) and is warned of in each run.
      - Left out, who may relay stays as it is.
    type: str
    choices: [authenticated, closed, open]
  open_relay_is_meant:
    description: Says that V(open) in O(mode) is no mistake.
    type: bool
    default: false
  trusted_networks:
    description:
      - Networks and addresses, IPv4 and IPv6, that may relay on port 25 without logging in. Needs O(mode).
      - Bits of the host in a network are cleared, with a warning. Prefixes shorter than /8, with IPv6 /16, are refused.
    type: list
    elements: str
    default: []
  trusted_networks_state:
    description: Whether O(trusted_networks) are all trusted networks, or are added to those that there are, or removed.
    type: str
    choices: [exact, append, remove]
    default: exact
  trusted_networks_skip_auth:
    description:
      - Whether trusted networks need not log in on the submission ports either.
      - For submission services that name the restriction class C(submission_clients), as those of the role do.
    type: bool
    default: false
  outgoing:
    description:
      - From which addresses mail leaves. Managed when this or O(relay_host) is given; both belong together.
    type: dict
    suboptions:
      mode:
        description:
          - V(host) leaves it to the host's routing. V(addresses) uses O(outgoing.ipv4) and O(outgoing.ipv6).
          - V(domain_address) lets each of O(domains) send from its own address, V(domain_address_and_name) under its
            own name in EHLO too.
          - V(none) sends nothing. Where mail is refused then, C(reject_unlisted_sender) is taken out of
            C(smtpd_sender_restrictions), because it would refuse everybody; put it back afterwards.
        type: str
        choices: [host, domain_address, domain_address_and_name, addresses, none]
        default: host
      ipv4:
        description: An IPv4 address of the host, or V(none) for no mail over IPv4.
        type: str
      ipv6:
        description: An IPv6 address of the host, or V(none) for no mail over IPv6.
        type: str
      when_none:
        description: Whether mail is refused or kept in the queue when nothing is sent.
        type: str
        choices: [reject, hold]
  domains:
    description:
      - The sender domains for O(outgoing), as in the inventory's C(mail_domains).
      - Of each, C(name), C(alias_domains) and C(outgoing) (with C(ipv4), C(ipv6) and C(helo_name)) are read.
    type: list
    elements: dict
    default: []
  relay_host:
    description: The server that gets all outgoing mail; without O(relay_host.host) there is none.
    type: dict
    suboptions:
      host:
        description: Its name or address.
        type: str
      port:
        description: Its port; 25, or 465 with O(relay_host.tls=wrapper).
        type: int
      mx:
        description: Whether the MX of O(relay_host.host) gets the mail, rather than that host itself.
        type: bool
      tls:
        description: As O(mailops.mailserver.postfix_transport#module:routes[].tls).
        type: str
        choices: [none, may, encrypt, dane, dane-only, verify, secure, wrapper]
      tls_names:
        description: The names of which the certificate must have one, where it is verified.
        type: list
        elements: str
      ca_file:
        description: A file with the certificate authorities that count instead of the host's.
        type: path
      username:
        description: The name to log in with.
        type: str
      password:
        description: The password for O(relay_host.username). It makes TLS mandatory.
        type: str
  tables_directory:
    description: Where the tables are kept.
    type: path
    default: /etc/postfix/tables
seealso:
  - module: mailops.mailserver.postfix_main
  - module: mailops.mailserver.postfix_transport
"""

EXAMPLES = r"""
- name: Let users relay after login, and two networks without it
  mailops.mailserver.postfix_relay:
    mode: authenticated
    trusted_networks: [192.0.2.0/24, "2001:db8:1::/48"]

- name: Trust one more machine
  mailops.mailserver.postfix_relay:
    mode: authenticated
    trusted_networks: [198.51.100.7]
    trusted_networks_state: append

- name: Send everything through a relay host
  mailops.mailserver.postfix_relay:
    relay_host:
      host: smtp.example.net
      port: 587
      username: mx.example.com
      password: "{{ vault_relay_password }}"

- name: Send each domain's mail from its own address
  mailops.mailserver.postfix_relay:
    outgoing: {mode: domain_address}
    domains:
      - {name: example.com, outgoing: {ipv4: 192.0.2.11}}
  register: relay

- name: Say how Postfix was told
  ansible.builtin.debug:
    msg: "Postfix {{ relay.version }}: {{ relay.activated }}"
"""

RETURN = r"""
version:
  description: The version of Postfix; empty when it is not installed.
  returned: success
  type: str
  sample: 3.10.13
left_out:
  description: Parameters that would have been set and that this Postfix lacks.
  returned: success
  type: list
  elements: str
  sample: [smtp_bind_address_enforce]
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

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import (
    client,
    outgoing,
    part,
    postconf,
    relay,
    relay_host,
    request,
    stage,
)


def decide(params: Mapping[str, Any], at: part.Places) -> part.Part:
    """The parts for the options that are given. Raises MailError."""
    if not params["mode"] and params["trusted_networks"]:
        raise MailError("means nothing without mode", where="trusted_networks", mend="Write mode: authenticated.")
    parts = [relay.of_module(params)] if params["mode"] else []
    if params["outgoing"] is not None or params["relay_host"] is not None:
        host = params["relay_host"] or {}
        parts.append(relay_host.part(host, at=at))
        parts.append(outgoing.part(params["outgoing"], at=at, domains=params["domains"], relay=host))
    return part.merge(parts)


def work(module: AnsibleModule) -> Outcome:
    """Decide, then plan, judge and apply."""
    params = module.params
    at = postconf.places(params["tables_directory"])
    asked = request.of_part(
        decide(params, at),
        directory=params["config_directory"],
        tables_directory=params["tables_directory"],
        open_relay=params["mode"] == "open",
    )
    return stage.settle(asked, check_mode=module.check_mode)


def main() -> None:
    spec = {
        "mode": {"type": "str", "choices": ["authenticated", "closed", "open"]},
        "open_relay_is_meant": {"type": "bool", "default": False},
        "trusted_networks": {"type": "list", "elements": "str", "default": []},
        "trusted_networks_state": {"type": "str", "choices": ["exact", "append", "remove"], "default": "exact"},
        "trusted_networks_skip_auth": {"type": "bool", "default": False, "no_log": False},
        "outgoing": {
            "type": "dict",
            "options": {
                "mode": {"type": "str", "choices": list(outgoing.MODES), "default": "host"},
                "ipv4": {"type": "str"},
                "ipv6": {"type": "str"},
                "when_none": {"type": "str", "choices": list(outgoing.WHEN_NONE)},
            },
        },
        "domains": {"type": "list", "elements": "dict", "default": []},
        "relay_host": {
            "type": "dict",
            "options": {
                "host": {"type": "str"},
                "port": {"type": "int"},
                "mx": {"type": "bool"},
                "tls": {"type": "str", "choices": list(client.TLS)},
                "tls_names": {"type": "list", "elements": "str"},
                "ca_file": {"type": "path"},
                "username": {"type": "str"},
                "password": {"type": "str", "no_log": True},
            },
        },
        **request.DIRECTORIES,
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
