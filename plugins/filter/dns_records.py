# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dns_records
short_description: Work out the DNS records that mail domains and their server need
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives MX, addresses and reverse names, SPF, DKIM, DMARC, TLSA, MTA-STS, TLS-RPT, SRV, autoconfig and CAA records as
    data, for filter P(mailops.mailserver.zone_text#filter), for modules M(mailops.mailserver.mail_dns_info) and
    M(mailops.mailserver.mail_dns_record), or for the modules of a DNS provider.
  - A domain says under C(dns) what it wants otherwise; the words are in C(docs/dns.md). Fails with a message that names
    the domain and the word.
positional: _input, hostname, addresses
options:
  _input:
    description: The entries of C(mail_domains).
    type: list
    elements: dict
    required: true
  hostname:
    description: The server's own name, which it also greets with.
    type: str
    required: true
  addresses:
    description: The server's addresses as the internet sees them, IPv4 and IPv6.
    type: list
    elements: str
    required: true
  certificates:
    description: The certificates that the server serves, as C(certificates) of module
      M(mailops.mailserver.mail_certificate_info). Their C(names), C(default), C(tlsa) and C(also) are used, for TLSA.
    type: list
    elements: dict
    default: []
  dkim_keys:
    description: The keys as M(mailops.mailserver.mail_dkim_key) returns them under C(dkim_keys), with C(domain),
      C(name), C(value) and C(published).
    type: list
    elements: dict
    default: []
  ports:
    description: The ports that clients can use. SRV records say of the others that they are not offered.
    type: list
    elements: int
    default: [465, 587, 993]
  defaults:
    description: What a domain says under C(dns), for all domains.
    type: dict
    default: {}
seealso:
  - plugin: mailops.mailserver.zone_text
    plugin_type: filter
  - module: mailops.mailserver.mail_dns_info
  - module: mailops.mailserver.mail_dns_record
"""

EXAMPLES = r"""
- name: Show the records as a fragment of a zone file
  ansible.builtin.debug:
    msg: "{{ wanted.records | mailops.mailserver.zone_text }}"
  vars:
    wanted: "{{ mail_domains | mailops.mailserver.dns_records('mx.example.com', ['192.0.2.25', '2001:db8::25']) }}"
"""

RETURN = r"""
_value:
  description:
    - C(records), a list with C(name), C(type), C(ttl), C(values), C(purpose), C(mend) and C(domain). Names have no last
      dot, names in values have one. A TXT is one string without quotes.
    - C(retired), the records of keys that are no longer to be published, with C(state=absent), for module
      M(mailops.mailserver.mail_dns_record).
    - C(policies), the files of MTA-STS, with C(domain), C(url), C(id) and C(content).
    - C(notes), sentences that an administrator should read.
    - C(private), those of the server's addresses that nobody outside reaches, because it is behind NAT.
  type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import subject, wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

PORTS = (465, 587, 993)


def dns_records(
    domains: Sequence[Mapping[str, Any]],
    hostname: str,
    addresses: Sequence[str],
    *,
    certificates: Sequence[Mapping[str, Any]] = (),
    dkim_keys: Sequence[Mapping[str, Any]] = (),
    ports: Sequence[int] = PORTS,
    defaults: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        server = subject.server(hostname, addresses, certificates=certificates, ports=ports)
        found = wanted.wanted(domains, server, dkim_keys=dkim_keys, general=defaults)
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes
    records = [record.as_dict() for record in found.records]
    retired = [{**record.as_dict(), "state": "absent"} for record in found.retired]
    private = [text for text in server.addresses if subject.is_private(text)]
    more = {"policies": found.policies, "notes": found.notes, "private": private}
    return {"records": records, "retired": retired, **more}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dns_records": dns_records}
