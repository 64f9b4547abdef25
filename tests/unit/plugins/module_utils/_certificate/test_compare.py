# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.compare import (
    compare,
    disagreements,
    entry_of,
    fingerprint,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Facts, Installed, Served


def facts(der: bytes) -> Facts:
    return Facts("", "", (), 0.0, 0.0, "", fingerprint(der), "", "EC P-256", "sha256", False, der)


def entry(name: str, *names: str, default: bool = False, chains: tuple[tuple[bytes, ...], ...] = ()) -> Installed:
    live = tuple(tuple(facts(der) for der in chain) for chain in chains or ((name.encode(), b"authority"),))
    stamps = (f"20260801T000000Z-{fingerprint(b'old')[:8]}", f"20260701T000000Z-{fingerprint(b'older')[:8]}")
    return Installed(name, names, default, f"/etc/ssl/mailserver/live/{name}", live, stamps)


MX = entry("mx", "mx.a.test", default=True)
EXACT = entry("exact", "www.b.test")
WILD = entry("wild", "*.b.test", "b.test")
DUAL = entry("dual", "d.test", chains=((b"ec", b"authority"), (b"rsa", b"authority", b"second")))
GONE = Installed("gone", ("gone.test",), False, "/etc/ssl/mailserver/live/gone", ())
ALL = [MX, WILD, EXACT, DUAL, GONE]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("", "mx"),
        ("mx.a.test", "mx"),
        ("WWW.b.test.", "exact"),
        ("mail.b.test", "wild"),
        ("*.b.test", "wild"),
        ("b.test", "wild"),
        ("deep.mail.b.test", "mx"),
        ("unknown.test", "mx"),
        ("192.0.2.1", "mx"),
        ("gone.test", "mx"),
    ],
)
def test_the_entry_of_a_name(name: str, wanted: str) -> None:
    found = entry_of(name, ALL)
    assert found is not None
    assert found.name == wanted


def test_without_a_default_no_entry_is_for_an_unknown_name() -> None:
    assert entry_of("unknown.test", [WILD]) is None
    assert entry_of("", []) is None


@pytest.mark.parametrize(
    ("name", "chain", "state", "why"),
    [
        ("", (b"mx", b"authority"), "same", ""),
        ("b.test", (b"wild", b"authority"), "same", ""),
        ("d.test", (b"ec", b"authority"), "same", ""),
        ("d.test", (b"rsa", b"authority", b"second"), "same", ""),
        ("", (b"mx",), "chain", "the chain is not complete: 1 of 1 intermediates are not served"),
        ("d.test", (b"rsa", b"second"), "chain", "the chain is not complete: 1 of 2 intermediates are not"),
        ("d.test", (b"rsa", b"second", b"authority"), "chain", "the chain is served in another order than it has on"),
        ("", (b"mx", b"authority", b"root"), "chain", "more certificates are served than the chain on disk has"),
        ("", (b"old", b"authority"), "older", "an older version of 'mx' is served, not the one on disk"),
        ("b.test", (b"older",), "older", "an older version of 'wild' is served, not the one on disk"),
        ("b.test", (b"mx", b"authority"), "other", "'mx' is served, but 'wild' is installed for it"),
        ("", (b"what",), "other", "what is served is neither 'mx' on disk nor another certificate that is installed"),
    ],
)
def test_what_is_served_against_what_is_installed(name: str, chain: tuple[bytes, ...], state: str, why: str) -> None:
    found = compare(ALL, [Served("imaps", 993, name, chain)])[0]
    assert (found.state, found.why[: len(why) or None], found.agrees) == (state, why, state == "same")
    assert bool(found.mend) is (state != "same")


def test_nothing_served() -> None:
    served = [Served("imaps", 993, "", error="nothing listens on this port"), Served("smtp", 25, "")]
    assert [(one.state, one.why) for one in compare(ALL, served)] == [
        ("nothing", "nothing listens on this port"),
        ("nothing", "no certificate is served"),
    ]


def test_nothing_installed() -> None:
    assert [one.state for one in compare([], [Served("imaps", 993, "", (b"mx",))])] == ["unknown"]


def test_disagreements_leave_out_what_agrees() -> None:
    good, bad = Served("imaps", 993, "", (b"mx", b"authority")), Served("smtp", 25, "", (b"old",))
    assert [one.served for one in disagreements(ALL, [good, bad])] == [bad]
