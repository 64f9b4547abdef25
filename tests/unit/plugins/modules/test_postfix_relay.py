# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What postfix_relay decides; what becomes of it is the pipeline's."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements, Part, Places
from ansible_collections.mailops.mailserver.plugins.modules import postfix_relay

OPTIONS: dict[str, Any] = {
    "mode": None,
    "open_relay_is_meant": False,
    "trusted_networks": [],
    "trusted_networks_state": "exact",
    "trusted_networks_skip_auth": False,
    "outgoing": None,
    "domains": [],
    "relay_host": None,
}


def decide(**changes: Any) -> Part:
    return postfix_relay.decide({**OPTIONS, **changes}, Places())


def test_what_is_not_named_stays_as_it_is() -> None:
    assert decide() == Part(parameters={}, if_known={}, elements={}, services=[], tables=[], owned=[], warnings=[])


def test_the_mode_alone_touches_no_outgoing_mail() -> None:
    found = decide(mode="authenticated", trusted_networks=["192.0.2.0/24"])
    assert found.parameters["mynetworks"] == ["192.0.2.0/24"]
    assert "relayhost" not in found.parameters
    assert found.elements == {"smtpd_restriction_classes": Elements(last=("submission_clients",))}


def test_relay_host_and_addresses_are_one() -> None:
    found = decide(relay_host={"host": "smtp.example.net", "port": 465, "tls": "wrapper"})
    assert found.parameters["relayhost"] == "[smtp.example.net]:465"
    assert found.parameters["default_transport"] == "relay-host"
    assert "mynetworks" not in found.parameters


def test_domains_send_from_their_addresses() -> None:
    domains = [{"name": "example.com", "outgoing": {"ipv4": "192.0.2.11"}}]
    found = decide(outgoing={"mode": "domain_address"}, domains=domains)
    assert [table.rows for table in found.tables if table.name == "out_sender_transport"] == [
        (("@example.com", "out-192-0-2-11:"),)
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mode": "open"}, "mode: an open relay sends everybody's mail"),
        ({"trusted_networks": ["192.0.2.0/24"]}, "trusted_networks: means nothing without mode. Write mode"),
        ({"mode": "authenticated", "trusted_networks": ["::/0"]}, "trusted_networks: ::/0 is wider than /16"),
        ({"outgoing": {"mode": "addresses"}}, "outgoing address: the mode addresses needs one"),
    ],
)
def test_errors(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        decide(**changes)
    assert error.value.message.startswith(message)
