# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the words of an administrator to the files that fail2ban reads."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import MailError
from .._mail import values
from .._postfix.options import Options
from . import filters

DIRECTORY = "/etc/fail2ban"
TABLE = "f2b-mailserver"
SERVICES = ("smtp", "dovecot", "courier")
_OWN = "mailserver.conf"
_SSH = "jail.d/mailserver-ssh.conf"
_HEAD = "# Written by the role mailops.mailserver.fail2ban. Words of your own belong into jail.local.\n"
_LOOPBACK = ("127.0.0.0/8", "::1")
_DAY = 86400
_YEAR = 365 * _DAY
_ACTION = re.compile(r"[a-z][a-z0-9_-]{1,63}\Z")


def plan(words: Mapping[str, Any], services: Sequence[str]) -> dict[str, Any]:
    """``files``, ``jails``, ``logs`` and ``nftables`` for module fail2ban_config, and ``warnings``.

    ``words`` are the role's variables without their prefix, ``services`` what serves here, of ``SERVICES``. Raises
    MailError for words that cannot be meant.
    """
    options = Options(words, prefix="fail2ban_", names={"trusted_networks": "postfix_trusted_networks"})
    common = _common(options)
    jails: dict[str, dict[str, str]] = {}
    for item in filters.FILTERS:
        if item.name.partition("-")[2] in services:
            jails[item.name] = {**common, "filter": item.name}
    if filters.DOVECOT.name in jails:
        # Dovecot writes one line for all that was tried in a connection.
        tried = filters.at_least(int(common["maxretry"]))
        many = {"filter": f"{filters.DOVECOT.name}[attempts='{tried}']", "maxretry": "1"}
        jails[f"{filters.DOVECOT.name}-many"] = {**common, **many}
    contents = {
        f"fail2ban.d/{_OWN}": _HEAD + _section("Definition", {"dbpurgeage": str(_remembered(options))}),
        **{f"filter.d/{item.name}.conf": _HEAD + filters.text(item) for item in filters.FILTERS},
        # Where no syslog daemon writes auth.log, fail2ban of Debian 11 and 12 would not start for want of it. This file
        # stays when nobody is to be banned here any more, as others go on.
        **({_SSH: _HEAD + _section("sshd", {"backend": "systemd"})} if options.switch("ssh_journal") else {}),
        # Last, because it names the others.
        f"jail.d/{_OWN}": _HEAD + "\n".join(_section(name, jails[name]) for name in jails),
    }
    return {
        "files": [{"path": f"{DIRECTORY}/{name}", "content": text} for name, text in contents.items()],
        "jails": list(jails),
        "logs": options.strings("log_files"),
        "nftables": options.given["ban_action"] == "nftables",
        "warnings": options.warnings,
    }


def listed(status: str) -> set[str]:
    """The jails that ``fail2ban-client status`` names."""
    found = re.search(r"Jail list:(.*)", status)
    return {name.strip() for name in found[1].split(",") if name.strip()} if found else set()


def _section(name: str, settings: Mapping[str, str]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())


def _common(options: Options) -> dict[str, str]:
    """What all jails have."""
    files = options.strings("log_files")
    wrong = [path for path in files if not re.fullmatch(r"/[^\s\[\]%<>*?,]+", path)]
    if wrong:
        raise options.fault("log_files", f"'{wrong[0]}' is no path", "Write whole paths, such as /var/log/mail.log.")
    ban = options.seconds("ban_time", low=1, high=_YEAR)
    longest = options.seconds("ban_time_max", low=1, high=_YEAR)
    increment = options.switch("ban_time_increment")
    if increment and longest < ban:
        raise options.fault("ban_time_max", "is shorter than fail2ban_ban_time", "Write a longer time.")
    return {
        "enabled": "true",
        **({"backend": "auto", "logpath": "\n          ".join(files)} if files else {"backend": "systemd"}),
        "maxretry": str(options.number("max_retry", low=1, high=1000)),
        "findtime": str(options.seconds("find_time", low=1, high=30 * _DAY)),
        "bantime": str(ban),
        "bantime.increment": "true" if increment else "false",
        "bantime.maxtime": str(longest),
        "usedns": "no",
        "ignoreip": " ".join(_ignored(options)),
        "action": _action(options),
    }


def _remembered(options: Options) -> int:
    """For how long fail2ban remembers bans, which makes the next one longer and lets them outlive a restart."""
    return options.seconds("ban_time_max", low=1, high=_YEAR) + _DAY


def _action(options: Options) -> str:
    name = str(options.given["ban_action"])
    if not _ACTION.match(name):
        raise options.fault(
            "ban_action", f"'{name}' is no action", "Write nftables, or the name of a file of action.d."
        )
    port = ",".join(str(number) for number in _ports(options))
    own = f"type=multiport, table={TABLE}, " if name == "nftables" else ""
    return f'{name}[{own}name=%(__name__)s, port="{port}", protocol="tcp"]'


def _ports(options: Options) -> list[int]:
    given = options.given["ports"]
    if not isinstance(given, (list, tuple)):
        raise options.fault("ports", "is not a list", "Write a list of port numbers.")
    return sorted({Options({"ports": item}, prefix="fail2ban_").number("ports", low=1, high=65535) for item in given})


def _ignored(options: Options) -> list[str]:
    """Who is never banned: this host, the networks that Postfix trusts, and whom the administrator names.

    fail2ban itself knows of the host only what its name leads to, which on Debian is often 127.0.1.1.
    """
    named = [_network(options, item) for item in options.strings("ignore")]
    trusted = [item.replace("[", "").replace("]", "") for item in options.networks("trusted_networks")]
    return list(dict.fromkeys([*_LOOPBACK, *options.strings("own_addresses"), *trusted, *named]))


def _network(options: Options, item: str) -> str:
    bare = item.strip().replace("[", "").replace("]", "")
    try:
        network = ipaddress.ip_network(values.networks([bare]))
    except MailError as error:
        raise options.fault("ignore", error.what, error.mend) from error
    if not network.prefixlen:
        raise options.fault("ignore", f"{item} is everybody", "Write mail_fail2ban: false if nobody is to be banned.")
    return str(network)
