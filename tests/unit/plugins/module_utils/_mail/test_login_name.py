# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Short login names: which of them could mean two mailboxes."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import login_name


def domain(name: str, *accounts: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "accounts": [{"name": account} for account in accounts], **more}


DOMAINS = [domain("a.example", "info", "alice"), domain("b.example", "Info", "bob"), domain("c.example", "bob")]


def test_conflicts_of_the_default_domain() -> None:
    assert login_name.conflicts(DOMAINS, "a.example") == ["info@a.example and info@b.example"]
    assert login_name.conflicts(DOMAINS, "b.example") == [
        "bob@b.example and bob@c.example",
        "info@b.example and info@a.example",
    ]


def test_no_default_domain_no_conflict() -> None:
    assert login_name.conflicts(DOMAINS, "") == []


def test_what_is_absent_does_not_count() -> None:
    gone = domain("b.example", "info", state="absent")
    account = {"name": "c.example", "accounts": [{"name": "info", "state": "absent"}]}
    assert login_name.conflicts([DOMAINS[0], gone, account], "a.example") == []


def test_a_default_domain_of_somebody_else() -> None:
    with pytest.raises(MailError, match=r"is not one of the domains"):
        login_name.conflicts(DOMAINS, "z.example")
