# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who listens on a port."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._host import ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_who_listens(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as held:
        try:
            held.bind((address, 0))
        except OSError:
            pytest.skip("this host has no such address")
        port = held.getsockname()[1]
        assert ports.holder(port) == ""
        held.listen()
        assert ports.holder(port).endswith(f"(process {os.getpid()})")
    assert ports.holder(port) == ""


def test_a_connection_holds_no_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert ports.holder(client.getsockname()[1]) == ""


def test_several_ports_are_looked_up_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        first, second = one.getsockname()[1], two.getsockname()[1]
        found = ports.holders([first, second, 1])
    assert [item.process for item in (*found[first], *found[second])] == [str(os.getpid())] * 2
    assert found[1] == []
