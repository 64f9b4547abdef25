# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rspamd_settings
short_description: Work out the configuration files of rspamd from the variables of role rspamd
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Checks the variables of role P(mailops.mailserver.rspamd#role) and gives the whole files of C(local.d) with which
    rspamd signs and checks mail as they say, and does nothing else. Fails with a message that names the variable, its
    value and what is allowed.
positional: _input, keys, signing
options:
  _input:
    description: The role's variables without the prefix C(rspamd_).
    type: dict
    required: true
  keys:
    description: The keys as RV(mailops.mailserver.mail_dkim_key_info#module:dkim_keys) has them.
    type: list
    elements: dict
    default: []
  signing:
    description: The selectors of the keys that are to sign, by domain, as
      RV(mailops.mailserver.mail_dkim_key_info#module:signing) has them.
    type: dict
    default: {}
seealso:
  - module: mailops.mailserver.rspamd_config
"""

EXAMPLES = r"""
- name: Read the keys
  mailops.mailserver.mail_dkim_key_info:
  register: dkim

- name: Show which files there would be
  ansible.builtin.debug:
    msg: "{{ words | mailops.mailserver.rspamd_settings(dkim.dkim_keys, dkim.signing) }}"
  vars:
    words: {spf: header, dkim: header, dmarc: policy, arc: true, arc_trusted: [], resolvers: [], signing_networks: []}
"""

RETURN = r"""
_value:
  description:
    - C(files) and C(readable) for the options of module M(mailops.mailserver.rspamd_config).
    - C(warnings), sentences that an administrator should read.
  type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._rspamd import settings


def rspamd_settings(
    words: Mapping[str, Any],
    keys: Sequence[Mapping[str, Any]] = (),
    signing: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    try:
        return settings.plan(words, keys, signing or {})
    except MailError as error:
        raise AnsibleFilterError(error.message) from None  # Ansible would repeat its causes


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"rspamd_settings": rspamd_settings}
