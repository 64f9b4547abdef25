# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of role postfix with their defaults, as its rule rooms get them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Callable

import pytest
import yaml

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.options import Options

DEFAULTS = Path(__file__).resolve().parents[5] / "roles/postfix/defaults/main.yml"


@functools.cache
def _text() -> str:
    return DEFAULTS.read_text(encoding="utf-8")


def defaults() -> dict[str, Any]:
    """The role's defaults without their prefix, on a host with Dovecot."""
    found = {name[len("postfix_") :]: value for name, value in yaml.safe_load(_text()).items()}
    return {name: True if "{{" in str(value) else value for name, value in found.items()}


@pytest.fixture
def options() -> Callable[..., Options]:
    """``options(name=value, …)``; the keyword ``version`` is Postfix's."""

    def make(version: str = "3.10.13", **changes: Any) -> Options:
        return Options({**defaults(), **changes}, version=version)

    return make


@pytest.fixture
def variables() -> dict[str, Any]:
    return defaults()
