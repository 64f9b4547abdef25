# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: postfix_settings
short_description: Check the variables of role postfix and work out the configuration of Postfix
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Checks the variables of role P(mailops.mailserver.postfix#role), one by one and together, and gives the options of
    module M(mailops.mailserver.postfix_main). Fails with a message that names the variable, its value and what is
    allowed.
positional: _input
options:
  _input:
    description: The role's variables; those that begin with something else than C(postfix_) are passed over.
    type: dict
    required: true
  host:
    description:
      - What is decided elsewhere, by the keys C(hostname), C(imap_server), C(recipient_delimiter), C(store) (the
        directory of the account store's tables), C(table_type), C(tls_chain_files) (files with a key and its chain
        each), C(tls_names) (pairs of a name that clients use and such a file), C(tls_policy), C(tls_min_version) and
        C(milter) (the socket of the daemon that signs and checks mail).
    type: dict
    required: true
  version:
    description: The version of Postfix.
    type: str
    required: true
  domains:
    description: The entries of C(mail_domains).
    type: list
    elements: dict
    required: true
  token:
    description: A text that belongs to this host and that outsiders do not know.
    type: str
    required: true
  today:
    description: The date from which expired routes are told, as V(YYYY-MM-DD).
    type: str
    required: true
  unfit_zones:
    description: DNS lists that M(mailops.mailserver.mail_dnsbl_info) found unfit; they are left out.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show what the variables lead to
  ansible.builtin.debug:
    msg: "{{ __postfix_settings.parameters }}"
"""

RETURN = r"""
_value:
  description:
    - The options C(parameters), C(parameters_if_known), C(elements), C(services), C(tables), C(owned_prefixes),
      C(open_relay), C(local_aliases) and C(expected_paths) of module M(mailops.mailserver.postfix_main), and the
      sentences under C(warnings) that an administrator should read. C(dns_lists) are the lists to be tried.
    - C(tables) hold the passwords of routes and of the relay host.
  type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.address import domain_name
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import server
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.base import Host

_PREFIX = "postfix_"


def postfix_settings(
    variables: Mapping[str, Any],
    host: Mapping[str, Any],
    version: str,
    domains: Sequence[Mapping[str, Any]],
    token: str,
    today: str,
    unfit_zones: Sequence[str] = (),
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    own = {name[len(_PREFIX) :]: value for name, value in variables.items() if name.startswith(_PREFIX)}
    try:
        names = tuple(domain_name(domain.get("name")) for domain in domains if domain.get("state") != "absent")
        return server.plan(
            own,
            Host(domains=names, **{**host, **_tls(host)}),
            version=str(version),
            domains=domains,
            token=token,
            today=str(today),
            unfit_zones=tuple(unfit_zones),
        )
    except MailError as error:
        raise AnsibleFilterError(f"{error.message} Nothing was changed.") from None  # Ansible would repeat its causes


def _tls(host: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of YAML as tuples."""
    return {
        "tls_chain_files": tuple(host.get("tls_chain_files", ())),
        "tls_names": tuple((str(name), str(path)) for name, path in host.get("tls_names", ())),
    }


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"postfix_settings": postfix_settings}
