#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_certificate
short_description: Install the certificates of a mail server, only if they are right, and prove that they are served
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Installs certificates with their chains and keys for Postfix, Dovecot and Courier, in the form that each needs. One
    task takes all certificates of a server.
  - Everything is judged before anything is replaced. The key must belong to the certificate, the chain must be complete
    and lead to an authority that is trusted, the names must cover those that clients use, and the certificate must be
    valid now and for some days more. Key and signature must be strong enough, and it must be for servers. Disorder in a
    chain, certificates given twice, roots, text around PEM, DER and line ends of Windows are mended. If one entry is
    wrong, nothing is changed, and the message lists every fault with its file.
  - Each version gets a directory of its own, which never changes, and a link says which is live. So certificate and key
    change together, a process that is killed leaves the old version or the new one, and keys are never readable by
    others.
  - Postfix and Dovecot are then reloaded if they run. Sessions go on. A reload of Dovecot would cut off clients that
    are logging in, so a moment without any is waited for, up to ten seconds. Where the old certificate was served
    before, the new one must be served within 15 seconds. Otherwise the links are put back and the module fails.
  - Daemons read the files of all entries the same way. So of many that change at once five are looked at, the default
    first, each with the first of its names. The program and M(mailops.mailserver.mail_certificate_info) ask for all.
  - Where TLSA records for mail to one of the names (DANE) fit the certificate that is live, and none for the new one is
    there for two TTLs yet, the entry stays as it is, and a warning says which record to publish. Mail of senders that
    go by those records would stop otherwise. The other entries go on. RV(certificates[].next_tlsa) has the record.
  - C(/usr/local/sbin/mailserver-certificates) does the same again without Ansible, for sources that are files. A timer
    of systemd runs it daily, and it can be the deploy hook of any ACME client. It installs what was renewed, signs
    self-signed certificates anew, and looks at what each port serves for each name. What is wrong goes to standard
    error, with exit status 1.
  - Role P(mailops.mailserver.common#role) makes the entries of C(mail_certificates).
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  check_mode:
    details:
      - Certificates are judged in check mode as well. Without python3-cryptography, which an earlier task would
        install, only files are compared, and a warning says so.
      - Entries with O(certificates[].if_missing=self_signed) whose files do not exist yet are foretold as new.
      - So is a self-signed certificate that the run would sign. Where it may have to wait for its TLSA record, a
        warning says so.
  diff_mode:
    details:
      - Shows subject, names, issuer, times and fingerprint of each entry, never a key. For a certificate that is not
        signed yet it says so.
requirements:
  - python3-cryptography 3.3 or later, and openssl, on the host
  - python3-dnspython 2.0 or later on the host for O(tlsa_check), which cannot look at records without it
options:
  directory:
    description:
      - Where the certificates are installed. It is readable by all; C(versions) in it, with the keys, is not.
    type: path
    default: /etc/ssl/mailserver
  certificates:
    description: The certificates. Entries from earlier runs that are not listed stay, unless O(exclusive).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The directory of the entry below C(live) in O(directory).
          - The default is the first of O(certificates[].names), with V(wildcard) for C(*).
        type: str
      names:
        description:
          - The names that clients use as their server, for which this certificate is served. Each must be in the
            certificate. IP addresses and names such as V(*.example.com) are possible.
          - A name belongs to one entry. One that an entry of an earlier run has moves here.
        type: list
        elements: str
        required: true
      default:
        description:
          - Whether clients that ask for no name, or for an unknown one, get it. It stays the default until another
            entry says V(true); if none ever did, the first entry is.
        type: bool
        default: false
      certificate:
        description: The certificate as text (PEM), with or without its chain.
        type: str
      certificate_file:
        description:
          - The file, on the host, of the certificate (PEM or DER). The chain and the key may be in it too.
          - Files of this module must belong to root, as must all directories and links on the way there, since others
            could swap them.
        type: path
      chain:
        description: The intermediate certificates as text, in any order.
        type: str
      chain_file:
        description: The file of the intermediate certificates.
        type: path
      key:
        description: The private key as text (PEM).
        type: str
      key_file:
        description: The file of the private key.
        type: path
      passphrase:
        description:
          - What opens the key. It is installed without.
          - Entries that need one are not renewed by the program, since it does not know it.
        type: str
      also:
        description: A second pair with a key of the other kind, RSA besides EC; clients get the one that they know.
        type: list
        elements: dict
        default: []
        suboptions:
          certificate:
            description: As O(certificates[].certificate).
            type: str
          certificate_file:
            description: As O(certificates[].certificate_file).
            type: path
          chain:
            description: As O(certificates[].chain).
            type: str
          chain_file:
            description: As O(certificates[].chain_file).
            type: path
          key:
            description: As O(certificates[].key).
            type: str
          key_file:
            description: As O(certificates[].key_file).
            type: path
          passphrase:
            description: As O(certificates[].passphrase).
            type: str
      self_signed:
        description:
          - Makes a certificate for O(certificates[].names) that is signed by itself, valid for 800 days. It is renewed
            when less than 30 are left or the names change, and keeps the key that is live.
          - Clients do not trust it, and each run warns of that.
        type: bool
        default: false
      if_missing:
        description:
          - What to do while the files lack something, because somebody else, such as an ACME client, brings them later.
          - V(fail) makes that an error.
          - V(self_signed) makes a certificate that is signed by itself while a file does not exist. It never replaces
            one that came from the files.
          - With V(self_signed) it is no error either when the certificate in the files is not for all names, not valid
            now, or for less than O(min_days). If it is valid now and for one of the names at least, it takes the place
            of a self-signed one, and of one that ends earlier and is for no name that it is not for. Otherwise what is
            live stays. Each run warns of what is missing, and the program complains.
          - A key that does not belong to its certificate, a chain with a gap and a damaged file are always errors.
        type: str
        choices: [fail, self_signed]
        default: fail
      state:
        description:
          - V(previous) makes the version before the live one live again, if it is still right. A second run does not go
            further back. Names and default stay as they are. The program leaves the entry alone until its files change;
            V(present) installs them again. Until then the version that was live is kept on disk.
          - V(absent) removes the entry with its versions. It is refused while the configuration of Postfix, Dovecot or
            Courier names its files.
        type: str
        choices: [present, absent, previous]
        default: present
  exclusive:
    description:
      - Whether entries from earlier runs that are not listed are forgotten. They are no longer renewed or looked at.
      - Their files stay, because the configuration of a daemon may still name them. O(certificates[].state=absent)
        removes them.
    type: bool
    default: false
  trust_files:
    description:
      - Files with the certificates of authorities that count besides those of the host (ca-certificates).
      - Without it, what an earlier task said holds, else none.
    type: list
    elements: path
  min_days:
    description:
      - For how many days from now on a certificate must be valid to be installed.
      - One that is installed stays when fewer are left, as long as its source has no other; each run warns then.
      - Without it, what an earlier task said holds, else V(7).
    type: int
  keep:
    description:
      - How many versions before the live one are kept.
      - Without it, what an earlier task said holds, else V(3).
    type: int
  courier:
    description:
      - Makes the files that Courier reads, which is then told C(TLS_CERTFILE=/etc/ssl/mailserver/courier.pem). For each
        name there is a file with that name added. Courier finds a new one with the next connection.
      - They belong to the group C(courier), because Courier reads them as its own user when a client says STARTTLS. Of
        two pairs it gets the first, since its TLS library takes a file for one chain.
      - Without it, what an earlier task said holds, else V(false).
    type: bool
  reload:
    description:
      - Whether running daemons are reloaded and looked at when something has changed. The program always does.
    type: bool
    default: true
  address:
    description:
      - IP address or host name at which to look what is served.
      - Without it, what an earlier task said holds. If that is nothing, or V('') is given, it is the address that the
        host uses towards other hosts, and V(127.0.0.1) where it has none.
    type: str
  ports:
    description:
      - Port by service, for the look. Services that are not listed, or have port V(0), are not looked at.
      - The services are C(smtp), C(submission), C(submissions), C(imap), C(imaps), C(pop3), C(pop3s) and C(sieve).
      - "Without it, what an earlier task said holds, else V({smtp: 25, submission: 587, submissions: 465, imap: 143,
        imaps: 993, pop3: 110, pop3s: 995, sieve: 4190})."
    type: dict
  tlsa_check:
    description:
      - Whether a certificate waits when senders go by TLSA records that do not fit it.
      - Records that fit neither the old certificate nor the new one keep nothing back, since they stop mail as it is.
        An expired certificate stays only where records of usage 3 are signed, since senders go by those all the same.
      - Where name servers do not answer, what was seen before counts. The program looks daily. If nothing was ever
        seen, a certificate with a new key is installed, and a warning says so.
      - Without it, what an earlier task said holds, else V(true).
    type: bool
  mx_names:
    description:
      - Names of this server in MX records, for O(tlsa_check). Those that stand in O(certificates[].names) need not be
        listed, those that are below a wildcard or served by the default entry do.
      - Without it, what an earlier task said holds, else none.
    type: list
    elements: str
  program:
    description:
      - Whether there is C(/usr/local/sbin/mailserver-certificates) with its timer. It is made of the code of this
        release and needs nothing else on the host but python3-cryptography and openssl.
      - It looks after one O(directory). A task with another one is refused unless it says V(false), which then leaves
        the program alone.
    type: bool
    default: true
notes:
  - Postfix reads C(live/NAME/combined.pem) (C(smtpd_tls_chain_files), C(tls_server_sni_maps)), Dovecot
    C(live/NAME/certificate.pem) and C(live/NAME/key.pem). With a second pair, Dovecot also reads
    C(live/NAME/alt-certificate.pem) and C(live/NAME/alt-key.pem).
  - O(trust_files), O(min_days), O(keep), O(courier), O(address), O(ports), O(tlsa_check) and O(mx_names) hold for all
    entries, also those of earlier runs. They are remembered in C(renewal.json), together with the names of files. A
    task that does not give one of them leaves it as it is; only where no task gave it, its default holds. Text is not
    remembered, so what is given as text is renewed by the next run of this module alone.
seealso:
  - module: mailops.mailserver.mail_certificate_info
  - module: mailops.mailserver.mail_acme
"""

EXAMPLES = r"""
- name: Install the certificate of a commercial authority
  mailops.mailserver.mail_certificate:
    certificates:
      - names: [mail.example.com, smtp.example.com, imap.example.com]
        certificate: "{{ lookup('ansible.builtin.file', 'mail.example.com.crt') }}"
        chain: "{{ lookup('ansible.builtin.file', 'intermediate.crt') }}"
        key: "{{ vault_mail_key }}"

- name: Install one certificate for the server, and one for each of two domains
  mailops.mailserver.mail_certificate:
    certificates:
      - names: [mx.example.com]
        default: true
        certificate_file: /etc/letsencrypt/live/mx.example.com/fullchain.pem
        key_file: /etc/letsencrypt/live/mx.example.com/privkey.pem
        if_missing: self_signed
      - names: [mail.example.net]
        certificate_file: /etc/letsencrypt/live/mail.example.net/fullchain.pem
        key_file: /etc/letsencrypt/live/mail.example.net/privkey.pem
      - names: ['*.example.org']
        certificate_file: /root/example.org.pem  # its chain and its key are in it too

- name: Serve RSA to old clients and ECDSA to all others
  mailops.mailserver.mail_certificate:
    certificates:
      - names: [mail.example.com]
        certificate_file: /etc/ssl/private/mail-ecdsa.pem
        also:
          - certificate_file: /etc/ssl/private/mail-rsa.pem

- name: Trust the authority of the company
  mailops.mailserver.mail_certificate:
    trust_files: [/usr/local/share/ca-certificates/example.crt]
    certificates:
      - names: [mail.example.internal]
        certificate_file: /root/mail.crt
        key_file: /root/mail.key
        passphrase: "{{ vault_mail_passphrase }}"

- name: Sign a certificate on the server itself
  mailops.mailserver.mail_certificate:
    certificates:
      - names: [mail.example.test, 192.0.2.25]
        self_signed: true
  register: installed

- name: Show the record that lets others know the key (DANE)
  ansible.builtin.debug:
    msg: "_25._tcp.mail.example.test. IN TLSA {{ installed.certificates[0].tlsa }}"

- name: Go back to the certificate before
  mailops.mailserver.mail_certificate:
    certificates:
      - names: [mail.example.com]
        state: previous

- name: Remove a certificate that nothing names any more
  mailops.mailserver.mail_certificate:
    certificates:
      - names: [mail.example.net]
        state: absent

# certbot renew --deploy-hook /usr/local/sbin/mailserver-certificates
# acme.sh --install-cert … --reloadcmd /usr/local/sbin/mailserver-certificates
# lego … renew --renew-hook /usr/local/sbin/mailserver-certificates
"""

RETURN = r"""
certificates:
  description: The entries that were given, without those with O(certificates[].state=absent), in their order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The directory of the entry below C(live) in O(directory).
      type: str
      sample: mail.example.com
    names:
      description: The names for which it is served.
      type: list
      elements: str
      sample: [mail.example.com]
    default:
      description: Whether clients that ask for no name, or for an unknown one, get it.
      type: bool
      sample: true
    subject:
      description:
        - Whose certificate it is.
        - This and the following are empty, RV(certificates[].days_left) is 0, for one that check mode cannot know yet.
      type: str
      sample: CN=mail.example.com
    issuer:
      description: Who signed it.
      type: str
      sample: CN=R11, O=Let's Encrypt, C=US
    not_before:
      description: When it becomes valid, in UTC (ISO 8601).
      type: str
      sample: '2026-11-01T00:00:00Z'
    not_after:
      description: When it expires.
      type: str
      sample: '2027-01-30T00:00:00Z'
    days_left:
      description: Whole days until then.
      type: int
      sample: 69
    fingerprint:
      description: SHA-256 of the certificate, in hex.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    tlsa:
      description: The data of a TLSA record for its key (RFC 6698).
      type: str
      sample: 3 1 1 0c72ac70b745ac19998811b131d662c9ac69dbdbe7cb23e5b514b56664c5d3d6
    key:
      description: Kind and size of its key.
      type: str
      sample: EC P-256
    chain:
      description: The subjects of the certificates that are sent, its own first.
      type: list
      elements: str
      sample: [CN=mail.example.com, 'CN=R11, O=Let''s Encrypt, C=US']
    also:
      description: The same, from RV(certificates[].subject) on, of the second certificate, if there is one.
      type: list
      elements: dict
      sample: []
    files:
      description: The files that daemons read, C(certificate), C(key) and C(combined), with C(alt_certificate) and
        C(alt_key) of the second one.
      type: dict
      sample:
        certificate: /etc/ssl/mailserver/live/mail.example.com/certificate.pem
        key: /etc/ssl/mailserver/live/mail.example.com/key.pem
        combined: /etc/ssl/mailserver/live/mail.example.com/combined.pem
    previous:
      description: The versions from before that are kept, newest first.
      type: list
      elements: str
      sample: [20260901T030000Z-1f2e3d4c]
    next_tlsa:
      description:
        - The data of the TLSA records that a new certificate waits for (O(tlsa_check)). All else here is of the one
          that stays. Empty when none waits.
      type: list
      elements: str
      sample: []
reloaded:
  description: The daemons that were told of new certificates, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [postfix, dovecot]
"""

import importlib.util

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import install, program, request
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

PAIR = {
    "certificate": {"type": "str", "no_log": True},
    "certificate_file": {"type": "path"},
    "chain": {"type": "str", "no_log": True},
    "chain_file": {"type": "path"},
    "key": {"type": "str", "no_log": True},
    "key_file": {"type": "path", "no_log": False},
    "passphrase": {"type": "str", "no_log": True},
}
ENTRY = {
    "name": {"type": "str"},
    "names": {"type": "list", "elements": "str", "required": True},
    "default": {"type": "bool", "default": False},
    **PAIR,
    "also": {"type": "list", "elements": "dict", "default": [], "options": PAIR},
    "self_signed": {"type": "bool", "default": False},
    "if_missing": {"type": "str", "choices": ["fail", "self_signed"], "default": "fail"},
    "state": {"type": "str", "choices": ["present", "absent", "previous"], "default": "present"},
}
SPEC = {
    "directory": {"type": "path", "default": "/etc/ssl/mailserver"},
    "certificates": {"type": "list", "elements": "dict", "default": [], "options": ENTRY},
    "exclusive": {"type": "bool", "default": False},
    "trust_files": {"type": "list", "elements": "path"},
    "min_days": {"type": "int"},
    "keep": {"type": "int"},
    "courier": {"type": "bool"},
    "reload": {"type": "bool", "default": True},
    "address": {"type": "str"},
    "ports": {"type": "dict"},
    "tlsa_check": {"type": "bool"},
    "mx_names": {"type": "list", "elements": "str"},
    "program": {"type": "bool", "default": True},
}


def work(module: AnsibleModule) -> Outcome:
    params, check_mode = module.params, module.check_mode
    able = importlib.util.find_spec("cryptography") is not None
    if not able and not check_mode:
        mend = "On Debian its package is python3-cryptography."
        raise MailError(missing_required_lib("cryptography"), where="mail_certificate", mend=mend)
    options, entries = install.options_of(params), request.entries(params["certificates"])
    if params["program"]:
        program.refuse_other(options.directory)
    outcome = install.converge(options, entries, able=able, check_mode=check_mode)
    changes = program.converge(options.directory, present=params["program"], check_mode=check_mode)
    return outcome._replace(changes=[*outcome.changes, *changes])


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
