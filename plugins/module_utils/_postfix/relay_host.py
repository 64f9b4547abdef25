# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One relay host for all mail that leaves this server: what an administrator says of it, as settings of Postfix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import MailError
from .._mail import values
from . import client, next_hop
from .part import Part, Places, Table

OPTIONS = ("host", "port", "mx", "tls", "tls_names", "ca_file", "username", "password")
SERVICE = "relay-host"

_WHERE = "relay host"


def part(raw: Mapping[str, Any] | None, *, at: Places) -> Part:
    """The settings; None or no host removes relayhost, its TLS policy and its password.

    Where :func:`transport` names a service, the part of the outgoing address leads mail to it. Raises MailError.
    """
    if not raw or not raw.get("host"):
        return _part("", "", None, None, at)
    hop, secret, tls = _read(raw)
    services = None
    if tls.options:
        services = client.service(SERVICE, "smtp", tls.options)
    found = _part(str(hop), tls.policy, secret, services, at)
    if secret:
        clear = hop.is_loopback and tls.level in client.OPPORTUNISTIC
        security = "noanonymous" if clear else "noplaintext, noanonymous"
        found = found._replace(
            parameters={**found.parameters, **client.SASL_PARAMETERS, "smtp_sasl_security_options": security}
        )
    if tls.level in ("dane", "dane-only"):
        found = found._replace(parameters={**found.parameters, "smtp_dns_support_level": "dnssec"})
    return found


def transport(raw: Mapping[str, Any] | None) -> str:
    """The service that mail to the relay host needs; empty when Postfix's own will do. Raises MailError."""
    return SERVICE if raw and raw.get("host") and _read(raw)[2].options else ""


def _read(raw: Mapping[str, Any]) -> tuple[next_hop.NextHop, client.Login | None, client.Tls]:
    for option in raw:
        if option not in OPTIONS:
            raise MailError("no such option", where=f"{_WHERE}: {option}", mend=values.near_miss(str(option), OPTIONS))
    port = raw.get("port") or (client.WRAPPER_PORT if raw.get("tls") == "wrapper" else None)
    hop = next_hop.of(raw["host"], port, raw.get("mx"), where=_WHERE, option="host")
    secret = client.login(raw, where=_WHERE)
    return hop, secret, client.tls(raw, hop=hop, secret=bool(secret), where=_WHERE)


def _part(hop: str, policy: str, secret: client.Login | None, service: Mapping[str, Any] | None, at: Places) -> Part:
    policies = Table("relay_tls", ((hop, policy),) if policy else ())
    passwords = Table("relay_password", ((hop, secret.value),) if secret else (), secret=True)
    return Part(
        parameters={"relayhost": hop or None},
        elements={
            "smtp_tls_policy_maps": at.listed(policies, first=True),
            "smtp_sasl_password_maps": at.listed(passwords),
        },
        services=[service] if service else [],
        tables=[policies, passwords],
        owned=("relay-",),
    )
