#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_probe
short_description: Prove from outside that a mail server does what its inventory says
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Speaks SMTP, IMAP, POP3 and ManageSieve with a server as any client would and returns one row for each thing that
    it proved or that failed. A failed row does not fail the module; look at RV(faults).
  - It looks at greetings, TLS and certificates, logins and refused logins, relaying, senders and recipients. It sends
    marked messages, waits until exactly one copy of each is where it belongs, fetches it, and removes it again.
  - With O(dkim_keys), mail that each domain sends must arrive with a signature by each of its keys that verifies.
  - No message is sent to an address outside of the server, and none to a mailbox that the probe cannot read and
    clean.
  - Run it from an address that the server does not trust; from loopback every server looks like an open relay.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
attributes:
  check_mode:
    support: full
    details: No message is sent; the rows that need one are V(skipped). Everything else is asked as always.
options:
  address:
    description: IP address or host name to connect to.
    type: str
    required: true
  server_name:
    description: The name that the certificate must be valid for; also sent as SNI. The default is O(address).
    type: str
  ports:
    description:
      - Port by service. Services that are not listed, or have port V(0), are not probed.
      - The services are C(smtp), C(submission), C(submissions), C(imap), C(imaps), C(pop3), C(pop3s) and C(sieve).
    type: dict
    default: {smtp: 25, submission: 587, submissions: 465, imap: 143, imaps: 993, pop3: 110, pop3s: 995, sieve: 4190}
  ca_file:
    description:
      - PEM file, on the machine where the module runs, with certificates to trust besides those of the system. For a
        self-signed certificate this is the certificate itself.
    type: path
  ca_pem:
    description: The same as PEM text.
    type: str
  tls_min_version:
    description:
      - The oldest TLS version that the server may speak. The one before must be refused. On port C(smtp) it is
        V(TLSv1.2) in any case.
    type: str
    choices: [TLSv1.2, TLSv1.3]
    default: TLSv1.2
  accounts:
    description: Accounts to log in as. P(mailops.mailserver.mail_probe_plan#filter) makes this list from
      C(mail_domains).
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The full address.
        type: str
        required: true
      password:
        description: The password in plain text.
        type: str
        required: true
      imap:
        description: Whether the server must allow IMAP to this account. If not, the login must be refused.
        type: bool
        default: true
      pop3:
        description: The same for POP3.
        type: bool
        default: true
      smtp:
        description: The same for submission.
        type: bool
        default: true
      sieve:
        description: The same for ManageSieve.
        type: bool
        default: true
      readable:
        description: Whether the probe may look for its messages in this mailbox and remove them.
        type: bool
        default: true
      login_names:
        description: Names to log in with. The default is O(accounts[].address).
        type: list
        elements: str
        default: []
      senders:
        description: Further sender addresses that this account may use.
        type: list
        elements: str
        default: []
      not_senders:
        description: Sender addresses that this account must not use.
        type: list
        elements: str
        default: []
      allowed_networks:
        description: Networks that this account may log in from. Empty for everywhere.
        type: list
        elements: str
        default: []
      alias_domains:
        description: Alias domains of its domain. It may write from the same name in each of them.
        type: list
        elements: str
        default: []
  recipients:
    description: Addresses and what must happen to mail for them. The same filter makes this list.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The address.
        type: str
        required: true
      what:
        description: What it is, for the table. The default is O(recipients[].address).
        type: str
      expect:
        description: Whether mail for it is taken.
        type: str
        choices: [accepted, refused]
        default: accepted
      mailboxes:
        description:
          - Addresses of O(accounts) in whose mailboxes exactly one copy must turn up. Without any, the probe asks at
            C(RCPT) and sends nothing.
        type: list
        elements: str
        default: []
      reply:
        description: Whether an automatic reply must come back.
        type: bool
        default: false
      why:
        description: Why there are no O(recipients[].mailboxes), for the table.
        type: str
        default: ''
  dkim_keys:
    description:
      - The keys with which the server signs, as RV(mailops.mailserver.mail_dkim_key_info#module:dkim_keys) has them.
        They hold nothing secret. No name server is asked.
      - Python's dkimpy verifies the signatures, which on Debian is the package python3-dkim, and python3-nacl for
        Ed25519. Where it is missing, the rows are V(skipped), unless there is no signature at all.
      - From domains without one of O(accounts) nothing is sent.
    type: list
    elements: dict
    default: []
  notes:
    description: What was left out of the plan and why; each becomes a V(skipped) row.
    type: list
    elements: str
    default: []
  recipient_delimiter:
    description:
      - The first character separates a user name from an extension. It gives automatic replies a writer that they
        have not answered before. Empty if the server has none.
    type: str
    default: +
  foreign_address:
    description: An address of another server. It is named at C(RCPT), no message is sent to it.
    type: str
    default: probe@example.net
  relay_domain:
    description: A domain of the server that refuses unknown users. With it more ways of relaying are tried.
    type: str
    default: ''
  outside_sender:
    description: The sender of messages from outside. The default is the empty sender, which nobody answers or bounces
      to.
    type: str
    default: ''
  timeout:
    description: Seconds to wait for each answer.
    type: float
    default: 30
  delivery_timeout:
    description: Seconds to wait for the messages to arrive.
    type: float
    default: 60
  time_limit:
    description: Seconds for everything. What was not asked by then has failed.
    type: float
    default: 600
"""

EXAMPLES = r"""
- name: Prove what can be proved without an account
  mailops.mailserver.mail_probe:
    address: 192.0.2.25
    server_name: mx.example.com
    ca_file: /etc/ssl/mailserver/live/mx.example.com/certificate.pem

- name: Prove that two accounts can write to each other
  mailops.mailserver.mail_probe:
    address: 192.0.2.25
    server_name: mx.example.com
    accounts:
      - address: alice@example.com
        password: "{{ vault_alice }}"
      - address: bob@example.com
        password: "{{ vault_bob }}"
    recipients:
      - address: bob@example.com
        mailboxes: [bob@example.com]
  register: probe

- name: Show the table
  ansible.builtin.debug:
    var: probe.table
"""

RETURN = r"""
rows:
  description: What was asked and what came of it, in order.
  returned: success
  type: list
  elements: dict
  contains:
    area:
      description: Service and port, or C(probe).
      type: str
      sample: submission 587
    what:
      description: The property.
      type: str
      sample: login refused before TLS
    result:
      description: V(ok), V(failed) or V(skipped).
      type: str
      sample: ok
    detail:
      description: What the server said, or why the row was skipped.
      type: str
    mend:
      description: What to do about it. Empty unless RV(rows[].result) is V(failed).
      type: str
table:
  description: The rows as lines of equal columns, for people.
  returned: success
  type: list
  elements: str
faults:
  description: Each failed row and, below the rows that it mends, a hint. Empty if all is well.
  returned: success
  type: list
  elements: str
counts:
  description: How many rows there are of each result.
  returned: success
  type: dict
  sample: {ok: 80, failed: 0, skipped: 2}
source:
  description: The address that the probe came from.
  returned: success
  type: str
  sample: 192.0.2.7
messages_sent:
  description: How many messages were sent.
  returned: success
  type: int
messages_removed:
  description: How many messages were removed again, with copies, replies and bounces.
  returned: success
  type: int
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._probe import judge, signatures, verifier
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.checks import questions
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.connect import reach, read_pem, verifying
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.door import Door
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.mailbox import Mailboxes
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.run import Limits, Proof, Signing, prove
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.terms import (
    SERVICES,
    Account,
    Recipient,
    Row,
    Target,
    read_ports,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

_FLAG = {"type": "bool", "default": True}
_NAMES = {"type": "list", "elements": "str", "default": []}
_ACCOUNT = {
    "address": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
    "imap": _FLAG,
    "pop3": _FLAG,
    "smtp": _FLAG,
    "sieve": _FLAG,
    "readable": _FLAG,
    "login_names": _NAMES,
    "senders": _NAMES,
    "not_senders": _NAMES,
    "allowed_networks": _NAMES,
    "alias_domains": _NAMES,
}
_RECIPIENT = {
    "address": {"type": "str", "required": True},
    "what": {"type": "str"},
    "expect": {"type": "str", "choices": ["accepted", "refused"], "default": "accepted"},
    "mailboxes": _NAMES,
    "reply": {"type": "bool", "default": False},
    "why": {"type": "str", "default": ""},
}


def _work(module: AnsibleModule) -> Outcome:
    options = module.params
    name = options["server_name"] or options["address"]
    authorities = read_pem(options["ca_file"]) if options["ca_file"] else options["ca_pem"] or ""
    way = reach(options["address"], timeout=options["timeout"], verified=verifying(name, authorities))
    target = _target(options, name, way.source)
    accounts = [Account(**entry) for entry in options["accounts"]]
    recipients = [Recipient(**{**entry, "what": entry["what"] or entry["address"]}) for entry in options["recipients"]]
    keys = signatures.read(options["dkim_keys"])
    door = Door(way, target.ports)
    proof = prove(
        questions(target, accounts, recipients, signatures.domains(keys)),
        accounts,
        door,
        Mailboxes(door, target.token),
        limits=Limits(options["time_limit"], options["delivery_timeout"]),
        sending=not module.check_mode,
        signing=Signing(keys, verifier.verify),
    )
    rows = proof.rows + signatures.idle(keys)
    rows += [Row("plan", "everything in the inventory tried", "skipped", note) for note in options["notes"]]
    return Outcome([], _facts(rows, proof, way.source))


def _target(options: Mapping[str, Any], name: str, source: str) -> Target:
    """The server as the options describe it; messages of this run carry a token of their own."""
    return Target(
        server_name=name,
        ports=read_ports(options["ports"]),
        source=source,
        tls_min_version=options["tls_min_version"],
        delimiter=options["recipient_delimiter"],
        foreign_address=options["foreign_address"],
        relay_domain=options["relay_domain"],
        outside_sender=options["outside_sender"],
        token=f"mp{secrets.token_hex(8)}",
    )


def _facts(rows: Sequence[Row], proof: Proof, source: str) -> dict[str, Any]:
    return {
        "rows": [row._asdict() for row in rows],
        "table": judge.table(rows),
        "faults": judge.advice(rows),
        "counts": judge.counts(rows),
        "source": source,
        "messages_sent": proof.sent,
        "messages_removed": proof.removed,
    }


def main() -> None:
    """Check the options, probe, report."""
    module = Module(
        argument_spec={
            "address": {"type": "str", "required": True},
            "server_name": {"type": "str"},
            "ports": {"type": "dict", "default": {service.name: service.port for service in SERVICES.values()}},
            "ca_file": {"type": "path"},
            "ca_pem": {"type": "str"},
            "tls_min_version": {"type": "str", "choices": ["TLSv1.2", "TLSv1.3"], "default": "TLSv1.2"},
            "accounts": {"type": "list", "elements": "dict", "default": [], "options": _ACCOUNT},
            "recipients": {"type": "list", "elements": "dict", "default": [], "options": _RECIPIENT},
            "dkim_keys": {"type": "list", "elements": "dict", "default": [], "no_log": False},
            "notes": {"type": "list", "elements": "str", "default": []},
            "recipient_delimiter": {"type": "str", "default": "+"},
            "foreign_address": {"type": "str", "default": "probe@example.net"},
            "relay_domain": {"type": "str", "default": ""},
            "outside_sender": {"type": "str", "default": ""},
            "timeout": {"type": "float", "default": 30},
            "delivery_timeout": {"type": "float", "default": 60},
            "time_limit": {"type": "float", "default": 600},
        },
        mutually_exclusive=[("ca_file", "ca_pem")],
        supports_check_mode=True,
    )
    run(module, _work)


if __name__ == "__main__":
    main()
