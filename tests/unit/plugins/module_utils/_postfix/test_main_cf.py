# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""main.cf: what is not touched stays, what is wanted is written once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import main_cf

FILE = """\
# A comment at the top
myhostname = mx.example.com

# Lists over several lines
mydestination = localhost,
# a comment inside
    mx.example.com,

\tlocalhost.example.com
empty =
   # an indented comment is a comment
relayhost=[relay.example.net]:587
inet_interfaces = all
inet_interfaces = loopback-only
"""


@pytest.mark.parametrize(
    "text", [FILE, "", "\n", "a = b", "a = b\r\nc = d\r\n", "# only a comment", "a = \x0cb\n", "a = b\n  \n\n# end"]
)
def test_what_is_read_is_written_back(text: str) -> None:
    assert main_cf.render(main_cf.parse(text)) == text
    assert main_cf.change(main_cf.parse(text), {}) == main_cf.parse(text)


def test_logical_values() -> None:
    assert main_cf.values(main_cf.parse(FILE)) == {
        "myhostname": "mx.example.com",
        "mydestination": "localhost, mx.example.com, localhost.example.com",
        "empty": "",
        "relayhost": "[relay.example.net]:587",
        "inet_interfaces": "loopback-only",
    }


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("a = 1\n# c\nb = 2\n", {"a": "3"}, "a = 3\n# c\nb = 2\n"),
        ("a = 1\nb = 2\n", {"a": None}, "b = 2\n"),
        ("a = 1", {"b": "2"}, "a = 1\nb = 2\n"),
        ("", {"a": ""}, "a =\n"),
        ("a = 1\nb = 2\na = 3\n", {"a": "1"}, "b = 2\na = 1\n"),
        ("a = x,\n  y\n", {"a": "x, y"}, "a = x,\n  y\n"),
        ("a = x,\n  y\nb = 1\n", {"a": "z"}, "a = z\nb = 1\n"),
        ("a = 1\n", {"b": None}, "a = 1\n"),
    ],
)
def test_changes(before: str, wanted: dict[str, str | None], after: str) -> None:
    once = main_cf.change(main_cf.parse(before), wanted)
    assert main_cf.render(once) == after
    assert main_cf.render(main_cf.change(once, wanted)) == after


def test_exclusive_removes_what_is_not_wanted() -> None:
    chunks = main_cf.change(main_cf.parse("# kept\na = 1\nb = 2\n"), {"b": "2"}, exclusive=True)
    assert main_cf.render(chunks) == "# kept\nb = 2\n"


@pytest.mark.parametrize("text", ["no equals sign\n", "  starts = indented\n", "a b = c\n", "= value\n"])
def test_a_broken_file_is_named(text: str) -> None:
    with pytest.raises(MailError, match="line 1 is not 'name = value'"):
        main_cf.parse(text)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("x", "x"),
        (" x ", "x"),
        ("x\n", "x"),
        (7, "7"),
        (True, "yes"),
        (False, "no"),
        (None, None),
        (["a", 1, True], "a, 1, yes"),
        ([], ""),
    ],
)
def test_values(raw: Any, value: str | None) -> None:
    assert main_cf.as_value("name", raw) == value


@pytest.mark.parametrize("raw", [3.10, {"a": 1}, "a\nb", "a\x00b", ["a\nb"], [["a"]]])
def test_impossible_values(raw: Any) -> None:
    with pytest.raises(MailError, match=r"^name: "):
        main_cf.as_value("name", raw)


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a\nb", "#a"])
def test_impossible_names(name: str) -> None:
    with pytest.raises(MailError, match="not the name of a Postfix parameter"):
        main_cf.as_value(name, "x")
