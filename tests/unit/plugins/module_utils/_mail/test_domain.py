# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains: options to columns and back."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import domain
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.domain import DEFAULTS, Wanted


@pytest.mark.parametrize(
    ("entry", "columns"),
    [
        ({}, {}),
        ({"mail_service": None, "quota": None}, {}),
        ({"mail_service": False}, {"mail_service": 0}),
        ({"catch_all": "reject"}, {"catch_all": "reject"}),
        ({"catch_all": "discard"}, {"catch_all": "discard"}),
        ({"catch_all": "info@Example.COM"}, {"catch_all": "info@example.com"}),
        ({"quota": "2G"}, {"quota_bytes": 2 * 1024**3}),
        ({"quota": "unlimited"}, {"quota_bytes": 0}),
        ({"note": "ours"}, {"note": "ours"}),
    ],
)
def test_an_option_becomes_a_column(entry: dict[str, Any], columns: dict[str, Any]) -> None:
    assert domain.parse({"name": "Example.COM", **entry}) == Wanted("example.com", columns)
    whole = domain.parse({"name": "example.com", **entry}, omitted="default")
    assert whole.columns == {**DEFAULTS, **columns}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": None}, "domain None: is not a domain name"),
        ({"name": "localhost"}, "domain 'localhost': is not a domain name"),
        ({"catchall": "x"}, "domain example.com: catchall: no such option. Did you mean 'catch_all'?"),
        (
            {"catch_all": "rejct"},
            "domain example.com: catch_all: address 'rejct' is not a mail address. Write name@domain.",
        ),
        ({"catch_all": "|cat@example.com"}, "domain example.com: catch_all: address '|cat@example.com' is not"),
        (
            {"catch_all": ["a@example.com"]},
            "domain example.com: catch_all: address ['a@example.com'] is not a mail address",
        ),
        ({"quota": "2"}, "domain example.com: quota: '2' is not a size. Write a number with a unit"),
        ({"quota": "default"}, "domain example.com: quota: 'default' is not a size"),
        ({"mail_service": "maybe"}, "domain example.com: mail_service: 'maybe' is not a boolean"),
        ({"note": "a\nb"}, "domain example.com: note: is not one line"),
        ({"state": "gone"}, "domain example.com: 'gone' is not a state. Write present or absent."),
    ],
)
def test_what_is_no_domain_is_named(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        domain.parse({"name": "example.com", **entry})
    assert error.value.message.startswith(message)
    assert error.value.mend


def test_a_restricted_domain_may_go_but_not_come() -> None:
    with pytest.raises(MailError, match=r"domain gmail.com: belongs to somebody else.*change restricted_domains"):
        domain.parse_all([{"name": "GMAIL.com"}], restricted=["Gmail.com"])
    assert domain.parse_all([{"name": "gmail.com", "state": "absent"}], restricted=["gmail.com"])[0].present is False


def test_a_domain_is_listed_once() -> None:
    with pytest.raises(MailError, match=r"domain example.com: is listed twice. Merge the two entries"):
        domain.parse_all([{"name": "example.com"}, {"name": "EXAMPLE.com"}])


@pytest.mark.parametrize(
    "columns",
    [
        DEFAULTS,
        {"mail_service": 0, "catch_all": "discard", "quota_bytes": 1024, "note": "n"},
        {"mail_service": 1, "catch_all": "a@example.com", "quota_bytes": 0, "note": ""},
    ],
)
def test_a_domain_in_the_words_of_the_options_can_be_given_back(columns: dict[str, Any]) -> None:
    assert domain.parse({"name": "example.com", **domain.options_of(columns)}).columns == columns


def test_a_diff() -> None:
    assert domain.describe(None) == ""
    assert domain.describe(DEFAULTS) == "mail_service: True\ncatch_all: reject\nquota: unlimited\n"
