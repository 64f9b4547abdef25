# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Next hops, as they are given and as they stand in Postfix's files."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import next_hop
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.next_hop import NextHop


@pytest.mark.parametrize(
    ("host", "port", "mx", "written"),
    [
        ("Relay.Example.NET", None, False, "[relay.example.net]"),
        ("relay.example.net", "587", False, "[relay.example.net]:587"),
        ("example.org", None, True, "example.org"),
        ("example.org", 2525, True, "example.org:2525"),
        ("192.0.2.1", 25, False, "[192.0.2.1]:25"),
        ("2001:DB8:0::1", 25, False, "[2001:db8::1]:25"),
        ("::1", None, None, "[::1]"),
        ("smarthost", None, False, "[smarthost]"),
        ("bücher.example", None, True, "xn--bcher-kva.example"),
    ],
)
def test_a_next_hop_is_written_and_read_back(host: str, port: Any, mx: Any, written: str) -> None:
    hop = next_hop.of(host, port, mx, where="route x")
    assert str(hop) == written
    assert next_hop.parse(written) == hop


@pytest.mark.parametrize(
    ("host", "port", "mx", "named"),
    [
        ("[relay.example.net]", None, False, "route x: next_hop: '[relay.example.net]' is more than a host"),
        ("relay.example.net:587", None, False, "route x: next_hop"),
        ("relay example", None, False, "route x: next_hop"),
        ("-relay.example", None, False, "route x: next_hop"),
        ("", None, False, "route x: next_hop"),
        (7, None, False, "route x: next_hop"),
        ("192.0.2.256", None, False, "route x: next_hop"),
        ("fe80::1%eth0", None, False, "route x: next_hop"),
        ("unix:/run/x", None, False, "route x: next_hop"),
        ("relay.example", 0, False, "route x: port: 0 is not a port"),
        ("relay.example", 65536, False, "route x: port"),
        ("relay.example", "smtp", False, "route x: port"),
        ("relay.example", True, False, "route x: port"),
        ("192.0.2.1", None, True, "route x: mx: 192.0.2.1 has no MX"),
        ("localhost", None, True, "route x: mx"),
    ],
)
def test_what_is_no_next_hop(host: Any, port: Any, mx: Any, named: str) -> None:
    with pytest.raises(MailError) as caught:
        next_hop.of(host, port, mx, where="route x")
    assert caught.value.message.startswith(named)


@pytest.mark.parametrize(
    ("value", "hop"),
    [
        ("[relay.example]:submission", NextHop("relay.example", 587)),
        ("[ipv6:2001:db8::1]:25", NextHop("2001:db8::1", 25)),
        ("192.0.2.1:26", NextHop("192.0.2.1", 26)),
        ("inet:mail.example:24", NextHop("mail.example", 24, mx=True)),
    ],
)
def test_what_others_wrote(value: str, hop: NextHop) -> None:
    assert next_hop.parse(value) == hop


@pytest.mark.parametrize("value", ["[]", "[a]:b:c", "a:b:c", "relay.example:none", "[relay.example", "$mydomain"])
def test_what_cannot_be_read(value: str) -> None:
    with pytest.raises(MailError):
        next_hop.parse(value)


@pytest.mark.parametrize(
    ("value", "transport", "hop"),
    [
        ("smtp:[relay.example]:25", "smtp", NextHop("relay.example", 25)),
        ("slow:", "slow", None),
        (":", "", None),
        (":[relay.example]", "", NextHop("relay.example")),
        ("smtp", "smtp", None),
        ("lmtp:unix:private/dovecot-lmtp", "lmtp", None),
        ("lmtp:inet:[127.0.0.1]:24", "lmtp", NextHop("127.0.0.1", 24)),
        ("error:5.7.1 not today", "error", None),
    ],
)
def test_values_with_a_transport(value: str, transport: str, hop: NextHop | None) -> None:
    assert next_hop.parse_transport(value) == (transport, hop)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.1.2.3", True), ("::1", True), ("localhost", True), ("192.0.2.1", False), ("mx.example", False)],
)
def test_loopback(host: str, *, is_loopback: bool) -> None:
    assert NextHop(host).is_loopback is is_loopback
