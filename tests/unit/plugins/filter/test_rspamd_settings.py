# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter says what is wrong in the words of the inventory."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter.rspamd_settings import FilterModule, rspamd_settings

WORDS = {
    "spf": "header",
    "dkim": "header",
    "dmarc": "policy",
    "arc": True,
    "arc_trusted": [],
    "resolvers": [],
    "signing_networks": [],
}


def test_without_keys_nothing_is_to_be_readable() -> None:
    made = FilterModule().filters()["rspamd_settings"](WORDS)
    assert made["readable"] == []
    assert {entry["path"].rsplit("/", 1)[0] for entry in made["files"]} == {"/etc/rspamd/local.d"}


def test_a_wrong_word_names_its_variable() -> None:
    with pytest.raises(AnsibleFilterError, match=r"^rspamd_dmarc: 'never' is not possible"):
        rspamd_settings({**WORDS, "dmarc": "never"})
