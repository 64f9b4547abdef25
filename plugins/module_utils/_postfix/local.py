# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail that programs on this host send with the sendmail command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .._errors import MailError
from .part import Part

_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def part(sendmail_users: str | Sequence[Any]) -> Part:
    """Who may use sendmail: ``all``, ``none`` or a list of system users.

    root always may: reports of cron and of the system are not to be lost, and nothing can be kept from root anyway.
    Raises MailError for what cannot be a user's name.
    """
    if sendmail_users == "all":
        return Part(parameters={"authorized_submit_users": None})
    return Part(parameters={"authorized_submit_users": list(dict.fromkeys(["root", *users(sendmail_users)]))})


def users(sendmail_users: str | Sequence[Any]) -> list[str]:
    """The users that are named, who have to exist on the host. Raises MailError."""
    if isinstance(sendmail_users, str):
        if sendmail_users in ("all", "none"):
            return []
        raise MailError(
            f"'{sendmail_users}' is neither all nor none nor a list",
            where="postfix_sendmail_users",
            mend="Write all, none or a list of system users.",
        )
    for name in sendmail_users:
        if not isinstance(name, str) or not _USER.fullmatch(name):
            raise MailError(
                f"'{name}' is not the name of a system user",
                where="postfix_sendmail_users",
                mend="Write names such as www-data.",
            )
    return [str(name) for name in sendmail_users]
