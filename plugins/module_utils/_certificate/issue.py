# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that a server signs itself, for the time until it has one of an authority."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from typing import Any

from . import keys
from . import names as _names

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError:  # modules that need it say so before they come here
    pass

_MAX_COMMON_NAME = 64  # RFC 5280 appendix A: ub-common-name
_EARLIER = 3600  # a client's clock may be behind


def self_signed(names: Sequence[str], *, now: float, days: int, key_pem: bytes | None) -> tuple[bytes, bytes]:
    """A certificate for ``names`` that is valid ``days`` from ``now``, and its key, both PEM.

    The key of ``key_pem`` is used again, so that TLSA records stay right; without one it is a new EC P-256. Raises
    MailError when a name is none or the key cannot be read.
    """
    wanted = list(dict.fromkeys(_names.normal(name) for name in names))
    if key_pem:
        key = keys.load(key_pem, passphrase="", where="the key of the self-signed certificate")
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    common = next((name for name in wanted if len(name) <= _MAX_COMMON_NAME), "mail server")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_time(now - _EARLIER))
        .not_valid_after(_time(now + days * 86400))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in wanted]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), keys.unlocked(key)


def _general(name: str) -> Any:
    return x509.IPAddress(ipaddress.ip_address(name)) if _names.ip(name) else x509.DNSName(name)


def _time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
