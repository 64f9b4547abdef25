#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_dns_info
short_description: Compare the DNS records of mail domains with those that they need
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Takes the records of filter P(mailops.mailserver.dns_records#filter), asks resolvers and the domains' own name
    servers for each, and says what was expected, what was found, what that means, and how to mend it.
  - Judges by effect. An SPF record may be worded otherwise as long as every outgoing address passes; a DKIM record must
    hold the key of the host; a reverse name must lead back to its address.
  - Questions are asked at the same time and none twice; the whole run ends after O(total_time).
requirements:
  - python3-dnspython 2.0 or later on the host where it runs, which may be the controller
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
options:
  records:
    description: What is expected, as filter P(mailops.mailserver.dns_records#filter) gives it under C(records). Entries
      with C(state=absent) are left out.
    type: list
    elements: dict
    required: true
  resolvers:
    description:
      - The resolvers to ask, as V(192.0.2.53) or with a port as V(192.0.2.53@5353). The first is asked for everything
        that follows from a record, such as the includes of SPF.
      - Without any, the resolvers of the host are asked. For TLSA records one is needed that validates DNSSEC.
    type: list
    elements: str
    default: []
  own_servers:
    description: Whether to ask the zones' own name servers as well, each by itself.
    type: bool
    default: true
  port:
    description: The port of the zones' own name servers, and of resolvers without one.
    type: int
    default: 53
  timeout:
    description: How many seconds to wait for an answer. Each question is asked twice.
    type: float
    default: 3
  total_time:
    description: After how many seconds nothing more is asked; what is left gets the verdict V(unknown).
    type: int
    default: 300
  at_once:
    description: How many questions are asked at the same time at most.
    type: int
    default: 32
  certificate_names:
    description:
      - The names that the server's certificates are for. Every host that an MX or SRV record names must be among them.
      - Without any, this is not judged.
    type: list
    elements: str
    default: []
  address_lists:
    description: DNS lists that none of the server's addresses should be on, such as V(zen.example.org).
    type: list
    elements: str
    default: []
  domain_lists:
    description: DNS lists that none of the domains should be on.
    type: list
    elements: dict
    default: []
    suboptions:
      zone:
        description: The list.
        type: str
        required: true
      listed:
        description: A domain that the list must have. Without an answer about it, nothing that the list says counts.
        type: str
        default: test
      unlisted:
        description: A domain that the list must not have.
        type: str
        default: invalid
seealso:
  - plugin: mailops.mailserver.dns_records
    plugin_type: filter
  - module: mailops.mailserver.mail_dns_record
"""

EXAMPLES = r"""
- name: Compare what is published with what is needed
  mailops.mailserver.mail_dns_info:
    records: "{{ (mail_domains | mailops.mailserver.dns_records(mail_hostname, ['192.0.2.25'])).records }}"
    resolvers: [192.0.2.53, 198.51.100.53]
    address_lists: [zen.example.org]
  register: dns

- name: Show what is to be mended
  ansible.builtin.debug:
    msg: "{{ dns.faults }}"
"""

RETURN = r"""
checks:
  description:
    - One entry for each record; then one for each domain with a DMARC record (C(alignment)), each host that clients are
      sent to (C(certificate)), each name server (C(name_server)), and each address and domain on each list
      (C(blocklist)).
  returned: success
  type: list
  elements: dict
  contains:
    domain:
      description: The mail domain, host or address that it is about.
      type: str
      sample: example.com
    purpose:
      description: What the record is for.
      type: str
      sample: spf
    name:
      description: The name.
      type: str
      sample: example.com
    type:
      description: The type of the record; empty where the check is not about one.
      type: str
      sample: TXT
    expected:
      description: The values that are expected.
      type: list
      elements: str
    found:
      description: The values of this kind that the first resolver gave.
      type: list
      elements: str
    verdict:
      description: What it means.
      type: str
      choices: [ok, missing, wrong, extra, unknown]
    kind:
      description:
        - A word for what it is. Where there is no answer, one of V(nxdomain), V(nodata), V(servfail), V(bogus),
          V(refused), V(lame), V(timeout), V(unreachable) and V(unasked). All words are in C(docs/dns.md).
      type: str
      sample: two_records
    reason:
      description: The same in a sentence.
      type: str
      sample: There are 2 SPF records, so receivers take none.
    mend:
      description: What to do about it; empty where all is well.
      type: str
    seen:
      description: What each server that was asked said of the record. Own servers of the zone come last.
      type: list
      elements: dict
      contains:
        server:
          description: Whom was asked.
          type: str
          sample: ns1.example.com (192.0.2.53)
        status:
          description: V(ok), or why there are no values.
          type: str
        found:
          description: All values of that name and type.
          type: list
          elements: str
summary:
  description: How many checks there are of each verdict.
  returned: success
  type: dict
  sample: {ok: 12, extra: 0, unknown: 0, missing: 1, wrong: 1}
table:
  description: The checks as lines of equal columns, for people.
  returned: success
  type: list
  elements: str
faults:
  description: Each check whose verdict is not V(ok), with what was expected, what was found and, once below all that it
    mends, a hint. Empty if all is well.
  returned: success
  type: list
  elements: str
questions:
  description: How many questions were asked.
  returned: success
  type: int
  sample: 54
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import ask, record, report, survey, terms
from ansible_collections.mailops.mailserver.plugins.module_utils._host import resolver
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome

SPEC = {
    "records": {"type": "list", "elements": "dict", "required": True},
    "resolvers": {"type": "list", "elements": "str", "default": []},
    "own_servers": {"type": "bool", "default": True},
    "port": {"type": "int", "default": 53},
    "timeout": {"type": "float", "default": 3},
    "total_time": {"type": "int", "default": 300},
    "at_once": {"type": "int", "default": 32},
    "certificate_names": {"type": "list", "elements": "str", "default": []},
    "address_lists": {"type": "list", "elements": "str", "default": []},
    "domain_lists": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "zone": {"type": "str", "required": True},
            "listed": {"type": "str", "default": "test"},
            "unlisted": {"type": "str", "default": "invalid"},
        },
    },
}


def work(module: AnsibleModule) -> Outcome:
    """Ask about everything, and judge it."""
    terms.need_library(resolver.is_possible())
    given = module.params
    records = record.read_all(item for item in given["records"] if item.get("state") != "absent")
    wanted = terms.read(given, list(ask.host_resolvers()))
    asker = ask.Asker(timeout=given["timeout"], total=given["total_time"])
    rows = survey.Survey(wanted, asker).run(records)
    told = {"table": report.table(rows), "faults": report.faults(rows), "summary": survey.counts(rows)}
    return Outcome([], {"checks": [row.as_dict() for row in rows], **told, "questions": asker.asked})


def main() -> None:
    _report.run(_report.Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
