# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading values of the role's variables."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.options import (
    UNLIMITED,
    Options,
    spell,
    unless_stressed,
)


def of(value: Any, *, version: str = "") -> Options:
    return Options({"x": value}, version=version)


@pytest.mark.parametrize(
    ("version", "wanted", "there"),
    [
        ("3.10.13", ("3.7",), True),
        ("3.5.25", ("3.7",), False),
        ("3.5.25", ("3.5.24", "3.9"), True),
        ("3.5.23", ("3.5.24", "3.9"), False),
        ("3.8.0", ("3.5.24", "3.9"), False),
        ("3.5", ("3.5.24", "3.9"), True),
        ("3.10", ("3.10.8",), True),
        ("", ("3.11",), True),
    ],
)
def test_what_a_version_has(version: str, wanted: tuple[str, ...], there: bool) -> None:
    assert of(1, version=version).has(*wanted) is there


@pytest.mark.parametrize(
    ("value", "bytes_"),
    [("50M", 52428800), ("64k", 65536), (65536, 65536), ("1.5M", 1572864), ("unlimited", 0), (0, 0), ("1G", 2**30)],
)
def test_sizes(value: Any, bytes_: int) -> None:
    assert of(value).size("x") == bytes_


@pytest.mark.parametrize("value", ["10X", "-1", "", None, True, "1023", "1.5", "2000G", "unlimited please"])
def test_what_is_no_size(value: Any) -> None:
    with pytest.raises(MailError, match="postfix_x: "):
        of(value).size("x")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("300s", "300s"),
        ("5m", "300s"),
        ("4h", "4h"),
        ("120m", "2h"),
        ("5d", "5d"),
        ("1w", "7d"),
        (0, "0s"),
        ("0", "0s"),
    ],
)
def test_times(value: Any, written: str) -> None:
    assert of(value).time("x", low=0, high=10**7) == written


@pytest.mark.parametrize("value", ["5x", "", "5", -1, "abc", True, None, "1.5h", "99999999d"])
def test_what_is_no_time(value: Any) -> None:
    with pytest.raises(MailError, match="postfix_x: "):
        of(value).time("x", high=10**7)


@pytest.mark.parametrize("value", [0, -5, "abc", True, 1.5, None, 11, ""])
def test_what_is_no_number_from_1_to_10(value: Any) -> None:
    with pytest.raises(MailError) as error:
        of(value).number("x", low=1, high=10)
    assert error.value.message == f"postfix_x: '{value}' is not possible. Write a whole number from 1 to 10."


def test_unlimited_counts_as_far_as_postfix_can_and_is_warned_of() -> None:
    options = of("unlimited")
    assert options.count("x", high=10) == UNLIMITED == 2147483647
    assert options.warnings == ["postfix_x: unlimited lets one message use all the memory and time of the server."]


@pytest.mark.parametrize(
    ("value", "written", "warned"),
    [
        (["192.0.2.0/24"], ["192.0.2.0/24"], 0),
        (["192.0.2.7"], ["192.0.2.7/32"], 0),
        (["123.123.123.123/16"], ["123.123.0.0/16"], 1),
        (["2001:db8::/32", "[2001:db8:1::]/48"], ["[2001:db8::]/32", "[2001:db8:1::]/48"], 0),
        (["2001:db8::1/48"], ["[2001:db8::]/48"], 1),
        (["192.0.2.1/24", "192.0.2.0/24"], ["192.0.2.0/24"], 1),
        ([], [], 0),
    ],
)
def test_networks_in_the_notation_of_postfix(value: list[str], written: list[str], warned: int) -> None:
    options = of(value)
    assert (options.networks("x"), len(options.warnings)) == (written, warned)


@pytest.mark.parametrize(
    "value", [["nosuch"], ["192.0.2.0/33"], ["fe80::1%eth0"], ["0.0.0.0/0"], ["::/0"], ["10.0.0.0/7"]]
)
def test_what_is_no_network_to_trust(value: list[str]) -> None:
    with pytest.raises(MailError, match="postfix_x: "):
        of(value).networks("x", widest=(8, 16))


def test_a_network_that_is_the_internet_is_named() -> None:
    with pytest.raises(MailError) as error:
        of(["0.0.0.0/0"]).networks("x", widest=(8, 16))
    assert error.value.message == (
        "postfix_x: 0.0.0.0/0 is wider than /8, which is a good part of the Internet. Name the networks that are meant."
    )


@pytest.mark.parametrize(("value", "word"), [(False, "no"), (True, "yes"), ("no", "no"), ("other", "other")])
def test_words_that_yaml_took_for_booleans(value: Any, word: str) -> None:
    assert of(value).word("x", ("yes", "no", "other")) == word


def test_several_words_come_in_their_own_order_and_a_wrong_one_is_named() -> None:
    assert of(["b", "a"]).words("x", ("a", "b", "c")) == ["a", "b"]
    with pytest.raises(MailError, match=r"postfix_x: 'd' is not possible. Write some of a, b, c."):
        of(["d"]).words("x", ("a", "b", "c"))


@pytest.mark.parametrize("value", [["example"], ["a b.example"], ["-a.example"], [1]])
def test_what_is_no_domain(value: Any) -> None:
    with pytest.raises(MailError, match="postfix_x: "):
        of(value).domains("x")


def test_a_busy_server_is_stricter() -> None:
    assert (unless_stressed(20, stressed=1), unless_stressed(1, stressed=1)) == ("${stress?{1}:{20}}", "1")
    assert (spell(3600), spell(86400), spell(90), spell(0)) == ("1h", "1d", "90s", "0s")
