# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports, processes and clients of the Dovecot services.

A logged-in user is counted twice: by ``service imap`` (or pop3, managesieve) and, because Dovecot keeps the TLS
connection in the login process, by ``service imap-login``. Raising only one of the two limits has no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import MailError
from . import values

MAX_CONNECTIONS = 20000
# Filters are edited seldom, and Postfix hands over 20 messages at once unless told otherwise.
_SIEVE = 20
_LMTP = 30
# Connections of one performance-mode login process that have not logged in yet.
_PRE_LOGIN = 200
# auth and anvil also serve delivery, doveadm and workers.
_RESERVE = 1000

_STANDARD_PORTS = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "sieve": 4190}
_OTHER_PORTS = {25: "SMTP", 465: "submissions", 587: "submission"}


class Listener(NamedTuple):
    """One inet_listener; port 0 switches it off. ``tls`` from the first byte on, else STARTTLS."""

    name: str
    port: int
    tls: bool


class Login(NamedTuple):
    """A login service. ``reuse``: a process serves many connections, one after the other and at the same time."""

    name: str
    listeners: list[Listener]
    process_limit: int
    process_min_avail: int
    client_limit: int
    reuse: bool


class Services(NamedTuple):
    """``backends`` maps a service name (imap, pop3, managesieve, lmtp) to its process limit."""

    protocols: list[str]
    logins: list[Login]
    backends: dict[str, int]
    auth_client_limit: int
    anvil_client_limit: int

    @property
    def processes(self) -> int:
        """All processes at full load, login processes included."""
        return sum(self.backends.values()) + sum(login.process_limit for login in self.logins)


def plan(ports: Mapping[str, Any], limit: Any, per_protocol: Mapping[str, Any], mode: Any, cpus: int) -> Services:
    """The services for these ports and limits. Raises MailError that names the variable."""
    chosen = _ports(ports)
    limits = _limits(limit, per_protocol)
    performance = values.word(mode, name="dovecot_login_mode", choices=("security", "performance")) == "performance"
    logins, protocols, backends = [], [], {}
    for protocol, names in (("imap", ("imap", "imaps")), ("pop3", ("pop3", "pop3s")), ("sieve", ("sieve",))):
        if any(chosen[name] for name in names):
            service = "managesieve" if protocol == "sieve" else protocol
            protocols.append(protocol)
            backends[service] = limits[protocol]
            listeners = [Listener(name, chosen[name], name.endswith("s")) for name in names]
            logins.append(_login(service, listeners, limits[protocol], performance, cpus))
    backends["lmtp"] = limits["lmtp"]
    clients = sum(login.process_limit for login in logins) + sum(backends.values()) + _RESERVE
    return Services([*protocols, "lmtp"], logins, backends, clients, clients)


def _login(service: str, listeners: list[Listener], limit: int, performance: bool, cpus: int) -> Login:
    if not performance:
        return Login(f"{service}-login", listeners, limit, 0, 1, False)
    processes = max(1, min(cpus, limit, 16))
    return Login(f"{service}-login", listeners, processes, processes, limit + _PRE_LOGIN, True)


def _ports(ports: Mapping[str, Any]) -> dict[str, int]:
    _known(ports, _STANDARD_PORTS, "dovecot_ports")
    chosen = {
        name: values.number(ports.get(name, standard), name=f"dovecot_ports.{name}", low=0, high=65535)
        for name, standard in _STANDARD_PORTS.items()
    }
    taken = dict(_OTHER_PORTS)
    for name, port in chosen.items():
        if port in taken:
            raise MailError(
                f"port {port} is also that of {taken[port]}", where=f"dovecot_ports.{name}", mend="Give another one."
            )
        if port:
            taken[port] = name
    return chosen


def _limits(limit: Any, per_protocol: Mapping[str, Any]) -> dict[str, int]:
    common = values.number(limit, name="dovecot_max_connections", low=1, high=MAX_CONNECTIONS)
    limits = {"imap": common, "pop3": common, "lmtp": _LMTP, "sieve": min(common, _SIEVE)}
    _known(per_protocol, limits, "dovecot_protocol_limits")
    for name, value in per_protocol.items():
        limits[name] = values.number(value, name=f"dovecot_protocol_limits.{name}", low=1, high=MAX_CONNECTIONS)
    return limits


def _known(given: Mapping[str, Any], known: Mapping[str, Any], where: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise MailError(f"has no option '{unknown[0]}'", where=where, mend=f"Its options are {', '.join(known)}.")
