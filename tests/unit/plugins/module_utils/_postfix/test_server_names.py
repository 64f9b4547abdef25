# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files with keys that a table of names leads to."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import server_names, verdict


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good file a.pem, b.pem with the key of a, and c.pem without a key."""
    room = tmp_path_factory.mktemp("pairs")
    for name in "ab":
        argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        argv += ["-subj", f"/CN={name}.test", "-keyout", str(room / f"{name}.key"), "-out", str(room / f"{name}.crt")]
        subprocess.run(argv, check=True, capture_output=True)
    text = {path.name: path.read_text(encoding="ascii") for path in room.iterdir()}
    (room / "a.pem").write_text(text["a.key"] + text["a.crt"], encoding="ascii")
    (room / "b.pem").write_text(text["a.key"] + text["b.crt"], encoding="ascii")
    (room / "c.pem").write_text(text["b.crt"], encoding="ascii")
    return room


def faults(text: str, room: Path, *, missing: tuple[str, ...] = ()) -> list[str]:
    table = room / "sni"
    table.write_text(text.replace("/t/", f"{room}/"), encoding="ascii")
    found = server_names.faults([verdict.Table("texthash", str(table))], missing=[f"{room}/{name}" for name in missing])
    return [fault.message for fault in found.faults]


@pytest.mark.parametrize("text", ["", "a.test\t/t/a.pem\n", "a.test /t/a.pem\n\n.a.test /t/a.pem, /t/a.pem\n"])
def test_what_can_be_used(text: str, pairs: Path) -> None:
    assert faults(text, pairs) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a.test /t/none.pem\n", "none.pem, which tls_server_sni_maps names for a.test: does not exist"),
        ("a.test /t/a.pem\nb.test /t/b.pem\n", "b.pem, which tls_server_sni_maps names for b.test: no usable pair"),
        ("c.test /t/c.pem\n", "c.pem, which tls_server_sni_maps names for c.test: no usable pair"),
        ("d.test /t\n".replace("/t", "/"), "no usable pair"),
    ],
)
def test_what_would_cost_a_name_its_tls(text: str, words: str, pairs: Path) -> None:
    (found,) = faults(text, pairs)
    assert words in found
    assert "PRIVATE KEY" not in found


def test_what_another_task_makes_may_be_missing(pairs: Path) -> None:
    assert faults("a.test /t/none.pem\n", pairs, missing=("none.pem",)) == []


def test_compiled_tables_hold_the_keys_themselves() -> None:
    assert server_names.faults([verdict.Table("lmdb", "/no/such/table")], missing=()).faults == []
