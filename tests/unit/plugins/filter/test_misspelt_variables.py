# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

from ansible_collections.mailops.mailserver.plugins.filter import misspelt_variables as under_test
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import variables

ROOT = pathlib.Path(__file__).resolve().parents[4]


def test_it_is_registered() -> None:
    assert under_test.FilterModule().filters() == {"misspelt_variables": under_test.misspelt_variables}


def test_the_variables_of_every_role_are_known() -> None:
    assert {"mail_domains", "dovecot_ports", "postfix_main_parameters"} <= under_test.known_variables()


@pytest.mark.parametrize("defaults", sorted(ROOT.glob("roles/*/defaults/main.yml")), ids=lambda path: path.parts[-3])
def test_every_default_is_in_the_argument_spec(defaults: pathlib.Path) -> None:
    assert yaml.safe_load(defaults.read_text(encoding="utf-8")).keys() <= under_test.known_variables()


def test_no_variable_of_ours_looks_like_a_misspelt_one() -> None:
    assert under_test.misspelt_variables(sorted(under_test.known_variables())) == []
    assert not variables.NOT_POSSIBLE.keys() & under_test.known_variables()


def test_the_playbooks_variables_are_known() -> None:
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("playbooks/**/*.yml")]
    mail = r"mail_(?:verify_\w+|dkim_\w+|dns_\w+|queue_\w+|hosts)"
    report = r"report_(?:file|language|min_days|networks|own_domains|since|time_zone|title|top|until)"
    security = r"security_(?!check\b)\w+"
    ours = rf"\b(?:{mail}|{report}|{security}|switch_(?:keep_days|phase|sample|stop_sample))\b"
    used = {name for text in texts for name in re.findall(ours, text)}
    modules = {path.stem for path in ROOT.glob("plugins/modules/*.py")}
    assert used - modules == variables.PLAYBOOKS


def test_what_it_says() -> None:
    assert under_test.misspelt_variables(["mail_domain", "mail_team_name"]) == [
        "mail_domain: no such variable. Did you mean 'mail_domains'?"
    ]
    assert under_test.misspelt_variables(["mail_domain"], own=["mail_domain"]) == []
