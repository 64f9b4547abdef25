# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of every right and wrong kind, made on the spot."""

from __future__ import annotations

import datetime
import functools
import ipaddress
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import facts, judge
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Bundle, Facts, Pair

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC
DAY = 86400
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


@functools.cache
def key(kind: str = "secp256r1", number: int = 0) -> Any:
    """A private key: ``rsa2048``, ``dsa2048``, ``ed25519`` or a curve. Another number makes another key."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    if kind.startswith("dsa"):
        return dsa.generate_private_key(int(kind[3:]))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(getattr(ec, kind.upper())())


def key_bytes(private: Any, form: str = "PKCS8", *, encoding: Any = PEM, passphrase: str = "") -> bytes:
    """A private key as a file: ``PKCS8`` or ``TraditionalOpenSSL`` (PKCS#1, SEC 1)."""
    lock = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    data: bytes = private.private_bytes(encoding, getattr(serialization.PrivateFormat, form), lock)
    return data


class Made(NamedTuple):
    """A certificate with its key."""

    certificate: Any
    key: Any

    @property
    def pem(self) -> bytes:
        return bytes(self.certificate.public_bytes(PEM))

    @property
    def der(self) -> bytes:
        return bytes(self.certificate.public_bytes(DER))

    @property
    def key_pem(self) -> bytes:
        return key_bytes(self.key)

    @property
    def facts(self) -> Facts:
        return facts.read(self.der, where="test")


def _general(name: str) -> Any:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.replace("dns:", ""))


def _subject(name: str) -> Any:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def make(
    name: str,
    by: Made | None = None,
    *,
    private: Any = None,
    names: Sequence[str] | None = None,
    ca: bool = False,
    valid: tuple[float, float] = (-10, 80),
    digest: Any = None,
    usage: Sequence[Any] = (ExtendedKeyUsageOID.SERVER_AUTH,),
    offered: str = "",
) -> Made:
    """A certificate that is valid for these days around NOW, signed by ``by`` or by itself."""
    private = private or key(number=1)
    days = [datetime.datetime.fromtimestamp(NOW + DAY * day, datetime.timezone.utc) for day in valid]
    built = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(by.certificate.subject if by else _subject(name))
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(days[0])
        .not_valid_after(days[1])
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca and names != []:
        alternative = x509.SubjectAlternativeName([_general(each) for each in names or [name]])
        built = built.add_extension(alternative, critical=False)
    if not ca and usage:
        built = built.add_extension(x509.ExtendedKeyUsage(list(usage)), critical=False)
    if offered:
        where = x509.UniformResourceIdentifier(offered)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where)
        built = built.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    signer = by.key if by else private
    how = None if isinstance(signer, ed25519.Ed25519PrivateKey) else digest or hashes.SHA256()
    return Made(built.sign(signer, how), private)


class World:
    """A root, an intermediate below it, and a server below that; and what the tests of the rooms call."""

    NOW, DAY = NOW, DAY
    make = staticmethod(make)
    key = staticmethod(key)
    key_bytes = staticmethod(key_bytes)

    def __init__(self) -> None:
        self.root = make("Root", private=key(number=10), ca=True, valid=(-3000, 3000))
        self.middle = make("Middle", self.root, private=key(number=11), ca=True, valid=(-300, 300))
        self.leaf = make("mail.example.com", self.middle)

    def pair(self, leaf: Made | None = None, **changes: Any) -> Pair:
        """The pair as files cert.pem, chain.pem and key.pem have it."""
        leaf = leaf or self.leaf
        pair = Pair(leaf.pem, "cert.pem", self.middle.pem, "chain.pem", leaf.key_pem, "key.pem")
        return pair._replace(**changes)

    def bundle(self, leaf: Made | None = None, **changes: Any) -> Bundle:
        """The judgement. ``names``, ``trust``, ``now`` and ``min_days`` are the judge's, the rest is the pair's."""
        asked = {"names": ["mail.example.com"], "trust": [self.root.facts], "now": NOW, "min_days": 7}
        for option in asked:
            asked[option] = changes.pop(option, asked[option])
        return judge.bundle(self.pair(leaf, **changes), **asked)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def world() -> World:
    return World()
