# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a certificate says, read with python3-cryptography 3.3 or later."""

from __future__ import annotations

import calendar
import functools
import hashlib
import warnings
from typing import Any

from .._errors import MailError
from . import keys, names, pem
from .terms import Facts

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID
except ImportError:  # modules that need it say so before they come here
    pass

_SHORT = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_WITHOUT_DIGEST = {"1.3.101.112": "ed25519", "1.3.101.113": "ed448"}


@functools.lru_cache(maxsize=4096)
def load(der: bytes) -> Any:
    """The certificate as cryptography has it; what :func:`read` found readable."""
    return x509.load_der_x509_certificate(der)


def read(der: bytes, *, where: str) -> Facts:
    """What the certificate ``der`` says. Raises MailError that names ``where``.

    What cryptography finds old-fashioned in it is not told: of roots in a trust store it would be, at each run.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _facts(der)
    except Exception as error:  # of a damaged certificate cryptography complains with many of them
        mend = "Copy the whole file again from where it comes from, or ask the authority for another certificate."
        what = "cannot be read as a certificate: it is damaged, or has a key or a name of an unknown kind"
        raise MailError(what, where=where, mend=mend) from error


def readable(data: bytes, *, where: str) -> tuple[Facts, ...]:
    """The certificates of a trust store; those that this host's cryptography cannot read are left out.

    Raises MailError when ``data`` is neither PEM nor DER.
    """
    found = []
    for der in pem.read(data, where=where).certificates:
        try:
            found.append(read(der, where=where))
        except MailError:
            continue
    return tuple(found)


@functools.lru_cache(maxsize=4096)
def _facts(der: bytes) -> Facts:
    certificate = load(der)
    public = certificate.public_key()
    key = keys.encoded(public)
    # What cryptography passes over in silence or mends by itself: parameters of a curve, RSASSA-PSS, damaged DER.
    signed = certificate.tbs_certificate_bytes
    if not (key in signed and signed in der and der.endswith(b"\0" + certificate.signature)):
        raise ValueError
    constraints, usage = _extension(certificate, "BasicConstraints"), _extension(certificate, "KeyUsage")
    return Facts(
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        names=_names(certificate),
        not_before=_seconds(certificate, "not_valid_before"),
        not_after=_seconds(certificate, "not_valid_after"),
        serial=f"{certificate.serial_number:x}",
        fingerprint=hashlib.sha256(der).hexdigest(),
        tlsa=hashlib.sha256(key).hexdigest(),
        key=keys.kind(public),
        signature=_signature(certificate),
        authority=bool(constraints and constraints.ca and (usage is None or usage.key_cert_sign)),
        der=der,
    )


def public_key(facts: Facts) -> bytes:
    """Its public key (SubjectPublicKeyInfo, DER)."""
    return keys.encoded(load(facts.der).public_key())


def serves(facts: Facts) -> bool:
    """Whether the extended key usage, if there is one, allows servers (RFC 5280 section 4.2.1.12)."""
    usage = _extension(load(facts.der), "ExtendedKeyUsage")
    return usage is None or ExtendedKeyUsageOID.SERVER_AUTH in list(usage)


def issuers_address(facts: Facts) -> str:
    """Where the authority offers its own certificate, if it says so (RFC 5280 section 4.2.2.1)."""
    for access in _extension(load(facts.der), "AuthorityInformationAccess") or ():
        location = access.access_location
        is_address = isinstance(location, x509.UniformResourceIdentifier)
        if is_address and access.access_method == AuthorityInformationAccessOID.CA_ISSUERS:
            return str(location.value)
    return ""


def may_stand_above(facts: Facts, authorities: int) -> bool:
    """Whether so many other authorities may follow below it in a chain (RFC 5280 section 4.2.1.9)."""
    constraints = _extension(load(facts.der), "BasicConstraints")
    return constraints is None or constraints.path_length is None or authorities <= constraints.path_length


def is_self_issued(facts: Facts) -> bool:
    """Whether the issuer has the name of the subject."""
    return facts.subject.casefold() == facts.issuer.casefold()


def _extension(certificate: Any, name: str) -> Any:
    try:
        return certificate.extensions.get_extension_for_class(getattr(x509, name)).value
    except x509.ExtensionNotFound:
        return None


def _name(name: Any) -> str:
    """A name as ``openssl x509`` writes it."""
    return ", ".join(f"{_SHORT.get(part.oid.dotted_string, part.oid.dotted_string)}={part.value}" for part in name)


def _names(certificate: Any) -> tuple[str, ...]:
    """DNS names and IP addresses. An address that is written as a DNS name counts for no client, so not here."""
    alternative = _extension(certificate, "SubjectAlternativeName")
    if alternative is None:
        return ()
    hosts = [name.lower().rstrip(".") for name in alternative.get_values_for_type(x509.DNSName)]
    addresses = [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
    return tuple(dict.fromkeys([name for name in hosts if not names.ip(name)] + addresses))


def _seconds(certificate: Any, which: str) -> float:
    """A time of the certificate. Before cryptography 42 it has no time zone, and is UTC."""
    time = getattr(certificate, f"{which}_utc", None) or getattr(certificate, which)
    return float(calendar.timegm(time.utctimetuple()))


def _signature(certificate: Any) -> str:
    """The digest that was signed; the OID of a signature that this version of cryptography does not know."""
    oid = str(certificate.signature_algorithm_oid.dotted_string)
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return oid
    return str(algorithm.name) if algorithm else _WITHOUT_DIGEST.get(oid, oid)
