# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What rspamadm says: what can be mended, without what it always says."""

from __future__ import annotations

from ansible_collections.mailops.mailserver.plugins.module_utils._rspamd import complaints


def test_harmless_words_and_repetitions_are_left_out() -> None:
    said = (
        "cannot register delayed dependency A -> B: destination B is missing\n"
        "failed to load config: line: 1\n\n"
        "failed to load config: line: 1\n"
        "syntax BAD\n"
    )
    assert complaints.read(said) == ["failed to load config: line: 1"]
