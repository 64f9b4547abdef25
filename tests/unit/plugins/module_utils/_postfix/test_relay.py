# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may relay."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import relay
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements

MODULE = {
    "mode": "authenticated",
    "open_relay_is_meant": False,
    "trusted_networks": [],
    "trusted_networks_state": "exact",
    "trusted_networks_skip_auth": False,
}


def test_users_relay_after_login_and_nobody_else_does(options: Any) -> None:
    found = relay.part(options())
    assert found.parameters["mynetworks"] == []
    assert found.parameters["submission_clients"] == ["permit_sasl_authenticated", "reject"]
    assert found.parameters["smtpd_relay_restrictions"][-1] == "reject_unauth_destination"


def test_trusted_networks_need_no_login_on_submission_when_that_is_said(options: Any) -> None:
    chosen = options(trusted_networks=["123.123.123.123/16"], trusted_networks_skip_auth=True)
    found = relay.part(chosen)
    assert found.parameters["mynetworks"] == ["123.123.0.0/16"]
    assert found.parameters["submission_clients"] == ["permit_mynetworks", "permit_sasl_authenticated", "reject"]
    assert chosen.warnings == [
        "postfix_trusted_networks: 123.123.123.123/16 has bits of a host and is taken as 123.123.0.0/16."
    ]


def test_closed_offers_no_login_anywhere(options: Any) -> None:
    chosen = options(relay_mode="closed")
    found = relay.part(chosen)
    assert found.parameters["smtpd_sasl_auth_enable"] is False
    assert found.parameters["smtpd_relay_restrictions"] == ["reject_unauth_destination"]
    assert [service["state"] for service in found.services] == ["absent", "absent"]
    assert "nobody can send" in chosen.warnings[0]


def test_open_is_everybody_with_a_warning_and_submission_still_asks_for_a_login(options: Any) -> None:
    chosen = options(relay_mode="open", open_relay_is_meant=True, trusted_networks_skip_auth=True)
    found = relay.part(chosen)
    assert found.parameters["mynetworks"] == ["0.0.0.0/0", "[::]/0"]
    assert found.parameters["submission_clients"] == ["permit_sasl_authenticated", "reject"]
    assert "open relay" in chosen.warnings[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"relay_mode": "auth"},
            "postfix_relay_mode: 'auth' is not possible. Write one of closed, authenticated, open.",
        ),
        ({"relay_mode": "open"}, "If that is meant, set postfix_open_relay_is_meant to true."),
        ({"trusted_networks": ["0.0.0.0/0"]}, "postfix_trusted_networks: 0.0.0.0/0 is wider than /8"),
        ({"trusted_networks": ["::/15"]}, "postfix_trusted_networks: ::/15 is wider than /16"),
        ({"relay_mode": "closed", "trusted_networks": ["192.0.2.1"]}, "a closed relay sends for nobody"),
        ({"trusted_networks_skip_auth": "perhaps"}, "postfix_trusted_networks_skip_auth: 'perhaps' is not a boolean"),
    ],
)
def test_contradictions(options: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        relay.part(options(**changes))
    assert message in error.value.message


def test_the_module_adds_networks_to_those_that_there_are() -> None:
    found = relay.of_module({**MODULE, "trusted_networks": ["192.0.2.1/24"], "trusted_networks_state": "append"})
    assert "mynetworks" not in found.parameters
    assert found.elements["mynetworks"] == Elements(last=("192.0.2.0/24",))
    assert found.warnings == ["trusted_networks: 192.0.2.1/24 has bits of a host and is taken as 192.0.2.0/24."]
    gone = relay.of_module({**MODULE, "trusted_networks": ["192.0.2.7"], "trusted_networks_state": "remove"})
    assert gone.elements["mynetworks"] == Elements(remove=("192.0.2.7/32",))


def test_the_module_can_add_to_no_other_mode() -> None:
    with pytest.raises(MailError, match="trusted_networks_state: append means nothing in the mode closed"):
        relay.of_module({**MODULE, "mode": "closed", "trusted_networks_state": "append"})
