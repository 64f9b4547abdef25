# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a configuration listens for SMTP, and how a client has to begin there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from . import main_cf
from .master_cf import Service

SMTP_COMMANDS = ("smtpd", "postscreen")


class Listener(NamedTuple):
    """One SMTP service. ``host`` and ``port`` are those of the running server; the shadow has its own."""

    service: Service
    host: str
    port: str
    wrapped: bool
    offers_tls: bool
    sasl: bool
    proxied: bool


def listeners(services: Sequence[Service], values: Mapping[str, str]) -> list[Listener]:
    """The SMTP services on network ports; ``values`` are main.cf's parameters, defaults included where they matter."""
    return [
        _listener(service, {**values, **dict(service.options)})
        for service in services
        if service.type == "inet" and service.command in SMTP_COMMANDS and service.process_limit != "0"
    ]


def _listener(service: Service, values: Mapping[str, str]) -> Listener:
    wrapped = values.get("smtpd_tls_wrappermode") == "yes"
    return Listener(
        service=service,
        host=service.host or _host(values),
        port=service.port,
        wrapped=wrapped,
        offers_tls=not wrapped and values.get("smtpd_tls_security_level") in ("may", "encrypt"),
        sasl=values.get("smtpd_sasl_auth_enable") == "yes",
        proxied=bool(values.get("smtpd_upstream_proxy_protocol") or values.get("postscreen_upstream_proxy_protocol")),
    )


def _host(values: Mapping[str, str]) -> str:
    loopback = "::1" if values.get("inet_protocols") == "ipv6" else "127.0.0.1"
    for word in main_cf.words(values.get("inet_interfaces", "all")):
        if word not in ("all", "loopback-only", "localhost") and "$" not in word:
            return word.strip("[]")
    return loopback
