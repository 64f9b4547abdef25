# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._probe.ask_smtp import relay_forms


@pytest.mark.parametrize("domain", ["example.test", ""])
def test_relay_forms_are_distinct_and_lead_abroad(domain: str) -> None:
    forms = relay_forms("probe@example.net", domain=domain, host="mx.example.test")
    assert len(forms) == len(set(forms)) == (15 if domain else 9)
    assert all("probe" in form and "example.net" in form for form in forms)
