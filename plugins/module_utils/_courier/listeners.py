# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Courier's four listeners: which unit, files, limits and port each has, and what its configuration must hold.

``couriertcpd`` counts connections for each of them apart. A start script ends with success whatever happens, so that a
bad number leaves a unit that is active for a moment and a port where nobody listens: numbers are judged here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .._errors import MailError

AUTH_UNIT = "courier-authdaemon.service"
AUTH_FILES = ("authdaemonrc", "authsqliterc")
MAX_CONNECTIONS = 20000


class Listener(NamedTuple):
    """``files`` are read by its start script in this order; ``port_name`` and ``address_name`` are names in them."""

    name: str
    protocol: str
    unit: str
    files: tuple[str, str]
    port_name: str
    address_name: str
    standard_port: int

    @property
    def tls(self) -> bool:
        """Encrypted from the first byte on."""
        return self.name.endswith("s")


_IMAP, _POP3 = ("imapd", "imapd-ssl"), ("pop3d", "pop3d-ssl")
LISTENERS = (
    Listener("imap", "imap", "courier-imap.service", _IMAP, "PORT", "ADDRESS", 143),
    Listener("imaps", "imap", "courier-imap-ssl.service", _IMAP, "SSLPORT", "SSLADDRESS", 993),
    Listener("pop3", "pop3", "courier-pop.service", _POP3, "PORT", "ADDRESS", 110),
    Listener("pop3s", "pop3", "courier-pop-ssl.service", _POP3, "SSLPORT", "SSLADDRESS", 995),
)
UNITS = (AUTH_UNIT, *(listener.unit for listener in LISTENERS))
FILES = (*_IMAP, *_POP3, *AUTH_FILES)
# What the shell is asked for: the values that a start script would use.
ASKED = ("MAXDAEMONS", "MAXPERIP", "PORT", "SSLPORT", "ADDRESS", "SSLADDRESS", "TLS_CERTFILE")


def affected(changed: Sequence[str]) -> list[Listener]:
    """Those that must be started again when these files (names without directory) change."""
    everybody = any(name in AUTH_FILES for name in changed)
    return [item for item in LISTENERS if everybody or any(name in item.files for name in changed)]


def judge(protocol: str, values: Mapping[str, str], ports: Mapping[str, int]) -> None:
    """Raise MailError when a listener of ``protocol`` would not come up, or not where it is wanted."""
    files = next(item.files for item in LISTENERS if item.protocol == protocol)
    most, per_address = (_number(values.get(name, ""), f"{name} in {files[0]}") for name in ("MAXDAEMONS", "MAXPERIP"))
    if most <= per_address:
        raise MailError(
            f"MAXDAEMONS ({most}) is not larger than MAXPERIP ({per_address})",
            where=files[0],
            mend="One client could take all connections; raise the first or lower the second. Nothing was changed.",
        )
    for item in LISTENERS:
        found = values.get(item.port_name, "")
        if item.protocol == protocol and ports[item.name] and found != str(ports[item.name]):
            where = f"{item.port_name} in {item.files[item.tls]}"
            mend = "Take out the line that sets it otherwise. Nothing was changed."
            raise MailError(f"is '{found}' and not {ports[item.name]}", where=where, mend=mend)


def _number(value: str, where: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= MAX_CONNECTIONS or len(value) > 9:
        mend = f"Give a whole number from 1 to {MAX_CONNECTIONS}. Nothing was changed."
        raise MailError(f"'{value}' is not allowed", where=where, mend=mend)
    return int(value)
