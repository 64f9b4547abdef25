# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of several rooms share."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def any_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doors give files to root; a test that is run by somebody else leaves that out."""
    if os.geteuid() != 0:
        monkeypatch.setattr(os, "chown", lambda *args, **options: None)
        monkeypatch.setattr(os, "fchown", lambda *args, **options: None)
