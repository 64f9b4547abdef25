#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_transport
short_description: Routes of outgoing mail by recipient and by sender, proved before they run
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Says where Postfix hands over mail for single destinations or from single senders, with which credentials, how it is
    encrypted and how fast it goes.
  - The list is the whole truth; a route that is not listed goes away. Tables and services that others made stay, and so
    do their places in Postfix's lists.
  - Routes, TLS policies and passwords stand in lookup tables of their own, whose names begin with C(route_). Passwords
    are readable for root only and appear in no output.
  - A route that is throttled, or that needs credentials or a certificate authority which others must not have, gets a
    service of its own in C(master.cf), whose name begins with C(route-).
  - The new configuration is staged, judged, swapped in and proved as M(mailops.mailserver.postfix_main) does it. A
    route that leads back to this host is refused as a loop, by name and by address.
  - Credentials need the SASL mechanisms of the C(libsasl2-modules) package on Debian.
extends_documentation_fragment:
  - mailops.mailserver.attributes
  - mailops.mailserver.postfix
attributes:
  check_mode:
    details:
      - The configuration is judged in check mode as well. On a host without Postfix only the range rules can judge it.
  idempotent:
    support: partial
    details:
      - The day after O(routes[].until), a run takes that route out.
options:
  routes:
    description: The routes. Each O(routes[].match) stands there once for recipients and once for senders.
    type: list
    elements: dict
    required: true
    suboptions:
      match:
        description:
          - A domain (V(example.org)), the subdomains of a domain without itself (V(.example.org)) or an address.
          - Wildcards are refused, because they would catch mail for this server's own domains too. All other mail is
            led away by Postfix's C(relayhost).
        type: str
        required: true
      by:
        description:
          - Whether O(routes[].match) is compared with the recipient or with the envelope sender.
          - Postfix looks up senders by address and by domain; subdomains need routes of their own.
        type: str
        choices: [recipient, sender]
        default: recipient
      next_hop:
        description:
          - The server that gets the mail, a host name or an IPv4 or IPv6 address without brackets.
          - Without it, mail goes to the MX of its domain (past a relay host, where the route is throttled), and the
            route only throttles it or says how it is encrypted.
        type: str
      port:
        description: The port of O(routes[].next_hop). Postfix takes 25 by itself; V(465) is the default with
          O(routes[].tls=wrapper).
        type: int
      mx:
        description: Whether the MX of O(routes[].next_hop) gets the mail, rather than that host itself.
        type: bool
        default: false
      include_subdomains:
        description: Whether the domain's subdomains go the same way.
        type: bool
        default: false
      tls:
        description:
          - How the connection is encrypted. Without it, what C(main.cf) says counts; with credentials V(encrypt).
          - V(none), V(may) and V(dane) do without where the other side offers nothing, so they are refused with
            credentials unless the next hop is this host's loopback address.
          - V(encrypt) demands TLS; V(verify) and V(secure) demand a certificate of a trusted authority for the host's
            or the destination's name; V(dane-only) one that DNSSEC vouches for.
          - V(wrapper) speaks TLS from the start, as servers on port 465 do.
        type: str
        choices: [none, may, encrypt, dane, dane-only, verify, secure, wrapper]
      tls_names:
        description: The names of which the certificate must have one, where it is verified.
        type: list
        elements: str
      ca_file:
        description: A file with the certificate authorities that count for this route instead of the host's.
        type: path
      username:
        description: The name to log in with at the next hop.
        type: str
      password:
        description: The password for O(routes[].username).
        type: str
      transport:
        description: The service of C(master.cf) that delivers, such as V(smtp), V(relay) or V(lmtp).
        type: str
        default: smtp
      until:
        description:
          - The last day of the route (V(YYYY-MM-DD), by the clock of the managed host).
          - From the next day on it is left out, a warning says so and RV(routes_left_out) names it.
        type: str
      concurrency:
        description: The greatest number of connections to one destination at a time.
        type: int
      rate_delay:
        description: The time between two deliveries to one destination, with its unit, such as V(1s) or V(2m). Postfix
          counts whole seconds, so that a wait can be up to a second shorter.
        type: str
      recipient_limit:
        description:
          - The greatest number of recipients in one delivery.
          - With V(1), Postfix counts O(routes[].concurrency) and O(routes[].rate_delay) for each recipient rather than
            for the destination.
        type: int
  own_domains:
    description:
      - The domains whose mailboxes are on this server.
      - A route that would take away their mail is refused; they are allowed as senders.
    type: list
    elements: str
    default: []
  tables_directory:
    description: Where the tables are kept.
    type: path
    default: /etc/postfix/tables
seealso:
  - module: mailops.mailserver.postfix_main
"""

EXAMPLES = r"""
- name: Send mail for one partner by a host of theirs, and all mail of one sender domain by a smart host
  mailops.mailserver.postfix_transport:
    own_domains: [example.com]
    routes:
      - match: example.org
        include_subdomains: true
        next_hop: mail.partner.example
        tls: encrypt
      - match: example.com
        by: sender
        next_hop: smtp.provider.example
        port: 587
        username: example-com
        password: "{{ vault_provider_password }}"
        tls: secure

- name: Be gentle with a carrier, and go round a blocked address until the end of the month
  mailops.mailserver.postfix_transport:
    own_domains: [example.com]
    routes:
      - {match: carrier.example, concurrency: 2, rate_delay: 1s, recipient_limit: 5}
      - {match: example.net, next_hop: 192.0.2.77, until: '2026-11-30'}
  register: transport

- name: Say which routes are over
  ansible.builtin.debug:
    var: transport.routes_left_out
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
routes_left_out:
  description: The O(routes[].match) of the routes whose last day is over.
  returned: success
  type: list
  elements: str
  sample: [example.net]
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

import datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import (
    client,
    postconf,
    request,
    route,
    routes,
    stage,
)

ROUTE = {
    "match": {"type": "str", "required": True},
    "by": {"type": "str", "choices": list(route.BY), "default": route.RECIPIENT},
    "next_hop": {"type": "str"},
    "port": {"type": "int"},
    "mx": {"type": "bool", "default": False},
    "include_subdomains": {"type": "bool", "default": False},
    "tls": {"type": "str", "choices": list(client.TLS)},
    "tls_names": {"type": "list", "elements": "str"},
    "ca_file": {"type": "path"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "transport": {"type": "str", "default": "smtp"},
    "until": {"type": "str"},
    "concurrency": {"type": "int"},
    "rate_delay": {"type": "str"},
    "recipient_limit": {"type": "int"},
}


def work(module: AnsibleModule) -> Outcome:
    """Decide, then plan, judge and apply."""
    wanted, today = module.params["routes"], datetime.date.today().isoformat()
    decided = routes.part(
        wanted,
        at=postconf.places(module.params["tables_directory"]),
        own_domains=module.params["own_domains"],
        today=today,
    )
    asked = request.of_part(
        decided,
        directory=module.params["config_directory"],
        tables_directory=module.params["tables_directory"],
    )
    outcome = stage.settle(asked, check_mode=module.check_mode)
    return outcome._replace(facts={**outcome.facts, "routes_left_out": routes.left_out(wanted, today=today)})


def main() -> None:
    spec = {
        "routes": {"type": "list", "elements": "dict", "required": True, "options": ROUTE},
        "own_domains": {"type": "list", "elements": "str", "default": []},
        **request.DIRECTORIES,
    }
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
