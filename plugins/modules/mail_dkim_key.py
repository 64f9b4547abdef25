#!/usr/bin/python
# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_dkim_key
short_description: Make, take over and retire the keys with which domains sign their mail (DKIM)
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Makes RSA and Ed25519 keys, or takes existing ones over, and returns the records that DNS needs. One task takes all
    domains of a server.
  - A key is never replaced by accident. One that differs from what is asked for, is damaged or is missing is an error
    that says what to do, unless O(keys[].regenerate) says otherwise. Everything is judged before anything is written;
    if one key is at fault, none is changed, and the message lists every fault.
  - A private key never leaves the host, and no one but root and O(group) can read it at any moment. A run that is
    killed leaves no half of a key, and keys that were made before stay.
  - Each key is in a phase, see O(keys[].phase), which says whether it signs. Only steps that keep all mail verifiable
    are possible without O(keys[].force).
  - What is known of a key lies beside it in a file of JSON. As long as both agree, keys are not opened, so a run with
    nothing to do is quick. A key without this file is taken up as it is.
extends_documentation_fragment:
  - mailops.mailserver.attributes
attributes:
  check_mode:
    details:
      - Of a key that would be made, fingerprint and record are not known and empty.
  diff_mode:
    details:
      - Shows algorithm, bits, fingerprint and phase of each key, never a private key.
  idempotent:
    details:
      - Not with O(keys[].regenerate=always).
    support: partial
requirements:
  - python3-cryptography 3.3 or later on the host
options:
  directory:
    description:
      - Where the keys lie, as C(DOMAIN/SELECTOR.key), RSA in PKCS#8, or C(DOMAIN/SELECTOR.seed), Ed25519 as base64 of
        its 32 octets, which is what rspamd reads.
    type: path
    default: /var/lib/mailserver/dkim
  group:
    description: The group that may read the keys, that of the daemon that signs.
    type: str
    default: root
  keys:
    description: The keys. Others that lie in O(directory) stay as they are.
    type: list
    elements: dict
    required: true
    suboptions:
      domains:
        description: The domains that get a key with these properties, each its own, unless one is given to take over.
        type: list
        elements: str
        required: true
        aliases: [domain]
      selector:
        description:
          - What tells the keys of a domain apart, such as V(mail2026). Dots separate parts.
          - Keys that sign side by side, RSA and Ed25519, need different ones.
        type: str
        required: true
      algorithm:
        description:
          - The default is V(rsa) for a key that is made, and otherwise whatever it is.
          - Not every verifier knows V(ed25519) yet. It signs besides an RSA key, not in its place.
        type: str
        choices: [rsa, ed25519]
      bits:
        description:
          - The size of an RSA key. The default is V(2048) for a key that is made, and otherwise whatever it is.
          - The records of larger ones do not fit into what every resolver gets by UDP.
        type: int
        choices: [2048, 3072, 4096]
      key:
        description:
          - A private key to take over, as text. PEM (PKCS#1 as opendkim and Plesk have it, or PKCS#8) without a
            passphrase, or for Ed25519 base64 of its seed.
          - Fewer than 2048 bits cause a warning, fewer than 1024 are an error.
        type: str
      key_file:
        description:
          - The same as a file on the host, instead of O(keys[].key). Once it is taken over the file may be removed.
        type: path
      phase:
        description:
          - V(prepared), the default for a new key, is made and its record is to be published. V(published) has a record
            that is seen by others. V(signing) signs. V(retiring) has signed, and its record stays for mail that is on
            its way. V(retired) has lost its private key, and its record may go.
          - When left out, a key stays in the phase that it has.
          - Keys only go forward, V(prepared) and V(published) also to V(retired) at once. A key that is taken over
            can begin with any but V(retired).
        type: str
        choices: [prepared, published, signing, retiring, retired]
      regenerate:
        description:
          - What happens to a key that is there. V(never) makes it an error when it differs from O(keys[].algorithm),
            O(keys[].bits) or the key that is given; V(mismatch) replaces it then; V(always) replaces it.
          - The record changes with it, so a key in another phase than V(prepared) is only replaced with
            O(keys[].force). Rotating to another selector does no harm.
          - One that is damaged or missing is only replaced with V(always) and O(keys[].force) together.
        type: str
        choices: [never, mismatch, always]
        default: never
      force:
        description:
          - Allows what may harm, such as a key that signs before its record was seen, a key that is removed while it
            signs, or the way back to an earlier phase. Nothing leads back from V(retired).
        type: bool
        default: false
      state:
        description:
          - V(absent) removes a key with all that is known of it. A key that signs or is retiring is only removed with
            O(keys[].force).
        type: str
        choices: [present, absent]
        default: present
notes:
  - The daemon that signs is not told. What it is to sign with are the keys that are V(signing).
seealso:
  - module: mailops.mailserver.mail_dkim_key_info
"""

EXAMPLES = r"""
- name: Make a key for each domain of the server
  mailops.mailserver.mail_dkim_key:
    group: _rspamd
    keys:
      - domains: "{{ mail_domains | map(attribute='name') }}"
        selector: mail2026
  register: dkim

- name: Show what to publish
  ansible.builtin.debug:
    msg: "{{ dkim.dkim_keys | map(attribute='zone') }}"

- name: Sign with both algorithms
  mailops.mailserver.mail_dkim_key:
    keys:
      - {domains: [example.com, example.org], selector: mail2026}
      - {domains: [example.com, example.org], selector: mail2026e, algorithm: ed25519}

- name: Take over the key of Plesk, whose record is published already
  mailops.mailserver.mail_dkim_key:
    keys:
      - domain: example.com
        selector: default
        key_file: /etc/domainkeys/example.com/default
        phase: signing

- name: Take over a key from a vault
  mailops.mailserver.mail_dkim_key:
    keys:
      - {domain: example.com, selector: s1, key: "{{ vault_dkim_key }}"}

- name: Let the next key sign, and the one before it only be verified from now on
  mailops.mailserver.mail_dkim_key:
    keys:
      - {domain: example.com, selector: mail2027, phase: signing}
      - {domain: example.com, selector: mail2026, phase: retiring}

- name: Remove the keys of a domain that was given up
  mailops.mailserver.mail_dkim_key:
    keys:
      - {domain: example.net, selector: mail2026, state: absent, force: true}
"""

RETURN = r"""
dkim_keys:
  description: The keys that were asked for, without those that are absent, in the order of O(keys).
  returned: success
  type: list
  elements: dict
  contains:
    domain:
      description: The domain that it signs for.
      type: str
      sample: example.com
    selector:
      description: The selector.
      type: str
      sample: mail2026
    algorithm:
      description: V(rsa) or V(ed25519).
      type: str
      sample: rsa
    bits:
      description: Its size.
      type: int
      sample: 2048
    phase:
      description: Its phase, see O(keys[].phase).
      type: str
      sample: prepared
    since:
      description: When it entered this phase, in UTC (ISO 8601). Empty for a key that check mode does not make.
      type: str
      sample: '2026-11-22T10:00:00Z'
    created:
      description: When it was made, or came here. Empty for a key that check mode does not make.
      type: str
      sample: '2026-11-22T10:00:00Z'
    published:
      description: Whether its record is to be in DNS, which it is in all phases but V(retired).
      type: bool
      sample: true
    name:
      description: The name of its TXT record.
      type: str
      sample: mail2026._domainkey.example.com
    value:
      description: Its whole text, as most providers want it. Empty for a key that check mode does not make.
      type: str
      sample: v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC
    strings:
      description: The same in strings of at most 255 characters, which belong together without anything between them.
      type: list
      elements: str
      sample: [v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC]
    zone:
      description: The same as a line of a zone of BIND.
      type: str
      sample: mail2026._domainkey.example.com. IN TXT "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC"
    fingerprint:
      description: SHA-256 of the public key (SubjectPublicKeyInfo), in hex.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    path:
      description: The file of the private key. Empty when it is V(retired).
      type: str
      sample: /var/lib/mailserver/dkim/example.com/mail2026.key
"""

import os

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import converge, key, phase, request
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome
from ansible_collections.mailops.mailserver.plugins.module_utils._report import Module, run

KEY = {
    "domains": {"type": "list", "elements": "str", "required": True, "aliases": ["domain"]},
    "selector": {"type": "str", "required": True},
    "algorithm": {"type": "str", "choices": list(key.ALGORITHMS)},
    "bits": {"type": "int", "choices": list(key.BITS)},
    "key": {"type": "str", "no_log": True},
    "key_file": {"type": "path", "no_log": False},
    "phase": {"type": "str", "choices": list(phase.PHASES)},
    "regenerate": {"type": "str", "choices": list(request.REGENERATE), "default": request.NEVER},
    "force": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
SPEC = {
    "directory": {"type": "path", "default": "/var/lib/mailserver/dkim"},
    "group": {"type": "str", "default": "root"},
    "keys": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "no_log": False,
        "options": KEY,
        "mutually_exclusive": [("key", "key_file")],
    },
}


def work(module: AnsibleModule) -> Outcome:
    params, check_mode = module.params, module.check_mode
    if not converge.is_able() and (not check_mode or os.path.lexists(params["directory"])):
        mend = "On Debian its package is python3-cryptography."
        raise MailError(missing_required_lib("cryptography"), where="mail_dkim_key", mend=mend)
    wanted = request.wanted(params["keys"])
    where = converge.place(params["directory"], params["group"], check_mode=check_mode)
    return converge.converge(where, wanted, check_mode=check_mode)


def main() -> None:
    run(Module(argument_spec=SPEC, supports_check_mode=True), work)


if __name__ == "__main__":
    main()
