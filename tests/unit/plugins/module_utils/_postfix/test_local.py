# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may use the sendmail command."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import local


@pytest.mark.parametrize(
    ("users", "value"),
    [
        ("all", None),
        ("none", ["root"]),
        ([], ["root"]),
        (["www-data"], ["root", "www-data"]),
        (["backup", "root", "backup"], ["root", "backup"]),
    ],
)
def test_sendmail_users(users: Any, value: Any) -> None:
    assert local.part(users).parameters == {"authorized_submit_users": value}


@pytest.mark.parametrize(
    ("users", "says"),
    [
        ("www-data", "neither all nor none nor a list"),
        (["!root"], "is not the name of a system user"),
        (["static:anyone"], "is not the name"),
        (["a, b"], "is not the name"),
        ([33], "is not the name"),
        ([""], "is not the name"),
    ],
)
def test_bad_sendmail_users(users: Any, says: str) -> None:
    with pytest.raises(MailError, match=says):
        local.part(users)
