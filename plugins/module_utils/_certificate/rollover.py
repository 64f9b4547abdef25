# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before another certificate is served, name servers are asked which keys senders have been told of (TLSA)."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from .._dns_record import answer as _answer
from .._dns_record import ask
from .._dns_record.answer import Server
from . import dane
from .book import Record
from .dane import Published
from .request import Options
from .steps import Context, Step

_TIMEOUT, _TOTAL = 4.0, 20.0  # seconds, for each try and for all names together
_AT_ONCE = 32
_DNS_PORT = 53
_NO_LIBRARY = "python3-dnspython is not installed"


def heed(options: Options, steps: Sequence[Step], records: Sequence[Record], context: Context) -> list[Step]:
    """The steps, of which those wait whose new certificate nobody could know yet.

    The renewal program looks at all names, whether or not anything is new: so it knows how long records are there.
    """
    if not options.tlsa_check:
        return list(steps)
    stepped = {step.entry.name for step in steps}
    known = {record.entry.name: record for record in records}
    entries = [step.entry for step in steps]
    entries += [record.entry for record in records if record.entry.name not in stepped]
    asked = {
        step.entry.name: dane.hosts(step.entry, entries, options.mx_names)
        for step in steps
        if context.renewing or dane.differs(step) or dane.unforeseen(step)
    }
    said = look([host for found in asked.values() for host in found])
    heeded = []
    for step in steps:
        name = step.entry.name
        if name in asked:
            record = known.get(name, Record(step.entry))
            heeded.append(dane.heed(step, record, {host: said[host] for host in asked[name]}, context))
        else:
            heeded.append(step)
    return heeded


def look(hosts: Iterable[str]) -> dict[str, Published]:
    """What the resolvers of this host say of the TLSA records for mail to each of ``hosts``."""
    wanted = list(dict.fromkeys(hosts))
    if not wanted:
        return {}
    if importlib.util.find_spec("dns") is None:
        return dict.fromkeys(wanted, Published(why=_NO_LIBRARY))
    servers = [Server(address, _DNS_PORT, address) for address in ask.host_resolvers()]
    asker = ask.Asker(timeout=_TIMEOUT, total=_TOTAL)

    def published(host: str) -> Published:
        found = asker.resolve(servers, dane.owner_name(host), "TLSA")
        why = "" if found.known else _answer.SAYS[found.status]
        return Published(found.values, found.ttl, found.signed or found.secure, why)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(published, wanted)))
