# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that is asked about a list of records: each by every resolver and by its zone's own servers."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import across, hosts, lists, texts
from .answer import Answer, Lookup, Server
from .ask import Asker
from .record import Record
from .terms import Terms
from .verdict import OK, UNKNOWN, Finding, Row, compare, some, wrong

_DIFFERS = "Reload the zone on all its servers; after that, wait until its TTL is over."
_THEIRS = ("reverse", "dmarc_report")  # in the zones of others, whose servers are not ours to judge


class Survey:
    """One run of checks."""

    def __init__(self, terms: Terms, asker: Asker) -> None:
        self._terms = terms
        self._asker = asker
        self._main: Lookup = functools.partial(asker.resolve, terms.resolvers[0])

    def run(self, records: Sequence[Record]) -> list[Row]:
        """A row for each record, then those for what is true of several together."""
        with ThreadPoolExecutor(self._terms.at_once) as pool:
            rows = list(pool.map(self._row, records))
            known = [row.record for row in rows if row.finding.verdict != UNKNOWN]
            zones = dict.fromkeys(pool.map(self._zone, known))
            servers = [row for found in pool.map(self._servers, filter(None, zones)) for row in found]
            entries = list(pool.map(lambda job: self._listed(*job), self._entries(records)))
        return [*rows, *across.alignments(rows), *self._covered(records), *servers, *entries]

    def _row(self, record: Record) -> Row:
        finding = judge(record, self._main)
        answer = self._main(record.name, record.type)
        views = [(_label(self._terms.resolvers[0]), answer)]
        for resolvers in self._terms.resolvers[1:]:
            views.append((_label(resolvers), self._asker.resolve(resolvers, record.name, record.type)))
        for server in self._own_servers(self._zone(record) if answer.known else ""):
            views.append((server.label, self._asker.direct(server, record.name, record.type)))
        seen = [{"server": label, "status": found.status, "found": list(found.values)} for label, found in views]
        return Row(record, _agreed(finding, answer, views[1:]), seen)

    def _zone(self, record: Record) -> str:
        """The zone that a record stands in, if its own servers are to be asked; else nothing."""
        if not self._terms.own_servers or record.purpose in _THEIRS:
            return ""
        name = record.name
        while "." in name:
            answer = self._main(name, "SOA")
            if not answer.known:
                return ""
            if answer.zone and not answer.alias:
                return answer.zone if "." in answer.zone else ""  # that of a registry is not ours
            name = name.partition(".")[2]
        return ""

    def _own_servers(self, zone: str) -> list[Server]:
        names = sorted(value.rstrip(".") for value in self._main(zone, "NS").values) if zone else []
        return [
            Server(address, self._terms.port, f"{name} ({address})")
            for name in names
            for kind in ("A", "AAAA")
            for address in self._main(name, kind).values
        ]

    def _servers(self, zone: str) -> list[Row]:
        """Whether the servers of a zone have it."""
        rows = []
        for server in self._own_servers(zone):
            finding = hosts.name_server(server.label, self._asker.direct(server, zone, "SOA").status)
            rows.append(Row(Record(zone, "NS", 0, (server.label,), "name_server", "", zone), finding))
        return rows

    def _covered(self, records: Sequence[Record]) -> Iterator[Row]:
        """Whether certificates are for the hosts that clients and other servers are sent to."""
        found = {
            value.split()[-1].rstrip("."): record.domain
            for record in records
            if self._terms.names and record.type in ("MX", "SRV") and record.purpose in ("mx", "srv")
            for value in record.values
        }
        for host, domain in found.items():
            if host:
                finding = hosts.covered(host, self._terms.names)
                yield Row(Record(host, "", 0, (host,), "certificate", "", domain), finding)

    def _entries(self, records: Sequence[Record]) -> list[tuple[str, lists.Zone]]:
        """What is looked for on lists: the addresses of the server and those that mail leaves from, and the domains."""
        own = [record for record in records if record.purpose in ("address", "helo") and record.type in ("A", "AAAA")]
        addresses = dict.fromkeys(value for record in own for value in record.values)
        domains = dict.fromkeys(record.domain for record in records if record.purpose == "dmarc")
        found = [(text, zone) for text in addresses for zone in self._terms.address_lists]
        return found + [(name, zone) for name in domains for zone in self._terms.domain_lists]

    def _listed(self, entry: str, zone: lists.Zone) -> Row:
        record = Record(lists.owner(entry, zone), "A", 0, (), "blocklist", "", entry)
        return Row(record, lists.check(entry, zone, self._main))


def judge(record: Record, lookup: Lookup) -> Finding:
    """The verdict on one record by what it is."""
    if record.type == "TXT":
        return texts.judge(record, lookup)
    special = {"MX": hosts.mx, "PTR": hosts.reverse, "TLSA": hosts.tlsa, "CNAME": hosts.alias}
    if record.type in special:
        return special[record.type](record, lookup)
    return compare(record, lookup(record.name, record.type))


def _label(resolvers: Sequence[Server]) -> str:
    return ", ".join(server.label for server in resolvers)


def _agreed(finding: Finding, answer: Answer, views: Iterable[tuple[str, Answer]]) -> Finding:
    """The verdict, unless it is a good one and others see something else."""
    if finding.verdict != OK or not answer.known:
        return finding
    other = [label for label, seen in views if seen.known and not seen.alias and set(seen.values) != set(answer.values)]
    if not other:
        return finding
    return wrong("differs", finding.found, f"It is as expected here, but {some(other)} says otherwise.", _DIFFERS)


def counts(rows: Sequence[Row]) -> dict[str, Any]:
    """How many checks there are of each verdict."""
    found = [row.finding.verdict for row in rows]
    return {verdict: found.count(verdict) for verdict in ("ok", "extra", "unknown", "missing", "wrong")}
