# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.mailops.mailserver.plugins.module_utils._probe.talk import one_line


def test_whatever_a_server_says_stays_one_short_line() -> None:
    assert one_line("a\r\n\x1b[31mb" + "c" * 300) == "a [31mb" + "c" * 150 + "..."
