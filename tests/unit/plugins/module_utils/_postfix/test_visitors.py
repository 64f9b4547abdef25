# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import listeners, master_cf, visitors

SMTPD = master_cf.Service("smtp", "inet", "n", "-", "y", "-", "-", "smtpd")


@pytest.mark.parametrize(
    ("networks", "strangers"),
    [
        ("", ["ADDR=192.0.2.1", "ADDR=IPV6:2001:db8::1"]),
        ("192.0.2.0/24 [2001:db8::]/32", ["ADDR=198.51.100.1", "ADDR=IPV6:3fff::1"]),
        ("127.0.0.0/8, cidr:/etc/networks", ["ADDR=192.0.2.1", "ADDR=IPV6:2001:db8::1"]),
        ("0.0.0.0/0 [::]/0", ["ADDR=192.0.2.1", "ADDR=IPV6:2001:db8::1"]),
        ("0.0.0.0/1 128.0.0.0/1", ["ADDR=192.0.2.1", "ADDR=IPV6:2001:db8::1"]),
    ],
)
def test_strangers_come_from_addresses_that_are_not_trusted(networks: str, strangers: list[str]) -> None:
    values = {"mynetworks": networks}
    found = visitors.of(listeners.listeners([SMTPD], values)[0], values)
    assert found[0] == visitors.Visitor()
    assert [visitor.xclient.split()[0] for visitor in found if visitor.is_stranger] == strangers


def test_a_service_with_networks_and_logins_of_its_own_is_visited_accordingly() -> None:
    service = SMTPD._replace(options=(("mynetworks", "192.0.2.1"), ("smtpd_sasl_auth_enable", "yes")))
    found = visitors.of(listeners.listeners([service], {})[0], {})
    assert [visitor.is_stranger for visitor in found] == [False, True, True, False]
    assert "ADDR=198.51.100.1" in found[1].xclient
    assert "LOGIN=" in found[3].xclient
