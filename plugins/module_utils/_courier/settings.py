# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of role courier mean: the settings of each file, the ports, and what deserves attention."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from .._dovecot.values import number
from .._errors import MailError
from .._mail import tls_policy, values
from .._store import lookups
from .listeners import LISTENERS, MAX_CONNECTIONS

_FEW_CONNECTIONS = 10
# Debian's releases whose Courier takes commands under TLS that somebody on the way has put behind STLS.
_TAKE_INJECTED = ("11", "12")
_OTHER_PORTS = {25: "SMTP", 465: "submissions", 587: "submission"}
_LIMITS = ("max_connections", "max_connections_per_ip")
# The suites, versions and groups of tls_policy in the words of GnuTLS, which Debian's Courier is built with.
_PRIORITY = (
    "NORMAL:-VERS-ALL:{versions}:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:"
    "+AES-128-GCM:-MAC-ALL:+AEAD:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:"
    "-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE"
)
_INJECTED = (
    "courier_ports.pop3: Courier of Debian 11 and 12 takes commands under TLS that somebody on the way has put behind "
    "STLS (CVE-2021-38084). Leave it out, so that clients use port 995."
)
_FOLDER = re.compile(r"[^\x00-\x1f\x7f\"$`\\:,/]+\Z")


def plan(variables: Mapping[str, Any], *, store: str, uid: int, gid: int, certificate: str) -> dict[str, Any]:
    """``variables`` are the role's without the prefix ``courier_``, with ``tls_policy`` and ``tls_min_version``.

    ``release`` among them is the number of Debian's release.

    Keys: settings (of each file), ports, limits (of each protocol) and warnings. Raises MailError that names the
    variable.
    """
    injected = str(variables["release"]) in _TAKE_INJECTED
    ports = _ports(variables["ports"], {"pop3": 0} if injected else {})
    limits = _limits(variables)
    address = _address(variables["listen"])
    queries = lookups.courier(uid=uid, gid=gid, default_domain=str(variables["default_domain"] or ""))
    tls = {"TLS_CERTFILE": certificate, "TLS_PRIORITY": _priority(variables)}
    imap = {"IMAP_EMPTYTRASH": _expunged(variables["autoexpunge"])}
    warnings = [*_warnings(limits), *([_INJECTED] if injected and ports["pop3"] else [])]
    settings = {
        "imapd": {**_own("imap", ports, address, tls=False), **limits["imap"], **imap},
        "imapd-ssl": {**_own("imap", ports, address, tls=True), **_required("IMAPDSTARTTLS", "IMAP"), **tls},
        "pop3d": {**_own("pop3", ports, address, tls=False), **limits["pop3"], "POP3AUTH_TLS": "LOGIN PLAIN"},
        "pop3d-ssl": {**_own("pop3", ports, address, tls=True), **_required("POP3_STARTTLS", "POP3"), **tls},
        # DEBUG_LOGIN=2 would write passwords to the log.
        "authdaemonrc": {"authmodulelist": "authsqlite", "DEBUG_LOGIN": "0"},
        "authsqliterc": {
            "SQLITE_DATABASE": store,
            "SQLITE_USER_TABLE": "account",
            "SQLITE_CRYPT_PWFIELD": "pwhash",
            "SQLITE_SELECT_CLAUSE": queries.select_clause,
            "SQLITE_ENUMERATE_CLAUSE": queries.enumerate_clause,
        },
    }
    return {"settings": settings, "ports": ports, "limits": limits, "warnings": warnings}


def _own(protocol: str, ports: Mapping[str, int], address: str, *, tls: bool) -> dict[str, str]:
    listener = next(item for item in LISTENERS if item.protocol == protocol and item.tls == tls)
    return {
        listener.address_name: address,
        listener.port_name: str(ports[listener.name] or listener.standard_port),
        # Read by the start scripts of Debian 11 alone; systemd does not know of it.
        f"{protocol.upper()}D{'SSL' if tls else ''}START": "YES" if ports[listener.name] else "NO",
    }


def _required(start_tls: str, protocol: str) -> dict[str, str]:
    """Nobody logs in without TLS."""
    return {start_tls: "YES", f"{protocol}_TLS_REQUIRED": "1"}


def _priority(variables: Mapping[str, Any]) -> str:
    policy = tls_policy.read(variables["tls_policy"], variables["tls_min_version"])
    older = ["+VERS-TLS1.2"] if policy.min_version == tls_policy.TLS_1_2 else []
    return str(variables["tls_priority"] or _PRIORITY.format(versions=":".join(["+VERS-TLS1.3", *older])))


def _ports(given: Mapping[str, Any], standard: Mapping[str, int]) -> dict[str, int]:
    """The port of each listener; ``standard`` has those that are not the usual ones."""
    _known(given, [item.name for item in LISTENERS], "courier_ports")
    chosen: dict[str, int] = {}
    taken = dict(_OTHER_PORTS)
    for item in LISTENERS:
        where = f"courier_ports.{item.name}"
        usual = standard.get(item.name, item.standard_port)
        port = number(given.get(item.name, usual), name=where, low=0, high=65535)
        if port in taken:
            raise MailError(f"port {port} is also that of {taken[port]}", where=where, mend="Give another one.")
        if port:
            taken[port] = item.name
        chosen[item.name] = port
    return chosen


def _limits(variables: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """MAXDAEMONS and MAXPERIP of each protocol."""
    given = variables["protocol_limits"]
    _known(given, ["imap", "pop3"], "courier_protocol_limits")
    limits = {}
    for protocol in ("imap", "pop3"):
        own = given.get(protocol) or {}
        place = f"courier_protocol_limits.{protocol}"
        _known(own, _LIMITS, place)
        most, per_address = (
            number(
                own.get(name, variables[name]),
                name=f"{place}.{name}" if name in own else f"courier_{name}",
                low=1,
                high=MAX_CONNECTIONS,
            )
            for name in _LIMITS
        )
        if most <= per_address:
            raise MailError(
                f"{most} connections in all are not more than the {per_address} of one address",
                where=f"{place}.max_connections" if own else "courier_max_connections",
                mend="One client could take all of them; raise the first number or lower the second.",
            )
        limits[protocol] = {"MAXDAEMONS": str(most), "MAXPERIP": str(per_address)}
    return limits


def _warnings(limits: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [
        f"courier_max_connections_per_ip: {found['MAXPERIP']} for {protocol.upper()} counts all users behind one "
        f"address, and one mail program alone opens about 5 connections. {_FEW_CONNECTIONS} or more is advisable."
        for protocol, found in limits.items()
        if int(found["MAXPERIP"]) < _FEW_CONNECTIONS
    ]


def _address(value: Any) -> str:
    """couriertcpd takes one address, or 0 for all of IPv4 and IPv6."""
    if value in ("", None, 0, "0", "*"):
        return "0"
    try:
        return str(ipaddress.ip_address(str(value).strip("[]")))
    except ValueError:
        mend = "Give one address of this host, or leave it empty for all."
        raise MailError(f"'{value}' is no address", where="courier_listen", mend=mend) from None


def _expunged(given: Mapping[str, Any]) -> str:
    """``IMAP_EMPTYTRASH``: folders with the number of days after which mail in them goes."""
    words = []
    for folder, days in given.items():
        where = f"courier_autoexpunge.{folder}"
        if not _FOLDER.match(str(folder)):
            raise MailError("is not a usable folder name", where=where, mend="Give a name such as Trash.")
        words.append(f"{folder}:{number(days, name=where, low=1, high=36500)}")
    return ",".join(words)


def _known(given: Any, known: Any, where: str) -> None:
    if not isinstance(given, Mapping):
        raise MailError("is not a dictionary", where=where, mend=f"Its keys are {', '.join(known)}.")
    for name in given:
        if name not in known:
            raise MailError(f"has no option '{name}'", where=where, mend=values.near_miss(str(name), list(known)))
