# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sums of logins: which accounts log in from where, who tries in vain, and who is connected to Postfix now."""

from __future__ import annotations

import functools
import ipaddress
from typing import Any

from . import events
from .tally import Record, Tally

MOST_NAMES = 20000
MOST_SESSIONS = 20000
_MOST_OF_ONE = 500


class Account(Record):
    """``count`` are logins."""

    __slots__ = ("addresses", "failures", "networks", "services")

    def __init__(self) -> None:
        super().__init__()
        self.failures = 0
        self.services: dict[str, int] = {}
        self.addresses: Tally[Record] = Tally(Record, _MOST_OF_ONE)
        self.networks: Tally[Record] = Tally(Record, _MOST_OF_ONE)


class Failures(Record):
    """``count`` are attempts that failed, of an address or for an account; ``others`` are the accounts or addresses."""

    __slots__ = ("others", "services", "succeeded")

    def __init__(self) -> None:
        super().__init__()
        self.succeeded = 0
        self.services: dict[str, int] = {}
        self.others: Tally[Record] = Tally(Record, _MOST_OF_ONE)


class Session:
    """A client of Postfix that is connected as far as the log goes."""

    __slots__ = ("address", "last", "login", "messages", "name", "service", "since")

    def __init__(self, time: float, service: str, address: str, name: str) -> None:
        self.since = self.last = time
        self.service = service
        self.address = address
        self.name = name
        self.login = ""
        self.messages = 0


@functools.lru_cache(maxsize=4096)
def network(address: str) -> str:
    """The network that an address is counted to: IPv4 by 24 bits, IPv6 by 48."""
    try:
        found = ipaddress.ip_address(address.removeprefix("::ffff:"))
        return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))
    except ValueError:
        return address


class Logins:
    """``login``: only this account is added up. ``volume`` counts logins by time.

    Each method takes a time, in seconds since 1970, and the event of that name.
    """

    def __init__(self, volume: Any, login: str = "") -> None:
        self._login = login
        self._volume = volume
        self.accounts: Tally[Account] = Tally(Account, MOST_NAMES)
        self.failed_accounts: Tally[Failures] = Tally(Failures, MOST_NAMES)
        self.failed_addresses: Tally[Failures] = Tally(Failures, MOST_NAMES)
        self.sessions: dict[int, Session] = {}

    def connected(self, time: float, event: events.Connected) -> None:
        self.sessions.pop(event.pid, None)
        if len(self.sessions) >= MOST_SESSIONS:
            del self.sessions[next(iter(self.sessions))]
        self.sessions[event.pid] = Session(time, event.service, event.address, event.name)

    def disconnected(self, _time: float, event: events.Disconnected) -> None:
        self.sessions.pop(event.pid, None)

    def accepted(self, time: float, event: events.Accepted) -> None:
        session = self.sessions.get(event.pid)
        if session is None or session.address != event.address:
            session = self.sessions[event.pid] = Session(time, event.service, event.address, event.name)
        session.last = time
        session.messages += 1
        if event.login and session.login != event.login.lower():
            session.login = event.login.lower()
            self.login(time, events.Login("smtp", event.login, event.address))

    def login_of(self, pid: int) -> str:
        """Who sends in the session of this process of Postfix, in lower case; empty where the log has not said so."""
        session = self.sessions.get(pid)
        return session.login if session else ""

    def login(self, time: float, event: events.Login) -> None:
        name = event.account.lower()
        if self._login and name != self._login:
            return
        account = self.accounts.of(name)
        account.seen(time)
        account.services[event.service] = account.services.get(event.service, 0) + 1
        account.addresses.of(event.address).seen(time)
        account.networks.of(network(event.address)).seen(time)
        self._volume.count(time, "logins", 1)
        for tally, key in ((self.failed_accounts, name), (self.failed_addresses, event.address)):
            if key in tally.records:
                tally.of(key).succeeded += 1

    def failed(self, time: float, event: events.LoginFailed) -> None:
        name = event.account.lower()
        if self._login and name != self._login:
            return
        self._volume.count(time, "login_failures", event.attempts)
        for tally, key, other in (
            (self.failed_accounts, name, event.address),
            (self.failed_addresses, event.address, name),
        ):
            failures = tally.of(key)
            failures.seen(time, event.attempts)
            failures.services[event.service] = failures.services.get(event.service, 0) + event.attempts
            failures.others.of(other).seen(time, event.attempts)
