# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What name servers are asked, and what their answers come to."""

from __future__ import annotations

import importlib.util

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import rollover
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.dane import Published
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import ask
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.answer import Answer, Server

TLSA = "3 1 1 " + "ab" * 32


def test_what_name_servers_say(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "_25._tcp.a.test": Answer("ok", (TLSA,), signed=True, ttl=60),
        "_25._tcp.b.test": Answer("nxdomain"),
        "_25._tcp.c.test": Answer("timeout"),
    }
    asked: list[tuple[list[Server], str]] = []

    def resolve(_asker: ask.Asker, servers: list[Server], name: str, kind: str) -> Answer:
        asked.append((servers, kind))
        return said[name]

    monkeypatch.setattr(ask.Asker, "resolve", resolve)
    monkeypatch.setattr(ask, "host_resolvers", lambda: iter(["192.0.2.53"]))
    found = rollover.look(["a.test", "b.test", "c.test", "a.test"])
    assert found == {
        "a.test": Published((TLSA,), 60, signed=True),
        "b.test": Published(),
        "c.test": Published(why="no answer came within the time allowed"),
    }
    assert asked == [([Server("192.0.2.53", 53, "192.0.2.53")], "TLSA")] * 3


def test_without_the_library_nobody_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert rollover.look(["a.test"])["a.test"].why == "python3-dnspython is not installed"
    assert rollover.look([]) == {}
