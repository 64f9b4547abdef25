# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ufw and firewalld say, captured from Debian 12 and 13, and what follows from it."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._mail import firewall

WANTED = [25, 143, 465, 587, 993]
UFW = """Added user rules (see 'ufw status' for running firewall):
ufw allow 22/tcp
ufw limit 25/tcp
ufw allow 465,587/tcp
ufw allow from 10.0.0.0/8 to any port 993 proto tcp comment 'of mine'
ufw deny 143
ufw allow Postfix
"""


def test_ufw() -> None:
    seen = firewall.of_ufw(UFW, WANTED)
    assert seen.open == {465, 587}
    assert seen.decided == {
        25: "ufw limit 25/tcp",
        993: "ufw allow from 10.0.0.0/8 to any port 993 proto tcp comment 'of mine'",
        143: "ufw deny 143",
    }
    assert firewall.plan(WANTED, seen).ports == []
    assert "ufw deny 143" in firewall.plan(WANTED, seen).warnings[1]


@pytest.mark.parametrize(
    ("line", "opened"),
    [
        ("ufw allow 25", [25]),
        ("ufw allow 20:30/tcp comment 'a range'", [25]),
        ("ufw allow in 25/tcp", [25]),
        ("ufw allow 25/udp", []),
        ("ufw allow out 25/tcp", []),
        ("(None)", []),
        ("", []),
    ],
)
def test_a_rule_of_ufw(line: str, opened: list[int]) -> None:
    assert sorted(firewall.of_ufw(line, WANTED).open) == opened


def test_firewalld() -> None:
    rich = 'rule family="ipv4" source address="10.0.0.0/8" port port="993" protocol="tcp" accept\n'
    seen = firewall.of_firewalld("25/tcp 400-500/tcp 587/udp\n", rich, WANTED)
    assert seen.open == {25, 465}
    assert set(seen.decided) == {993}
    assert firewall.plan(WANTED, seen).ports == [143, 587]


def test_nothing_there() -> None:
    assert firewall.plan([25, 25], firewall.of_firewalld("", "", [25])) == firewall.Plan([25], [])
