"""A certificate authority for the stories: a root, an intermediate, good certificates, and files with every fault.

``authority.py DIRECTORY`` makes all of them anew. Of a certificate NAME there are NAME.pem (it alone), NAME.chain.pem
(with the intermediate) and NAME.key; its common name is NAME, so that a look from outside tells which one is served.
root.pem is for clients, intermediate.pem what a server sends. The rest says the tables below.
"""

from __future__ import annotations

import datetime
import pathlib
import shutil
import sys
import tarfile
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.now(datetime.timezone.utc)
PASSPHRASE = b"Rusty-Lock-7"


class Leaf(NamedTuple):
    """A certificate: the names that it is for, its kind of key, the days from and to which it is valid, its use."""

    names: tuple[str, ...]
    rsa: int = 0
    days: tuple[int, int] = (-1, 60)
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH


ALPHA = ("mail.alpha.test", "imap.alpha.test")
BETA = ("mail.beta.test",)
SERVER = ("mx11.example.test", "mx12.example.test", "mx13.example.test", "peer.remote.test", "mail.example.test")
STORY = ("*.story.test",)
LEAVES = {
    "server": Leaf(SERVER),
    "server-2": Leaf(SERVER),
    "alpha": Leaf(ALPHA),
    "alpha-rsa": Leaf(ALPHA, rsa=3072),
    "alpha-2": Leaf(ALPHA),
    "alpha-3": Leaf(ALPHA),
    "beta": Leaf(BETA),
    "beta-2": Leaf(BETA),
    "gamma": Leaf(("*.gamma.test",)),
    "before": Leaf(("pop.gamma.test",)),
    "after": Leaf(("imap.gamma.test",)),
    "customer": Leaf(("mail.customer.test",)),
    "customer-2": Leaf(("mail.customer.test",)),
    "story": Leaf(STORY),
    # Not good enough.
    "expired": Leaf(STORY, days=(-90, -1)),
    "early": Leaf(STORY, days=(2, 90)),
    "soon": Leaf(STORY, days=(-87, 3)),
    "weak": Leaf(STORY, rsa=1024),
    "client": Leaf(STORY, usage=ExtendedKeyUsageOID.CLIENT_AUTH),
}


def new_key(bits: int) -> Any:
    return rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Any, passphrase: bytes = b"") -> bytes:
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def begin(common: str, issuer: str, key: Any, days: tuple[int, int]) -> x509.CertificateBuilder:
    """What all certificates have."""
    start, end = (NOW + datetime.timedelta(days=day) for day in days)
    return (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


class Authority:
    """A name and a key that sign."""

    def __init__(self, common: str, issuer: Authority | None = None) -> None:
        self.name, self.key = common, new_key(0)
        signer = issuer or self
        length = 1 if issuer is None else 0
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = begin(common, signer.name, self.key, (-100, 1000))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
        self.pem = signer.sign(builder.add_extension(usage, critical=True))

    def sign(self, builder: x509.CertificateBuilder) -> bytes:
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = builder.add_extension(authority_key, critical=False).sign(self.key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, common: str, leaf: Leaf, key: Any) -> bytes:
        hosts = x509.SubjectAlternativeName([x509.DNSName(host) for host in leaf.names])
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        builder = begin(common, self.name, key, leaf.days).add_extension(hosts, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([leaf.usage]), critical=False)
        return self.sign(builder.add_extension(usage, critical=True))


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


def key_der(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def faults(leaf: bytes, key: Any, chain: bytes, root: bytes) -> dict[str, bytes]:
    """Files that people really have, made of the certificate ``story``: first those that can be put right."""
    both = leaf + chain
    around = b"Bag Attributes\n    friendlyName: story\nsubject=CN = story\n" + leaf + b"\nissuer:\n" + chain + b"end\n"
    return {
        "twice.pem": leaf + both,
        "rooted.pem": both + root,
        "reversed.pem": root + chain + leaf,
        "around.pem": around,
        "crlf.pem": both.replace(b"\n", b"\r\n"),
        "bom.pem": b"\xef\xbb\xbf" + both,
        "binary.der": der(leaf),
        "binary.key": key_der(key),
        "everything.pem": key_pem(key) + both,
        "locked.key": key_pem(key, PASSPHRASE),
        # And those that cannot.
        "truncated.pem": both[: len(leaf) - 40],
        "truncated.key": key_pem(key)[:120],
        "damaged.pem": leaf.replace(b"M", b"!", 1) + chain,
        "empty.pem": b"",
        "page.pem": b"<!DOCTYPE html><html><body>Please log in</body></html>\n",
    }


def main() -> None:
    directory = pathlib.Path(sys.argv[1])
    shutil.rmtree(directory, ignore_errors=True)
    root = Authority("Test root")
    intermediate = Authority("Test intermediate", root)
    keys = {common: new_key(leaf.rsa) for common, leaf in LEAVES.items()}
    pems = {common: intermediate.issue(common, leaf, keys[common]) for common, leaf in LEAVES.items()}
    files = {"root.pem": root.pem, "intermediate.pem": intermediate.pem}
    for common, pem in pems.items():
        files |= {f"{common}.pem": pem, f"{common}.chain.pem": pem + intermediate.pem}
        files[f"{common}.key"] = key_pem(keys[common])
    files["gamma.key"] = key_pem(keys["gamma"], PASSPHRASE)
    files |= faults(pems["story"], keys["story"], intermediate.pem, root.pem)
    directory.mkdir(mode=0o700, parents=True)
    for file, content in files.items():
        (directory / file).touch(mode=0o600)
        (directory / file).write_bytes(content)
    with tarfile.open(directory / "all.tar", "w") as archive:
        for file in files:
            archive.add(directory / file, file)


if __name__ == "__main__":
    main()
