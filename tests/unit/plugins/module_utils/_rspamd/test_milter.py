# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What answers at a socket: a milter, something else, nothing."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._rspamd import milter


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "milter.sock"))
        server.listen(1)
        yield server


def serve(listener: socket.socket, answer: bytes, heard: list[bytes]) -> None:
    connection = listener.accept()[0]
    with connection:
        heard.append(connection.recv(512))
        connection.sendall(answer)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (struct.pack("!I", 13) + b"O" + struct.pack("!III", 6, 1, 1), ""),
        (b"220 mail\r\n", "no milter"),
        (b"", "no milter"),
    ],
)
def test_what_answers(listener: socket.socket, answer: bytes, words: str) -> None:
    heard: list[bytes] = []
    server = threading.Thread(target=serve, args=(listener, answer, heard))
    server.start()
    said = milter.answers(listener.getsockname())
    server.join()
    assert heard[0][:5] == struct.pack("!I", 13) + b"O"
    assert words in said
    assert bool(words) == bool(said)


def test_nobody_there(tmp_path: Path) -> None:
    assert "No such file" in milter.answers(str(tmp_path / "none.sock"))
