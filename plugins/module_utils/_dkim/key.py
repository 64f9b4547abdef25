# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys of DKIM (RFC 6376, RFC 8463): made, read from whatever form they come in, and written as the signer takes them.

An RSA key is kept as PKCS#8 in PEM. An Ed25519 key is kept as the base64 of its 32 octets, since rspamd reads no PEM of
this kind.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any, NamedTuple

from .._certificate import keys as _keys
from .._errors import MailError

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
except ImportError:  # modules that need it say so before they come here
    pass

RSA, ED25519 = "rsa", "ed25519"
ALGORITHMS = (RSA, ED25519)
BITS = (2048, 3072, 4096)  # of keys that are made
ED25519_BITS = 256
WEAK = 2048  # below it a key is taken over with a warning (RFC 8301, section 3.2)
_LOWEST, _HIGHEST = 1024, 4096  # what every verifier has to take
_SEED = 32

_AGAIN = "Copy the whole file again from where it comes from."
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(.*?)-----END \1-----", re.DOTALL)
_LOCKED = re.compile(rb"BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: *4, *ENCRYPTED")
# The octets before those of a public Ed25519 key in a SubjectPublicKeyInfo (RFC 8410, section 4).
_ED25519_DER = bytes.fromhex("302a300506032b6570032100")


class Key(NamedTuple):
    """A private key: ``public`` is what the tag ``p=`` of its record has, ``content`` what its file holds."""

    algorithm: str
    bits: int
    public: str
    content: bytes

    def __repr__(self) -> str:
        return f"Key({self.algorithm} {self.bits})"


def make(algorithm: str, bits: int) -> Key:
    """A new key. One of RSA takes a good part of a second."""
    if algorithm == ED25519:
        return _of_ed25519(ed25519.Ed25519PrivateKey.generate())
    return _of_rsa(rsa.generate_private_key(public_exponent=65537, key_size=bits))


def read(data: bytes, *, where: str) -> Key:
    """The key of ``data``: PEM (PKCS#1 or PKCS#8, text around it is passed over), or Ed25519 as base64.

    Raises MailError for what is locked, damaged, of another kind or of a size that DKIM has no place for.
    """
    text = data.replace(b"\r\n", b"\n")
    blocks = _BLOCK.findall(text)
    if len(blocks) > 1:
        raise MailError(f"holds {len(blocks)} private keys", where=where, mend="Leave the one that is for DKIM.")
    if _LOCKED.search(text):
        mend = "The signer could not open it. Unlock it with: openssl pkey -in OLD -out NEW."
        raise MailError("is a key with a passphrase", where=where, mend=mend)
    if blocks:
        label, body = blocks[0]
        return _known(_load(label, body, where), where)
    if b"-----" in text:
        found = "is a public key" if b"PUBLIC KEY" in text else "is damaged: it holds no whole private key"
        raise MailError(found, where=where, mend="Give the private key, from '-----BEGIN' to the end of '-----END'.")
    return _of_ed25519(_seed(text, where))


def _load(label: bytes, body: bytes, where: str) -> Any:
    lines = b"\n".join(body.split())
    try:
        key = serialization.load_pem_private_key(
            b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (label, lines, label), None
        )
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _LOWEST:
            _keys.prove(key, key.public_key(), where=where)
    except TypeError as error:
        raise MailError("is a key with a passphrase", where=where, mend="Give it without one.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MailError("is damaged: it cannot be read as a private key", where=where, mend=_AGAIN) from error
    return key


def _seed(text: bytes, where: str) -> Any:
    """An Ed25519 key from base64: its 32 octets, or these with the public key behind them as libsodium writes it."""
    try:
        octets = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        octets = b""
    if len(octets) not in (_SEED, 2 * _SEED):
        mend = "Give a private key in PEM, or one of Ed25519 as base64 of its 32 octets."
        raise MailError("is empty" if not text.strip() else "is no private key", where=where, mend=mend)
    key = ed25519.Ed25519PrivateKey.from_private_bytes(octets[:_SEED])
    if octets[_SEED:] not in (b"", _raw(key)):
        raise MailError("is damaged: its two halves do not belong together", where=where, mend=_AGAIN)
    return key


def _known(key: Any, where: str) -> Key:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return _of_ed25519(key)
    if not isinstance(key, rsa.RSAPrivateKey):
        what = f"is a key of the kind {_keys.kind(key.public_key())}, and DKIM knows RSA and Ed25519 alone"
        raise MailError(what, where=where, mend="Leave it out and let a new key be made.")
    if not _LOWEST <= key.key_size <= _HIGHEST:
        what = f"is an RSA key of {key.key_size} bits, and verifiers take {_LOWEST} to {_HIGHEST} (RFC 8301)"
        raise MailError(what, where=where, mend="Leave it out and let a new key be made.")
    return _of_rsa(key)


def _of_rsa(key: Any) -> Key:
    public = base64.b64encode(_keys.encoded(key.public_key())).decode()
    return Key(RSA, int(key.key_size), public, _keys.unlocked(key))


def _of_ed25519(key: Any) -> Key:
    seed = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    public = base64.b64encode(_raw(key)).decode()
    return Key(ED25519, ED25519_BITS, public, base64.b64encode(seed) + b"\n")


def _raw(key: Any) -> bytes:
    octets: bytes = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return octets


def fingerprint(algorithm: str, public: str) -> str:
    """The SHA-256, in hex, of the public key in DER (SubjectPublicKeyInfo)."""
    octets = base64.b64decode(public, validate=True)
    return hashlib.sha256(octets if algorithm == RSA else _ED25519_DER + octets).hexdigest()
