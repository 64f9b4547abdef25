# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of every right and wrong kind, made on the spot."""

from __future__ import annotations

import datetime
import functools
import ipaddress
from collections.abc import Iterator, Sequence
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


def damaged(private: Any) -> bytes:
    """The private key in DER with one bit of its secret (RSA: of one of its primes) turned round."""
    numbers = private.private_numbers()
    secret = numbers.p if hasattr(numbers, "p") else numbers.private_value
    octets = secret.to_bytes((secret.bit_length() + 7) // 8, "big")
    other = octets[:9] + bytes([octets[9] ^ 4]) + octets[10:]
    return key_bytes(private, encoding=DER).replace(octets, other)


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


def forgeable(made: Made, algorithm: int = 5) -> Made:
    """The certificate that an RSA key signed, said to be signed with SHA-1 (5) or MD5 (4) of RFC 8017 appendix A.2."""
    rsa_with = bytes.fromhex("2a864886f70d0101")
    der = made.der.replace(rsa_with + b"\x0b", rsa_with + bytes([algorithm]))
    return Made(x509.load_der_x509_certificate(der), made.key)


def _general(name: str) -> Any:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name[len("dns:") :] if name.startswith("dns:") else name)


def _subject(name: str) -> Any:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class How(NamedTuple):
    """How a certificate is made: valid for these days around NOW; without ``private`` its key is another one."""

    private: Any = None
    names: Sequence[str] | None = None
    ca: bool = False
    depth: int | None = None
    valid: tuple[float, float] = (-10, 80)
    digest: Any = hashes.SHA256()
    usage: Sequence[Any] | None = None
    offered: str = ""


def make(name: str, by: Made | None = None, **changes: Any) -> Made:
    """A certificate for ``name``, signed by ``by`` or by itself. ``changes`` are fields of :class:`How`."""
    how = How(**changes)
    private = how.private or key(number=1)
    days = [datetime.datetime.fromtimestamp(NOW + DAY * day, datetime.timezone.utc) for day in how.valid]
    built = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(by.certificate.subject if by else _subject(name))
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(days[0])
        .not_valid_after(days[1])
    )
    signer = by.key if by else private
    for extension in _extensions(name, how):
        built = built.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return Made(built.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else how.digest), private)


def _extensions(name: str, how: How) -> Iterator[Any]:
    yield x509.BasicConstraints(ca=how.ca, path_length=how.depth)
    names = how.names if how.names is not None else [] if how.ca else [name]
    if names:
        yield x509.SubjectAlternativeName([_general(each) for each in names])
    usage = how.usage if how.usage is not None else [] if how.ca else [ExtendedKeyUsageOID.SERVER_AUTH]
    if usage:
        yield x509.ExtendedKeyUsage(list(usage))
    if how.offered:
        address = x509.UniformResourceIdentifier(how.offered)
        kind = AuthorityInformationAccessOID.CA_ISSUERS
        yield x509.AuthorityInformationAccess([x509.AccessDescription(kind, address)])


class World:
    """A root, an intermediate below it, and a server below that; and what the tests of the rooms call."""

    NOW, DAY, PEM, DER = NOW, DAY, PEM, DER
    make = staticmethod(make)
    key = staticmethod(key)
    key_bytes = staticmethod(key_bytes)
    damaged = staticmethod(damaged)
    forgeable = staticmethod(forgeable)

    def __init__(self) -> None:
        self.root = make("Root", private=key(number=10), ca=True, valid=(-3000, 3000))
        self.middle = make("Middle", self.root, private=key(number=11), ca=True, valid=(-300, 300))
        self.leaf = make("mail.example.com", self.middle)

    def request(self, name: str) -> bytes:
        """A certificate request in DER; an empty name leaves the subject empty."""
        subject = _subject(name) if name else x509.Name([])
        built = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key(), hashes.SHA256())
        return bytes(built.public_bytes(DER))

    def pair(self, leaf: Made | None = None, **changes: Any) -> Pair:
        """The pair as files cert.pem, chain.pem and key.pem have it; what is empty has no file."""
        leaf = leaf or self.leaf
        changes = {**{f"{part}_where": "" for part in ("chain", "key") if changes.get(part) == b""}, **changes}
        pair = Pair(leaf.pem, "cert.pem", self.middle.pem, "chain.pem", leaf.key_pem, "key.pem")
        return pair._replace(**changes)

    def bundle(self, leaf: Made | None = None, **changes: Any) -> Bundle:
        """The judgement. ``names``, ``trust``, ``now`` and ``min_days`` are the judge's, the rest is the pair's."""
        asked: dict[str, Any] = {"names": ["mail.example.com"], "trust": [self.root.facts], "now": NOW, "min_days": 7}
        asked.update({option: changes.pop(option) for option in tuple(changes) if option in asked})
        return judge.bundle(self.pair(leaf, **changes), **asked)


@pytest.fixture(scope="session")
def world() -> World:
    return World()
