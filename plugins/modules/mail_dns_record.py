#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_dns_record
short_description: Publish DNS records with dynamic updates (RFC 2136)
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Asks the primary server what is there, and sends each zone that differs an update. An update takes place only if the
    records are still as they were read, so nothing that somebody else writes at the same time is lost; otherwise it is
    planned anew.
  - What came of it is read back.
  - An update that one message cannot hold (about a hundred names with long texts) is sent in several.
requirements:
  - python3-dnspython 2.0 or later on the host where it runs, which may be the controller
extends_documentation_fragment:
  - mailops.mailserver.attributes
options:
  server:
    description: The address of the zones' primary server.
    type: str
    required: true
  port:
    description: Its port. Everything goes over TCP.
    type: int
    default: 53
  zone:
    description: The zone of all records. Without it, the server is asked which of its zones each record is in.
    type: str
    default: ''
  key_name:
    description: The name of the key (TSIG) that may update the zones. Without a key, updates are not signed.
    type: str
  key_secret:
    description: The key in base64, as it stands in the server's configuration.
    type: str
  key_algorithm:
    description: What the key signs with.
    type: str
    choices: [hmac-sha256, hmac-sha512, hmac-sha384, hmac-sha224, hmac-sha1]
    default: hmac-sha256
  timeout:
    description: How many seconds to wait for an answer.
    type: float
    default: 10
  records:
    description: The records, such as filter P(mailops.mailserver.dns_records#filter) gives under C(records).
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The whole name.
        type: str
        required: true
      type:
        description: The type.
        type: str
        choices: [A, AAAA, CAA, CNAME, MX, PTR, SRV, TLSA, TXT]
        required: true
      ttl:
        description: The time to live in seconds. It holds for all records of the name and type.
        type: int
        default: 3600
      values:
        description:
          - One item for each record, as in a zone file; names are whole. A TXT has no quotes, and is cut into strings
            of 255 octets here.
          - With O(records[].state=absent) they may be left out, which means all of the name and type.
        type: list
        elements: str
        default: []
      state:
        description: What is to become of this record, if not what O(state) says.
        type: str
        choices: [present, absent, exclusive]
      purpose:
        description: Not used here.
        type: str
      mend:
        description: Not used here.
        type: str
      domain:
        description: Not used here.
        type: str
  skip_purposes:
    description:
      - Records of these purposes are left out, because they stand in the zones of others.
    type: list
    elements: str
    default: [reverse, dmarc_report]
  state:
    description:
      - With V(present) the values are there, besides others.
      - With V(exclusive) they are the only ones of their name and type.
      - With V(absent) they are gone.
      - Of texts that begin with a version, such as C(v=spf1) and C(v=DMARC1), there may be one only; V(present) and
        V(exclusive) replace the one of the same version. Texts of other kinds stay in either case, so that no proof of
        ownership is lost.
    type: str
    choices: [present, absent, exclusive]
    default: present
seealso:
  - plugin: mailops.mailserver.dns_records
    plugin_type: filter
  - module: mailops.mailserver.mail_dns_info
"""

EXAMPLES = r"""
- name: Publish everything that the domains need
  mailops.mailserver.mail_dns_record:
    server: 192.0.2.53
    key_name: mail.example.com
    key_secret: "{{ vault_dns_key }}"
    records: "{{ (mail_domains | mailops.mailserver.dns_records(mail_hostname, ['192.0.2.25'])).records }}"
    state: exclusive
  delegate_to: localhost

- name: Take back the key of an old selector
  mailops.mailserver.mail_dns_record:
    server: 192.0.2.53
    key_name: mail.example.com
    key_secret: "{{ vault_dns_key }}"
    records:
      - {name: 2025a._domainkey.example.com, type: TXT}
    state: absent
"""

RETURN = r"""
zones:
  description: The zones that were updated, or would be in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    zone:
      description: The zone.
      type: str
      sample: example.com
    records:
      description: The names and types that differ.
      type: list
      elements: dict
      contains:
        name:
          description: The name.
          type: str
          sample: example.com
        type:
          description: The type.
          type: str
          sample: MX
        before:
          description: The values from before.
          type: list
          elements: str
          sample: ['10 old.example.com.']
        after:
          description: The values now.
          type: list
          elements: str
          sample: ['10 mx.example.com.']
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import publish, terms, update
from ansible_collections.mailops.mailserver.plugins.module_utils._host import resolver
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Change, Outcome

RECORD = {
    "name": {"type": "str", "required": True},
    "type": {
        "type": "str",
        "required": True,
        "choices": ["A", "AAAA", "CAA", "CNAME", "MX", "PTR", "SRV", "TLSA", "TXT"],
    },
    "ttl": {"type": "int", "default": 3600},
    "values": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "absent", "exclusive"]},
    "purpose": {"type": "str"},
    "mend": {"type": "str"},
    "domain": {"type": "str"},
}
SPEC = {
    "server": {"type": "str", "required": True},
    "port": {"type": "int", "default": 53},
    "zone": {"type": "str", "default": ""},
    "key_name": {"type": "str", "no_log": False},
    "key_secret": {"type": "str", "no_log": True},
    "key_algorithm": {
        "type": "str",
        "choices": ["hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1"],
        "default": "hmac-sha256",
        "no_log": False,
    },
    "timeout": {"type": "float", "default": 10},
    "records": {"type": "list", "elements": "dict", "required": True, "options": RECORD},
    "skip_purposes": {"type": "list", "elements": "str", "default": ["reverse", "dmarc_report"]},
    "state": {"type": "str", "choices": ["present", "absent", "exclusive"], "default": "present"},
}


def work(module: AnsibleModule) -> Outcome:
    """Read what is there, plan, and update the zones unless in check mode."""
    terms.need_library(resolver.is_possible())
    given = module.params
    entries = [item for item in given["records"] if item.get("purpose") not in given["skip_purposes"]]
    wishes = publish.wishes(entries, state=given["state"])
    key = update.Key(given["key_name"] or "", given["key_secret"] or "", given["key_algorithm"])
    place = terms.place(given)
    primary = update.Primary(place.server, place.port, key, place.timeout)
    zones = update.planned(primary, wishes, place.zone)
    if not module.check_mode:
        update.apply(primary, zones)
    moves = [move for zone in zones for move in zone.moves]
    changes = [Change(f"{move.name} {move.type}", *publish.sides(move)) for move in moves]
    return Outcome(changes, {"zones": [publish.report(zone.name, zone.moves) for zone in zones]})


def main() -> None:
    together = [("key_name", "key_secret")]
    _report.run(_report.Module(argument_spec=SPEC, supports_check_mode=True, required_together=together), work)


if __name__ == "__main__":
    main()
