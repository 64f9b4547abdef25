# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The system's libcrypt, for real."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import crypt
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import password


@pytest.fixture(autouse=True)
def _libcrypt() -> None:
    try:
        crypt._library()
    except MailError as error:
        pytest.skip(error.message)


@pytest.mark.parametrize("scheme", sorted(crypt.PREFIXES))
@pytest.mark.parametrize("text", ["Correct-horse-9", "Pässwört-日本-9", " ", "$6$a"])
def test_a_hash_verifies_its_password_and_no_other(scheme: str, text: str) -> None:
    made = crypt.new_hash(text, scheme)
    assert made.startswith(crypt.PREFIXES[scheme].decode())
    assert crypt.verify(text, made)
    assert not crypt.verify(text + "x", made)
    assert not crypt.verify("", made)
    assert password.parse(made, address="a@example.com") == password.Password(made, True)


def test_every_hash_has_its_own_salt() -> None:
    assert len({crypt.new_hash("Correct-horse-9", "sha512-crypt") for _round in range(5)}) == 5


# Made by openssl passwd; the last is a test vector of the bcrypt reference implementation.
@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (
            "Hello world!",
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        ),
        ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ],
)
def test_known_hashes(text: str, stored: str) -> None:
    assert crypt.verify(text, stored)
    assert not crypt.verify(text.lower(), stored)


@pytest.mark.parametrize(
    "stored", ["", "!", "*", "*0", "x", "$6$", "$9$abc$def", "$2b$99$" + "c" * 53, "$6$ä$" + "a" * 86]
)
def test_what_is_no_hash_matches_nothing(stored: str) -> None:
    for text in ("", "!", "*", "x", stored):
        assert not crypt.verify(text, stored)


def test_a_scheme_that_libcrypt_does_not_know_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(crypt.PREFIXES, "yescrypt", b"$nothing$")
    with pytest.raises(MailError) as error:
        crypt.new_hash("Secret-12345x", "yescrypt")
    assert error.value.message == "this system's libcrypt cannot make yescrypt hashes. Choose sha512-crypt."
