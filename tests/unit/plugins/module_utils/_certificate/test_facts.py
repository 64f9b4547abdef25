# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What certificates say."""

from __future__ import annotations

import contextlib
import hashlib
import warnings
from typing import Any

import pytest
from cryptography import x509

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import chain, facts
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

# Made with `openssl req -x509 -newkey ec … -addext subjectAltName=…`; what is asserted of it is what openssl prints.
PEM = b"""
-----BEGIN CERTIFICATE-----
MIICFDCCAbugAwIBAgIUKN3G3vYjB3/mN/+PboWo10ztGL0wCgYIKoZIzj0EAwMw
QDELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUsIEluYy4xGTAXBgNVBAMM
EG1haWwuZXhhbXBsZS5jb20wHhcNMjYxMTIyMTAwNjI3WhcNMzYxMTE5MTAwNjI3
WjBAMQswCQYDVQQGEwJERTEWMBQGA1UECgwNRXhhbXBsZSwgSW5jLjEZMBcGA1UE
AwwQbWFpbC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLjx
SoA4gHbAqIwI0Of27nfjmc8hTt5EBXa0No+IouoKX3FVAWTiNaFI9SgAD/5yqaoy
ZuiGk6gztna3xISSZuOjgZIwgY8wHQYDVR0OBBYEFGDEInp3SPNliN929LChdhWe
nF8MMB8GA1UdIwQYMBaAFGDEInp3SPNliN929LChdhWenF8MMA8GA1UdEwEB/wQF
MAMBAf8wPAYDVR0RBDUwM4IQbWFpbC5leGFtcGxlLmNvbYINKi5FeGFtcGxlLm5l
dIcQIAENuAAAAAAAAAAAAAAAATAKBggqhkjOPQQDAwNHADBEAiB6uR9G4PTrYwuG
hdpfIQOsB8hXEBMonALU+yCE3VbHmwIgVhjG5NZaT2bzElbMh2Y/eLhn2xpPWlru
Hiqr7nDa/2U=
-----END CERTIFICATE-----
"""


def test_what_a_certificate_says() -> None:
    (found,) = facts.readable(PEM, where="")
    assert found.subject == found.issuer == "C=DE, O=Example, Inc., CN=mail.example.com"
    assert found.names == ("mail.example.com", "*.example.net", "2001:db8::1")
    assert (found.not_before, found.not_after) == (1795341987, 2110701987)
    assert found.serial == "28ddc6def623077fe637ff8f6e85a8d74ced18bd"
    assert found.fingerprint == "a8f77eb6f77c6e09d2137ce3ac3dac94e96e001db56a92249b0b34acfeb37e86"
    assert found.tlsa == "51a85c567258774b53da7f70920324496f4dd6b192ffeed0a49a7c1abc93ebeb"
    assert (found.key, found.signature, found.authority) == ("EC P-256", "sha384", True)
    assert hashlib.sha256(found.der).hexdigest() == found.fingerprint


def test_what_is_old_fashioned_in_a_trust_store_is_not_told(world: Any) -> None:
    serial = world.root.certificate.serial_number.to_bytes(20, "big")
    old = world.root.der.replace(serial, bytes([serial[0] | 0x80]) + serial[1:])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        x509.load_der_x509_certificate(old)
        assert len(told) == 1
        assert facts.readable(old, where="")[0].subject == "CN=Root"
    assert len(told) == 1


def test_names_are_as_clients_read_them(world: Any) -> None:
    names = ["Mail.Example.COM", "192.0.2.1", "2001:db8::1", "mail.example.com", "*.example.com"]
    found = world.make("mail.example.com", world.middle, names=names).facts
    assert found.names == ("mail.example.com", "*.example.com", "192.0.2.1", "2001:db8::1")
    assert world.make("mail.example.com", world.middle, names=[]).facts.names == ()


def test_an_address_that_is_written_as_a_name_counts_for_nobody(world: Any) -> None:
    assert world.make("x.example.com", names=["dns:192.0.2.1", "x.example.com"]).facts.names == ("x.example.com",)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("secp256r1", "EC P-256"),
        ("secp384r1", "EC P-384"),
        ("secp521r1", "EC P-521"),
        ("secp224r1", "EC P-224"),
        ("secp256k1", "EC secp256k1"),
        ("rsa2048", "RSA 2048"),
        ("dsa2048", "DSA 2048"),
        ("ed25519", "Ed25519"),
    ],
)
def test_kinds_of_keys(world: Any, kind: str, name: str) -> None:
    assert world.make("mail.example.com", world.middle, private=world.key(kind)).facts.key == name


def test_signatures(world: Any) -> None:
    by_rsa = world.make("mail.example.com", world.make("R", private=world.key("rsa2048"), ca=True))
    assert by_rsa.facts.signature == "sha256"
    assert world.forgeable(by_rsa).facts.signature == "sha1"
    assert world.forgeable(by_rsa, 4).facts.signature == "md5"
    assert world.make("e.example.com", private=world.key("ed25519")).facts.signature == "ed25519"


def test_authorities(world: Any) -> None:
    assert [made.facts.authority for made in (world.root, world.middle, world.leaf)] == [True, True, False]
    assert facts.is_self_issued(world.root.facts)
    assert not facts.is_self_issued(world.middle.facts)
    offered = world.make("mail.example.com", world.middle, offered="http://ca.example.com/middle.der").facts
    assert facts.issuers_address(offered) == "http://ca.example.com/middle.der"
    assert facts.issuers_address(world.leaf.facts) == ""


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(MailError, match=r"cert.pem: cannot be read as a certificate"):
        facts.read(b"\x30\x03\x02\x01\x05", where="cert.pem")


@pytest.mark.filterwarnings("ignore")
def test_a_damaged_certificate_is_refused_or_its_signature_is_wrong(world: Any) -> None:
    whole = world.leaf.der
    for place in range(len(whole)):
        damaged = whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :]
        with contextlib.suppress(MailError):
            found = facts.read(damaged, where="cert.pem")
            assert found.signature != "sha256" or not chain.is_signed_by(found, world.middle.facts)


def test_a_trust_store_is_read_as_far_as_it_can_be(world: Any) -> None:
    odd = b"-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n"
    assert facts.readable(world.root.pem + odd + world.middle.pem, where="") == (world.root.facts, world.middle.facts)
