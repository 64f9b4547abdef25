# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter as Ansible calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter import postfix_settings

DEFAULTS = Path(__file__).resolve().parents[4] / "roles/postfix/defaults/main.yml"
ARGUMENTS: dict[str, Any] = {
    "host": {
        "hostname": "mx.example.com",
        "imap_server": "dovecot",
        "recipient_delimiter": "+",
        "store": "/s",
        "table_type": "lmdb",
        "tls_chain_files": ["/c"],
        "tls_names": [["mail.a.test", "/a"]],
        "tls_policy": "intermediate",
        "tls_min_version": "",
    },
    "version": "3.10.13",
    "domains": [{"name": "Example.com"}, {"name": "old.example.com", "state": "absent"}],
    "token": "t",
    "today": "2026-11-22",
}


def variables(**changes: Any) -> dict[str, Any]:
    found = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    return {**{name: True if "{{" in str(value) else value for name, value in found.items()}, **changes}


def test_it_is_registered() -> None:
    assert postfix_settings.FilterModule().filters() == {"postfix_settings": postfix_settings.postfix_settings}


def test_the_options_of_the_module() -> None:
    found = postfix_settings.postfix_settings(variables(mail_other=1), **ARGUMENTS)
    assert found["parameters"]["virtual_mailbox_maps"] == ["lmdb:/s/mailboxes"]
    assert found["parameters"]["smtpd_tls_chain_files"] == ["/c"]
    assert {"/c", "/a"} <= set(found["expected_paths"])
    assert {"parameters", "parameters_if_known", "elements", "services", "tables", "owned_prefixes"} < set(found)


def test_names_beyond_ascii_are_own_ones_as_postfix_sees_them() -> None:
    own = [{"name": "bücher.example", "alias_domains": ["Müller.example"]}]
    found = postfix_settings.postfix_settings(variables(postfix_srs_enabled=True), **{**ARGUMENTS, "domains": own})
    (table,) = (table for table in found["tables"] if table["name"] == "srs_own")
    keys = " ".join(row["key"] for row in table["rows"]).replace("\\", "")
    assert "@xn--bcher-kva.example)" in keys
    assert "@xn--mller-kva.example)" in keys


def test_an_error_is_a_filter_error() -> None:
    with pytest.raises(AnsibleFilterError) as error:
        postfix_settings.postfix_settings(variables(postfix_client_timeout=0), **ARGUMENTS)
    assert str(error.value) == (
        "postfix_client_timeout: '0' is out of range. Write a time from 1s to 1h. Nothing was changed."
    )
