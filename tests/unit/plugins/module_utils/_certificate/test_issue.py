# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that a server signs itself."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import facts, issue, judge
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Facts, Pair
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

NOW = 1_800_000_000.0


def made(names: list[str], key_pem: bytes | None = None) -> tuple[Facts, bytes, bytes]:
    certificate, key = issue.self_signed(names, now=NOW, days=90, key_pem=key_pem)
    return facts.readable(certificate, where="")[0], certificate, key


def test_it_is_for_the_names_that_clients_use() -> None:
    found, certificate, key = made(["mail.Example.com", "bücher.example", "*.example.com", "192.0.2.1", "2001:db8::1"])
    assert found.names == ("mail.example.com", "xn--bcher-kva.example", "*.example.com", "192.0.2.1", "2001:db8::1")
    assert (found.subject, found.issuer) == ("CN=mail.example.com", "CN=mail.example.com")
    assert (found.key, found.signature, found.authority) == ("EC P-256", "sha256", False)
    assert found.not_before < NOW
    assert found.not_after == NOW + 90 * 86400
    pair = Pair(certificate, "cert.pem", key=key, key_where="key.pem", self_signed=True)
    bundle = judge.bundle(pair, names=["bücher.example", "192.0.2.1"], now=NOW, min_days=30, trust=())
    assert bundle.chain == (found,)
    assert bundle.key_pem == key


def test_the_old_key_is_used_again() -> None:
    first, _certificate, key = made(["mail.example.com"])
    again, _certificate, same = made(["mail.example.com", "imap.example.com"], key)
    assert (again.tlsa, same) == (first.tlsa, key)
    assert again.fingerprint != first.fingerprint
    assert made(["mail.example.com"])[0].tlsa != first.tlsa


def test_a_key_of_rsa_is_used_again(world: Any) -> None:
    key = world.key_bytes(world.key("rsa2048"))
    assert made(["mail.example.com"], key)[0].key == "RSA 2048"
    assert made(["mail.example.com"], key)[2] == key


def test_a_name_that_is_too_long_for_the_subject() -> None:
    long = ".".join(["a" * 30] * 4) + ".example.com"
    assert made([long])[0].subject == "CN=mail server"
    assert made([long, "mail.example.com"])[0].names == (long, "mail.example.com")


@pytest.mark.parametrize("names", [["localhost"], ["a b.example.com"], [""]])
def test_what_is_no_name_is_refused(names: list[str]) -> None:
    with pytest.raises(MailError, match="is not a domain name"):
        made(names)


def test_a_damaged_key_is_refused() -> None:
    with pytest.raises(MailError, match="the key of the self-signed certificate: is damaged"):
        made(["mail.example.com"], b"-----BEGIN PRIVATE KEY-----\nMAMCAQU=\n-----END PRIVATE KEY-----\n")
