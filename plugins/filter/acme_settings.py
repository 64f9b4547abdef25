# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: acme_settings
short_description: Judge how certificates are asked for by ACME, before anything is changed
version_added: 0.1.0
author: The mailops.mailserver authors (!UNKNOWN)
description:
  - Judges certificates and options as module M(mailops.mailserver.mail_acme) does, without a host, and fails with a
    message that names the certificate or the variable. No secret is in it.
  - What only the host can tell is judged by the module alone, such as whether a hook is there.
positional: _input
options:
  _input:
    description: What filter P(mailops.mailserver.certificate_plan#filter) gives as C(acme).
    type: list
    elements: dict
    required: true
  options:
    description:
      - Options of module M(mailops.mailserver.mail_acme), but for C(certificates) and C(on_failure). In messages they
        are called as the variables of the role, C(mail_acme_OPTION).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Check that a wildcard can be proved
  ansible.builtin.assert:
    that: "[{'names': ['*.example.com']}] | mailops.mailserver.acme_settings(options) != []"
  vars:
    options: {email: postmaster@example.com, method: hook, auth_hook: /usr/local/sbin/publish}
"""

RETURN = r"""
_value:
  description: The certificates, each with its C(name) and C(names) as certbot is told them.
  type: list
  elements: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import acme_request
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

_PREFIX = "mail_acme_"


def acme_settings(certificates: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    given = {name: value for name, value in options.items() if value != {}}
    checked = ArgumentSpecValidator(acme_request.SPEC).validate(given)
    if checked.error_messages:
        listed = "; ".join(message.rstrip(".") for message in checked.error_messages)
        raise _error(f"{_PREFIX}*: {listed}.", given)
    try:
        method = acme_request.settings(checked.validated_parameters).method
    except MailError as error:
        raise _error(f"{_PREFIX}{error.message}", given) from None  # Ansible would repeat its causes
    try:
        wishes = acme_request.wishes(certificates, method)
    except MailError as error:
        raise _error(error.message, given) from None
    return [{"name": wish.name, "names": list(wish.names)} for wish in wishes]


def _error(said: str, given: Mapping[str, Any]) -> AnsibleFilterError:
    """An error without the secret, which may stand in the place of another option by mistake."""
    server = given.get("rfc2136")
    secret = str(server.get("key_secret") or "") if isinstance(server, Mapping) else ""
    return AnsibleFilterError(f"{said.replace(secret, '********') if secret else said} Nothing was changed.")


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"acme_settings": acme_settings}
