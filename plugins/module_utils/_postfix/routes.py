# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes of outgoing mail by recipient and by sender, as settings of Postfix (transport(5), postconf(5))."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import client
from .outgoing import Exit
from .part import Part, Places, Table
from .route import RECIPIENT, SENDER, STOCK, Route, read_all

Rows = dict[str, str]


class _Plan(NamedTuple):
    """The routes that count, those that need a service of their own, and those of them with a password of their own.

    ``relay_service`` is the service of the relay host, when the usual one would not do for it.
    """

    routes: Sequence[Route]
    own: frozenset[str]
    apart: frozenset[str]
    relay_service: str


def part(
    raw: Sequence[Mapping[str, Any]],
    *,
    at: Places,
    own_domains: Collection[str],
    today: str,
    exits: Mapping[str, Exit] | None = None,
    relay_service: str = "",
) -> Part:
    """The settings; ``today`` is a date such as 2026-11-22, ``exits`` say how the mail of a sender domain leaves.

    ``relay_service`` is what relay_host.transport() says: no other next hop is to be reached through it. Raises
    MailError for the first thing that is wrong.
    """
    everything = read_all(raw, own_domains=own_domains)
    plan = _plan([route for route in everything if not _is_over(route, today)], relay_service)
    ways = exits or {}
    tables = {
        "transport_maps": Table("route_transport", _rows(_recipients(plan, ways))),
        "sender_dependent_relayhost_maps": Table("route_sender", _rows(_relayhosts(plan))),
        "sender_dependent_default_transport_maps": Table("route_sender_transport", _rows(_senders(plan, ways))),
        "smtp_tls_policy_maps": Table("route_tls", _rows(_policies(plan))),
        "smtp_sasl_password_maps": Table("route_password", _rows(_passwords(plan)), secret=True),
    }
    own = [route for route in plan.routes if route.service in plan.own]
    return Part(
        parameters=_parameters(plan, own),
        elements={
            name: at.listed(table, first=name in ("sender_dependent_default_transport_maps", "smtp_tls_policy_maps"))
            for name, table in tables.items()
        },
        services=[_service(route, plan, ways, at.of(tables["smtp_sasl_password_maps"])) for route in own],
        tables=list(tables.values()),
        owned=("route-",),
        warnings=_warnings(everything, today),
    )


def left_out(raw: Sequence[Mapping[str, Any]], *, today: str) -> list[str]:
    """The matches of the routes whose last day is over. Raises MailError."""
    return [route.match for route in read_all(raw, own_domains=()) if _is_over(route, today)]


def _is_over(route: Route, today: str) -> bool:
    return bool(route.until) and today > route.until


def _plan(routes: Sequence[Route], relay_service: str) -> _Plan:
    """Two logins at one next hop cannot share a table, because Postfix looks passwords up by next hop."""
    logins: dict[str, set[client.Login | None]] = {}
    for route in routes:
        if route.hop:
            logins.setdefault(str(route.hop), set()).add(route.login)
    apart = {route.service for route in routes if route.hop and route.login and len(logins[str(route.hop)]) > 1}
    own = {route.service for route in routes if route.throttles or route.tls.options or route.logs_in_openly}
    return _Plan(routes, frozenset(own | apart), frozenset(apart), relay_service)


def _transport(route: Route, plan: _Plan, default: str) -> str:
    name = route.service if route.service in plan.own else route.transport
    return f"{default if name == 'smtp' and default else name}:{route.hop or ''}"


def _recipients(plan: _Plan, ways: Mapping[str, Exit]) -> Rows:
    """Rows of transport_maps. A route that only says how to use TLS needs none."""
    default = ways[""].service if "" in ways else ""
    rows: Rows = {}
    for route in plan.routes:
        says = route.hop or route.service in plan.own or route.transport != "smtp"
        if route.by == RECIPIENT and says:
            rows.update(dict.fromkeys(route.keys, _transport(route, plan, default)))
    return rows


def _relayhosts(plan: _Plan) -> Rows:
    """Rows of sender_dependent_relayhost_maps: another next hop by the usual service."""
    return {route.keys[0]: str(route.hop) for route in _by_sender(plan) if not _needs_transport(route, plan)}


def _senders(plan: _Plan, ways: Mapping[str, Exit]) -> Rows:
    """Rows of sender_dependent_default_transport_maps, whose next hop counts more than a sender's relay host."""
    rows = {}
    for route in _by_sender(plan):
        if _needs_transport(route, plan):
            if plan.relay_service and not route.hop:
                raise MailError(
                    "would reach the relay host, whose TLS needs a service of its own, through another one",
                    where=route.name,
                    mend="Write the next_hop.",
                )
            way = _way(route, ways)
            rows[route.keys[0]] = _transport(route, plan, way.service if way else "")
    return rows


def _by_sender(plan: _Plan) -> list[Route]:
    return [route for route in plan.routes if route.by == SENDER]


def _needs_transport(route: Route, plan: _Plan) -> bool:
    """True for a service of its own, and for an address whose domain has one: that would win otherwise."""
    if route.service in plan.own or route.transport != "smtp" or plan.relay_service:
        return True
    domain = route.match.rpartition("@")[2]
    return "@" in route.match and any(
        other.match == domain and _needs_transport(other, plan) for other in _by_sender(plan)
    )


def _way(route: Route, ways: Mapping[str, Exit]) -> Exit | None:
    """How the mail of this route leaves: as that of its sender's domain, or as all other mail."""
    domain = route.match.rpartition("@")[2] if route.by == SENDER else ""
    return ways.get(domain) or ways.get("")


def _policies(plan: _Plan) -> Rows:
    """Rows of smtp_tls_policy_maps: by next hop exactly as it is written, or by domain when mail goes to the MX."""
    rows: Rows = {}
    for route in plan.routes:
        for key in [str(route.hop)] if route.hop else route.keys:
            if route.tls.level and rows.setdefault(key, route.tls.policy) != route.tls.policy:
                raise MailError(
                    f"another route to {key} uses TLS otherwise",
                    where=f"{route.name}: tls",
                    mend="Say the same in both.",
                )
    return rows


def _passwords(plan: _Plan) -> Rows:
    """Rows of smtp_sasl_password_maps: by next hop, or by service where several log in at one next hop."""
    return {
        _own_key(route) if route.service in plan.apart else str(route.hop): route.login.value
        for route in plan.routes
        if route.login
    }


def _own_key(route: Route) -> str:
    return f"service/{route.service}"


def _service(route: Route, plan: _Plan, ways: Mapping[str, Exit], passwords: str) -> Mapping[str, Any]:
    """A service of its own, with the sender's way out of this host where the route goes by sender."""
    command = "smtp" if route.transport in STOCK else route.transport
    way = _way(route, ways)
    options: dict[str, Any] = {**(way.options if way else {}), **route.tls.options}
    if route.service in plan.apart:
        # The service leads to one next hop only, so whatever Postfix looks up there, this login is meant.
        options["smtp_sasl_password_maps"] = f"pipemap:{{static:{_own_key(route)},{passwords}}}"
    if route.logs_in_openly:
        options["smtp_sasl_security_options"] = "noanonymous"
    return client.service(route.service, command, options)


def _parameters(plan: _Plan, own: Sequence[Route]) -> dict[str, str]:
    found = {f"{route.service}_{name}": value for route in own for name, value in route.throttles.items()}
    if any(route.login for route in plan.routes):
        found.update(client.SASL_PARAMETERS)
    if any(route.tls.level in ("dane", "dane-only") for route in plan.routes):
        found["smtp_dns_support_level"] = "dnssec"
    return found


def _warnings(routes: Sequence[Route], today: str) -> list[str]:
    told = []
    for route in routes:
        if _is_over(route, today):
            told.append(f"{route.name}: its last day was {route.until}, so it is left out. Take it out of the list.")
        pace = {"destination_concurrency_limit", "destination_rate_delay"} & set(route.throttles)
        if route.throttles.get("destination_recipient_limit") == "1" and pace:
            told.append(
                f"{route.name}: with recipient_limit 1, Postfix counts concurrency and rate_delay per recipient, not"
                " for the whole destination. Write 2 or more when the destination as a whole is meant."
            )
    return told


def _rows(found: Rows) -> tuple[tuple[str, str], ...]:
    return tuple(found.items())
