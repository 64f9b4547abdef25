# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judgement of certificates: what is mended, what is refused, and in which words."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import judge, keys
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Pair
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

NAME = "mail.example.com"


def fault(call: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """The message of the MailError; every one says how to mend it."""
    with pytest.raises(MailError) as error:
        call(*arguments, **options)
    assert error.value.mend
    return error.value.message


def test_a_good_pair(world: Any) -> None:
    found = world.bundle()
    assert found.chain == (world.leaf.facts, world.middle.facts)
    assert found.leaf == world.leaf.facts
    assert found.key_pem == world.leaf.key_pem
    assert found.warnings == ()


@pytest.mark.parametrize(
    "arrange",
    [
        pytest.param(lambda w: {"certificate": w.leaf.pem + w.middle.pem, "chain": b""}, id="one file"),
        pytest.param(lambda w: {"certificate": w.leaf.der, "chain": w.middle.der}, id="DER"),
        pytest.param(lambda w: {"certificate": w.middle.pem + w.leaf.pem, "chain": b""}, id="wrong order"),
        pytest.param(lambda w: {"certificate": w.leaf.pem * 2}, id="leaf twice"),
        pytest.param(lambda w: {"chain": w.leaf.pem + w.middle.pem}, id="leaf in the chain too"),
        pytest.param(lambda w: {"certificate": w.middle.pem, "chain": w.leaf.pem}, id="exchanged with the chain"),
        pytest.param(lambda w: {"chain": w.root.pem + w.middle.pem}, id="root in the chain"),
        pytest.param(lambda w: {"chain": w.make("X", ca=True).pem + w.middle.pem}, id="unrelated in the chain"),
        pytest.param(lambda w: {"certificate": w.leaf.key_pem + w.leaf.pem, "key": b""}, id="key and certificate"),
        pytest.param(lambda w: {"certificate": w.leaf.pem + w.leaf.key_pem, "key": b""}, id="certificate and key"),
        pytest.param(lambda w: {"key": w.key_bytes(w.key(number=5)) + w.leaf.key_pem}, id="another key too"),
        pytest.param(lambda w: {"key": w.leaf.pem + w.middle.pem + w.leaf.key_pem}, id="certificates beside the key"),
        pytest.param(lambda w: {"key": w.key_bytes(w.leaf.key, encoding=w.DER)}, id="key in DER"),
        pytest.param(lambda w: {"key": w.key_bytes(w.leaf.key, "TraditionalOpenSSL")}, id="key of SEC 1"),
        pytest.param(
            lambda w: {"key": w.key_bytes(w.leaf.key, passphrase="pa"), "passphrase": "pa"}, id="key with passphrase"
        ),
        pytest.param(
            lambda w: {"key": w.key_bytes(w.leaf.key, "TraditionalOpenSSL", passphrase="pa"), "passphrase": "pa"},
            id="key with passphrase, old form",
        ),
        pytest.param(lambda w: {"passphrase": "not needed"}, id="passphrase that is not needed"),
    ],
)
def test_what_is_mended(world: Any, arrange: Callable[[Any], dict[str, Any]]) -> None:
    assert world.bundle(**arrange(world)) == world.bundle()


@pytest.mark.parametrize(
    ("arrange", "message"),
    [
        (
            lambda w: {"key": w.key_bytes(w.key(number=7))},
            "key.pem: this key does not belong to the certificate of 'CN=mail.example.com' in cert.pem. Give the key",
        ),
        (
            lambda w: {"certificate": w.leaf.pem + w.key_bytes(w.key(number=7)), "key": b""},
            "cert.pem: this key does not belong to the certificate of 'CN=mail.example.com' in cert.pem",
        ),
        (lambda w: {"certificate": w.leaf.key_pem}, "cert.pem: holds a private key and no certificate"),
        (lambda w: {"chain": w.leaf.key_pem}, "chain.pem: holds a private key and no certificate"),
        (lambda w: {"key": w.leaf.pem}, "key.pem: holds a certificate and no private key. Give the private key here"),
        (
            lambda w: {"key": b""},
            "cert.pem: holds no private key, and none is given beside it. Give the key as well",
        ),
        (
            lambda w: {"key": w.key_bytes(w.leaf.key, passphrase="pa")},
            "key.pem: is a key with a passphrase, and none is given. Give its passphrase",
        ),
        (
            lambda w: {"key": w.key_bytes(w.leaf.key, passphrase="pa"), "passphrase": "no"},
            "key.pem: the passphrase does not open this key",
        ),
        (
            lambda w: {"key": w.key_bytes(w.leaf.key, passphrase="pa", encoding=w.DER)},
            "key.pem: is a key with a passphrase, and none is given",
        ),
        (
            lambda w: {"key": b"-----BEGIN PRIVATE KEY-----\nMAMCAQU=\n-----END PRIVATE KEY-----\n"},
            "key.pem: is damaged: it cannot be read as a private key",
        ),
        (lambda w: {"certificate": w.leaf.pem[:-30]}, "cert.pem: is cut off: the block that begins in line 1 has no"),
        (lambda w: {"key": w.leaf.key_pem[:90]}, "key.pem: is cut off"),
        (lambda w: {"certificate": b""}, "cert.pem: is empty"),
        (lambda w: {"chain": b" \n"}, "chain.pem: is empty"),
        (lambda w: {"chain": b"", "chain_where": "chain.pem"}, "chain.pem: is empty"),
        (lambda w: {"key": b"", "key_where": "key.pem"}, "key.pem: is empty"),
        (lambda w: {"key": b"", "key_where": "cert.pem"}, "cert.pem: holds no private key, and none is given beside"),
        (lambda w: {"key": w.request(NAME)}, "key.pem: is a certificate request"),
    ],
)
def test_files_that_do_not_fit(world: Any, arrange: Callable[[Any], dict[str, Any]], message: str) -> None:
    assert fault(world.bundle, **arrange(world)).startswith(message)


@pytest.mark.parametrize("kind", ["rsa2048", "secp256r1"])
def test_a_key_whose_parts_do_not_belong_together(world: Any, kind: str) -> None:
    leaf = world.make(NAME, world.middle, private=world.key(kind))
    damaged = world.damaged(world.key(kind))
    assert fault(world.bundle, leaf, key=damaged).startswith("key.pem: is damaged: ")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"valid": (-90, -1)}, "expired on 2027-01-14. Renew it at its authority."),
        ({"valid": (2, 90)}, "is not valid before 2027-01-17 08:00 UTC. Install it later, and see whether the host's"),
        ({"valid": (-9, 6.5)}, "expires on 2027-01-21, in 6 days, and min_days asks for 7. Renew it at its authority."),
        (
            {"names": ["imap.example.com", "*.example.net"]},
            "is not for mail.example.com; it is for imap.example.com, *.example.net. Ask its authority for one with",
        ),
        ({"names": []}, "names no host: it has no subject alternative names"),
        ({"names": ["dns:192.0.2.1"]}, "names no host"),
        ({"ca": True}, "'CN=mail.example.com' is the certificate of an authority, not of a server"),
        ({"usage": [ExtendedKeyUsageOID.CLIENT_AUTH]}, "is not for servers: its extended key usage lacks serverAuth"),
        ({"usage": [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]}, "is not for servers"),
    ],
)
def test_certificates_that_clients_refuse(world: Any, how: dict[str, Any], message: str) -> None:
    made = world.make(NAME, world.middle, **how)
    assert fault(world.bundle, made).startswith(f"cert.pem: {message}")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("rsa1024", "its key is RSA 1024, and less than 2048 bits are weak. Ask the authority for a new certificate"),
        ("secp256k1", "its key is EC secp256k1, which mail clients cannot use"),
        ("secp224r1", "its key is EC P-224, which mail clients cannot use"),
        ("ed25519", "its key is Ed25519, which mail clients cannot use"),
        ("dsa2048", "its key is DSA 2048, which mail clients cannot use"),
    ],
)
def test_keys_that_clients_refuse(world: Any, kind: str, message: str) -> None:
    made = world.make(NAME, world.middle, private=world.key(kind))
    assert fault(world.bundle, made).startswith(f"cert.pem: {message}")


def test_a_usage_is_not_needed(world: Any) -> None:
    assert world.bundle(world.make(NAME, world.middle, usage=[])).warnings == ()
    both = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    assert world.bundle(world.make(NAME, world.middle, usage=both)).warnings == ()


def test_a_key_of_2048_bits_is_warned_of(world: Any) -> None:
    found = world.bundle(world.make(NAME, world.middle, private=world.key("rsa2048")))
    assert found.warnings == (
        "cert.pem: its key is RSA 2048; guidelines ask for 3072 bits or more, or EC P-256 instead",
    )
    assert world.bundle(world.make(NAME, world.middle, private=world.key("rsa3072"))).warnings == ()


def test_the_days_that_are_asked_for(world: Any) -> None:
    made = world.make(NAME, world.middle, valid=(-80, 6.5))
    assert world.bundle(made, min_days=6).chain
    assert world.bundle(made, min_days=0, now=world.NOW + 6 * world.DAY).chain
    assert "expired on" in fault(world.bundle, made, min_days=0, now=world.NOW + 7 * world.DAY)


def test_every_name_that_is_missing_is_named(world: Any) -> None:
    made = world.make(NAME, world.middle, names=[NAME, "*.example.net", "xn--bcher-kva.example", "192.0.2.1"])
    good = [NAME, "imap.example.net", "bücher.example", "192.0.2.1", "*.example.net"]
    assert world.bundle(made, names=good).chain
    message = fault(world.bundle, made, names=[*good, "example.net", "192.0.2.2", "*.example.com"])
    assert message.startswith(
        "cert.pem: is not for example.net, 192.0.2.2, *.example.com; it is for mail.example.com, "
    )


def test_signatures_that_can_be_forged(world: Any) -> None:
    root = world.make("R", private=world.key("rsa2048", 1), ca=True)
    middle = world.make("M", root, private=world.key("rsa2048", 2), ca=True)
    leaf = world.make(NAME, middle)
    assert world.bundle(leaf, chain=middle.pem, trust=[world.forgeable(root).facts]).chain
    message = "cert.pem: its signature is made with SHA1, which can be forged. Ask the authority"
    assert fault(world.bundle, world.forgeable(leaf), chain=middle.pem, trust=[root.facts]).startswith(message)
    message = "cert.pem: its signature is made with MD5, which can be forged"
    assert fault(world.bundle, world.forgeable(leaf, 4), chain=middle.pem, trust=[root.facts]).startswith(message)
    message = "chain.pem: intermediate 'CN=M': its signature is made with SHA1"
    assert fault(world.bundle, leaf, chain=world.forgeable(middle).pem, trust=[root.facts]).startswith(message)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"valid": (-90, -1)}, "expired on 2027-01-14. Give the authority's present intermediate"),
        ({"valid": (-9, 5)}, "expires on 2027-01-20, in 5 days, and min_days asks for 7"),
        ({"valid": (1, 5)}, "is not valid before 2027-01-16"),
        ({"usage": [ExtendedKeyUsageOID.CLIENT_AUTH]}, "is not for servers"),
        ({"private": "rsa1024"}, "its key is RSA 1024"),
        ({"private": "ed25519"}, "its key is Ed25519"),
    ],
)
def test_intermediates_that_clients_refuse(world: Any, how: dict[str, Any], message: str) -> None:
    private = world.key(how.pop("private", "secp256r1"), 12)
    middle = world.make("Other", world.root, private=private, ca=True, **how)
    found = fault(world.bundle, world.make(NAME, middle), chain=middle.pem)
    assert found.startswith(f"chain.pem: intermediate 'CN=Other': {message}")


def test_no_authorities(world: Any) -> None:
    message = "cert.pem: this host knows no authorities to judge it by. Install the package ca-certificates, or name"
    assert fault(world.bundle, trust=[]).startswith(message)


def test_a_pair_that_is_to_be_self_signed(world: Any) -> None:
    for ca in (False, True):
        made = world.make(NAME, names=[NAME], ca=ca)
        found = world.bundle(made, chain=b"", self_signed=True, trust=[])
        assert found.chain == (made.facts,)
        assert found.warnings == (
            "cert.pem: is self-signed: clients will warn of it until there is one of an authority",
        )
    expired = world.make(NAME, valid=(-9, -1))
    assert "expired" in fault(world.bundle, expired, chain=b"", self_signed=True)
    assert "is not for imap" in fault(world.bundle, made, chain=b"", self_signed=True, names=["imap.example.com"])
    root = world.make(NAME, private=world.key("rsa2048"))
    assert "made with SHA1" in fault(world.bundle, world.forgeable(root), chain=b"", self_signed=True)


def test_a_pair_that_signed_itself_without_being_asked_to(world: Any) -> None:
    for ca in (False, True):
        assert "et self_signed if" in fault(world.bundle, world.make(NAME, ca=ca), chain=b"")


def test_a_pair_that_may_be_self_signed_is_judged_by_its_authority_where_it_has_one(world: Any) -> None:
    assert world.bundle(self_signed=True) == world.bundle()
    assert "is missing" in fault(world.bundle, self_signed=True, chain=b"")


def both(world: Any) -> tuple[Pair, Pair]:
    return world.pair(world.make(NAME, world.middle, private=world.key("rsa3072"))), world.pair()


def judged(world: Any, pairs: Any, **changes: Any) -> Any:
    asked = {"names": [NAME], "now": world.NOW, "min_days": 7, "trust": [world.root.facts], **changes}
    return judge.bundles(pairs, **asked)


def test_two_pairs_begin_with_ecdsa(world: Any) -> None:
    first, second = both(world)
    for pairs in ((first, second), (second, first)):
        assert [bundle.leaf.key for bundle in judged(world, pairs)] == ["EC P-256", "RSA 3072"]
    assert len(judged(world, (first,))) == 1


def test_two_pairs_of_one_kind_are_refused(world: Any) -> None:
    first, second = both(world)
    other = world.pair(world.make(NAME, world.middle, private=world.key("secp384r1")), certificate_where="also.pem")
    message = fault(judged, world, (second, other), entry=NAME)
    assert message.startswith(
        "certificate mail.example.com: also.pem: there are 2 certificates with the kinds of keys EC"
    )
    assert "there are 3 certificates" in fault(judged, world, (first, second, other))


def test_the_entry_is_named_before_the_file(world: Any) -> None:
    old = world.make(NAME, world.middle, valid=(-90, -1))
    message = "certificate mail.example.com: cert.pem: expired on 2027-01-14. Renew it at its authority."
    assert fault(judged, world, (world.pair(old),), entry=NAME) == message
    weak = world.make(NAME, world.middle, private=world.key("rsa2048"))
    (found,) = judged(world, (world.pair(weak),), entry=NAME)
    assert found.warnings[0].startswith("certificate mail.example.com: cert.pem: its key is RSA 2048")


def test_no_message_shows_a_secret(world: Any) -> None:
    locked = world.key_bytes(world.leaf.key, passphrase="correct horse")
    for passphrase in ("", "battery staple"):
        message = fault(world.bundle, key=locked, passphrase=passphrase)
        assert "horse" not in message
        assert "staple" not in message
        assert locked.split()[5].decode() not in message
    assert keys.unlocked(world.leaf.key) not in repr(world.bundle).encode()
