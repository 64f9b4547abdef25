# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files are published and proved, or the old ones come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._config_files import Wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import config, files


class Host:
    """Two files, one of them new; ``answers`` is what the daemon says when it takes them up."""

    def __init__(self, directory: Path) -> None:
        self.old, self.new, self.mark = directory / "old.conf", directory / "new.conf", directory / ".unproved"
        self.old.write_text("before\n")
        self.answers: list[str] = []
        self.error: MailError | None = None
        self.seen: list[str] = []

    def serve(self) -> list[str]:
        self.seen = [self.old.read_text(), self.new.read_text(), self.mark.read_text()]
        if self.error is not None:
            raise self.error
        return list(self.answers)

    def publish(self) -> dict[str, str]:
        wanted = [Wanted(str(path), "after\n", 0o640, False) for path in (self.old, self.new)]
        before = {item.path: config.found(item.path) for item in wanted}
        daemon = config.Daemon("Postman", str(self.mark), self.serve, lambda: " and Postman goes on")
        return config.publish_whole(wanted, before, daemon)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    publish = files.publish
    monkeypatch.setattr(files, "publish", lambda path, data, *, mode, **_owner: publish(path, data, mode=mode))
    return Host(tmp_path)


def test_new_files_are_proved_while_the_mark_stands(host: Host) -> None:
    backups = host.publish()
    assert host.seen == ["after\n", "after\n", "Postman has not been seen serving with this configuration.\n"]
    assert (Path(backups[str(host.old)]).read_text(), backups[str(host.new)]) == ("before\n", "")
    assert (host.old.stat().st_mode & 0o777, host.mark.exists()) == (0o640, False)


@pytest.mark.parametrize("answers", [["it is", "deaf"], MailError("it is; deaf")])
def test_old_files_come_back(host: Host, answers: Any) -> None:
    if isinstance(answers, MailError):
        host.error = answers
    else:
        host.answers = answers
    with pytest.raises(MailError) as error:
        host.publish()
    assert error.value.message == (
        "Postman does not serve with the new configuration: it is; deaf. "
        "The old files were put back and Postman goes on."
    )
    assert (host.old.read_text(), host.new.exists(), host.mark.exists()) == ("before\n", False, False)


def test_nothing_is_written_without_a_backup(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: str) -> str:
        raise MailError("cannot be written: no space left", where=path)

    monkeypatch.setattr(files, "backup", full)
    with pytest.raises(MailError, match="no space left"):
        host.publish()
    assert (host.old.read_text(), host.new.exists(), host.seen) == ("before\n", False, [])


def test_a_killed_run_leaves_the_mark(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed() -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(host, "serve", killed)
    with pytest.raises(KeyboardInterrupt):
        host.publish()
    assert host.mark.exists()
