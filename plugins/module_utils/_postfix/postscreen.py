# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""postscreen(8) in front of port 25: it lets most zombies wait, and hands everybody else to smtpd(8)."""

from __future__ import annotations

from typing import Any

from . import blocklists, limits, screening, tls
from .options import Options, unless_stressed
from .part import Part, Places, Table

# Connections of the host itself wait for nothing and are looked up nowhere.
_ACCESS = Table("screen_clients", (("127.0.0.0/8", "permit"), ("::1", "permit")), "cidr")
_ACTIONS = ("ignore", "enforce", "drop")
_PARAMETERS = (
    "postscreen_access_list",
    "postscreen_cache_map",
    "postscreen_greet_wait",
    "postscreen_greet_action",
    "postscreen_dnsbl_sites",
    "postscreen_dnsbl_threshold",
    "postscreen_dnsbl_action",
)


def part(options: Options, inbound: dict[str, Any], *, at: Places) -> Part:
    """Port 25 with its options, with postscreen before it or not; what the other way needs is taken back."""
    library = tls.entrance(options)
    helpers: dict[str, dict[str, Any]] = {"dnsblog": {}, "tlsproxy": {} if _is_shared(options) else library}
    service = {
        "command": "smtpd",
        "chroot": True,
        "options": {**inbound, **library},
        "process_limit": limits.process_limit(options),
    }
    if not options.switch("postscreen"):
        return Part(
            parameters=dict.fromkeys(_PARAMETERS),
            services=[
                {"name": "smtp", **service},
                {"name": "smtpd", "type": "pass", "state": "absent"},
                *({"name": name, "type": "unix", "state": "absent"} for name in helpers),
            ],
            tables=[_ACCESS._replace(rows=())],
        )
    return Part(
        parameters=_parameters(options, at),
        services=[
            {"name": "smtp", "command": "postscreen", "chroot": True, "options": {}, "process_limit": 1},
            {"name": "smtpd", "type": "pass", **service},
            *(
                {"name": name, "type": "unix", "command": name, "chroot": True, "options": own, "process_limit": 0}
                for name, own in helpers.items()
            ),
        ],
        tables=[_ACCESS],
    )


def _is_shared(options: Options) -> bool:
    """Whether mail to other servers passes through tlsproxy(8), too; then old ones must be within its reach."""
    return options.given["main_parameters"].get("smtp_tls_connection_reuse") in (True, "yes")


def _parameters(options: Options, at: Places) -> dict[str, Any]:
    sites = [*screening.blocked(options), *screening.allowed(options)]
    threshold = options.number("postscreen_threshold", low=1, high=1000)
    reachable = blocklists.total(options, "dnsbl_zones", replies=blocklists.BLOCKED)
    if 0 < reachable < threshold:
        raise options.fault(
            "postscreen_threshold",
            f"{threshold} is more than all weights together ({reachable}), so that no list ever counts",
            "Lower it, or give the zones more weight.",
        )
    wait = options.seconds("postscreen_greet_delay", low=1, high=60)
    return {
        "postscreen_access_list": ["permit_mynetworks", at.of(_ACCESS)],
        "postscreen_cache_map": "lmdb:$data_directory/postscreen_cache" if at.indexed == "lmdb" else None,
        "postscreen_greet_wait": f"{unless_stressed(wait, stressed=2)}s",
        "postscreen_greet_action": options.word("postscreen_greet_action", _ACTIONS),
        "postscreen_dnsbl_sites": [f"{site.filtered}*{site.weight}" for site in sites],
        "postscreen_dnsbl_threshold": threshold,
        "postscreen_dnsbl_action": options.word("postscreen_dnsbl_action", _ACTIONS),
    }
