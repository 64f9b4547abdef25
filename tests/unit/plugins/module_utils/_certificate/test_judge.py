# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judgement of certificates: what is mended, what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest


def test_smoke(world: Any) -> None:
    assert world.bundle().chain == (world.leaf.facts, world.middle.facts)
