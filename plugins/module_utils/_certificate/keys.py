# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private keys, and which kinds of keys and signatures are good enough."""

from __future__ import annotations

import hashlib
from typing import Any

from .._errors import MailError

try:
    from cryptography import __version__ as _version
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
except ImportError:  # modules that need it say so before they come here
    pass

# NIST curves by the names that cryptography has for them; the first three are what TLS uses.
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224", "secp192r1": "P-192"}
GOOD_CURVES = ("EC P-256", "EC P-384", "EC P-521")
MIN_RSA = 2048
GOOD_RSA = 3072
GOOD_DIGESTS = ("sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512", "ed25519", "ed448")

_NEW = "Ask the authority for a new certificate with a key such as EC P-256 or RSA 3072."


def load(data: bytes, *, passphrase: str, where: str) -> Any:
    """The private key of ``data`` (PEM or DER). Raises MailError when it is damaged or stays locked."""
    found = _try(data, None, where)
    if found is not None:
        return found
    if not passphrase:
        mend = "Give its passphrase (from a vault), or unlock it with: openssl pkey -in OLD -out NEW."
        raise MailError("is a key with a passphrase, and none is given", where=where, mend=mend)
    found = _try(data, passphrase.encode(), where)
    if found is None:
        mend = "Give the one that it was made with."
        raise MailError("the passphrase does not open this key", where=where, mend=mend)
    return found


def _try(data: bytes, password: bytes | None, where: str) -> Any:
    """The key; None when it stays locked."""
    binary = b"-----BEGIN" not in data
    loader = serialization.load_der_private_key if binary else serialization.load_pem_private_key
    # Testing the primes of an RSA key takes up to 0.1 s. Since cryptography 39 it can be left to prove().
    quick = {"unsafe_skip_rsa_key_validation": True} if int(_version.partition(".")[0]) >= 39 else {}
    try:
        return loader(data, password, **quick)
    except TypeError:
        return None
    except UnsupportedAlgorithm as error:
        mend = "Convert it with: openssl pkey -in OLD -out NEW."
        raise MailError("is a key in a form that cannot be read here", where=where, mend=mend) from error
    except ValueError as error:
        if password is not None:
            return None
        mend = "Copy the whole file again from where it comes from."
        raise MailError("is damaged: it cannot be read as a private key", where=where, mend=mend) from error


def prove(key: Any, public: Any, *, where: str) -> None:
    """Lets an RSA or EC key sign, as it has to for each client, and its public key verify that. Raises MailError."""
    data, digest = b"proof", hashes.SHA256()
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    how: tuple[Any, ...] = (padding.PKCS1v15(), digest) if is_rsa else (ec.ECDSA(digest),)
    try:
        public.verify(key.sign(data, *how), data, *how)
        fits = not is_rsa or _fits(key.private_numbers())
    except (InvalidSignature, ValueError):
        fits = False
    if not fits:
        mend = "Copy the whole file again from where it comes from."
        raise MailError("is damaged: the parts of this key do not belong together", where=where, mend=mend)


def _fits(numbers: Any) -> bool:
    """Whether the primes of an RSA key belong to the rest, which signs more slowly without them (RFC 8017, 3.2)."""
    p, q, d = numbers.p, numbers.q, numbers.d
    parts = (p * q, numbers.dmp1, numbers.dmq1, numbers.iqmp * q % p)
    return parts == (numbers.public_numbers.n, d % (p - 1), d % (q - 1), 1)


def unlocked(key: Any) -> bytes:
    """The private key without a passphrase: PKCS#8 in PEM."""
    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem


def encoded(public: Any) -> bytes:
    """A public key in DER, as certificates hold it (SubjectPublicKeyInfo)."""
    der: bytes = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return der


def digest(public: Any) -> str:
    """The SHA-256 of a public key as TLSA 3 1 1 has it (RFC 6698)."""
    return hashlib.sha256(encoded(public)).hexdigest()


def kind(public: Any) -> str:
    """The kind and size of a public key, such as ``EC P-256`` or ``RSA 3072``."""
    if isinstance(public, rsa.RSAPublicKey):
        return f"RSA {public.key_size}"
    if isinstance(public, ec.EllipticCurvePublicKey):
        return f"EC {CURVES.get(public.curve.name, public.curve.name)}"
    if isinstance(public, dsa.DSAPublicKey):
        return f"DSA {public.key_size}"
    for name, others in (("Ed25519", ed25519.Ed25519PublicKey), ("Ed448", ed448.Ed448PublicKey)):
        if isinstance(public, others):
            return name
    return type(public).__name__


def check(name: str, *, where: str) -> None:
    """Refuses kinds of keys that mail clients cannot use or that are too weak."""
    family, _space, size = name.partition(" ")
    if family == "RSA":
        if int(size) < MIN_RSA:
            raise MailError(f"its key is {name}, and less than {MIN_RSA} bits are weak", where=where, mend=_NEW)
    elif name not in GOOD_CURVES:
        raise MailError(f"its key is {name}, which mail clients cannot use", where=where, mend=_NEW)


def check_signature(digest: str, *, where: str) -> None:
    """Refuses signatures that can be forged, and those that cannot be verified here."""
    if digest[:1].isdigit():
        what = f"is signed in a way (OID {digest}) that this host cannot verify"
        raise MailError(what, where=where, mend="Ask the authority for one that is signed with SHA-256.")
    if digest not in GOOD_DIGESTS:
        what = f"its signature is made with {digest.upper()}, which can be forged"
        raise MailError(what, where=where, mend="Ask the authority for one that is signed with SHA-256.")


def warnings(name: str) -> tuple[str, ...]:
    """What is said of a kind of key that is only just good enough."""
    family, _space, size = name.partition(" ")
    if family == "RSA" and int(size) < GOOD_RSA:
        return (f"its key is {name}; guidelines ask for {GOOD_RSA} bits or more, or EC P-256 instead",)
    return ()
