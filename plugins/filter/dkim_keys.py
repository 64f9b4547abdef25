# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dkim_keys
short_description: Name the DKIM keys that mail domains lack
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Gives the keys that are to be made, or taken over, for M(mailops.mailserver.mail_dkim_key). A domain that has a key
    of each wanted algorithm gets none, so it may be run as often as you like, and keys may follow one another.
  - Alias domains get keys of their own. So do domains whose mail is delivered elsewhere, because they send from here.
  - A domain says under C(dkim) what it wants otherwise; the words are in C(docs/dkim.md). Fails with a message that
    names the domain and the word.
positional: _input, keys
options:
  _input:
    description: The entries of C(mail_domains).
    type: list
    elements: dict
    required: true
  keys:
    description: The keys that there are, as RV(mailops.mailserver.mail_dkim_key_info#module:dkim_keys) has them.
    type: list
    elements: dict
    default: []
  defaults:
    description: What a domain says under C(dkim), for all domains, as the variable C(mail_dkim).
    type: dict
    default: {}
  now:
    description: The time that selectors are named after, in seconds since 1970. The default is the clock of the
      controller.
    type: float
seealso:
  - module: mailops.mailserver.mail_dkim_key
  - plugin: mailops.mailserver.dkim_rotation
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the keys
  mailops.mailserver.mail_dkim_key_info:
  register: dkim

- name: Make those that are missing
  mailops.mailserver.mail_dkim_key:
    group: _rspamd
    keys: "{{ mail_domains | mailops.mailserver.dkim_keys(dkim.dkim_keys, defaults=mail_dkim) }}"
"""

RETURN = r"""
_value:
  description: Entries for the option C(keys) of module M(mailops.mailserver.mail_dkim_key). It may be empty.
  type: list
  elements: dict
  sample: [{domains: [example.com, example.net], selector: 20261122r, algorithm: rsa, bits: 2048}]
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError


def dkim_keys(
    domains: Sequence[Mapping[str, Any]],
    keys: Sequence[Mapping[str, Any]] = (),
    *,
    defaults: Mapping[str, Any] | None = None,
    now: float | None = None,
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    general = {} if defaults is None else defaults
    try:
        return wanted.missing(domains, keys, general, now=time.time() if now is None else float(now))
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"dkim_keys": dkim_keys}
