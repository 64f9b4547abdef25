# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module mail_inventory."""

from __future__ import annotations

from typing import Any

import pytest

OBJECTS: dict[str, list[dict[str, Any]]] = {
    "domains": [
        {
            "name": "example.com",
            "catch_all": "alice@example.com",
            "accounts": [{"name": "alice", "password": "Correct-horse-9"}],
            "aliases": [{"name": "sales", "to": ["bob@example.org"]}],
        },
        {
            "name": "example.org",
            "accounts": [{"name": "bob", "mailbox": False, "forward_to": ["alice@example.com"]}],
        },
    ],
}


@pytest.fixture
def host(fresh: Any) -> Any:
    """A host that has nothing, with every path below its root."""
    paths = {"mail_directory": "vmail", "postfix_tables": "tables", "autoreply_directory": "autoreply"}
    fresh.paths = {key: str(fresh.root / name) for key, name in paths.items()}
    return fresh


def test_everything_in_one_task(host: Any) -> None:
    before = host.tree()
    foretold = host.run("mail_inventory", check=True, **host.paths, **OBJECTS)
    assert host.tree() == before
    done = host.run("mail_inventory", **host.paths, **OBJECTS)
    names = ["example.com", "example.org", "alice@example.com", "bob@example.org", "sales@example.com"]
    assert done["added"] == foretold["added"] == names
    assert [change["after_header"] for change in done["diff"][-5:]] == [
        "domain example.com",
        "domain example.org",
        "account alice@example.com",
        "account bob@example.org",
        "alias sales@example.com",
    ]
    again = host.run("mail_inventory", **host.paths, **OBJECTS)
    assert (again["changed"], again["unchanged"], again["table_type"]) == (False, 5, "")
    assert "Correct-horse" not in "".join(host.said)


def test_check_mode_tells_what_the_run_will(host: Any) -> None:
    host.run("mail_inventory", **host.paths, **OBJECTS)
    first = {**OBJECTS["domains"][0], "accounts": [{"name": "alice", "password": "Correct-horse-9", "quota": "1G"}]}
    first["accounts"][0]["autoreply"] = {"subject": "Away", "text": "I am away."}
    changed = {"domains": [first, OBJECTS["domains"][1]]}
    foretold = host.run("mail_inventory", check=True, **host.paths, **changed)
    done = host.run("mail_inventory", **host.paths, **changed)
    assert foretold["diff"] == done["diff"]
    assert (foretold["modified"], foretold["repaired"]) == (done["modified"], done["repaired"])
    assert host.run("mail_inventory", **host.paths, **changed)["changed"] is False


def test_it_does_what_the_other_modules_do(host: Any) -> None:
    host.run("mail_inventory", **host.paths, **OBJECTS)
    assert host.create()["changed"] is False
    alike = {
        "domain": {"domains": [{"name": "example.com", "catch_all": "alice@example.com"}, {"name": "example.org"}]},
        "account": {
            "accounts": [
                {"name": "alice@example.com", "password": "Correct-horse-9"},
                {"name": "bob@example.org", "mailbox": False, "forward_to": ["alice@example.com"]},
            ]
        },
        "alias": {"aliases": [{"name": "sales@example.com", "to": ["bob@example.org"]}]},
    }
    for module, listed in alike.items():
        assert host.run(f"mail_{module}", **listed)["changed"] is False


def test_what_is_not_listed_and_what_is_to_be_absent(host: Any) -> None:
    host.run("mail_inventory", **host.paths, **OBJECTS)
    gone = {
        "domains": [
            {"name": "example.com", "accounts": OBJECTS["domains"][0]["accounts"]},
            {"name": "example.org", "state": "absent", "accounts": OBJECTS["domains"][1]["accounts"]},
        ],
    }
    done = host.run("mail_inventory", **host.paths, **gone, exclusive=True, max_removed_percent=100)
    assert {"bob@example.org", "sales@example.com"} <= set(done["removed"])
    assert done["removed"][-1] == "example.org"
    assert done["modified"] == ["example.com"]
    assert host.run("mail_inventory", **host.paths, **gone, exclusive=True)["changed"] is False


def test_postmaster_is_somebody(host: Any) -> None:
    domains = [{"name": "example.com", "accounts": [{"name": "alice", "password": "Correct-horse-9"}]}]
    done = host.run("mail_inventory", **host.paths, domains=domains, postmaster="alice@example.com")
    assert {"postmaster@example.com", "abuse@example.com"} <= set(done["added"])


def test_without_domains_only_the_settings_count(host: Any) -> None:
    host.run("mail_inventory", **host.paths, **OBJECTS)
    done = host.run("mail_inventory", **host.paths, exclusive=True)
    assert (done["changed"], done["unchanged"]) == (False, 0)


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ({"name": "nodot"}, "domain 'nodot': is not a domain name"),
        (
            {"name": "example.com", "accounts": [{"name": "a", "password": "short"}]},
            "account a@example.com: password: is too weak",
        ),
        ({"name": "example.com", "aliases": [{"name": "a"}]}, "alias a@example.com: has no target"),
        ({"name": "example.com", "acounts": []}, "domain example.com: acounts: no such option"),
    ],
)
def test_errors(host: Any, domain: dict[str, Any], message: str) -> None:
    assert message in host.run("mail_inventory", **host.paths, domains=[domain])["msg"]


def test_the_system_log_gets_no_password(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Ansible sends the task's no_log along, and that counts more than what the module says of itself.
    domain = {"name": "example.com", "accounts": [{"name": "alice", "password": "Correct-horse-9"}]}
    host.run("mail_inventory", **host.paths, domains=[domain], _ansible_no_log=False)
    assert "Correct-horse" not in "".join(host.said)
