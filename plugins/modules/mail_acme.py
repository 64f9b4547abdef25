#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_acme
short_description: Certificates from Let's Encrypt or another ACME server
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Has the distribution's certbot ask for certificates (RFC 8555), and sees to it that those that it renews come to the
    mail services.
  - A certificate is issued when there is none, and again when its names, O(server), the way in which its names are
    proved or the kind of its key are not as asked, when certbot's files are incomplete, and when it has expired or
    should have been renewed long ago (a sixth of its lifetime is left). Otherwise nobody is asked.
    RV(certificates[].reasons) says why.
  - O(reuse_key) and what else only renewals need is written into the renewal configuration without issuing.
  - A certificate that cannot be issued keeps no other from it, and what was there before stays. Names are not taken off
    a certificate because one of them fails.
  - Certbot renews by its own timer, C(certbot.timer), which has to run. The hook
    C(/etc/letsencrypt/renewal-hooks/deploy/mailserver-certificates), which this module writes, then starts the renewal
    program of M(mailops.mailserver.mail_certificate). What that cannot install leaves
    C(mailserver-certificates.service) failed.
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  check_mode:
    details:
      - Says what would be issued and asks no server, so that it cannot foretell whether the server would issue it.
notes:
  - Certbot's files for O(certificates[].name) are C(/etc/letsencrypt/live/NAME/fullchain.pem) and
    C(/etc/letsencrypt/live/NAME/privkey.pem).
  - When another certbot is running it is waited for, for two minutes.
  - Let's Encrypt issues a limited number of certificates for a domain each week. Try with its server for tests first,
    U(https://acme-staging-v02.api.letsencrypt.org/directory), and under other names in O(certificates[].name).
requirements:
  - certbot 1.12 or later
  - python3-certbot-dns-rfc2136 with O(method=rfc2136)
  - python3-cryptography
options:
  email:
    description:
      - Where the authority reaches the one who is responsible for the certificates. Giving it agrees to the terms of
        service of O(server).
      - It counts when the account is made, with the first certificate; later C(certbot update_account) changes it.
    type: str
    required: true
  server:
    description: The directory URL of the ACME server.
    type: str
    default: https://acme-v02.api.letsencrypt.org/directory
  method:
    description:
      - How it is proved that the names are this host's. The first two need the names' A and AAAA records to lead here,
        and port 80 to be open to everybody; the last two are for hosts behind a firewall and for wildcard names.
      - V(standalone) lets certbot answer on O(http_port). Nothing else may listen there, now and at each renewal.
      - V(webroot) puts files below O(webroot), which a web server serves under all the names.
      - V(hook) runs O(auth_hook), which publishes a TXT record.
      - V(rfc2136) sends such a record to the name server O(rfc2136) as a dynamic update.
    type: str
    choices: [standalone, webroot, hook, rfc2136]
    default: standalone
  http_port:
    description:
      - The port that certbot listens on with O(method=standalone).
      - The authority asks at port 80, so that something has to lead from there to another port.
    type: int
    default: 80
  webroot:
    description: The directory for O(method=webroot).
    type: path
  auth_hook:
    description:
      - A program on the host for O(method=hook). It publishes the text C($CERTBOT_VALIDATION) as a TXT record of
        C(_acme-challenge.$CERTBOT_DOMAIN), beside others of that name, and ends when all name servers of the zone have
        it.
      - It runs as root, so root alone may be able to change it.
    type: path
  cleanup_hook:
    description: A program on the host that takes the record away again. In it, C($CERTBOT_AUTH_OUTPUT) is set too.
    type: path
  rfc2136:
    description:
      - The name server for O(method=rfc2136).
      - It is kept in C(/etc/letsencrypt/mailserver-rfc2136.ini), which root alone can read, for all certificates. A
        change of it is tried when the next certificate is issued.
    type: dict
    suboptions:
      server:
        description: The address of the primary name server of the zone.
        type: str
        required: true
      port:
        description: Its port.
        type: int
        default: 53
      key_name:
        description: The name of the TSIG key (RFC 8945), as the name server has it.
        type: str
        required: true
      key_secret:
        description: The secret of the TSIG key, in base64.
        type: str
        required: true
      key_algorithm:
        description: The algorithm of the TSIG key.
        type: str
        choices: [hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512]
        default: hmac-sha256
      propagation_seconds:
        description: How many seconds the other name servers of the zone need to get a record.
        type: int
        default: 60
  key_type:
    description: The kind of key; V(ecdsa) is P-256.
    type: str
    choices: [ecdsa, rsa]
    default: ecdsa
  rsa_key_size:
    description: The size in bits with O(key_type=rsa).
    type: int
    choices: [2048, 3072, 4096]
    default: 3072
  reuse_key:
    description:
      - Whether the key stays the same when a certificate is issued again. TLSA records (DANE) of type C(3 1 1) then
        stay right.
      - A key of another kind is a new key all the same.
    type: bool
    default: false
  on_failure:
    description: Whether certificates that were not issued make the task fail, after the others were, or are warned of.
    type: str
    choices: [fail, warn]
    default: fail
  certificates:
    description: The certificates. What certbot has besides them is left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - What certbot calls it, which makes its directory. By default the first name; C(*) in it becomes C(wildcard).
        type: str
      names:
        description:
          - The names that it is for; international ones may be written as they are. A wildcard such as
            V(*.example.com) needs O(method=hook) or O(method=rfc2136).
        type: list
        elements: str
        required: true
seealso:
  - module: mailops.mailserver.mail_certificate
  - name: ACME certificates
    description: How the role uses this module, and what it needs.
    link: https://letsencrypt.org/docs/
"""

EXAMPLES = r"""
- name: Have certificates for two servers, proved on port 80
  mailops.mailserver.mail_acme:
    email: postmaster@example.com
    certificates:
      - names: [mx.example.com, mail.example.com, imap.example.com]
      - names: [mail.example.net]
  register: acme

- name: Let the mail services use them
  mailops.mailserver.mail_certificate:
    certificates:
      - names: "{{ acme.certificates[0].names }}"
        certificate_file: "{{ acme.certificates[0].certificate_file }}"
        key_file: "{{ acme.certificates[0].key_file }}"
        default: true
      - names: "{{ acme.certificates[1].names }}"
        certificate_file: "{{ acme.certificates[1].certificate_file }}"
        key_file: "{{ acme.certificates[1].key_file }}"

- name: Have a wildcard certificate, proved by dynamic updates of the zone
  mailops.mailserver.mail_acme:
    email: postmaster@example.com
    method: rfc2136
    rfc2136:
      server: 192.0.2.53
      key_name: acme-key
      key_secret: "{{ vault_acme_key }}"
    reuse_key: true
    certificates:
      - {name: example.com, names: [example.com, "*.example.com"]}

- name: Have what a web server proves, and go on without what fails
  mailops.mailserver.mail_acme:
    email: postmaster@example.com
    method: webroot
    webroot: /var/www/html
    on_failure: warn
    certificates:
      - names: [mail.example.org]
"""

RETURN = r"""
certificates:
  description: The certificates in the order of O(certificates).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: What certbot calls it.
      type: str
      sample: mx.example.com
    names:
      description: The names that it is to be for.
      type: list
      elements: str
      sample: [mx.example.com, mail.example.com]
    issued:
      description: Whether it was issued, or would be in check mode.
      type: bool
      sample: true
    reasons:
      description: Why it had to be issued.
      type: list
      elements: str
      sample: [it is to be for mail.example.com too]
    errors:
      description: Why it was not issued, with O(on_failure=warn).
      type: list
      elements: str
      sample: []
    certificate_file:
      description: The file with the certificate and its chain.
      type: str
      sample: /etc/letsencrypt/live/mx.example.com/fullchain.pem
    key_file:
      description: The file with its key.
      type: str
      sample: /etc/letsencrypt/live/mx.example.com/privkey.pem
"""

import importlib.util

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.mailops.mailserver.plugins.module_utils import _report
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import acme_request, certbot
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome


def work(module: AnsibleModule) -> Outcome:
    """Read the options, then look, plan and have issued."""
    params = module.params
    if importlib.util.find_spec("cryptography") is None and not module.check_mode:
        mend = "On Debian its package is python3-cryptography; certbot needs it too."
        raise MailError(missing_required_lib("cryptography"), where="mail_acme", mend=mend)
    return certbot.settle(
        acme_request.settings(params),
        acme_request.wishes(params["certificates"], params["method"]),
        strict=params["on_failure"] == "fail",
        check_mode=module.check_mode,
    )


def main() -> None:
    spec = {
        **acme_request.SPEC,
        "on_failure": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
        "certificates": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str"},
                "names": {"type": "list", "elements": "str", "required": True},
            },
        },
    }
    required = [
        ("method", "webroot", ["webroot"]),
        ("method", "hook", ["auth_hook"]),
        ("method", "rfc2136", ["rfc2136"]),
    ]
    _report.run(_report.Module(argument_spec=spec, supports_check_mode=True, required_if=required), work)


if __name__ == "__main__":
    main()
