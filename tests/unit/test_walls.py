# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The walls between the rooms of module_utils: rule rooms decide and never touch the host, door rooms touch it.

docs/architecture.md describes the rooms. Here their files are read, not run.
"""

from __future__ import annotations

import ast
import pathlib
import sys
from collections.abc import Iterator

import pytest

PLUGINS = pathlib.Path(__file__).resolve().parents[2] / "plugins"
ROOMS = PLUGINS / "module_utils"

# The doors. A file that is not named here is a rule room.
DOORS = {
    "_advisory/look",
    "_certificate/certbot",
    "_certificate/install",
    "_certificate/look",
    "_certificate/program",
    "_certificate/renew",
    "_certificate/rollover",
    "_certificate/services",
    "_certificate/sources",
    "_certificate/links",
    "_certificate/store",
    "_certificate/switch",
    "_courier/apply",
    "_courier/daemon",
    "_dkim/converge",
    "_dkim/making",
    "_dkim/store",
    "_dkim/survey",
    "_report",
    "_dovecot/apply",
    "_dovecot/daemon",
    "_dovecot/logins",
    "_dovecot/probe",
    "_dns_record/ask",
    "_dns_record/survey",
    "_dns_record/update",
    "_dns_record/wire",
    "_fail2ban/apply",
    "_fail2ban/daemon",
    "_host/addresses",
    "_host/commands",
    "_host/config",
    "_host/crypt",
    "_host/files",
    "_host/key_pair",
    "_host/look",
    "_host/ports",
    "_host/firewall",
    "_host/resolver",
    "_host/rights",
    "_log/read",
    "_log/run",
    "_maildir/book",
    "_maildir/client",
    "_maildir/judge",
    "_maildir/look",
    "_maildir/looks",
    "_maildir/programs",
    "_maildir/record",
    "_maildir/run",
    "_maildir/survey",
    "_maildir/write",
    "_postfix/alias_table",
    "_postfix/dialogue",
    "_postfix/egress",
    "_postfix/dnsbl",
    "_postfix/postconf",
    "_postfix/reading",
    "_postfix/server_names",
    "_postfix/shadow",
    "_postfix/stage",
    "_postfix/swap",
    "_postfix/tables",
    "_postfix/wire",
    "_queue/act",
    "_queue/archive",
    "_queue/door",
    "_queue/look",
    "_rspamd/apply",
    "_rspamd/daemon",
    "_rspamd/milter",
    "_probe/connect",
    "_probe/door",
    "_probe/mailbox",
    "_probe/run",
    "_probe/talk",
    "_session/end",
    "_session/look",
    "_session/scripts",
    "_store/accounts",
    "_store/aliases",
    "_store/apply",
    "_store/apply_accounts",
    "_store/apply_locks",
    "_store/connect",
    "_store/domains",
    "_store/export",
    "_store/locks",
    "_store/maildirs",
    "_store/moves",
    "_store/remembered",
}

# What reaches the host: its files, programs, databases and network, and Ansible's module object.
REACHING = {
    "ansible.module_utils.basic",
    "ctypes",
    "fcntl",
    "ftplib",
    "glob",
    "http.client",
    "imaplib",
    "os",
    "pathlib",
    "poplib",
    "select",
    "shutil",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "urllib.request",
}

# Beyond the standard library and Ansible's own module_utils: what a module may use when it is there.
OPTIONAL = {"cryptography", "dkim", "dns", "psycopg2"}


def room(path: pathlib.Path) -> str:
    """``_store/rows`` for ``…/module_utils/_store/rows.py``, ``_store`` for its ``__init__.py``."""
    name = path.relative_to(ROOMS).with_suffix("").as_posix()
    return name.removesuffix("__init__").removesuffix("/")


FILES = sorted(ROOMS.rglob("*.py"))
RULES = [path for path in FILES if room(path) not in DOORS]
SENT = [*FILES, *sorted((PLUGINS / "modules").glob("*.py"))]


def named(path: pathlib.Path) -> str:
    """The name of a file in the list of tests."""
    return path.relative_to(PLUGINS).as_posix()


def imports(path: pathlib.Path) -> Iterator[str]:
    """Every imported name in full, also those inside functions; relative ones as ``module_utils:_store/rows``."""
    package = path.parent.relative_to(ROOMS).parts if ROOMS in path.parents else ()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            start = "/".join(part for part in base if part)
            yield f"module_utils:{start}"
            yield from (f"module_utils:{start}/{alias.name}".replace(":/", ":") for alias in node.names)


def test_every_door_has_its_file() -> None:
    assert sorted(DOORS - {room(path) for path in FILES}) == []


@pytest.mark.parametrize("path", RULES, ids=named)
def test_a_rule_room_does_not_reach_the_host(path: pathlib.Path) -> None:
    reached = {name for name in imports(path) for reach in REACHING if f"{name}.".startswith(f"{reach}.")}
    assert not reached, f"{named(path)} is a rule room and imports {', '.join(sorted(reached))}"


@pytest.mark.parametrize("path", RULES, ids=named)
def test_a_rule_room_does_not_go_through_a_door(path: pathlib.Path) -> None:
    doors = {name for name in imports(path) if name.removeprefix("module_utils:") in DOORS}
    assert not doors, f"{named(path)} is a rule room and imports the doors {', '.join(sorted(doors))}"


@pytest.mark.parametrize("path", RULES, ids=named)
def test_a_rule_room_neither_sees_the_module_nor_opens_a_file(path: pathlib.Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.arg):
            assert node.arg != "module", f"{named(path)}:{node.lineno} takes the module"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("open", "print", "input"), f"{named(path)}:{node.lineno} {node.func.id}()"


@pytest.mark.parametrize("path", [path for path in SENT if path.name != "_report.py"], ids=named)
def test_only_the_report_ends_a_module(path: pathlib.Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("exit_json", "fail_json"), f"{named(path)}:{node.lineno} {node.attr}"


@pytest.mark.parametrize("path", SENT, ids=named)
def test_a_target_needs_no_more_than_python(path: pathlib.Path) -> None:
    outside = {name.split(".")[0] for name in imports(path) if not name.startswith("module_utils:")}
    collection = "ansible_collections.mailops.mailserver."
    foreign = {name for name in imports(path) if name.startswith("ansible_collections.")}
    assert all(name.startswith(collection) for name in foreign), f"{named(path)} needs another collection"
    assert outside <= sys.stdlib_module_names | OPTIONAL | {"ansible", "ansible_collections"}


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=named)
def test_a_file_says_whose_it_is(path: pathlib.Path) -> None:
    head = path.read_text(encoding="utf-8")[:400]
    assert not head or "SPDX-License-Identifier: GPL-3.0-or-later" in head
