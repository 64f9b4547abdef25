# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What name servers said, with each way of saying nothing told apart."""

from __future__ import annotations

from typing import Callable, NamedTuple

OK = "ok"  # there are records
NODATA = "nodata"  # the name is there, without records of this type
NXDOMAIN = "nxdomain"  # there is no such name
SERVFAIL = "servfail"  # the resolver could not find out
BOGUS = "bogus"  # the signatures of DNSSEC are wrong
REFUSED = "refused"  # the server does not answer this host
LAME = "lame"  # the server is named for the zone and does not have it
TIMEOUT = "timeout"  # nothing came back
UNREACHABLE = "unreachable"  # this host has no way there
UNASKED = "unasked"  # the time of the whole run was over

SAYS = {
    OK: "there are records",
    NODATA: "the name has no record of this type",
    NXDOMAIN: "there is no such name",
    SERVFAIL: "the resolver could not find out (SERVFAIL): the zone's name servers are broken or cannot be reached",
    BOGUS: "the signatures of DNSSEC are wrong, so validating resolvers answer nothing (SERVFAIL)",
    REFUSED: "the name server refuses to answer this host (REFUSED)",
    LAME: "the name server is named for the zone and does not have it",
    TIMEOUT: "no answer came within the time allowed",
    UNREACHABLE: "this host has no way to the name server's address",
    UNASKED: "was not asked, because the time of the whole check was over",
}
MENDS = {
    SERVFAIL: "See whether all name servers that the parent zone names answer for this zone.",
    BOGUS: "Sign the zone anew, or correct the DS record in the parent zone.",
    REFUSED: "Name a resolver that answers this host.",
    LAME: "Set up the zone on that server, or take the server out of the zone's NS records.",
    TIMEOUT: "See whether port 53 of the servers can be reached over UDP and TCP.",
    UNREACHABLE: "Check from a host that has IPv4 and IPv6.",
    UNASKED: "Ask again with a longer time.",
}


class Answer(NamedTuple):
    """The records as text in presentation format, names in lower case with the last dot; a TXT as one string.

    ``strings`` are those of each TXT, in the order of ``values``. ``alias`` is where a CNAME led, ``zone`` the owner of
    an SOA that came along; ``secure`` says that the resolver vouches for it by DNSSEC, ``signed`` that signatures came.
    ``ttl`` is how many seconds the records may be remembered: where signatures say so, from when they were fresh.
    """

    status: str
    values: tuple[str, ...] = ()
    strings: tuple[tuple[str, ...], ...] = ()
    alias: str = ""
    zone: str = ""
    secure: bool = False
    signed: bool = False
    ttl: int = 0

    @property
    def known(self) -> bool:
        """Whether it is certain what is there."""
        return self.status in (OK, NODATA, NXDOMAIN)


class Server(NamedTuple):
    """Who is asked, and what it is called in results."""

    address: str
    port: int
    label: str


Lookup = Callable[[str, str], Answer]
