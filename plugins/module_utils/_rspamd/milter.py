# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A milter, spoken to like Postfix does: it answers the negotiation of options (milter protocol, version 6)."""

from __future__ import annotations

import socket
import struct

_NEGOTIATE = b"O"
# Version 6, everything that a milter may do, and everything that it may leave out.
_OFFER = struct.pack("!III", 6, 0x1FF, 0x1FFFFF)
_TIMEOUT = 10.0


def answers(path: str) -> str:
    """Empty when the milter at this socket answers, else what happens instead."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_TIMEOUT)
            connection.connect(path)
            connection.sendall(struct.pack("!I", len(_OFFER) + 1) + _NEGOTIATE + _OFFER)
            heard = _read(connection, 5)
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return "" if heard[4:] == _NEGOTIATE else f"{path}: what answers there is no milter"


def _read(connection: socket.socket, size: int) -> bytes:
    heard = b""
    while len(heard) < size:
        piece = connection.recv(size - len(heard))
        if not piece:
            break
        heard += piece
    return heard
