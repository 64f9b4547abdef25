# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail from domains that DNS does not know: the choices."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import marks, sender_domain
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Part, Places


def part(choice: str) -> Part:
    return sender_domain.part(choice, at=Places("/t", "lmdb"), token="secret")


@pytest.mark.parametrize(
    ("choice", "refuses", "code"),
    [("accept", False, None), ("tag", False, None), ("defer", True, None), ("reject", True, 550)],
)
def test_who_is_refused(choice: str, refuses: bool, code: int | None) -> None:
    found = part(choice)
    elements = found.elements["smtpd_sender_restrictions"]
    assert (elements.last if refuses else elements.remove) == ("reject_unknown_sender_domain",)
    assert found.parameters["unknown_address_reject_code"] == code


def test_a_tag_comes_from_a_policy_service_once_per_message() -> None:
    found = part("tag")
    (service,) = found.services
    (table,) = found.tables
    (policy,) = found.elements["smtpd_data_restrictions"].last
    name = marks.internal(sender_domain.HEADER, token="secret")
    assert service["arguments"][-1] == name
    assert "default_action=DUNNO" in policy
    assert dict(table.rows) == {f"/^{name}:/": "REPLACE X-DNSEXISTS: FAIL", "/^X-DNSEXISTS:/": "IGNORE"}
    assert found.parameters["senderdomain_time_limit"] == "3600s"


@pytest.mark.parametrize("choice", ["accept", "defer", "reject"])
def test_without_a_tag_nothing_of_it_stays(choice: str) -> None:
    found = part(choice)
    services: list[Any] = list(found.services)
    assert services == [{"name": "senderdomain", "type": "unix", "state": "absent"}]
    assert [table.rows for table in found.tables] == [()]
    assert found.parameters["senderdomain_time_limit"] is None
    assert found.elements["header_checks"].remove == ("regexp:/t/access_sender_domain",)


@pytest.mark.parametrize("choice", ["refuse", "any", ""])
def test_other_choices_are_refused(choice: str) -> None:
    with pytest.raises(MailError, match="Use accept, tag, defer, reject"):
        part(choice)


def test_any_is_refused_with_the_reason() -> None:
    with pytest.raises(MailError, match="RFC 8482"):
        part("any")
