# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of certificates and keys, taken apart: PEM (RFC 7468) with whatever stands around its blocks, and DER.

What is inside a block is not judged here, only that it is whole and of a kind that can be used.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from .._errors import MailError

CERTIFICATES = frozenset(("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"))
KEYS = frozenset(("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"))
_AGAIN = "Copy the whole file again from where it comes from."
_OTHER_KEY = "Give the certificate, or the private key that the request for it was made with."
# What people give in place of a certificate or a key, and what to tell them.
OTHERS = {
    "PKCS7": (
        "is a PKCS#7 bundle (.p7b), which the daemons cannot read",
        "Convert it with: openssl pkcs7 -print_certs -in OLD -out NEW (with -inform DER if it is binary).",
    ),
    "PKCS12": (
        "is a PKCS#12 file (.p12, .pfx), which the daemons cannot read",
        "Convert it with: (umask 077; openssl pkcs12 -nodes -in OLD -out NEW), and give NEW as certificate_file.",
    ),
    "CERTIFICATE REQUEST": (
        "is a certificate request (CSR), not a certificate",
        "Send it to an authority, and give the certificate that it answers with.",
    ),
    "OPENSSH PRIVATE KEY": ("is a key of ssh, not of a certificate", _OTHER_KEY),
    "PUBLIC KEY": ("is a public key, neither a certificate nor a private key", _OTHER_KEY),
}
_ALIASES = {"NEW CERTIFICATE REQUEST": "CERTIFICATE REQUEST", "CMS": "PKCS7", "PKCS #7 SIGNED DATA": "PKCS7"}

# The first or last line of a block, or what is left of one.
_MARK = re.compile(
    rb"-----(BEGIN|END) ([^\r\n-]+)-----|-+[ \t]*(?:BEGIN|END)[ \t]+(?:[A-Z0-9]+[ \t]+)*(?:CERTIFICATE|KEY|PKCS)"
)
_HEADERS = re.compile(rb"\s*((?:[A-Za-z0-9-]+:[^\n]*\n)+)\s*\n")  # RFC 1421: Proc-Type and DEK-Info of a locked key
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)

# How DER of each kind begins (X.690): a sequence, its length, and the first members.
_LENGTH = rb"(?:[\x00-\x7f]|\x80|\x81.|\x82..|\x83...|\x84....)"
_SEQUENCE = rb"\x30" + _LENGTH
_DER = {
    kind: re.compile(_SEQUENCE + members, re.DOTALL)
    for kind, members in {
        "KEY": rb"\x02\x01[\x00\x01](?:\x30|\x02|\x04)",
        "ENCRYPTED PRIVATE KEY": _SEQUENCE + rb"\x06.\x2a\x86\x48\x86\xf7\x0d\x01(?:\x05|\x0c\x01)",
        "PKCS12": rb"\x02\x01\x03\x30",
        "PKCS7": rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
        "PUBLIC KEY": _SEQUENCE + rb"\x06.{3,16}\x03",
        "CERTIFICATE REQUEST": _SEQUENCE + rb"\x02\x01\x00\x30(?:\x00\x30|" + _LENGTH + rb"\x31)",
        "CERTIFICATE": _SEQUENCE + rb"(?:\xa0\x03)?\x02",
    }.items()
}


class Blocks(NamedTuple):
    """What a file holds, in its order: certificates in DER, keys in PEM or DER."""

    certificates: tuple[bytes, ...]
    keys: tuple[bytes, ...]


def read(data: bytes, *, where: str) -> Blocks:
    """The certificates and keys of ``data``, at least one of either. Raises MailError that names ``where``."""
    data = _plain(data)
    if not data.strip():
        raise MailError("is empty", where=where, mend=_AGAIN)
    blocks = list(_der(data, where) if data.startswith(b"\x30") and not _MARK.search(data) else _pem(data, where))
    certificates = tuple(body for kind, body in blocks if kind in CERTIFICATES)
    keys = tuple(body for kind, body in blocks if kind in KEYS or kind == "KEY")
    if certificates or keys:
        return Blocks(certificates, keys)
    for kind, _body in blocks:
        if kind in OTHERS:
            what, mend = OTHERS[kind]
            raise MailError(what, where=where, mend=mend)
    if _HTML.search(data):
        mend = "Open it in a browser: it may tell why the certificate was not handed out. Then download again."
        raise MailError("is a web page, not a certificate or key", where=where, mend=mend)
    found = f" (only {', '.join(sorted({kind for kind, _body in blocks}))})" if blocks else ""
    mend = "A certificate begins with '-----BEGIN CERTIFICATE-----'."
    raise MailError(f"holds no certificate and no key{found}", where=where, mend=mend)


def armour(kind: str, der: bytes) -> bytes:
    """``der`` as a block of PEM."""
    return _armour(kind, base64.b64encode(der))


def _armour(kind: str, text: bytes, headers: bytes = b"") -> bytes:
    lines = "\n".join(textwrap.wrap(text.decode("ascii"), 64))
    before = f"{headers.decode('ascii', 'replace')}\n" if headers else ""
    return f"-----BEGIN {kind}-----\n{before}{lines}\n-----END {kind}-----\n".encode()


def _plain(data: bytes) -> bytes:
    """Without the marks of Windows: byte order, UTF-16, ends of lines (those of binary data stay)."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            data = data.decode(encoding, "replace").encode()
    data = data[len(codecs.BOM_UTF8) :] if data.startswith(codecs.BOM_UTF8) else data
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if _MARK.search(data) else data


def _pem(data: bytes, where: str) -> Iterator[tuple[str, bytes]]:
    """Each block of PEM: its label, and DER (of a key: PEM again, cleaned)."""
    begun, start, after = "", 0, 0
    for mark in _MARK.finditer(data):
        number = data.count(b"\n", 0, mark.start()) + 1
        if not mark[1]:
            raise MailError(
                f"line {number} is damaged: BEGIN and END stand in lines of their own, between five hyphens each",
                where=where,
                mend=_AGAIN,
            )
        word, label = mark[1], mark[2].decode("ascii", "replace").strip()
        if (word == b"BEGIN") == bool(begun) or (begun and label != begun):
            missing = f"'END {begun}' for the block that begins in line {after}" if begun else f"'BEGIN {label}'"
            raise MailError(f"is damaged: before line {number}, {missing} is missing", where=where, mend=_AGAIN)
        if word == b"BEGIN":
            begun, start, after = label, mark.end(), number
        else:
            yield _ALIASES.get(begun, begun), _block(begun, data[start : mark.start()], f"{where}: line {after}")
            begun = ""
    if begun:
        raise MailError(
            f"is cut off: the block that begins in line {after} has no 'END {begun}'", where=where, mend=_AGAIN
        )


def _block(label: str, body: bytes, where: str) -> bytes:
    headers = _HEADERS.match(body)
    text = b"".join(body[headers.end() if headers else 0 :].split())
    try:
        der = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        what = "the block that begins here is damaged (its base64 has missing or foreign characters)"
        raise MailError(what, where=where, mend=_AGAIN) from error
    if label in KEYS:
        return _armour(label, text, headers[1] if headers else b"") if headers else armour(label, _first(der, where))
    return _first(der, where) if label in CERTIFICATES else der


def _der(data: bytes, where: str) -> Iterator[tuple[str, bytes]]:
    """Each element of binary data."""
    while data.startswith(b"\x30"):
        kind = next((kind for kind, begins in _DER.items() if begins.match(data)), "")
        element = data if kind in ("PKCS7", "PKCS12") else _first(data, where)
        yield kind or "unknown binary data", element
        data = data[len(element) :]
    if data.strip():
        raise MailError("has something behind its binary data", where=where, mend=_AGAIN)


def _first(data: bytes, where: str) -> bytes:
    """The first element of DER, without what follows it. Raises MailError when it is not whole."""
    head, length = 2, data[1] if len(data) > 1 else 0
    if length > 0x80:
        head, length = head + length - 0x80, int.from_bytes(data[2 : 2 + length - 0x80], "big")
    if not data.startswith(b"\x30") or head > 6:
        raise MailError("is damaged: this is not DER (X.690)", where=where, mend=_AGAIN)
    if len(data) < head + length:
        what = f"is cut off: {head + length} octets were announced, {len(data)} are there"
        raise MailError(what, where=where, mend=_AGAIN)
    return data[: head + length]
