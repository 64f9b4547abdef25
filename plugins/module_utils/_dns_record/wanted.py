# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which records mail domains and their server need."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import dmarc, mta_sts, options, record, spf
from .record import Record
from .subject import Domain, Server, is_private, read

SERVICES = {
    "_submission": 587,
    "_submissions": 465,
    "_imap": 143,
    "_imaps": 993,
    "_pop3": 110,
    "_pop3s": 995,
    "_sieve": 4190,
}
MENDS = {
    "address": "Without it nobody finds the server.",
    "helo": "Receivers refuse mail from a server that greets with a name that leads nowhere.",
    "reverse": "Ask whoever gave you the address to set its reverse name: it is in their zone. "
    "Large receivers refuse mail without it.",
    "mx": "Without it no mail comes in.",
    "spf": "It says which addresses may send for the domain.",
    "dkim": "Without it the signatures of outgoing mail prove nothing.",
    "dmarc": "It says what becomes of mail that forges the domain; large receivers ask for one.",
    "dmarc_report": "Its owner says with it that the reports are welcome; without it none are sent there.",
    "tlsa": "Senders prove with it that they have reached this server (DANE). It counts only in a zone with DNSSEC, "
    "and a wrong one stops mail.",
    "mta_sts": "It tells senders to fetch the policy anew.",
    "mta_sts_host": "The host that serves the policy file over HTTPS.",
    "tls_rpt": "Reports of failed TLS go there.",
    "srv": "Mail programs find their servers with it; the target '.' says that a service is not offered.",
    "autoconfig": "Mail programs fetch their settings from there.",
    "caa": "No other authority may issue certificates.",
}
_STS_ID = "v=STSv1; id={}"
_PRIVATE = "{}: nobody outside a private network reaches this address. Give those that the internet sees."


class Wanted(NamedTuple):
    """``records``, each name and type once, and ``retired``, those of keys that are no longer to be published;
    ``policies``, the files of MTA-STS; ``notes``, what else is to be known."""

    records: list[Record]
    retired: list[Record]
    policies: list[dict[str, str]]
    notes: list[str]


def wanted(
    domains: Sequence[Mapping[str, Any]],
    server: Server,
    *,
    dkim_keys: Sequence[Mapping[str, Any]] = (),
    general: Mapping[str, Any] | None = None,
) -> Wanted:
    """The records of ``mail_domains`` and of the server. Raises MailError that names the domain."""
    ttl = options.read(general or {}, where="mail_dns").ttl
    found = [domain for entry in domains for domain in read(entry, general or {})]
    managed = {domain.name: domain for domain in found if domain.options.manage}
    rows = list(_of_server(server, list(managed.values()), ttl))
    for domain in managed.values():
        rows += _of_domain(domain, server)
    known = [key for key in dkim_keys if key.get("value") and key.get("domain") in managed]  # check mode makes none
    keys = [_key(managed[key["domain"]], key) for key in known if key.get("published", True)]
    retired = [_key(managed[key["domain"]], key) for key in known if not key.get("published", True)]
    signing = {key.domain for key in keys}
    notes = [note for domain in managed.values() for note in _notes(domain, managed, signing)]
    notes += [_PRIVATE.format(text) for text in server.addresses if is_private(text)]
    policies = [_policy(domain, server) for domain in managed.values() if _has_policy(domain)]
    return Wanted(_merged([*rows, *keys]), retired, policies, notes)


def _merged(rows: Iterable[Record]) -> list[Record]:
    """Each name and type once, with the values of all that ask for it."""
    found: dict[tuple[str, str], Record] = {}
    for row in rows:
        before = found.setdefault((row.name, row.type), row)
        found[row.name, row.type] = before._replace(values=tuple(dict.fromkeys((*before.values, *row.values))))
    return list(found.values())


def _addresses(host: str, addresses: Iterable[str], ttl: int, purpose: str, domain: str) -> Iterator[Record]:
    by_kind: dict[str, list[str]] = {"A": [], "AAAA": []}
    for text in addresses:
        by_kind["A" if ipaddress.ip_address(text).version == 4 else "AAAA"].append(text)
    for kind, values in by_kind.items():
        if values:
            yield Record(host, kind, ttl, tuple(values), purpose, MENDS[purpose], domain)


def _of_server(server: Server, domains: Sequence[Domain], ttl: int) -> Iterator[Record]:
    """The server's names and addresses, those that mail leaves from, and what the names may send."""
    own, hostname = list(server.addresses), server.hostname
    exits: dict[str, list[str]] = {}
    for domain in domains:
        exits.setdefault(domain.outgoing.helo or hostname, []).extend(domain.outgoing.addresses)
    exits[hostname] = list(dict.fromkeys([*own, *exits.get(hostname, ())]))
    for helo, addresses in exits.items():
        leaving = list(dict.fromkeys(addresses or own))
        yield from _addresses(helo, leaving, ttl, "address" if helo == hostname else "helo", helo)
        if helo not in {domain.name for domain in domains}:
            yield Record(helo, "TXT", ttl, (spf.make(leaving, end="-"),), "spf", MENDS["spf"], helo)
        for text in leaving:
            if addresses or helo == hostname:
                pointer = ipaddress.ip_address(text).reverse_pointer
                yield Record(pointer, "PTR", ttl, (f"{helo}.",), "reverse", MENDS["reverse"], helo)


def _key(domain: Domain, key: Mapping[str, Any]) -> Record:
    name = record.name(key.get("name"), where=f"DKIM key of {domain.name}")
    return Record(name, "TXT", domain.options.ttl, (str(key["value"]),), "dkim", MENDS["dkim"], domain.name)


def _of_domain(domain: Domain, server: Server) -> Iterator[Record]:
    chosen, name = domain.options, domain.name

    def row(owner: str, kind: str, values: Iterable[str], purpose: str, mend: str = "") -> Record:
        return Record(owner, kind, chosen.ttl, tuple(values), purpose, mend or MENDS[purpose], name)

    yield from _incoming(domain, server)
    if chosen.spf:
        addresses = dict.fromkeys([*domain.outgoing.addresses, *server.addresses, *chosen.spf_addresses])
        text = _made(domain, addresses)
        asked = f"Receivers look up {len(chosen.spf_includes)} names at once for it, of {spf.MAX_LOOKUPS} allowed."
        yield row(name, "TXT", [text], "spf", f"{MENDS['spf']} {asked}")
    if chosen.dmarc:
        yield row(f"_dmarc.{name}", "TXT", [chosen.dmarc], "dmarc")
        for host in dmarc.report_hosts(chosen.dmarc):
            if dmarc.is_external(host, name):
                yield row(f"{name}._report._dmarc.{host}", "TXT", ["v=DMARC1"], "dmarc_report")
    if chosen.tls_rpt and domain.receives:
        yield row(f"_smtp._tls.{name}", "TXT", [f"v=TLSRPTv1; rua={','.join(chosen.tls_rpt)}"], "tls_rpt")
    if chosen.caa:
        yield row(name, "CAA", [f'0 issue "{authority}"' for authority in chosen.caa], "caa")
    if not domain.is_alias:
        yield from _for_clients(domain, server)


def _made(domain: Domain, addresses: Iterable[str]) -> str:
    try:
        return spf.make(addresses, includes=domain.options.spf_includes, end=domain.options.spf_end)
    except MailError as error:
        raise MailError(error.what, where=f"domain {domain.name}: dns: spf", mend=error.mend) from error


def _incoming(domain: Domain, server: Server) -> Iterator[Record]:
    """Where mail for the domain goes, and what senders can rely on there."""
    chosen, name = domain.options, domain.name
    hosts = domain.exchanges
    hosts = (server.hostname,) if hosts is None else hosts
    if options.NULL in hosts:
        yield Record(name, "MX", chosen.ttl, ("0 .",), "mx", "It says that the domain takes no mail.", name)
        return
    if hosts:
        values = tuple(f"{number * 10} {host}." for number, host in enumerate(hosts, 1))
        yield Record(name, "MX", chosen.ttl, values, "mx", MENDS["mx"], name)
    for host in hosts:
        if chosen.tlsa and host in (server.hostname, *domain.server_names):
            found = tuple(server.tlsa(host))
            if found:
                yield Record(f"_25._tcp.{host}", "TLSA", chosen.ttl, found, "tlsa", MENDS["tlsa"], host)
    if _has_policy(domain):
        policy = _policy(domain, server)
        target = chosen.mta_sts_host or server.hostname
        values = (_STS_ID.format(policy["id"]),)
        mend = f"{MENDS['mta_sts']} The file is served at {policy['url']}."
        yield Record(f"_mta-sts.{name}", "TXT", chosen.ttl, values, "mta_sts", mend, name)
        mend = MENDS["mta_sts_host"]
        yield Record(f"mta-sts.{name}", "CNAME", chosen.ttl, (f"{target}.",), "mta_sts_host", mend, name)


def _has_policy(domain: Domain) -> bool:
    hosts = domain.exchanges
    return domain.options.mta_sts_mode != options.OFF and hosts != () and options.NULL not in (hosts or ())


def _policy(domain: Domain, server: Server) -> dict[str, str]:
    chosen, hosts = domain.options, domain.exchanges
    text = mta_sts.text(chosen.mta_sts_mode, hosts or (server.hostname,), chosen.mta_sts_max_age)
    url = f"https://mta-sts.{domain.name}{mta_sts.PATH}"
    return {"domain": domain.name, "url": url, "id": mta_sts.identifier(text), "content": text}


def _for_clients(domain: Domain, server: Server) -> Iterator[Record]:
    """How mail programs find their servers (RFC 6186, RFC 8314, RFC 5804)."""
    chosen, name = domain.options, domain.name
    for host in domain.server_names:
        if host != server.hostname:
            yield from _addresses(host, server.addresses, chosen.ttl, "address", name)
    plain = [host for host in domain.server_names if not host.startswith("*.")]
    target = chosen.client_name or (plain[0] if plain else server.hostname)
    for service, port in SERVICES.items() if chosen.srv and domain.receives else ():
        value = f"0 1 {port} {target}." if port in server.ports else "0 0 0 ."
        yield Record(f"{service}._tcp.{name}", "SRV", chosen.ttl, (value,), "srv", MENDS["srv"], name)
    if chosen.autoconfig:
        mend = MENDS["autoconfig"]
        for label in ("autoconfig", "autodiscover"):
            host = f"{label}.{name}"
            if host != chosen.autoconfig:
                yield Record(host, "CNAME", chosen.ttl, (f"{chosen.autoconfig}.",), "autoconfig", mend, name)
        value = f"0 0 443 {chosen.autoconfig}."
        yield Record(f"_autodiscover._tcp.{name}", "SRV", chosen.ttl, (value,), "autoconfig", mend, name)


def _notes(domain: Domain, managed: Collection[str], signing: Collection[str]) -> Iterator[str]:
    name, chosen = domain.name, domain.options
    if name not in signing:
        yield f"{name}: has no DKIM key, so its mail passes DMARC by SPF alone, and no more once it is forwarded."
    for host in dmarc.report_hosts(chosen.dmarc):
        if dmarc.is_external(host, name) and not any(record.is_within(host, other) for other in managed):
            owner = f"{name}._report._dmarc.{host}"
            yield f"{name}: ask the owner of {host} for the TXT record {owner}; without it no DMARC reports are sent."
    if _has_policy(domain):
        yield f"{name}: the policy of MTA-STS must be served at https://mta-sts.{name}{mta_sts.PATH}."
