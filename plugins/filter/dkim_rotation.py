# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dkim_rotation
short_description: Work out what is to be done next so that new DKIM keys follow old ones
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives the next step for the keys of all domains, and what is waited for. To rotate, do the step and run again later.
  - At every moment a key signs whose record was seen, and the records of keys that have signed stay until no mail of
    theirs is on its way. RSA and Ed25519 keys follow their own kind.
  - A step that was interrupted is completed by the next run.
positional: _input
options:
  _input:
    description: The keys as RV(mailops.mailserver.mail_dkim_key_info#module:dkim_keys) has them.
    type: list
    elements: dict
    required: true
  seen:
    description:
      - Whether every server that was asked answers with the record of a key. Either C(checks) as
        M(mailops.mailserver.mail_dns_info) returns them, asked for the records of filter
        P(mailops.mailserver.dkim_records#filter), or a dictionary of names of records with V(true) or V(false), without
        those that nobody could tell of.
      - A key that is not seen does not begin to sign. A server that cannot be reached from the host that asks does not
        count, one that does not answer does.
    type: raw
    required: true
  domains:
    description: The domains that are meant. Keys of others are left alone. The default is all.
    type: list
    elements: str
  queue_lifetime:
    description: For how many seconds mail may be on its way after it was signed.
    type: int
    default: 604800
  min_publish_wait:
    description:
      - For how many seconds the record of a key is seen before it signs. It should be longer than its TTL, and than the
        time for which name servers remember that there was none.
    type: int
    default: 86400
  rotate_after:
    description: After how many seconds a key that signs gets a successor. With V(0) it does not.
    type: int
    default: 0
  now:
    description: The time, in seconds since 1970. The default is the clock of the controller.
    type: float
"""

EXAMPLES = r"""
- name: Read the keys
  mailops.mailserver.mail_dkim_key_info:
  register: dkim

- name: Ask for their records
  mailops.mailserver.mail_dns_info:
    records: "{{ dkim.dkim_keys | mailops.mailserver.dkim_records }}"
    resolvers: [192.0.2.53, 198.51.100.53]
  register: dns

- name: Work out what comes next
  ansible.builtin.set_fact:
    step: "{{ dkim.dkim_keys | mailops.mailserver.dkim_rotation(dns.checks, rotate_after=15552000) }}"

# Before this, the daemon is told what is to sign: step.signing
- name: Do it
  mailops.mailserver.mail_dkim_key:
    group: _rspamd
    keys: "{{ step.entries }}"
"""

RETURN = r"""
_value:
  description:
    - C(entries) for the option C(keys) of module M(mailops.mailserver.mail_dkim_key). It may be empty.
    - C(signing), the selectors that are to sign after it, of the domains for which that changes. The daemon is to be
      told first; a run that is interrupted then leaves a daemon that signs with a key whose record is seen.
    - C(moves), a line for each key that enters another phase, and C(waits), sentences that say what is waited for.
    - C(publish) and C(remove), the names of records that are to be published, and that can be removed.
  type: dict
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import phase, rotation, sight
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def dkim_rotation(
    keys: Sequence[Mapping[str, Any]],
    seen: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    queue_lifetime: float = 604800,
    min_publish_wait: float = 86400,
    rotate_after: float = 0,
    now: float | None = None,
    domains: Sequence[str] | None = None,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        found = sight.Sight(seen) if isinstance(seen, Mapping) else sight.sight(seen)
        times = phase.Times(float(queue_lifetime), float(min_publish_wait), float(rotate_after))
        moment = time.time() if now is None else float(now)
        return rotation.plan(keys, found, now=moment, times=times, only=None if domains is None else frozenset(domains))
    except MailError as error:
        raise AnsibleFilterError(f"dkim_rotation: {error.message}") from error
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(
            f"dkim_rotation: {error}. Write times in seconds, and seen as a dictionary."
        ) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dkim_rotation": dkim_rotation}
