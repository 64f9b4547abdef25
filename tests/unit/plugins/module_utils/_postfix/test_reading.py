# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import reading

DEFAULTS = "mail_version = 3.10.13\nmessage_size_limit = 10240000\ninet_interfaces = all\n"
MASTER = "smtp inet n - y - - smtpd\n  -o smtpd_tls_security_level=may\npickup unix n - y 60 1 pickup\n"


@pytest.fixture
def directory(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A configuration directory, and a postconf that puts the values of ``$names`` in their places."""
    table = tmp_path / "table"
    main = (
        f"message_size_limit = 5\nhere = {tmp_path}\nalias_maps = cidr:$here/table, lmdb:{table}\n"
        "smtp_sasl_password_maps = static:user:Hunter2\n"
    )
    (tmp_path / "main.cf").write_text(main, encoding="ascii")
    (tmp_path / "master.cf").write_text(MASTER, encoding="ascii")
    table.write_text("", encoding="ascii")
    (tmp_path / "table.lmdb").write_text("", encoding="ascii")
    os.utime(tmp_path / "table.lmdb", (1.0, 1.0))

    def run(argv: list[str]) -> commands.Result:
        counts = f"{DEFAULTS}{main}".replace("$here", str(tmp_path)) if "-x" in argv else DEFAULTS
        return commands.Result(0, counts, "")

    monkeypatch.setattr(commands, "find", lambda name: f"/usr/sbin/{name}")
    monkeypatch.setattr(commands, "run", run)
    return str(tmp_path)


def test_main(directory: str) -> None:
    found = reading.main(directory, ["message_size_limit", "smtp_sasl_password_maps", "nosuch"])
    assert (found["installed"], found["version"], found["unknown"]) == (True, "3.10.13", ["nosuch"])
    assert found["effective"] == {"message_size_limit": "5", "smtp_sasl_password_maps": "(hidden)"}
    assert found["defaults"] == {"message_size_limit": "10240000"}
    assert found["parameters"]["alias_maps"].startswith("cidr:$here/table, ")
    assert found["parameters"]["smtp_sasl_password_maps"] == "(hidden)"
    assert [(table["name"].partition(":")[0], table["state"]) for table in found["tables"]] == [
        ("cidr", "current"),
        ("lmdb", "stale"),
    ]


def test_master(directory: str) -> None:
    found = reading.master(directory)
    assert [service["name"] for service in found["services"]] == ["smtp", "pickup"]
    assert [(listener["port"], listener["tls"]) for listener in found["listeners"]] == [("25", "offered")]


def test_without_postfix(monkeypatch: pytest.MonkeyPatch, directory: str) -> None:
    monkeypatch.setattr(commands, "find", lambda _name: None)
    assert reading.main(directory, ["message_size_limit"]) == reading.NO_MAIN
    assert reading.master(directory) == reading.NO_MASTER
