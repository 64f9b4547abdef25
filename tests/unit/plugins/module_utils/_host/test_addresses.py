# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of this host."""

from __future__ import annotations

import ipaddress
import pathlib
import socket

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._host import addresses

TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.17
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
     |-- 127.0.0.0
        /8 host LOCAL
     |-- 198.51.100.0
        /24 host LOCAL
Local:
     |-- 192.0.2.17
        /32 host LOCAL
"""
INTERFACES = """\
00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000017 02 40 00 80     eth0
"""


@pytest.fixture(name="own")
def fixture_own(tmp_path: pathlib.Path) -> addresses.Own:
    (tmp_path / "trie").write_text(TRIE, encoding="ascii")
    (tmp_path / "interfaces").write_text(INTERFACES, encoding="ascii")
    return addresses.own(str(tmp_path / "trie"), str(tmp_path / "interfaces"))


@pytest.mark.parametrize(
    ("address", "is_own"),
    [
        ("192.0.2.17", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("198.51.100.77", True),
        ("192.0.2.18", False),
        ("192.0.2.255", False),
        ("::1", True),
        ("2001:db8::17", True),
        ("2001:db8::18", False),
    ],
)
def test_own_addresses(own: addresses.Own, address: str, *, is_own: bool) -> None:
    assert (ipaddress.ip_address(address) in own) is is_own


def test_nothing_is_known_where_the_kernel_does_not_tell(tmp_path: pathlib.Path) -> None:
    assert addresses.own(str(tmp_path / "a"), str(tmp_path / "b")) == addresses.Own()


def test_this_host_has_its_loopback() -> None:
    assert ipaddress.ip_address("127.0.0.1") in addresses.own()


def test_the_address_that_others_see_is_one_of_this_host() -> None:
    address = addresses.outward()
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as here:
        here.bind((address, 0))


def test_a_host_that_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_family(*_options: object) -> None:
        raise OSError("Address family not supported")

    monkeypatch.setattr(addresses.socket, "socket", no_family)
    assert addresses.outward() == "127.0.0.1"
