#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_certificate_info
short_description: Compare the certificates that a mail server has with those that it serves
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Reads the certificates that M(mailops.mailserver.mail_certificate) has installed, and asks each port of the server
    for each name, and once without a name, which certificate it serves. The client is C(openssl s_client).
  - What is served must be what is on disk. Where it is not, a certificate was renewed and the daemon goes on with the
    old one, or the daemon reads other files.
  - What is wrong does not fail the module; look at RV(faults).
  - The module can be delegated to another host, which then sees the server as clients do. Without certificates below
    O(directory) there it says what is served, and has nothing to compare it with.
extends_documentation_fragment:
  - mailops.mailserver.attributes.info
requirements:
  - python3-cryptography and openssl on the host where the module runs
options:
  directory:
    description: Where the certificates are installed.
    type: path
    default: /etc/ssl/mailserver
  address:
    description:
      - IP address or host name to connect to.
      - The default is the address that the host uses towards other hosts, and V(127.0.0.1) where it has none.
    type: str
  ports:
    description:
      - Port by service. Services that are not listed, or have port V(0), are not asked.
      - With V({}) none is, and only what is on disk is read.
      - The services are C(smtp), C(submission), C(submissions), C(imap), C(imaps), C(pop3), C(pop3s) and C(sieve).
    type: dict
    default: {smtp: 25, submission: 587, submissions: 465, imap: 143, imaps: 993, pop3: 110, pop3s: 995, sieve: 4190}
  names:
    description:
      - The names that clients ask for. IP addresses are asked for without SNI, since clients send none for them, and
        for a wildcard some name below it.
      - The default is all names of the installed certificates. What is served without a name is always asked for.
    type: list
    elements: str
  min_days:
    description: Certificates that last fewer days are a fault.
    type: int
    default: 21
  warn_days:
    description: Certificates that last fewer days, but no fewer than O(min_days), are in RV(notices). The default is
      O(min_days).
    type: int
  timeout:
    description:
      - Seconds to wait for each answer. If there is none the server is asked once more, to say why, and waited for as
        long again.
      - C(postscreen) lets new clients wait for six seconds by default.
    type: float
    default: 15
"""

EXAMPLES = r"""
- name: Compare what is installed with what is served
  mailops.mailserver.mail_certificate_info:
  register: certificates

- name: Say what is wrong
  ansible.builtin.assert:
    that: not certificates.faults
    fail_msg: "{{ certificates.faults }}"

- name: See from the controller what a server shows its clients
  mailops.mailserver.mail_certificate_info:
    address: mail.example.com
    names: [mail.example.com, mail.example.org]
    ports: {smtp: 25, submissions: 465, imaps: 993}
  delegate_to: localhost
  register: seen

- name: Show the TLSA record for each port
  ansible.builtin.debug:
    msg: "_{{ item.port }}._tcp.mail.example.com. IN TLSA {{ item.tlsa }}"
  loop: "{{ seen.served | selectattr('name', '==', 'mail.example.com') }}"
"""

RETURN = r"""
certificates:
  description: What is on disk, one entry for each installed certificate.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The directory below C(live) in O(directory).
      type: str
      sample: mail.example.com
    names:
      description: The names for which it is served.
      type: list
      elements: str
    default:
      description: Whether it is served to clients that ask for no name, or for one that no other entry has.
      type: bool
    subject:
      description: Whose certificate it is. Empty where no version is live.
      type: str
      sample: CN=mail.example.com
    issuer:
      description: Who signed it.
      type: str
    not_before:
      description: When it becomes valid, in UTC (ISO 8601).
      type: str
      sample: '2026-01-31T00:00:00Z'
    not_after:
      description: When it expires.
      type: str
    days_left:
      description: Whole days until then.
      type: int
    key:
      description: Kind and size of its key.
      type: str
      sample: EC P-256
    fingerprint:
      description: SHA-256 of the certificate, in hex.
      type: str
    tlsa:
      description: The data of a TLSA record for its key (RFC 6698).
      type: str
      sample: 3 1 1 0c72ac70b745ac19998811b131d662c9ac69dbdbe7cb23e5b514b56664c5d3d6
    chain:
      description: The subjects of the certificates that are sent, its own first.
      type: list
      elements: str
    also:
      description: The same of the second certificate (RSA besides ECDSA), if there is one.
      type: list
      elements: dict
    files:
      description: The files that daemons read, C(certificate), C(key) and C(combined), with C(alt_certificate) and
        C(alt_key) of the second one.
      type: dict
    previous:
      description: The versions from before that are kept, newest first.
      type: list
      elements: str
    next_tlsa:
      description: The data of the TLSA records that a new certificate waits for. Empty when none waits.
      type: list
      elements: str
trust_pem:
  description:
    - What a client has to trust besides the authorities of its system, as PEM text, for
      O(mailops.mailserver.mail_probe#module:ca_pem).
    - These are the certificates that are signed by themselves, and those that the option C(trust_files) of
      M(mailops.mailserver.mail_certificate) named.
  returned: success
  type: str
served:
  description:
    - What each port shows for each name. Where two certificates are installed, a second entry has what clients get that
      take RSA alone.
    - Besides the following, each has RV(certificates[].subject), RV(certificates[].issuer),
      RV(certificates[].not_before), RV(certificates[].not_after), RV(certificates[].days_left), RV(certificates[].key),
      RV(certificates[].fingerprint), RV(certificates[].tlsa) and RV(certificates[].chain) of what is served.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The service.
      type: str
      sample: imaps
    port:
      description: Its port.
      type: int
    name:
      description: The name that was asked for. Empty for a client without SNI.
      type: str
    rsa_only:
      description: Whether the client took no other certificates than RSA.
      type: bool
    certificate:
      description: The name of the entry of RV(certificates) that is for this client. Empty where there is none.
      type: str
    agrees:
      description: Whether exactly what is on disk is served. V(null) where nothing is installed to compare with.
      type: bool
    why:
      description: Why not.
      type: str
      sample: an older version of 'mail.example.com' is served, not the one on disk
    error:
      description: Why no certificate came.
      type: str
      sample: nothing listens on this port
    names:
      description: The names in the certificate.
      type: list
      elements: str
faults:
  description: Each thing that is wrong and, below all that it mends, a hint. Empty if all is well.
  returned: success
  type: list
  elements: str
notices:
  description: The certificates that expire soon, with hints, see O(warn_days).
  returned: success
  type: list
  elements: str
table:
  description: All of it as lines of equal columns, for people. What holds on many ports or for many names is one line.
  returned: success
  type: list
  elements: str
address:
  description: The address that was asked.
  returned: success
  type: str
"""

import contextlib
import importlib.util
import time
from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import (
    compare,
    look,
    names,
    pem,
    report,
    store,
    version,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.book import Book
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.request import PORTS, Entry
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Installed
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import addresses, files
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.terms import read_ports
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run


def _work(module: AnsibleModule) -> Outcome:
    if importlib.util.find_spec("cryptography") is None:
        mend = "Install python3-cryptography on the host where this runs."
        raise MailError("certificates cannot be read without it", where="cryptography", mend=mend)
    options = _checked(module.params)
    directory, address = options["directory"], options["address"] or addresses.outward()
    now = time.time()
    limits = report.Limits(now, options["min_days"], options["warn_days"] or options["min_days"])
    try:
        installed, book = store.read(directory), store.book(directory)
    except OSError as error:
        mend = "Run this as root (become: true): only root may see what is installed."
        raise MailError(f"cannot be read: {error.strerror}", where=directory, mend=mend) from error
    wanted = options["names"]
    if wanted is None:
        wanted = [name for entry in installed for name in entry.names]
    looks = _looks(address, options, installed, ["", *wanted])
    found = report.findings(installed, looks, report.origins(book), limits)
    return Outcome(
        [],
        {
            "certificates": [_shown(entry, directory, now) for entry in installed],
            "trust_pem": _trust(installed, book),
            "served": [report.shown(one, now) for one in looks],
            "faults": report.advice(found, "failed"),
            "notices": report.advice(found, "soon"),
            "table": report.table(found),
            "address": address,
        },
    )


def _checked(params: dict[str, Any]) -> dict[str, Any]:
    """The options in the form that rooms take. Raises MailError for one that cannot be used."""
    lowest = {"min_days": 0, "warn_days": 0, "timeout": 1}
    for option, least in lowest.items():
        if params[option] is not None and params[option] < least:
            raise MailError(f"{params[option]} is too small", where=option, mend=f"Write {least} or more.")
    try:
        wanted = None if params["names"] is None else [names.normal(name) for name in params["names"]]
    except MailError as error:
        raise MailError(error.message, where="names") from error
    return {**params, "names": wanted, "ports": read_ports(params["ports"]) if params["ports"] else {}}


def _looks(
    address: str, options: dict[str, Any], installed: Sequence[Installed], wanted: Sequence[str]
) -> list[report.Look]:
    """What every port shows, and to clients that take RSA alone where there is a certificate for them besides."""
    ports, timeout = options["ports"], options["timeout"]
    served = look.look(address, ports, wanted, timeout=timeout)
    looks = [report.read(one) for one in compare.compare(installed, served)]
    dual = [name for name in wanted if len(getattr(compare.entry_of(name, installed), "chains", ())) > 1]
    answering = {one.service: one.port for one in served if one.chain}
    served = look.look(address, answering, dual, timeout=timeout, rsa_only=True)
    return looks + [report.read(one, rsa_only=True) for one in compare.compare(installed, served)]


def _trust(installed: Sequence[Installed], book: Book) -> str:
    """The certificates that clients of this server have to trust; those of files that are gone are left out."""
    found = [one.der for entry in installed if version.is_self_signed(entry.chains) for one in entry.chains[0]]
    for path in book.options.trust_files if book.options else ():
        with contextlib.suppress(MailError, OSError):
            found += pem.read(files.read_bytes(path) or b"", where=path).certificates
    return b"".join(pem.armour("CERTIFICATE", der) for der in dict.fromkeys(found)).decode()


def _shown(entry: Installed, directory: str, now: float) -> dict[str, Any]:
    plain = Entry(entry.name, entry.names, entry.default)
    found = version.shown(plain, entry.chains, directory, before=entry.previous, now=now)
    return {**found, "next_tlsa": list(entry.next_tlsa)}


def main() -> None:
    """Check the options, look, report."""
    module = Module(
        argument_spec={
            "directory": {"type": "path", "default": "/etc/ssl/mailserver"},
            "address": {"type": "str"},
            "ports": {"type": "dict", "default": dict(PORTS)},
            "names": {"type": "list", "elements": "str"},
            "min_days": {"type": "int", "default": 21},
            "warn_days": {"type": "int"},
            "timeout": {"type": "float", "default": 15},
        },
        supports_check_mode=True,
    )
    run(module, _work)


if __name__ == "__main__":
    main()
