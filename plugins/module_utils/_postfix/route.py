# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one route says: an administrator's words, judged."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail import address, values
from . import client, next_hop

OPTIONS = (
    "match",
    "by",
    "next_hop",
    "port",
    "mx",
    "include_subdomains",
    "tls",
    "tls_names",
    "ca_file",
    "username",
    "password",
    "transport",
    "until",
    "concurrency",
    "rate_delay",
    "recipient_limit",
)
RECIPIENT, SENDER = BY = ("recipient", "sender")
STOCK = ("smtp", "relay")

_THROTTLES = {
    "concurrency": "destination_concurrency_limit",
    "rate_delay": "destination_rate_delay",
    "recipient_limit": "destination_recipient_limit",
}


class Route(NamedTuple):
    """One route. ``match`` is a domain, ``.domain`` for its subdomains alone, or an address.

    Without a ``hop`` mail goes on to the MX of its domain. ``throttles`` follow the service's name in main.cf.
    """

    match: str
    by: str
    hop: next_hop.NextHop | None
    transport: str
    subdomains: bool
    tls: client.Tls
    login: client.Login | None
    throttles: Mapping[str, str]
    until: str

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"route {self.match}" if self.by == RECIPIENT else f"route {self.match} by sender"

    @property
    def keys(self) -> tuple[str, ...]:
        """What Postfix looks up: recipients by domain, senders by ``@domain``."""
        if self.by == SENDER:
            return (self.match if "@" in self.match else f"@{self.match}",)
        return (self.match, f".{self.match}") if self.subdomains else (self.match,)

    @property
    def logs_in_openly(self) -> bool:
        """True when the password goes to this host itself without TLS."""
        return self.login is not None and self.tls.level in client.OPPORTUNISTIC

    @property
    def service(self) -> str:
        """The name of a service of its own; no slug of a match begins with ``from_``."""
        return f"route-{'from_' if self.by == SENDER else ''}{client.slug(self.match)}"


def read_all(raw: Sequence[Mapping[str, Any]], *, own_domains: Collection[str]) -> list[Route]:
    """The routes, each match at most once. Raises MailError for the first thing that is wrong."""
    own = sorted(address.domain_name(name) for name in own_domains)
    routes = [_read(entry, own) for entry in raw]
    seen: set[tuple[str, str]] = set()
    for route in routes:
        for key in route.keys:
            if (route.by, key) in seen:
                raise MailError("is matched twice", where=route.name, mend="Merge the two routes.")
            seen.add((route.by, key))
    return routes


def _read(raw: Mapping[str, Any], own: Sequence[str]) -> Route:
    given = {str(option): value for option, value in raw.items() if value is not None and value != ""}
    match = given.get("match")
    where = f"route {match if isinstance(match, str) else repr(match)}"
    for option in given:
        if option not in OPTIONS:
            raise MailError("no such option", where=f"{where}: {option}", mend=values.near_miss(option, OPTIONS))
    by = given.get("by", RECIPIENT)
    if by not in BY:
        raise MailError(f"{by!r} is not possible", where=f"{where}: by", mend="Write recipient or sender.")
    subdomains = bool(values.switch(given.get("include_subdomains", False)))
    match = _match(match, by=by, subdomains=subdomains, where=where)
    if by == RECIPIENT:
        _check_own(match, subdomains, own, where=where)
    login = client.login(given, where=where)
    hop = _hop(given, where=where)
    route = Route(
        match=match,
        by=by,
        hop=hop,
        transport=str(given.get("transport", "smtp")),
        subdomains=subdomains,
        tls=client.tls(given, hop=hop, secret=bool(login), where=where),
        login=login,
        throttles=_throttles(given, where=where),
        until=_until(given.get("until"), where=where),
    )
    _check_sense(route, where=where)
    return route


def _match(match: Any, *, by: str, subdomains: bool, where: str) -> str:
    if not isinstance(match, str) or "*" in match or "%" in match:
        raise MailError(
            "is not a domain or an address",
            where=f"{where}: match",
            mend="Write example.org, .example.org or joe@example.org; for all mail there is the relay host.",
        )
    try:
        if "@" in match:
            found = address.target_address(match)
        else:
            found = "." * match.startswith(".") + address.domain_name(match[match.startswith(".") :])
    except MailError as error:
        raise MailError(f"{match!r} {error.what}", where=f"{where}: match", mend=error.mend) from error
    if by == SENDER and (found.startswith(".") or subdomains):
        raise MailError(
            "Postfix looks up senders by address and by domain, not by the domain above",
            where=f"{where}: {'include_subdomains' if subdomains else 'match'}",
            mend="Write a route for each subdomain.",
        )
    if subdomains and not re.match(r"[^.@]+\.[^@]+\Z", found):
        raise MailError("goes with a domain only", where=f"{where}: include_subdomains", mend="Take it out.")
    return found.lower()


def _check_own(match: str, subdomains: bool, own: Sequence[str], *, where: str) -> None:
    """Mail for a domain of this server belongs to its mailboxes."""
    domain = match.rpartition("@")[2]
    for name in own:
        below = f".{domain.lstrip('.')}"
        if name == domain or (name.endswith(below) and (subdomains or match.startswith("."))):
            raise MailError(
                f"would take the mail for {name} away from its mailboxes",
                where=f"{where}: match",
                mend="Forward single addresses with an alias; set mail_service: false when the domain lives elsewhere.",
            )


def _hop(raw: Mapping[str, Any], *, where: str) -> next_hop.NextHop | None:
    if "next_hop" in raw:
        port = raw.get("port", client.WRAPPER_PORT if raw.get("tls") == "wrapper" else None)
        return next_hop.of(raw["next_hop"], port, raw.get("mx"), where=where)
    for option in ("port", "username", "password"):
        if option in raw:
            raise MailError("goes with a next_hop only", where=f"{where}: {option}", mend="Write next_hop too.")
    return None


def _throttles(raw: Mapping[str, Any], *, where: str) -> dict[str, str]:
    found = {}
    for option, parameter in _THROTTLES.items():
        value = raw.get(option)
        if value is None:
            continue
        text = "" if isinstance(value, bool) else str(value)
        if option == "rate_delay" and not re.fullmatch(r"[1-9][0-9]{0,5}[smhd]", text):
            mend = "Write a number and its unit, such as 1s, 2m or 1h."
            raise MailError(f"{value!r} is no time between two deliveries", where=f"{where}: {option}", mend=mend)
        if option != "rate_delay" and not re.fullmatch(r"[1-9][0-9]{0,8}", text):
            mend = "Write a whole number of at least 1."
            raise MailError(f"{value!r} is not possible", where=f"{where}: {option}", mend=mend)
        found[parameter] = text
    return found


def _until(value: Any, *, where: str) -> str:
    if value is None:
        return ""
    try:
        return datetime.datetime.strptime(str(value), "%Y-%m-%d").date().isoformat()
    except ValueError as error:
        mend = "Write the last day of the route as YYYY-MM-DD."
        raise MailError(f"{str(value)!r} is not a day", where=f"{where}: until", mend=mend) from error


def _check_sense(route: Route, *, where: str) -> None:
    """What makes no sense together, or means nothing."""
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_-]*", route.transport):
        raise MailError(
            f"{route.transport!r} is not the name of a service", where=f"{where}: transport", mend="Write smtp or lmtp."
        )
    foreign = route.transport not in STOCK
    if foreign and (route.tls.level or route.login):
        option = "username" if route.login else "tls"
        mend = "Take transport away, or say it in main.cf and master.cf."
        raise MailError(f"is not for the transport {route.transport}", where=f"{where}: {option}", mend=mend)
    if foreign and route.transport != "lmtp" and route.throttles:
        raise MailError(
            f"a throttled route gets a service of its own, not {route.transport}",
            where=f"{where}: transport",
            mend="Take transport away, or throttle that service in main.cf.",
        )
    if not route.hop and route.tls.level == "wrapper":
        raise MailError(
            "goes with a next_hop only", where=f"{where}: tls", mend="Mail servers know STARTTLS on port 25."
        )
    if not route.hop and route.tls.level and (route.by == SENDER or "@" in route.match):
        raise MailError(
            "is a matter of the destination", where=f"{where}: tls", mend="Write next_hop too, or match a domain."
        )
    if not (route.hop or route.throttles or route.tls.level or route.transport != "smtp"):
        raise MailError("says nothing", where=where, mend="Write next_hop, tls, or a limit such as concurrency.")
