# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables that are to be removed must not be named any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import tables, verdict
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Table

PLANS = [
    tables.TablePlan(Table("gone"), "/t/gone", "/t/gone.lmdb", "a\tb\n", None, True),
    tables.TablePlan(Table("kept", (("a", "b"),)), "/t/kept", "/t/kept.lmdb", "a\tb\n", "a\tb\n", False),
]


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ("check_client_access lmdb:/t/gone", 1),
        ("check_client_access lmdb:/t/kept", 0),
        ("check_client_access cidr:/t/gone_too", 0),
        ("", 0),
    ],
)
def test_a_table_without_rows_is_named_nowhere(value: str, faults: int) -> None:
    assert len(tables.still_named(PLANS, verdict.tables([value])).faults) == faults


@pytest.mark.parametrize("rows", [(), (("[smtp.example.net]:587", "shown"),)])
def test_what_only_root_could_read_is_shown_to_nobody_when_it_goes(
    rows: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    """A secret table without rows does not say that it was one."""
    path = tmp_path / "relay_password"
    path.write_text("[smtp.example.net]:587\tme:Very-Secret-1\n", encoding="utf-8")
    path.chmod(0o600)
    (found,) = tables.plan([Table("relay_password", rows)], str(tmp_path), None)
    assert found.changed
    assert "[smtp.example.net]:587\t(hidden" in found.change().before
    assert "Very-Secret-1" not in str(found.change())


def test_a_table_comes_back_with_the_rights_that_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "relay_password"
    path.write_text("/a/\tb\n", encoding="utf-8")
    path.chmod(0o600)
    plans = [tables.TablePlan(Table("relay_password", kind="regexp"), str(path), str(path), "/a/\tb\n", None, True)]
    monkeypatch.setattr(tables.files, "publish", publish := Recorder())
    swap = tables.Swap(plans, None)  # type: ignore[arg-type]
    swap.remove()
    assert not path.exists()
    swap.restore()
    assert publish.calls == [(str(path), b"/a/\tb\n", 0o600)]


class Recorder:
    """Stands in for the publishing of a file, which needs root."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, bytes, int]] = []

    def __call__(self, path: str, data: bytes, *, mode: int) -> None:
        self.calls.append((path, data, mode))
