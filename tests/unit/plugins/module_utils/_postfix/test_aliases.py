# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of the local aliases."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import aliases

OWN = """# /etc/aliases
mailer-daemon: postmaster
postmaster: root
  # a comment
"odd name": alice,
    bob@example.net
root: admin
"""


def managed(*lines: str) -> str:
    """The managed lines with their marks."""
    return "\n".join((aliases.BEGIN, *lines, aliases.END, ""))


def test_nothing_wanted_changes_nothing() -> None:
    assert aliases.change(OWN, {}) == OWN


def test_a_managed_line_takes_the_place_of_the_administrators() -> None:
    text = aliases.change(OWN, {"root": ["alice@example.com", "bob@example.net"]})
    assert text == OWN.replace("root: admin\n", "") + managed("root: alice@example.com, bob@example.net")


def test_an_entry_goes_with_its_continuation_lines() -> None:
    assert aliases.change("a: b,\n  c\nd: e\npostmaster: root\n", {"a": ["x"]}) == "d: e\npostmaster: root\n" + managed(
        "a: x"
    )


@pytest.mark.parametrize("text", [None, OWN, "", "root: x", "a: b\n\n"])
@pytest.mark.parametrize("ours", [{}, {"root": ["x@example.com"]}, {"postmaster": ["x"], "b": ["|/bin/cat -n"]}])
def test_the_second_run_changes_nothing(text: str | None, ours: dict[str, list[str]]) -> None:
    once = aliases.change(text, ours)
    assert aliases.change(once, ours) == once
    assert "postmaster" in aliases.parse(once)


def test_what_is_not_wanted_any_more_goes() -> None:
    assert aliases.change(aliases.change("postmaster: root\n", {"a": ["b"]}), {}) == "postmaster: root\n"


def test_a_postmaster_of_ours_needs_no_other() -> None:
    assert aliases.parse(aliases.change("", {"postmaster": ["a@example.com"]})) == {"postmaster": ["a@example.com"]}


def test_commands_are_quoted() -> None:
    assert '\nx: "|/bin/cat -n", /var/file\n' in aliases.change("", {"x": ["|/bin/cat -n", "/var/file"]})


@pytest.mark.parametrize("text", [aliases.BEGIN, f"{aliases.END}\n{aliases.BEGIN}\n", f"a: b\n{aliases.END}\n"])
def test_marks_that_do_not_match(text: str) -> None:
    with pytest.raises(MailError, match="do not match"):
        aliases.change(text, {})


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"Root": "alice@example.com"}, {"root": ["alice@example.com"]}),
        ({"a": ["x", "x", r"\y"]}, {"a": ["x", r"\y"]}),
        (
            {"a": [":include:/etc/list", "|/usr/bin/cat", "/dev/null"]},
            {"a": [":include:/etc/list", "|/usr/bin/cat", "/dev/null"]},
        ),
    ],
)
def test_wanted(raw: dict[str, Any], found: dict[str, list[str]]) -> None:
    assert aliases.wanted(raw) == found


@pytest.mark.parametrize(
    ("raw", "root", "found"),
    [
        ({"a": ["b"]}, "", {"a": ["b"]}),
        ({"root": ["b"]}, "x@example.com, y@example.com", {"root": ["x@example.com", "y@example.com"]}),
    ],
)
def test_merged(raw: dict[str, Any], root: str, found: dict[str, list[str]]) -> None:
    assert aliases.merged(raw, root) == found


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"root@example.com": ["a"]}, "is not a local name"),
        ({"a b": ["a"]}, "is not a local name"),
        ({"a": []}, "has no target"),
        ({"a": None}, "has no target"),
        ({"a": [1]}, "'1' cannot be a target"),
        ({"a": ["b, c"]}, "cannot be a target"),
        ({"a": ["b\nroot: c"]}, "cannot be a target"),
        ({"a": ['|"x"']}, "cannot be a target"),
        ({"a": ["b@c@d"]}, "cannot be a target"),
    ],
)
def test_bad_aliases(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(MailError, match=says):
        aliases.wanted(raw)


@pytest.mark.parametrize(
    ("ours", "says"),
    [
        ({"a": ["nobody-here"]}, "'nobody-here' is neither an alias nor a user"),
        ({"root": ["postmaster"]}, "root -> postmaster -> root"),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, "a -> b -> c -> a"),
    ],
)
def test_aliases_that_lead_nowhere(ours: dict[str, list[str]], says: str) -> None:
    with pytest.raises(MailError, match=says):
        aliases.check(aliases.change("postmaster: root\n", ours), ours, {"root"}.__contains__)


@pytest.mark.parametrize(
    "ours", [{"root": ["root", "a@example.com"]}, {"a": ["root"]}, {"a": ["postmaster"]}, {"root": [r"\root"]}]
)
def test_aliases_that_arrive(ours: dict[str, list[str]]) -> None:
    aliases.check(aliases.change("postmaster: root\n", ours), ours, {"root"}.__contains__)
