# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain values inside lists."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import values


@pytest.mark.parametrize("value", [True, 1, "true", "True", "yes", "YES", "on"])
def test_on(value: Any) -> None:
    assert values.switch(value) == 1


@pytest.mark.parametrize("value", [False, 0, "false", "False", "no", "off", "OFF"])
def test_off(value: Any) -> None:
    assert values.switch(value) == 0


@pytest.mark.parametrize("value", ["", "maybe", 2, -1, None, [], {}, [True], "truee"])
def test_what_is_no_boolean_is_shown(value: Any) -> None:
    with pytest.raises(MailError) as error:
        values.switch(value)
    assert error.value.message == f"{value!r} is not a boolean. Write true or false."


@pytest.mark.parametrize("value", ["", "Alice Example", "アリス\u3000例", 'O\'Hara "x" %u ${a} \\', "a" * 255])
def test_a_line(value: str) -> None:
    assert values.line(value) == value


@pytest.mark.parametrize(
    "value",
    [None, 5, ["a"], "a" * 256, "a\nb", "a\rb", "a\0b", "a\tb", "a\x1bb", "a\x7fb", "a\x85b", "a\u2028b", "\ud800"],
)
def test_what_is_no_line(value: Any) -> None:
    with pytest.raises(MailError, match=r"one line of at most 255 characters") as error:
        values.line(value)
    assert "line breaks" in error.value.mend


@pytest.mark.parametrize(("value", "items"), [([], []), (["a", "b"], ["a", "b"]), (("a",), ["a"]), ("a", ["a"])])
def test_a_list_of_strings(value: Any, items: list[str]) -> None:
    assert list(values.strings(value)) == items


@pytest.mark.parametrize("value", [5, {"a": 1}, ["a", 5], [["a"]], [None], True])
def test_what_is_no_list_of_strings(value: Any) -> None:
    with pytest.raises(MailError, match=r"is not a list of strings. Write a list, or \[\] for none."):
        values.strings(value)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ([], ""),
        (["192.0.2.0/24"], "192.0.2.0/24"),
        ("192.0.2.7", "192.0.2.7/32"),
        (["2001:db8::/32", "10.0.0.0/8"], "2001:db8::/32,10.0.0.0/8"),
        (["2001:DB8:0:0::1"], "2001:db8::1/128"),
        (["[2001:db8::1]"], "2001:db8::1/128"),
    ],
)
def test_networks(value: Any, stored: str) -> None:
    assert values.networks(value) == stored


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["123.123.123.123/16"], ("'123.123.123.123/16'", "Did you mean 123.123.0.0/16?")),
        (["2001:db8::1/32"], ("Did you mean 2001:db8::/32?",)),
        (["192.0.2.0/33"], ("'192.0.2.0/33'", "192.0.2.0/24")),
        (["192.0.2"], ("'192.0.2'", "network such as")),
        (["mail.example.com"], ("'mail.example.com'", "network such as")),
        ([""], ("''", "network such as")),
        (["10.0.0.0/8,192.0.2.1"], ("network such as",)),
        (["10.0.0.1\n"], ("network such as",)),
        (["fe80::1%eth0"], ("network such as",)),
        ([10], ("not a list of strings",)),
    ],
)
def test_what_is_no_network_is_shown(value: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(MailError) as error:
        values.networks(value)
    for word in words:
        assert word in error.value.message


def test_a_misspelt_word_is_guessed() -> None:
    assert values.near_miss("forwards_to", ["forward_to", "name"]) == "Did you mean 'forward_to'?"
    assert values.near_miss("zzz", ["b", "a"]) == "Known are a, b."
