# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys in every form in which they come."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import key as _key
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

PEM, RAW = serialization.Encoding.PEM, serialization.Encoding.Raw
PLAIN = serialization.NoEncryption()
PKCS1, PKCS8 = serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8


@pytest.fixture(scope="module")
def big() -> Any:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def edwards() -> Any:
    return ed25519.Ed25519PrivateKey.generate()


def pem(key: Any, form: Any = PKCS8, lock: Any = PLAIN) -> bytes:
    data: bytes = key.private_bytes(PEM, form, lock)
    return data


def seed(key: Any) -> bytes:
    data: bytes = key.private_bytes(RAW, serialization.PrivateFormat.Raw, PLAIN)
    return data


def raw(key: Any) -> bytes:
    data: bytes = key.public_key().public_bytes(RAW, serialization.PublicFormat.Raw)
    return data


def test_what_is_made_of_rsa_signs_what_its_record_verifies() -> None:
    made = _key.make("rsa", 2048)
    private: Any = serialization.load_pem_private_key(made.content, None)
    public: Any = serialization.load_der_public_key(base64.b64decode(made.public))
    public.verify(
        private.sign(b"mail", padding.PKCS1v15(), hashes.SHA256()), b"mail", padding.PKCS1v15(), hashes.SHA256()
    )
    assert (made.algorithm, made.bits, private.key_size) == ("rsa", 2048, 2048)
    assert made.content.startswith(b"-----BEGIN PRIVATE KEY-----")


def test_what_is_made_of_ed25519_signs_what_its_record_verifies() -> None:
    made = _key.make("ed25519", 0)
    private = ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(made.content))
    ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(made.public)).verify(private.sign(b"mail"), b"mail")
    assert (made.algorithm, made.bits, len(made.content)) == ("ed25519", 256, 45)


def test_no_two_keys_are_equal() -> None:
    assert len({_key.make("ed25519", 0).public for _turn in range(20)}) == 20


def test_rsa_comes_in_many_forms(big: Any) -> None:
    expected = pem(big)
    windows = pem(big, PKCS1).replace(b"\n", b"\r\n")
    around = b"default._domainkey IN TXT ...\n" + pem(big, PKCS1) + b"\nthe end\n"
    indented = pem(big).replace(b"\n", b"\n   ")
    for data in (pem(big), pem(big, PKCS1), windows, around, indented, pem(big).strip()):
        found = _key.read(data, where="key")
        assert (found.algorithm, found.bits, found.content) == ("rsa", 2048, expected)


def test_ed25519_comes_in_many_forms(edwards: Any) -> None:
    expected = base64.b64encode(seed(edwards)) + b"\n"
    libsodium = base64.b64encode(seed(edwards) + raw(edwards))
    for data in (pem(edwards), expected, expected.strip(), libsodium, b" " + expected + b"\r\n"):
        found = _key.read(data, where="key")
        assert (found.algorithm, found.bits, found.content) == ("ed25519", 256, expected)
        assert found.public == base64.b64encode(raw(edwards)).decode()


def damaged(data: bytes) -> bytes:
    middle = len(data) // 2
    swapped = b"A" if data[middle : middle + 1] != b"A" else b"B"
    return data[:middle] + swapped + data[middle + 1 :]


LOCK = serialization.BestAvailableEncryption(b"secret")
FAULTS = {
    "empty": (lambda big, edwards: b"", "is empty"),
    "words": (lambda big, edwards: b"the key", "is no private key"),
    "short seed": (lambda big, edwards: base64.b64encode(seed(edwards)[:31]), "is no private key"),
    "halves": (lambda big, edwards: base64.b64encode(seed(edwards) * 2), "two halves"),
    "locked": (lambda big, edwards: pem(big, PKCS8, LOCK), "passphrase"),
    "locked as PKCS#1": (lambda big, edwards: pem(big, PKCS1, LOCK), "passphrase"),
    "locked ed25519": (lambda big, edwards: pem(edwards, PKCS8, LOCK), "passphrase"),
    "cut off": (lambda big, edwards: pem(big)[:900], "no whole private key"),
    "beheaded": (lambda big, edwards: pem(big)[30:], "no whole private key"),
    "damaged": (lambda big, edwards: damaged(pem(big)), "is damaged"),
    "damaged PKCS#1": (lambda big, edwards: damaged(pem(big, PKCS1)), "is damaged"),
    "shortened": (lambda big, edwards: b"\n".join(pem(big).splitlines()[:5] + pem(big).splitlines()[6:]), "is damaged"),
    "two keys": (lambda big, edwards: pem(big) + pem(edwards), "holds 2 private keys"),
    "public": (
        lambda big, edwards: big.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        "is a public key",
    ),
    "EC": (lambda big, edwards: pem(ec.generate_private_key(ec.SECP256R1())), "kind EC P-256, and DKIM knows RSA"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_sign_is_refused(name: str, big: Any, edwards: Any) -> None:
    build, why = FAULTS[name]
    with pytest.raises(MailError, match=why) as caught:
        _key.read(build(big, edwards), where="/etc/key")
    assert caught.value.message.startswith("/etc/key: ")


@pytest.mark.parametrize("limits", [(1025, 4096), (512, 1023)])
def test_the_size_must_be_one_that_verifiers_take(limits: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    small = pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    assert _key.read(small, where="key").bits == 1024
    monkeypatch.setattr(_key, "_LOWEST", limits[0])
    monkeypatch.setattr(_key, "_HIGHEST", limits[1])
    with pytest.raises(MailError, match="RSA key of 1024 bits, and verifiers take"):
        _key.read(small, where="key")


def test_the_fingerprint_is_of_the_public_key_in_der(big: Any, edwards: Any) -> None:
    for key in (big, edwards):
        der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        found = _key.read(pem(key), where="key")
        assert _key.fingerprint(found.algorithm, found.public) == hashlib.sha256(der).hexdigest()


def test_a_key_does_not_show_itself(edwards: Any) -> None:
    found = _key.read(pem(edwards), where="key")
    assert found.content.decode().strip() not in f"{found} {found!r}"
