# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files are read only where nobody but root can swap them."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import sources
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.request import Entry, Source
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    tmp_path.chmod(0o755)
    (tmp_path / "file").write_bytes(b"data")
    return tmp_path


def test_files_and_links_of_root(place: pathlib.Path) -> None:
    (place / "live").mkdir()
    (place / "live" / "link").symlink_to("../file")
    (place / "absolute").symlink_to(place / "live" / "link")
    for name in ("file", "live/link", "absolute", "live/../file"):
        assert sources.read(str(place / name)) == b"data"


def shared_directory(place: pathlib.Path) -> str:
    (place / "home").mkdir()
    (place / "home").chmod(0o777)
    (place / "home" / "file").write_bytes(b"")
    return "home/file"


def shared_file(place: pathlib.Path) -> str:
    (place / "file").chmod(0o666)
    return "file"


def pipe(place: pathlib.Path) -> str:
    os.mkfifo(place / "pipe")
    return "pipe"


def circle(place: pathlib.Path) -> str:
    (place / "circle").symlink_to("circle")
    return "circle"


def large(place: pathlib.Path) -> str:
    (place / "large").write_bytes(b" " * ((1 << 20) + 1))
    return "large"


REFUSED: list[tuple[Any, str]] = [
    (lambda place: ".", "is a directory"),
    (lambda place: "none", "cannot be read: No such file"),
    (pipe, "is no file, but a pipe"),
    (circle, "leads in a circle"),
    (large, "larger than 1 MB"),
    (shared_directory, "home can be written by others than root"),
    (shared_file, "file can be written by others than root"),
]


@pytest.mark.parametrize(("spoil", "word"), REFUSED)
def test_what_is_not_read(place: pathlib.Path, spoil: Any, word: str) -> None:
    path = f"{place}/{spoil(place)}"
    with pytest.raises(MailError, match=word) as caught:
        sources.read(path, "certificate x")
    assert caught.value.message.startswith(f"certificate x: {path}: ")


@as_root
@pytest.mark.parametrize("given_away", ["home", "home/file", "home/link"])
def test_what_belongs_to_a_user_is_not_read(place: pathlib.Path, given_away: str) -> None:
    (place / "home").mkdir()
    (place / "home" / "file").write_bytes(b"")
    (place / "home" / "link").symlink_to("../file")
    os.lchown(place / given_away, 1000, 1000)
    path = place / ("home/file" if given_away == "home" else given_away)
    with pytest.raises(MailError, match=f"{given_away} belongs to a user, who could swap"):
        sources.read(str(path))


@as_root
def test_a_sticky_directory_is_shared_and_safe(place: pathlib.Path) -> None:
    (place / "tmp").mkdir()
    (place / "tmp").chmod(0o1777)
    path = place / "tmp" / "file"
    path.write_bytes(b"data")
    assert sources.read(str(path)) == b"data"
    os.chown(path, 1000, 1000)
    with pytest.raises(MailError, match="belongs to a user"):
        sources.read(str(path))


def test_gathering(place: pathlib.Path) -> None:
    path, missing = str(place / "file"), str(place / "none")
    entry = Entry("x", ("x.test",), sources=(Source(certificate_file=path, key="text", passphrase="p"),))
    [pair] = sources.gather(entry).pairs
    assert (pair.certificate, pair.certificate_where, pair.key, pair.key_where) == (
        b"data",
        path,
        b"text",
        "option key",
    )
    assert (pair.chain, pair.passphrase) == (b"", "p")
    (place / "dangling").symlink_to(missing)
    for absent in (missing, str(place / "dangling"), f"{missing}/below"):
        gone = entry._replace(sources=(Source(certificate_file=path, key_file=absent),))
        assert sources.gather(gone).missing == absent


def test_trust_is_read_once_and_told_apart(world: Any, place: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_SYSTEM", str(place / "system"))
    (place / "root.pem").write_bytes(world.root.pem)
    alone = sources.Trust([str(place / "root.pem")])
    (place / "system").write_bytes(world.middle.pem)
    both = sources.Trust([str(place / "root.pem")])
    assert alone.digest != both.digest
    assert [fact.subject for fact in both()] == ["CN=Root", "CN=Middle"]
    assert both() is both()
