# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session with a server that is played by a script of replies."""

from __future__ import annotations

import socket
import threading

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import dialogue

WELCOME = ("250-mx.example.com\r\n250 XCLIENT NAME ADDR", "220 ready", "250 mx.example.com")


class Server:
    """Says 220, then one reply per line that it reads, and hangs up after the last one."""

    def __init__(self, *replies: str) -> None:
        self.heard: list[str] = []
        self._replies = replies
        self._client, self._end = socket.socketpair()

    def connect(self) -> socket.socket:
        threading.Thread(target=self._serve, daemon=True).start()
        return self._client

    def _serve(self) -> None:
        with self._end, self._end.makefile("rb") as lines:
            self._end.sendall(b"220 mx.example.com ESMTP\r\n")
            for reply in self._replies:
                self.heard.append(lines.readline().decode("ascii").strip())
                self._end.sendall(f"{reply}\r\n".encode("ascii"))


def speak(server: Server, *senders: str) -> dict[str, int]:
    return dialogue.speak(
        server.connect,
        wrapped=False,
        offers_tls=False,
        recipients=("one@example.net", "two@example.net"),
        senders=senders,
        visitor="ADDR=192.0.2.1",
        helo="example.org",
    )


def test_a_further_sender_is_tried_where_the_first_one_is_refused() -> None:
    server = Server(*WELCOME, "250 ok", "550 5.7.1 no", "250 ok", "250 ok", "250 ok", "250 ok", "250 ok", "221 bye")
    assert speak(server, "", "postmaster@mx.example.com") == {"one@example.net": 250, "two@example.net": 250}
    assert server.heard[1:] == [
        "XCLIENT ADDR=192.0.2.1",
        "EHLO example.org",
        "MAIL FROM:<>",
        "RCPT TO:<one@example.net>",
        "RCPT TO:<two@example.net>",
        "RSET",
        "MAIL FROM:<postmaster@mx.example.com>",
        "RCPT TO:<one@example.net>",
        "RSET",
        "QUIT",
    ]


def test_a_server_that_hangs_up_because_of_its_limits_ends_the_session() -> None:
    server = Server(*WELCOME, "250 ok", "550 5.7.1 no\r\n421 4.7.0 mx.example.com Error: too many errors")
    assert speak(server, "") == {"one@example.net": 550}


def test_a_server_that_only_hangs_up_is_a_fault() -> None:
    with pytest.raises(MailError, match="no answer to RCPT"):
        speak(Server(*WELCOME, "250 ok", "550 5.7.1 no"), "")
