# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains and addresses: what is taken, in which form, and what is refused with which words."""

from __future__ import annotations

import random
import string

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import address

LABEL_63 = "a" * 63


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.Com", "example.com"),
        ("mail.sub-domain.example", "mail.sub-domain.example"),
        ("1and1.example", "1and1.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("MÜNCHEN.example", "xn--mnchen-3ya.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        (f"{LABEL_63}.example", f"{LABEL_63}.example"),
    ],
)
def test_a_domain_is_stored_in_lower_case_with_a_labels(given: str, name: str) -> None:
    assert address.domain_name(given) == name
    assert address.domain_name(name) == name


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, ("None", "example.com")),
        (7, ("7", "example.com")),
        (["example.com"], ("['example.com']", "example.com")),
        ("", ("''", "example.com")),
        ("localhost", ("'localhost'", "two or more labels")),
        ("example.com.", ("'example.com.'", "labels")),
        (".example.com", ("'.example.com'", "labels")),
        ("a..example", ("'a..example'", "labels")),
        ("-a.example", ("'-a.example'", "hyphens")),
        ("a-.example", ("'a-.example'", "hyphens")),
        ("a_b.example", ("'a_b.example'", "hyphens")),
        ("192.0.2.1", ("'192.0.2.1'", "labels")),
        ("[192.0.2.1]", ("[192.0.2.1]", "labels")),
        ("exa mple.com", ("'exa mple.com'", "letters, digits")),
        ("example.com\n", ("'example.com\\n'", "letters, digits")),
        ("example.com\0", ("'example.com\\x00'", "letters, digits")),
        ("example.com';--", ("example.com';--", "letters, digits")),
        (f"{LABEL_63}a.example", ("63 characters",)),
        (f"{'a.' * 126}example", ("253 in all",)),
        (f"{'ü' * 80}.example", ("A-label",)),
        ("straße.example", ("straße.example", "IDNA", "A-label")),
        ("ς.example", ("IDNA", "A-label")),
        ("a\u200db.example", ("IDNA", "A-label")),
    ],
)
def test_what_is_no_domain_is_named(given: object, words: tuple[str, ...]) -> None:
    with pytest.raises(MailError) as error:
        address.domain_name(given)
    assert error.value.message.startswith("domain ")
    for word in words:
        assert word in error.value.message
    assert error.value.mend


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("alice@example.com", "alice@example.com"),
        ("Alice@EXAMPLE.com", "alice@example.com"),
        ("a@example.com", "a@example.com"),
        ("alice.smith@example.com", "alice.smith@example.com"),
        ("_dmarc-reports@example.com", "_dmarc-reports@example.com"),
        ("2026@example.com", "2026@example.com"),
        ("a--b__c@example.com", "a--b__c@example.com"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
        ("info@münchen.example", "info@xn--mnchen-3ya.example"),
    ],
)
def test_an_address_of_this_server(given: str, stored: str) -> None:
    assert address.own_address(given) == stored
    assert address.own_address(stored, delimiter="+") == stored


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, ("None", "name@domain")),
        (["a@example.com"], ("name@domain",)),
        ("alice", ("'alice'", "name@domain")),
        ("a@b@example.com", ("'a@b@example.com'", "name@domain")),
        ("@example.com", ("'@example.com'", "mail name")),
        ("alice@", ("'alice@'", "example.com")),
        ("alice@localhost", ("'alice@localhost'", "two or more labels")),
        (".alice@example.com", ("no dot first",)),
        ("alice.@example.com", ("no dot first, last",)),
        ("al..ice@example.com", ("twice",)),
        ("-alice@example.com", ("letters, digits",)),
        ("al ice@example.com", ("'al ice@example.com'", "letters, digits")),
        ("al+ice@example.com", ("letters, digits",)),
        ('"alice"@example.com', ("letters, digits",)),
        ("al'ice@example.com", ("letters, digits",)),
        ("al/ice@example.com", ("letters, digits",)),
        ("../alice@example.com", ("letters, digits",)),
        ("al%ice@example.com", ("letters, digits",)),
        ("alice\n@example.com", ("letters, digits",)),
        ("alice@example.com\n", ("letters, digits",)),
        ("al\0ice@example.com", ("letters, digits",)),
        ("アリス@example.com", ("アリス", "letters, digits")),
        ("ålice@example.com", ("letters, digits",)),
        ("\u212aate@example.com", ("letters, digits",)),
        (f"{'a' * 65}@example.com", ("64 characters",)),
        (f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.example", ("longer than 254",)),
    ],
)
def test_what_is_no_address_of_this_server_is_named(given: object, words: tuple[str, ...]) -> None:
    with pytest.raises(MailError) as error:
        address.own_address(given)
    assert error.value.message.startswith("address ")
    for word in words:
        assert word in error.value.message
    assert error.value.mend


@pytest.mark.parametrize(("delimiter", "name"), [("-", "al-ice"), ("+-", "al-ice"), ("_.", "al_ice"), (".", "al.ice")])
def test_a_name_with_the_delimiter_would_never_get_mail(delimiter: str, name: str) -> None:
    assert address.own_address(f"{name}@example.com") == f"{name}@example.com"
    with pytest.raises(MailError, match=r"which separates address extensions here") as error:
        address.own_address(f"{name}@example.com", delimiter=delimiter)
    assert f"{name}@example.com" in error.value.message


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("bob@example.net", "bob@example.net"),
        ("Bob@Example.NET", "Bob@example.net"),
        ("bob+list@example.net", "bob+list@example.net"),
        ("o'hara@example.net", "o'hara@example.net"),
        ("a.b=c&d@example.net", "a.b=c&d@example.net"),
        ("bob@例え.テスト", "bob@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_an_address_elsewhere_keeps_its_local_part(given: str, stored: str) -> None:
    assert address.target_address(given) == stored


@pytest.mark.parametrize(
    "given",
    [
        None,
        "bob",
        "bob@",
        "@example.net",
        "bob@nowhere",
        "bob smith@example.net",
        '"bob smith"@example.net',
        "bob,alice@example.net",
        "user%other.example@example.net",
        "other.example!user@example.net",
        "|/bin/sh@example.net",
        "/dev/null@example.net",
        ":include:x@example.net",
        "bob\n@example.net",
        "bob@example.net\nalice@example.net",
        "bob\0@example.net",
        "bob\\@example.net",
        "b..ob@example.net",
        f"{'b' * 65}@example.net",
    ],
)
def test_where_mail_cannot_be_sent_on_to(given: object) -> None:
    with pytest.raises(MailError) as error:
        address.target_address(given)
    assert error.value.message.startswith(f"address {given!r}: ")
    assert error.value.mend


def test_random_text_becomes_a_safe_address_or_an_error() -> None:
    chance = random.Random(5321)
    alphabet = string.printable + "\0äßK@..@@" + string.ascii_lowercase * 3
    safe = set(string.ascii_lowercase + string.digits + "._-@")
    taken = 0
    for _round in range(20_000):
        text = "".join(chance.choices(alphabet, k=chance.randint(1, 8)))
        text += chance.choice(("", "@example.com", "@a.b", "@EXAMPLE.com"))
        try:
            stored = address.own_address(text)
        except MailError:
            continue
        taken += 1
        assert set(stored) <= safe
        assert stored == address.own_address(stored) == stored.lower()
        assert address.target_address(stored) == stored
    assert taken > 100
