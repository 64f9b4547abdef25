# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hashes, plaintexts and the policy. No message may hold a password."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import password
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.password import Password, Policy

ADDRESS = "alice@example.com"
# Made by crypt(3) for no password that is used anywhere.
SHA512 = "$6$saltsalt$" + "a" * 86
SHA256 = "$5$saltsalt$" + "b" * 43
BCRYPT = "$2b$10$" + "c" * 53
YESCRYPT = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$" + "d" * 43
POLICY = Policy()


@pytest.mark.parametrize(
    ("given", "bare"),
    [
        (SHA512, SHA512),
        ("$6$rounds=20000$saltsalt$" + "a" * 86, "$6$rounds=20000$saltsalt$" + "a" * 86),
        ("$6$$" + "a" * 86, "$6$$" + "a" * 86),
        (SHA256, SHA256),
        ("$5$rounds=5000$s$" + "b" * 43, "$5$rounds=5000$s$" + "b" * 43),
        (BCRYPT, BCRYPT),
        (BCRYPT.replace("2b", "2a"), BCRYPT.replace("2b", "2a")),
        (BCRYPT.replace("2b", "2y"), BCRYPT.replace("2b", "2y")),
        (YESCRYPT, YESCRYPT),
        ("{CRYPT}" + SHA512, SHA512),
        ("{SHA512-CRYPT}" + SHA512, SHA512),
        ("{sha512-crypt}" + SHA512, SHA512),
        ("{SHA256-CRYPT}" + SHA256, SHA256),
        ("{BLF-CRYPT}" + BCRYPT, BCRYPT),
        ("{CRYPT}" + YESCRYPT, YESCRYPT),
    ],
)
def test_a_hash_is_stored_bare(given: str, bare: str) -> None:
    assert password.parse(given, address=ADDRESS) == Password(bare, True)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("$1$saltsalt$" + "a" * 22, id="md5"),
        pytest.param(SHA512[:-1], id="short sha512"),
        pytest.param(SHA512 + "a", id="long sha512"),
        pytest.param(SHA512 + "\n", id="line break"),
        pytest.param(SHA512[:-1] + "=", id="strange character"),
        pytest.param("$6$saltsaltsaltsalts$" + "a" * 86, id="long salt"),
        pytest.param("$6$rounds=many$salt$" + "a" * 86, id="rounds"),
        pytest.param(BCRYPT.replace("10", "\uff110"), id="another script's digit"),
        pytest.param(BCRYPT[:-2], id="short bcrypt"),
        pytest.param(BCRYPT.replace("2b", "2x"), id="bcrypt x"),
        pytest.param(YESCRYPT[:-1], id="short yescrypt"),
        pytest.param("$7$" + "a" * 60, id="scrypt"),
        pytest.param("$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA", id="argon2"),
        pytest.param("{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA", id="argon2 prefix"),
        pytest.param("{PLAIN}Tr0ub4dor&3x", id="plain prefix"),
        pytest.param("{PBKDF2}", id="prefix alone"),
        pytest.param("$pbkdf2-sha256$29000$c2FsdA$aGFzaA", id="pbkdf2"),
        pytest.param("{CRYPT}!", id="lock"),
        pytest.param("{CRYPT}Tr0ub4dor&3x", id="prefix and plaintext"),
        pytest.param("{SHA512-CRYPT}{CRYPT}" + SHA512, id="two prefixes"),
        pytest.param("$6$Tr0ub4dor&3x", id="looks like one"),
    ],
)
def test_what_only_looks_like_a_hash_is_refused(given: str) -> None:
    with pytest.raises(MailError) as error:
        password.parse(given, address=ADDRESS)
    message = error.value.message
    assert message.startswith(f"account {ADDRESS}: password: looks like a hash but is not one")
    assert "$6$, $5$, $2b$ or $y$" in message
    assert given not in message
    assert "Tr0ub4dor" not in message


@pytest.mark.parametrize(
    "given", ["x", "Correct horse 9 battery", "Pässwört-9", "a$6$b", "日本語のパスワード", "!", "*", " ", "a" * 512]
)
def test_a_plaintext(given: str) -> None:
    assert password.parse(given, address=ADDRESS) == Password(given, False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "is empty or not a string"),
        ("", "is empty or not a string"),
        (12345678, "is empty or not a string"),
        (["Secret-12345"], "is empty or not a string"),
        ("Secret-\n12345", "line break or control character"),
        ("Secret-12345\n", "line break or control character"),
        ("Secret-\0-12345", "line break or control character"),
        ("Secret-\x7f-12345", "line break or control character"),
        ("Secret-\ud800-12345", "line break or control character"),
        ("Secret-1" + "x" * 505, "longer than 512 bytes"),
        ("Secret-1" + "ü" * 253, "longer than 512 bytes"),
    ],
)
def test_what_is_no_password_is_refused_without_being_shown(given: Any, words: str) -> None:
    with pytest.raises(MailError) as error:
        password.parse(given, address=ADDRESS)
    assert error.value.message.startswith(f"account {ADDRESS}: password: ")
    assert words in error.value.message
    assert error.value.mend
    assert "Secret" not in error.value.message
    assert "12345" not in error.value.message


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Ab1-xyz", "at least 8 characters"),
        ("AB1-XYZW", "a lower-case letter"),
        ("ab1-xyzw", "an upper-case letter"),
        ("Abc-xyzw", "a digit"),
        ("Abc1xyzw", "a symbol"),
        ("Abc1xyzüä", "a symbol"),
        ("1-Alice-xY", "to do without the mail name"),
        ("9-ALICE-xy", "to do without the mail name"),
    ],
)
def test_each_rule_of_the_policy(text: str, rule: str) -> None:
    with pytest.raises(MailError) as error:
        password.check(Password(text, False), POLICY, address=ADDRESS)
    assert error.value.message == (
        f"account {ADDRESS}: password: is too weak: it needs {rule}. Choose a stronger one, or change password_policy "
        "(mail_password_policy in the roles)."
    )
    assert text not in error.value.message


def test_every_broken_rule_is_named() -> None:
    with pytest.raises(MailError) as error:
        password.check(Password("...", False), POLICY, address=ADDRESS)
    assert "at least 8 characters, a lower-case letter, an upper-case letter, a digit." in error.value.message


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Ab1-xyz", {"min_length": 7}),
        ("AB1-XYZW", {"lower": False}),
        ("ab1-xyzw", {"upper": False}),
        ("Abc-xyzw", {"digit": False}),
        ("Abc1xyzw", {"symbol": False}),
        ("1-Alice-xY", {"deny_name": False}),
        ("x", {"enabled": False}),
        ("Ab1-xyzw", None),
        ("Ab1-xyzw", {"min_length": None, "lower": None}),
        ("Ab1-xyzwvu", {"min_length": "10"}),
        ("ÄÖü1-äöß", {}),
    ],
)
def test_each_rule_can_be_switched_off(text: str, options: dict[str, Any] | None) -> None:
    password.check(Password(text, False), password.policy(options), address=ADDRESS)


def test_a_short_name_may_be_part_of_a_password() -> None:
    password.check(Password("aL-bcde1", False), POLICY, address="al@example.com")


@pytest.mark.parametrize("hashed", [SHA512, SHA256, BCRYPT, YESCRYPT])
def test_a_hash_cannot_be_judged(hashed: str) -> None:
    password.check(Password(hashed, True), POLICY, address=ADDRESS, scheme="bcrypt")


def test_what_bcrypt_would_cut_off_is_refused() -> None:
    text = "Ab1-" + "x" * 69
    password.check(Password(text, False), POLICY, address=ADDRESS, scheme="sha512-crypt")
    with pytest.raises(MailError, match=r"longer than the 72 bytes that bcrypt looks at") as error:
        password.check(Password(text, False), POLICY, address=ADDRESS, scheme="bcrypt")
    assert error.value.where == f"account {ADDRESS}: password"
    assert text not in error.value.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_lenght": 9}, "password_policy: min_lenght: no such option. Did you mean 'min_length'?"),
        ({"min_length": 0}, "password_policy: min_length: 0 is not a number from 1 to 512. 8 or more is sensible."),
        ({"min_length": "²"}, "password_policy: min_length: '²' is not a number from 1 to 512."),
        ({"min_length": True}, "password_policy: min_length: True is not a number"),
        ({"min_length": 513}, "password_policy: min_length: 513 is not a number"),
        ({"digit": "perhaps"}, "password_policy: digit: 'perhaps' is not a boolean. Write true or false."),
    ],
)
def test_a_wrong_policy_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        password.policy(options)
    assert error.value.message.startswith(message)


@pytest.mark.parametrize(("word", "value"), [("no", False), ("yes", True), (False, False)])
def test_a_policy_reads_booleans_as_ansible_writes_them(word: Any, value: bool) -> None:
    assert password.policy({"symbol": word}).symbol is value


def test_no_message_ever_holds_a_password() -> None:
    chance = random.Random(17)
    alphabet = "aA1-$6{}üß!%\n\0/."
    messages = []
    for _round in range(5000):
        text = "Qx" + "".join(chance.choices(alphabet, k=chance.randint(3, 12))) + "Zy"
        try:
            password.check(password.parse(text, address=ADDRESS), POLICY, address=ADDRESS)
        except MailError as error:
            messages.append(error.message)
    assert len(messages) > 100
    assert not [message for message in messages if "Qx" in message or "Zy" in message]
