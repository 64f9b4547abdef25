# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which lines of the mail daemons are failed logins, and of which address.

A name at a login is a stranger's text and may look like the rest of a line. So each expression covers its line to the
end or takes the last address in it, and needs an address: nothing is looked up in DNS.
"""

from __future__ import annotations

from typing import NamedTuple

# The name of the host and of the program, as files of syslog and fail2ban's reader of the journal have them.
_PREFIX = r"^\s*\S+ {program}(?:\[\d+\])?: "
_DOVECOT = (
    # In a file of its own, Dovecot writes no host and no "dovecot:".
    r"^\s*(?:\S+ dovecot(?:\[\d+\])?: )?(?:imap|pop3|managesieve|submission)-login: (?:Info: )?"
    # What stands before the name, of 2.3 and of 2.4.
    r"[^<>]*\(auth failed, <attempts> attempts?[^<>]*: user=<.*>, (?:method=[\w-]*, )?rip=<ADDR>, lip="
)


class Filter(NamedTuple):
    """A file of filter.d: what fails, what is no failure, and the units that write it."""

    name: str
    failures: tuple[str, ...]
    units: tuple[str, ...]


SMTP = Filter(
    "mailserver-smtp",
    (
        _PREFIX.format(program=r"postfix(?:[\w-]*/)+smtpd")
        # Neither a wrong word of a program nor an authentication service that does not answer is a guess.
        + r"warning: [^\s\[\]]+\[<ADDR>\](?::\d+)?: SASL [\w-]+ authentication failed: "
        r"(?!Connection lost|Invalid authentication mechanism|Temporary)",
    ),
    ("postfix.service", "postfix@-.service"),
)
DOVECOT = Filter("mailserver-dovecot", (_DOVECOT,), ("dovecot.service",))
COURIER = Filter(
    "mailserver-courier",
    (
        _PREFIX.format(program=r"(?:imapd|pop3d)(?:-ssl)?")
        + r"LOGIN FAILED, (?:user=.*|method=[\w-]+), ip=\[<ADDR>\](?:, port=\[\d+\])?\s*$",
    ),
    ("courier-imap.service", "courier-imap-ssl.service", "courier-pop.service", "courier-pop-ssl.service"),
)
FILTERS = (SMTP, DOVECOT, COURIER)
ANY = r"\d+"


def text(item: Filter) -> str:
    """The file."""
    failures = "\n            ".join(item.failures)
    journal = " + ".join(f"_SYSTEMD_UNIT={unit}" for unit in item.units)
    init = f"\n[Init]\nattempts = {ANY}\n" if "<attempts>" in failures else ""
    return (
        f"[Definition]\nfailregex = {failures}\nignoreregex =\ndatepattern = {{^LN-BEG}}\n"
        f"journalmatch = {journal}\n{init}"
    )


def at_least(number: int) -> str:
    """An expression for the whole numbers from ``number`` on, written without leading zeros."""
    digits = str(number)
    larger = [
        f"{digits[:place]}[{int(digit) + 1}-9]" + r"\d" * (len(digits) - place - 1)
        for place, digit in enumerate(digits)
        if digit != "9"
    ]
    longer = r"[1-9]\d{" + str(len(digits)) + ",}"
    return f"(?:{'|'.join([digits, *larger, longer])})"
