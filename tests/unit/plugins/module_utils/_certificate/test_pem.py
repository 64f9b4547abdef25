# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files taken apart: what is cleaned, and what is refused in which words."""

from __future__ import annotations

import base64
from typing import Any, Callable

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import keys, pem
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

PLAIN = "PKCS8", "TraditionalOpenSSL"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data, id="as it is"),
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="BOM"),
        pytest.param(lambda data: data.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(lambda data: data.replace(b"\n", b"\r"), id="CR"),
        pytest.param(lambda data: data.rstrip(b"\n"), id="no end of line"),
        pytest.param(lambda data: b"Bag Attributes\n  name: \xe4\n\n" + data + b"\ntext -- below\n", id="text around"),
        pytest.param(
            lambda data: b"--- BEGIN of the list ---\n" + data + b"--- end certificate\n", id="text like marks"
        ),
        pytest.param(lambda data: data.replace(b"\n", b"\n    "), id="indented"),
        pytest.param(lambda data: data.replace(b"\n", b" \n\n"), id="empty lines"),
        pytest.param(lambda data: data.replace(b" CERT", b" TRUSTED CERT"), id="trusted"),
    ],
)
def test_pem_is_cleaned(world: Any, change: Callable[[bytes], bytes]) -> None:
    data = change(world.leaf.key_pem + world.leaf.pem + world.middle.pem)
    found = pem.read(data, where="cert.pem")
    assert found == pem.Blocks((world.leaf.der, world.middle.der), (world.leaf.key_pem,))


def test_certificates_and_keys_are_read_in_any_order(world: Any) -> None:
    found = pem.read(world.middle.pem + world.leaf.pem + world.leaf.key_pem, where="cert.pem")
    assert found == pem.Blocks((world.middle.der, world.leaf.der), (world.leaf.key_pem,))


def test_der_is_read(world: Any) -> None:
    assert pem.read(world.leaf.der, where="").certificates == (world.leaf.der,)
    assert pem.read(world.leaf.der + world.middle.der, where="").certificates == (world.leaf.der, world.middle.der)


@pytest.mark.parametrize("kind", ["rsa2048", "secp256r1", "dsa2048"])
@pytest.mark.parametrize("form", PLAIN)
def test_a_key_in_der_is_known(world: Any, kind: str, form: str) -> None:
    data = world.key_bytes(world.key(kind), form, encoding=world.DER)
    assert pem.read(data, where="key.der") == pem.Blocks((), (data,))
    assert keys.unlocked(keys.load(data, passphrase="", where="")) == world.key_bytes(world.key(kind))


@pytest.mark.parametrize("encoding", ["PEM", "DER"])
def test_a_locked_key_is_known(world: Any, encoding: str) -> None:
    data = world.key_bytes(world.key(), encoding=getattr(world, encoding), passphrase="secret")
    (found,) = pem.read(data, where="key.pem").keys
    assert keys.unlocked(keys.load(found, passphrase="secret", where="")) == world.key_bytes(world.key())


def test_an_old_locked_key_keeps_what_unlocks_it(world: Any) -> None:
    data = world.key_bytes(world.key("rsa2048"), "TraditionalOpenSSL", passphrase="secret")
    assert b"DEK-Info" in data
    (found,) = pem.read(b"text\n" + data.replace(b"\n", b"\r\n"), where="key.pem").keys
    assert keys.unlocked(keys.load(found, passphrase="secret", where="")) == world.key_bytes(world.key("rsa2048"))


def block(label: str, der: bytes = b"\x30\x01\x05") -> bytes:
    return f"-----BEGIN {label}-----\n".encode() + base64.b64encode(der) + f"\n-----END {label}-----\n".encode()


def pkcs7(*, der: bool) -> bytes:
    """The beginning of a PKCS#7 bundle."""
    data = bytes.fromhex("3082010006092a864886f70d010702a0820000") + bytes(300)
    return data if der else block("PKCS7", data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty. Copy the whole file again"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "is a web page, not a certificate or key. Open it in"),
        (b"Hello\n", "holds no certificate and no key. A certificate begins with"),
        (b"\x00\x01\x02", "holds no certificate and no key"),
        (b"0", "is cut off: 2 octets were announced, 1 are there"),
        (block("X509 CRL"), "holds no certificate and no key (only X509 CRL)"),
        (block("CERTIFICATE REQUEST"), "is a certificate request (CSR), not a certificate. Send it to an authority"),
        (block("NEW CERTIFICATE REQUEST"), "is a certificate request (CSR)"),
        (block("OPENSSH PRIVATE KEY"), "is a key of ssh, not of a certificate"),
        (block("PUBLIC KEY"), "is a public key, neither a certificate nor a private key"),
        (pkcs7(der=False), "is a PKCS#7 bundle (.p7b), which the daemons cannot read. Convert it with: openssl pkcs7"),
        (pkcs7(der=True), "is a PKCS#7 bundle (.p7b)"),
        (bytes.fromhex("308201000201033080") + bytes(300), "is a PKCS#12 file (.p12, .pfx), which the daemons cannot"),
        (block("CERTIFICATE", b"\x05\x00"), "line 1: is damaged: this is not DER"),
        (block("CERTIFICATE", b"\x30\x82\x01\x00\x05\x00"), "line 1: is cut off: 260 octets were announced, 6 are"),
        (block("CERTIFICATE").replace(b"MA", b"M!"), "line 1: the block that begins here is damaged (its base64"),
        (block("CERTIFICATE").replace(b"\n", b"\\n"), "line 1: the block that begins here is damaged (its base64"),
        (b"text\n" + block("CERTIFICATE")[:30], "is cut off: the block that begins in line 2 has no 'END CERTIFICATE'"),
        (block("CERTIFICATE")[30:], "is damaged: before line 2, 'BEGIN CERTIFICATE' is missing"),
        (
            block("CERTIFICATE")[:30] + b"\n" + block("CERTIFICATE"),
            "is damaged: before line 3, 'END CERTIFICATE' for the block that begins in line 1 is missing",
        ),
        (block("CERTIFICATE").replace(b"-----BEGIN", b"- BEGIN"), "line 1 is damaged: BEGIN and END stand in lines of"),
        (block("RSA PRIVATE KEY").replace(b"KEY-----", b"KEY"), "line 1 is damaged"),
        (block("CERTIFICATE").replace(b"-----END", b"----END"), "line 3 is damaged: BEGIN and END stand in lines of"),
    ],
)
def test_what_is_no_certificate_is_named(data: bytes, message: str) -> None:
    with pytest.raises(MailError) as error:
        pem.read(data, where="cert.pem")
    assert error.value.message.startswith(f"cert.pem: {message}")
    assert error.value.mend


def test_binary_data_that_is_not_whole_is_refused(world: Any) -> None:
    with pytest.raises(MailError, match=r"cert.der: is cut off: [0-9]+ octets were announced, 200 are there"):
        pem.read(world.leaf.der[:200], where="cert.der")
    with pytest.raises(MailError, match="has something behind its binary data"):
        pem.read(world.leaf.der + b"more", where="cert.der")
    assert pem.read(world.leaf.der + b"\n", where="cert.der").certificates == (world.leaf.der,)


def test_a_request_in_der_is_known(world: Any) -> None:
    for name in ("mail.example.com", ""):
        with pytest.raises(MailError, match=r"request.der: is a certificate request \(CSR\)"):
            pem.read(world.request(name), where="request.der")
