# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re

import pytest
import yaml
from ansible.errors import AnsibleFilterError

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
    lock = r"lock_(?:accounts|archive_to|delete_queued|held|log_since|(?:keep|new)_password|notice_to|reason|stop_\w+)"
    rotate = r"rotate_(?:accounts|domains|file|gpg_recipient|groups|vault_password)"
    ours = rf"\b(?:{mail}|{lock}|{report}|{rotate}|{security}|switch_(?:keep_days|phase|sample|stop_sample))\b"
    used = {name for text in texts for name in re.findall(ours, text)}
    modules = {path.stem for path in ROOT.glob("plugins/modules/*.py")}
    assert used - modules == variables.PLAYBOOKS


def test_what_it_says() -> None:
    assert under_test.misspelt_variables(["mail_domain", "mail_team_name"]) == [
        "mail_domain: no such variable. Did you mean 'mail_domains'?"
    ]
    assert under_test.misspelt_variables(["mail_domain"], own=["mail_domain"]) == []


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("lock_account", "Did you mean 'lock_accounts'?"),
        ("lock_password", "Did you mean 'lock_new_password'?"),
        ("lock_delete", "Did you mean 'lock_delete_queued'?"),
        ("security_upgrade_packages", "Did you mean 'security_upgrade'?"),
        ("mail_queue_older", "Did you mean 'mail_queue_older_than'?"),
        ("mail_queue_colour", "Leave it out."),
    ],
)
def test_what_a_playbook_is_run_with(name: str, mend: str) -> None:
    assert under_test.misspelt_variables([name], of="playbooks") == [f"{name}: no such variable. {mend}"]
    assert under_test.misspelt_variables([name], own=[name], of="playbooks") == []
    assert under_test.misspelt_variables([name], own=f"mail_team, {name}", of="playbooks") == []


def test_what_else_an_inventory_has() -> None:
    names = ["lock_accounts", "mail_dkim_keys", "mail_dns_provider", "mail_dns_server_2", "lock_screen", "report_email"]
    assert under_test.misspelt_variables(names, of="playbooks") == []


def test_of_what_is_one_of_two() -> None:
    with pytest.raises(AnsibleFilterError, match="of: 'people' is not one of roles, playbooks"):
        under_test.misspelt_variables([], of="people")


@pytest.mark.parametrize("playbook", sorted(ROOT.glob("playbooks/*.yml")), ids=lambda path: path.stem)
def test_every_playbook_looks_at_the_names_first(playbook: pathlib.Path) -> None:
    play = yaml.safe_load(playbook.read_text(encoding="utf-8"))[0]
    first = (play.get("pre_tasks") or play.get("tasks") or [{}])[0]
    looks = first.get("ansible.builtin.import_tasks") == "tasks/names.yml" and first["vars"]["__play_words"]
    assert looks or playbook.stem == "site"  # whose roles look at theirs
