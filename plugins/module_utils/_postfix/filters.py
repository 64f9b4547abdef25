# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other programs that judge mail: milters and policy services, and what happens when they do not answer.

``own`` is the socket of the milter that another role runs, empty for none. It comes first, so that what it signs and
notes is of the mail as it came, and mail goes its way while that milter is down.
"""

from __future__ import annotations

import re
from typing import Any

from . import marks
from .options import Options
from .part import Part, Places

_MILTER = re.compile(r"(inet:[^\s,{}:]+:\w+|inet:\[[0-9a-fA-F:]+\]:\w+|(unix|local):[^\s,{}]+)\Z")
_POLICY = re.compile(r"(inet:[^\s,{}:]+:\w+|inet:\[[0-9a-fA-F:]+\]:\w+|unix:[^\s,{}]+)\Z")
_ACTIONS = ("accept", "tempfail", "reject", "quarantine", "shutdown")
_HOUR = 3600
# One that hangs delays mail by so much and no more. It asks DNS for 8 seconds at most.
_OWN_LIMITS = "connect_timeout=5s, command_timeout=15s, content_timeout=60s"


def part(options: Options, own: str = "") -> Part:
    """Milters of all SMTP services and of local mail. Raises MailError for sockets and times that cannot be."""
    milters = sockets(options, "milters", _MILTER)
    local = milters if options.given["local_milters"] is None else sockets(options, "local_milters", _MILTER)
    return Part(
        parameters={
            "smtpd_milters": [*_own(own), *milters] or None,
            "non_smtpd_milters": [*_own(own), *local] or None,
            "milter_connect_timeout": options.time("milter_connect_timeout", high=_HOUR),
            "milter_command_timeout": options.time("milter_command_timeout", high=_HOUR),
            "milter_content_timeout": options.time("milter_content_timeout", high=_HOUR),
            "milter_default_action": _action(options),
        }
    )


def marking(own: str, *, at: Places) -> Part:
    """Nobody but the milter of ours may say what it says to Dovecot."""
    return marks.forged("milter_header", at=at, strip=bool(own))


def submission_options(options: Options, own: str = "") -> dict[str, Any]:
    """The milters of the submission ports where they are others; a warning where mail of users goes unjudged."""
    if options.given["submission_milters"] is None:
        return {}
    others = [*_own(own), *sockets(options, "submission_milters", _MILTER)]
    if not others and options.given["milters"]:
        options.warn("submission_milters", "mail of logged-in users passes no milter: no virus scan, no signature.")
    return {"smtpd_milters": others}


def policy_checks(options: Options) -> list[str]:
    """The restrictions that ask the policy services, each with its own waiting time and fallback."""
    wait = options.time("policy_timeout", high=_HOUR)
    fallback = {"accept": ", default_action=DUNNO", "defer": ""}[
        options.word("policy_default_action", ("accept", "defer"))
    ]
    return [
        f"check_policy_service {{ {socket}, timeout={wait}{fallback} }}"
        for socket in sockets(options, "policy_services", _POLICY)
    ]


def sockets(options: Options, name: str, pattern: re.Pattern[str]) -> list[str]:
    found = options.strings(name)
    for socket in found:
        if not pattern.match(socket):
            raise options.fault(
                name, f"'{socket}' is no socket", "Write inet:127.0.0.1:11332, inet:[::1]:11332 or unix:private/name."
            )
    return found


def _own(socket: str) -> list[str]:
    return [f"{{ {socket}, {_OWN_LIMITS}, default_action=accept }}"] if socket else []


def _action(options: Options) -> str:
    action = options.word("milter_default_action", _ACTIONS)
    if action == "shutdown" and not options.has("3.7.20", "3.8.15", "3.9.9", "3.10.8", "3.11"):
        raise options.fault(
            "milter_default_action", f"Postfix {options.version} does not have shutdown", "Write tempfail."
        )
    return action
