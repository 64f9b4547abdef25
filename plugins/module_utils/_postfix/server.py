# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All settings of role postfix as one change of Postfix's configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._mail.address import domain_name
from .._mail.values import switch
from . import (
    access,
    aliases,
    base,
    filters,
    headers,
    limits,
    local,
    outgoing,
    postscreen,
    queue_times,
    relay,
    relay_host,
    routes,
    screening,
    sender_domain,
    srs,
    submission,
    tls,
)
from .base import Host
from .options import Options
from .part import Elements, Part, Places, Table, merge

# What a null client has not, and a server before it may have had.
_HOSTED = (
    "virtual_mailbox_domains",
    "virtual_mailbox_maps",
    "virtual_alias_domains",
    "virtual_alias_maps",
    "virtual_transport",
    "smtpd_sender_login_maps",
    "smtpd_sasl_type",
    "smtpd_sasl_path",
    "smtpd_sasl_security_options",
    "smtpd_tls_auth_only",
    "smtpd_end_of_data_restrictions",
    "transport_maps",
)
# What only a server can use.
_SERVERS = ("trusted_networks", "relay_domains", "routes", "access", "headers")


def plan(
    variables: Mapping[str, Any],
    host: Host,
    *,
    version: str,
    domains: Sequence[Mapping[str, Any]],
    token: str,
    today: str,
    unfit_zones: Sequence[str] = (),
) -> dict[str, Any]:
    """The options of module postfix_main, from the role's variables without their prefix; ``warnings``, ``dns_lists``.

    ``version`` is Postfix's, ``domains`` are the entries of mail_domains, ``token`` is a text that outsiders do not
    know, ``today`` a date such as 2026-11-22; ``unfit_zones`` are DNS lists that do not work from this host. Raises
    MailError that names the variable.
    """
    options = Options({**variables, "unfit_zones": unfit_zones}, version=version)
    at = Places(indexed=host.table_type)
    client_only = options.switch("null_client")
    if client_only:
        found = _null_client(options, host, at, domains)
    else:
        found = _server(options, host, at, domains=domains, token=token, today=today)
    return {
        "parameters": {**found.parameters, **variables["main_parameters"]},
        "parameters_if_known": dict(found.if_known),
        "elements": {
            name: {key: list(more) for key, more in item._asdict().items()} for name, item in found.elements.items()
        },
        "services": [*found.services, *variables["master_services"]],
        "tables": [_table(table) for table in found.tables],
        "owned_prefixes": list(found.owned),
        "open_relay": relay.mode(options) == "open",
        "dns_lists": [zone.name for zone in (*screening.blocked(options), *screening.allowed(options))],
        "local_aliases": aliases.merged(options.given["local_aliases"], options.given["root_recipient"]),
        "expected_paths": [tls.LIBRARY_FILE, *([] if client_only else host.expected_paths)],
        "warnings": list(dict.fromkeys([*options.warnings, *found.warnings])),
    }


def _server(
    options: Options, host: Host, at: Places, *, domains: Sequence[Mapping[str, Any]], token: str, today: str
) -> Part:
    given = options.given
    lists = access.part(given["access"], at=at, imap_server=host.imap_server, token=token)
    marking = merge(
        [
            lists,
            sender_domain.part(given["unknown_sender_domain"], at=at, token=token),
            filters.marking(host.milter, at=at),
        ]
    )
    header = headers.plan(given["headers"], at=at, token=token, marking=marking)
    own = [host.hostname, *host.domains]
    kept = _kept(options, host, domains)
    _check_ways(options)
    ways = outgoing.exits(given["outgoing"], domains)
    parts = [
        base.part(options, host),
        tls.part(options, host, at=at),
        base.hosted(host),
        _common(options, host),
        screening.part(options, at=at, sender_checks=access.sender_checks(given["access"], at=at)),
        postscreen.part(options, limits.inbound_options(options), at=at),
        relay.part(options),
        _entrances(options, host, header.submission_options, at=at),
        marking,
        header.part,
        relay_host.part(given["relay_host"], at=at),
        outgoing.part(given["outgoing"], at=at, domains=domains, relay=given["relay_host"]),
        routes.part(
            given["routes"],
            at=at,
            own_domains=kept,
            today=today,
            exits=ways,
            relay_service=relay_host.transport(given["relay_host"]),
        ),
        srs.part(enabled=options.switch("srs_enabled"), own_domains=[*own, *_twins(domains)], places=at),
    ]
    return merge(parts)


def _kept(options: Options, host: Host, domains: Sequence[Mapping[str, Any]]) -> list[str]:
    """The domains whose mail this server keeps. Raises MailError when it is told to send one of them on as well."""
    here = [item for item in domains if item.get("state") != "absent" and switch(item.get("mail_service", True))]
    kept = [host.hostname, *(domain_name(item.get("name")) for item in here), *_twins(here)]
    both = [name for name in options.domains("relay_domains") if name in kept]
    if both:
        raise options.fault(
            "relay_domains",
            f"mail for {both[0]} is kept on this server",
            "Take it out, or set mail_service: false for it in mail_domains.",
        )
    return kept


def _twins(domains: Sequence[Mapping[str, Any]]) -> list[str]:
    """The alias domains of the hosted ones."""
    return [domain_name(name) for domain in domains for name in domain.get("alias_domains") or ()]


def _common(options: Options, host: Host) -> Part:
    return merge(
        [
            limits.part(options),
            queue_times.part(options),
            filters.part(options, host.milter),
            local.part(options.given["sendmail_users"]),
        ]
    )


def _entrances(options: Options, host: Host, header_options: Mapping[str, Any], *, at: Places) -> Part:
    """Port 25's questions about recipients, the submission ports, and the door for Dovecot."""
    logins = relay.is_login_on_port_25(options)
    if logins:
        options.warn("port_25_auth", "passwords are guessed on port 25 all day; users have ports 587 and 465.")
    others = [*filters.policy_checks(options), *screening.recipient_checks(options, at=at)]
    given = options.given["access"]
    return Part(
        parameters={
            "smtpd_sasl_auth_enable": logins,
            # Where nobody can log in, Postfix would warn of it at every message.
            "smtpd_end_of_data_restrictions": base.login_checks(host) if logins else None,
            "smtpd_recipient_restrictions": [
                *base.recipient_checks(host),
                *([*screening.TRUSTED, *others] if others else []),
            ],
        },
        services=[
            submission.reinjection(host),
            *submission.services(
                options,
                {
                    **limits.submission_options(options),
                    **filters.submission_options(options, host.milter),
                    **header_options,
                },
                login_checks=base.login_checks(host),
                client_checks=access.client_checks(given, at=at),
                sender_checks=access.sender_checks(given, at=at),
            ),
        ],
    )


def _check_ways(options: Options) -> None:
    """Settings that lead mail out contradict the wish to send none."""
    if not outgoing.is_none(options.given["outgoing"]):
        return
    for name in ("routes", "relay_domains"):
        if options.given[name]:
            raise options.fault(
                name, f"lead mail out, and {options.prefix}outgoing sends none", "Take one of them out."
            )


def _null_client(options: Options, host: Host, at: Places, domains: Sequence[Mapping[str, Any]]) -> Part:
    """A host without mailboxes: what its programs send goes to the relay host, and nobody else can reach it."""
    for name, wrong, mend in (
        ("null_client", bool(domains), "Empty mail_domains, whose mail a null client cannot keep."),
        ("null_client", host.imap_server != "none", "Set mail_imap_server to none."),
        ("srs_enabled", options.switch("srs_enabled"), "It forwards nothing; take this out."),
        ("mta_sts", options.switch("mta_sts"), "It sends everything to its relay host; take this out."),
        (
            "null_client",
            not options.given["relay_host"],
            f"Name the server for all mail in {options.prefix}relay_host.",
        ),
        *(
            (name, bool(options.given[name]), "It sends everything to its relay host; take this out.")
            for name in _SERVERS
        ),
    ):
        if wrong:
            raise options.fault(name, "contradicts a null client", mend)
    parts = [
        base.part(options, host),
        tls.part(options, host, at=at),
        _common(options, host),
        screening.part(options, at=at),
        postscreen.part(options, {}, at=at),
        relay_host.part(options.given["relay_host"], at=at),
        outgoing.part(options.given["outgoing"], at=at, domains=(), relay=options.given["relay_host"]),
        _no_server(at),
    ]
    return merge(parts)


def _no_server(at: Places) -> Part:
    """What a server has and a null client has not, taken out."""
    closed = Part(
        parameters={
            **dict.fromkeys(_HOSTED),
            "mydestination": [],
            "inet_interfaces": "loopback-only",
            "mynetworks": ["127.0.0.0/8", "[::1]/128"],
            "smtpd_sasl_auth_enable": False,
            "smtpd_relay_restrictions": ["permit_mynetworks", "reject_unauth_destination"],
            "smtpd_recipient_restrictions": ["reject_non_fqdn_recipient"],
            relay.CLASS: None,
        },
        elements={"smtpd_restriction_classes": Elements(remove=(relay.CLASS,))},
        services=[*submission.SWEPT, {"name": submission.REINJECTION, "state": "absent"}],
    )
    parts = [
        access.part({}, at=at, imap_server="none", token=""),
        sender_domain.part("accept", at=at, token=""),
        filters.marking("", at=at),
        headers.plan({"add_missing": "local"}, at=at, token="").part,
        routes.part([], at=at, own_domains=(), today=""),
        srs.part(enabled=False, own_domains=(), places=at),
        closed,
    ]
    return merge(parts)


def _table(table: Table) -> dict[str, Any]:
    """A table as module postfix_main takes it."""
    column = "secret" if table.secret else "value"
    return {
        "name": table.name,
        "kind": table.kind,
        "rows": [{"key": key, column: value} for key, value in table.rows],
    }
