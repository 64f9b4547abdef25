# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may send mail through this server to other ones.

Everything is decided by ``mynetworks`` and two lists. The list of the submission ports is a restriction class of
main.cf, ``submission_clients``, so that the decision is written in one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .options import Options
from .part import Elements, Part

MODES = ("closed", "authenticated", "open")
CLASS = "submission_clients"
EVERYBODY = ("0.0.0.0/0", "[::]/0")

# Nobody owns more than a /8 or a /16; whoever names a shorter prefix means the Internet.
_WIDEST = (8, 16)


def mode(options: Options) -> str:
    """``closed``, ``authenticated`` or ``open``; the last needs the second variable."""
    found = options.word("relay_mode", MODES)
    meant = options.switch("open_relay_is_meant")
    if found == "open" and not meant:
        raise options.fault(
            "relay_mode",
            "an open relay sends everybody's mail and is listed as a source of spam within hours",
            f"If that is meant, set {options.label('open_relay_is_meant')} to true.",
        )
    return found


def is_login_on_port_25(options: Options) -> bool:
    return options.switch("port_25_auth") and mode(options) != "closed"


def part(options: Options) -> Part:
    """The relay decision. Raises MailError for contradictions and for networks that are the Internet."""
    chosen = mode(options)
    trusted = options.networks("trusted_networks", widest=(0, 0) if chosen == "open" else _WIDEST)
    skip = options.switch("trusted_networks_skip_auth")
    if chosen == "closed":
        return _closed(options, trusted)
    if chosen == "open":
        options.warn("relay_mode", "this server is an open relay: everybody can send mail to everybody through it.")
    clients = [*(["permit_mynetworks"] if skip and chosen != "open" else []), "permit_sasl_authenticated", "reject"]
    return Part(
        parameters={
            "mynetworks": list(EVERYBODY) if chosen == "open" else trusted,
            "smtpd_relay_restrictions": ["permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination"],
            CLASS: clients,
        },
        elements={"smtpd_restriction_classes": Elements(last=(CLASS,))},
    )


def _closed(options: Options, trusted: list[str]) -> Part:
    if trusted:
        raise options.fault(
            "trusted_networks",
            "a closed relay sends for nobody, and these networks want to send",
            f"Set {options.label('relay_mode')} to authenticated, or take the networks out.",
        )
    options.warn("relay_mode", "closed: nobody can send mail through this server, not even its own users.")
    return Part(
        parameters={
            "mynetworks": [],
            "smtpd_sasl_auth_enable": False,
            "smtpd_relay_restrictions": ["reject_unauth_destination"],
            CLASS: None,
        },
        elements={"smtpd_restriction_classes": Elements(remove=(CLASS,))},
        services=[{"name": f"*:{port}", "state": "absent"} for port in ("submission", "submissions")],
    )


def of_module(params: Mapping[str, Any]) -> Part:
    """The part for module postfix_relay, whose networks may be added to those that are trusted, or removed."""
    options = Options({**params, "relay_mode": params["mode"]}, prefix="", names={"relay_mode": "mode"})
    found = part(options)
    found = found._replace(warnings=options.warnings)
    state = params["trusted_networks_state"]
    if state == "exact":
        return found
    if params["mode"] != "authenticated":
        raise options.fault(
            "trusted_networks_state", f"{state} means nothing in the mode {params['mode']}", "Write exact."
        )
    parameters = dict(found.parameters)
    networks = tuple(parameters.pop("mynetworks"))
    change = Elements(last=networks) if state == "append" else Elements(remove=networks)
    return found._replace(parameters=parameters, elements={**found.elements, "mynetworks": change})
