# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that ends a module."""

from __future__ import annotations

from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from ._errors import MailError
from ._outcome import Outcome


class Module(AnsibleModule):
    """Ansible's module, but what it was asked to do stays out of the system log of the host.

    Ansible masks there what options declare to be secret; it cannot know of passwords inside of a whole inventory, and
    takes an address and a password in one value apart before it looks.
    """

    def _log_invocation(self) -> None:
        self.log("Invoked")


def run(module: AnsibleModule, work: Callable[[AnsibleModule], Outcome]) -> None:
    """Do ``work`` and leave through ``exit_json`` or ``fail_json``.

    The invocation is never echoed: long lists of accounts and their passwords have no place in a result.
    """
    invocation: dict[str, Any] = {}
    try:
        outcome = work(module)
    except MailError as error:
        module.fail_json(msg=error.message, invocation=invocation)
        return
    for warning in outcome.warnings:
        module.warn(warning)
    result = dict(outcome.facts)
    if module._diff:  # pylint: disable=protected-access  # the documented way to know that --diff was asked for
        result["diff"] = outcome.diff
    module.exit_json(changed=outcome.changed, invocation=invocation, **result)
