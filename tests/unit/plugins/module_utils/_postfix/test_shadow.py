# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shadow instance: what it reaches of the real one."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import shadow


def test_other_daemons_are_reached_and_the_real_queue_is_not(tmp_path: Path) -> None:
    real, queue = tmp_path / "real", tmp_path / "queue"
    for name in ("incoming", "active", "private", "public", "pid", "rspamd"):
        (real / name).mkdir(parents=True)
    (real / "private" / "auth").touch()
    (real / "private" / "smtp").touch()
    (queue / "private").mkdir(parents=True)
    (queue / "private" / "smtp").touch()
    shadow._lend_sockets(str(real), str(queue))
    assert (queue / "rspamd").resolve() == real / "rspamd"
    assert (queue / "private" / "auth").resolve() == real / "private" / "auth"
    assert not (queue / "private" / "smtp").is_symlink()
    assert sorted(path.name for path in queue.iterdir()) == ["private", "rspamd"]
