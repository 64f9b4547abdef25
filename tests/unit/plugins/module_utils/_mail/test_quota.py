# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes with units."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import quota


@pytest.mark.parametrize(
    ("value", "size", "written"),
    [
        ("unlimited", 0, "unlimited"),
        ("0", 0, "unlimited"),
        (0, 0, "unlimited"),
        ("1K", 1024, "1K"),
        ("500M", 500 * 1024**2, "500M"),
        ("2G", 2 * 1024**3, "2G"),
        ("2g", 2 * 1024**3, "2G"),
        ("2 GB", 2 * 1024**3, "2G"),
        ("2GiB", 2 * 1024**3, "2G"),
        ("1024M", 1024**3, "1G"),
        ("1537K", 1537 * 1024, "1537K"),
        ("3T", 3 * 1024**4, "3T"),
    ],
)
def test_a_size_is_read_and_written(value: Any, size: int, written: str) -> None:
    assert quota.parse_size(value, what="quota") == size
    assert quota.render_size(size) == written
    assert quota.parse_size(written, what="quota") == size


def test_a_size_that_is_no_multiple_is_written_in_bytes() -> None:
    assert quota.render_size(1000) == "1000B"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        500,
        "500",
        -1,
        "-5M",
        "1.5G",
        "",
        "M",
        "20 apples",
        "5M\n",
        "5M5",
        "\uff15M",
        "5\u212a",
        [],
        1.5,
        "1" * 13 + "K",
    ],
)
def test_what_is_no_size_is_shown(value: Any) -> None:
    with pytest.raises(MailError) as error:
        quota.parse_size(value, what="account a@example.com: quota")
    assert error.value.message.startswith(f"account a@example.com: quota: {value!r} is not a size. Write a number with")


def test_a_size_beyond_the_column_is_refused() -> None:
    with pytest.raises(MailError, match=r"quota: '9999999999T' is too large. Write unlimited."):
        quota.parse_size("9999999999T", what="quota")
