# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of this room: certificates, pairs of them with keys, what is installed and what is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Facts(NamedTuple):
    """What one certificate says (RFC 5280). Times are seconds since 1970, digests are hex in lower case.

    ``names`` are the DNS names (A-labels, lower case) and IP addresses that it is for; ``fingerprint`` is the SHA-256
    of the whole, ``tlsa`` that of its public key: the data of a TLSA 3 1 1 record (RFC 6698). ``key`` is such as
    ``EC P-256`` or ``RSA 3072``, ``signature`` the digest that the issuer signed, such as ``sha256``; ``authority`` is
    whether it may issue others.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: float
    not_after: float
    serial: str
    fingerprint: str
    tlsa: str
    key: str
    signature: str
    authority: bool
    der: bytes


class Pair(NamedTuple):
    """A certificate and its key as given, each with the file or option that it came from. Not yet judged.

    ``chain`` may be empty when the certificate's file holds it, ``key`` when that holds the key too.
    """

    certificate: bytes
    certificate_where: str
    chain: bytes = b""
    chain_where: str = ""
    key: bytes = b""
    key_where: str = ""
    passphrase: str = ""
    self_signed: bool = False


class Bundle(NamedTuple):
    """A pair that was found good: an unencrypted key (PKCS#8, PEM) and the chain without its root, leaf first."""

    key_pem: bytes
    chain: tuple[Facts, ...]
    warnings: tuple[str, ...] = ()

    @property
    def leaf(self) -> Facts:
        return self.chain[0]


class Installed(NamedTuple):
    """One entry on disk: the chains that are live (one, or ECDSA and RSA) and their directory; none if nothing is.

    ``next_tlsa`` is the data of the TLSA records that a new certificate waits for.
    """

    name: str
    names: tuple[str, ...]
    default: bool
    directory: str
    chains: tuple[tuple[Facts, ...], ...]
    previous: tuple[str, ...] = ()
    next_tlsa: tuple[str, ...] = ()


class Watch(NamedTuple):
    """What was seen last of the TLSA records of a name: their TTL, and whether signatures of DNSSEC came along.

    ``due`` says of each record from when on every cache must have it (seconds since 1970).
    """

    ttl: int
    signed: bool
    due: Mapping[str, float]


class Served(NamedTuple):
    """What a port shows to a client that asks for ``name``; an empty name: a client without SNI.

    ``chain`` is DER, leaf first, as sent; ``error`` says why there is none.
    """

    service: str
    port: int
    name: str
    chain: tuple[bytes, ...] = ()
    error: str = ""
