# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publishing tables and scripts. Without Postfix there are no tables; with it they are built for real."""

from __future__ import annotations

import os
import pathlib
import shutil
import stat
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import autoreply
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import postconf
from ansible_collections.mailops.mailserver.plugins.module_utils._store import connect, export

ALICE = "alice@example.com"
REPLY = {"text": "Away."}


def publish(host: Any, *, write: bool = True) -> export.Exported:
    with connect.opened(host.path, write=write) as store:
        return export.publish(store)


def script(host: Any, address: str = ALICE) -> pathlib.Path:
    return host.scripts / f"{address}.sieve"


def test_without_postfix_the_tables_wait(host: Any) -> None:
    assert publish(host) == export.Exported([], "", [])
    assert not (host.root / "tables").exists()
    assert not host.scripts.exists()


def test_a_postfix_without_either_table_type_is_named(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "find", lambda name: f"/usr/sbin/{name}")
    monkeypatch.setattr(postconf, "_MAIN_CF", __file__)
    monkeypatch.setattr(commands, "run", lambda _argv, **_options: commands.Result(0, "btree\nhash\ntexthash\n", ""))
    with pytest.raises(MailError) as error:
        publish(host)
    assert error.value.message == (
        "/usr/sbin/postconf: Postfix has neither lmdb nor cdb tables. Install postfix-lmdb (role postfix does)."
    )


@pytest.mark.parametrize(("known", "kind"), [("cdb\nhash\nlmdb\n", "lmdb"), ("cdb\nhash\n", "cdb")])
def test_the_best_table_type_is_taken(monkeypatch: pytest.MonkeyPatch, known: str, kind: str) -> None:
    monkeypatch.setattr(commands, "find", lambda name: f"/usr/sbin/{name}")
    monkeypatch.setattr(postconf, "_MAIN_CF", __file__)
    monkeypatch.setattr(commands, "run", lambda _argv, **_options: commands.Result(0, known, ""))
    assert postconf.table_type() == kind


def test_a_reply_becomes_a_script(host: Any) -> None:
    host.accounts({"name": ALICE, "autoreply": REPLY})
    text = script(host).read_text()
    assert text == autoreply.render(autoreply.Autoreply("Away."), address=ALICE, addresses=[])
    assert stat.S_IMODE(script(host).stat().st_mode) == 0o640
    assert stat.S_IMODE(host.scripts.stat().st_mode) == 0o770
    assert publish(host).changes == []


def test_a_script_knows_by_which_addresses_mail_comes(host: Any) -> None:
    host.accounts({"name": ALICE, "autoreply": REPLY})
    host.accounts({"name": "bob@example.com", "forward_to": [ALICE]})
    host.aliases({"name": "s@example.com", "to": [ALICE]}, {"name": "@b.example", "to": ["@example.com"]})
    known = '["alice@b.example", "alice@example.com", "bob@example.com", "s@example.com"]'
    assert f":addresses {known}" in script(host).read_text()


def test_a_script_goes_with_its_reply_its_mailbox_and_its_account(host: Any) -> None:
    steps: list[dict[str, Any]] = [
        {"autoreply": {}},
        {"autoreply": {}, "mailbox": False, "forward_to": ["x@elsewhere.example"]},
        {"state": "absent"},
    ]
    for step in steps:
        host.accounts({"name": ALICE, "autoreply": REPLY, "mailbox": True})
        (host.scripts / f"{ALICE}.svbin").write_text("compiled")
        host.accounts({"name": ALICE, **step})
        assert os.listdir(host.scripts) == []


def test_a_damaged_script_is_repaired_and_told(host: Any) -> None:
    host.accounts({"name": ALICE, "autoreply": REPLY})
    good = script(host).read_text()
    script(host).write_text("broken")
    foretold = publish(host, write=False)
    assert script(host).read_text() == "broken"
    outcome = host.accounts({"name": ALICE})
    assert outcome.facts["repaired"] == [f"autoreply {script(host)}"]
    assert list(outcome.changes) == foretold.changes
    assert (foretold.changes[0].before, foretold.changes[0].after) == ("broken", good)
    assert script(host).read_text() == good
    script(host).unlink()
    assert host.accounts({"name": ALICE}).changed is True
    assert host.accounts({"name": ALICE}).changed is False


def test_a_script_of_a_killed_run_goes_and_others_stay(host: Any) -> None:
    host.accounts({"name": ALICE, "autoreply": REPLY})
    (host.scripts / "gone@example.com.sieve").write_text(script(host).read_text())
    (host.scripts / "default.sieve").write_text("keep;\n")
    (host.scripts / "notes.txt").write_text("")
    changes = publish(host).changes
    assert [change.name for change in changes] == [f"autoreply {host.scripts / 'gone@example.com.sieve'}"]
    assert sorted(os.listdir(host.scripts)) == [f"{ALICE}.sieve", "default.sieve", "notes.txt"]


def test_a_store_holds_what_the_tables_need(host: Any) -> None:
    host.domains({"name": "off.example", "mail_service": False})
    host.accounts(
        {
            "name": ALICE,
            "forward_to": ["x@elsewhere.example"],
            "keep_copy": False,
            "sender_addresses": ["p@example.com"],
        },
        {"name": "bob@off.example", "status": "suspended"},
    )
    host.aliases({"name": "s@example.com", "to": [ALICE]}, {"name": "@b.example", "to": ["@example.com"]})
    with connect.opened(host.path, write=False) as store:
        source = export.read(store.connection, "+")
    assert source.catch_all == {"example.com": "reject"}
    assert source.domain_aliases == {"b.example": "example.com"}
    assert list(source.accounts) == [
        (ALICE, "example.com", "active", 1, 0, 0),
        ("bob@off.example", "off.example", "suspended", 1, 1, 0),
    ]
    assert source.targets == {ALICE: ["x@elsewhere.example"], "s@example.com": [ALICE]}
    assert source.grants == [(ALICE, "p@example.com")]


@pytest.mark.skipif(not shutil.which("postmap", path="/usr/sbin:/usr/bin"), reason="Postfix is not installed")
def test_tables_are_built_read_back_and_repaired(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        commands,
        "find",
        lambda name: shutil.which(name, path="/usr/sbin:/usr/bin") if name.startswith("post") else None,
    )
    host.accounts({"name": ALICE})
    found = publish(host)
    assert found.changes == []
    for name in ("domains", "mailboxes", "aliases", "senders", "refused"):
        table = host.root / "tables" / f"{name}.{found.table_type}"
        assert table.exists()
        table.unlink()
    assert len(publish(host, write=False).changes) == len(publish(host).changes) == 5
    assert publish(host).changes == []
