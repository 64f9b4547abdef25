# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what an inventory says of certificates to what the modules install and what the daemons are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail.values import near_miss, switch
from . import request
from .names import ip, normal

DIRECTORY = "/etc/ssl/mailserver"
LINEAGES = "/etc/letsencrypt/live"
_PAIR = ("certificate", "certificate_file", "chain", "chain_file", "key", "key_file", "passphrase")
_OPTIONS = frozenset(("name", "names", "default", "acme", "self_signed", "also", *_PAIR))
_FILES = ("certificate", "key", "combined")


class Entry(NamedTuple):
    """One certificate: the directory that it gets, the names that clients use, and the options of its source."""

    name: str
    names: tuple[str, ...]
    source: Mapping[str, Any]
    default: bool = False
    acme: bool = False

    def answers(self, wanted: str) -> bool:
        """Whether a client that asks for ``wanted`` may get this one: the name itself, or a wildcard above it."""
        return wanted in self.names or f"*.{wanted.partition('.')[2]}" in self.names


def plan(
    given: Sequence[Mapping[str, Any]],
    domains: Sequence[Mapping[str, Any]],
    *,
    hostname: str,
    address: str = "",
    directory: str = DIRECTORY,
) -> dict[str, Any]:
    """What follows from ``mail_certificates`` and the domains' ``server_names`` and ``certificate``.

    The result has ``certificates`` (entries for module mail_certificate), ``acme`` (entries for mail_acme), ``default``
    and ``names`` (files for clients that send no name, and for those that send one, wildcards last), ``mx_names``
    (under which other servers may know this one), and ``warnings``.
    Without a certificate for ``hostname``, one that is signed by itself is the default; it is also for ``address`` and
    for every name that no other certificate is for. Raises MailError that names the entry.
    """
    _listed(given, "mail_certificates")
    here = [domain for domain in domains if isinstance(domain, Mapping) and domain.get("state") != "absent"]
    entries = [_entry(item, f"mail_certificates: entry {number}") for number, item in enumerate(given, 1)]
    entries += [_of_domain(domain) for domain in here if domain.get("certificate") is not None]
    request.entries([_options(entry, is_default=entry.default) for entry in entries])
    default = _default(entries, hostname.lower())
    orphans = _orphans(here, entries, hostname.lower())
    if default is None:
        default = _own(orphans, address, entries)
        entries.append(default)
        orphans = []
    _check_addresses(entries, default)
    served = [hostname.lower(), *(name for domain in here for name in _server_names(domain))]
    return {
        "certificates": [_options(entry, is_default=entry is default) for entry in entries],
        "acme": [{"name": entry.name, "names": list(entry.names)} for entry in entries if entry.acme],
        "default": _files(default, directory),
        "names": [{"name": name, **_files(entry, directory)} for name, entry in _asked(entries, default)],
        "mx_names": list(dict.fromkeys(name for name in served if not ip(name))),
        "warnings": [_unserved(name, default) for name in orphans],
    }


def _unserved(name: str, default: Entry) -> str:
    start = f"{name}: no certificate is for it, so its clients get the one of {default.name} and complain."
    return f"{start} Add the name to an entry of mail_certificates."


def _asked(entries: Sequence[Entry], default: Entry) -> list[tuple[str, Entry]]:
    """The names that clients ask for; those of the default only where a wildcard of others would take them."""
    found = [(name, entry) for entry in entries if entry is not default for name in entry.names if not ip(name)]
    above = tuple(name[1:] for name, entry in found if name.startswith("*."))
    found += [(name, default) for name in default.names if name.endswith(above)]
    return sorted(found, key=lambda item: item[0].startswith("*."))


def _check_addresses(entries: Sequence[Entry], default: Entry) -> None:
    for entry in entries:
        for name in entry.names:
            if ip(name) and entry is not default:
                raise MailError(
                    f"{name} is an address, and clients that use it send no name: they get {default.name}",
                    where=f"certificate {entry.name}",
                    mend="Move the address there.",
                )


def _listed(value: Any, where: str) -> Sequence[Any]:
    if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
        raise MailError("is not a list", where=where, mend="Write a list, or leave it out.")
    return value


def _entry(item: Any, where: str) -> Entry:
    if not isinstance(item, Mapping):
        raise MailError("is not a dictionary", where=where, mend="Write names: and where the certificate comes from.")
    unknown = sorted(str(key) for key in item if key not in _OPTIONS)
    if unknown:
        raise MailError("no such option", where=f"{where}: {unknown[0]}", mend=near_miss(unknown[0], _OPTIONS))
    found = _listed(item.get("names") or (), f"{where}: names")
    names = tuple(dict.fromkeys(_name(name, f"{where}: names") for name in found))
    if not names:
        mend = "List the names that clients use as their server."
        raise MailError("no names are given", where=f"{where}: names", mend=mend)
    for pair in _listed(item.get("also") or (), f"{where}: also"):
        strange = sorted(set(map(str, pair)) - set(_PAIR)) if isinstance(pair, Mapping) else [str(type(pair).__name__)]
        if strange:
            mend = "Write certificate_file and key_file, or certificate and key."
            raise MailError(f"{strange[0]} is no part of a pair", where=f"{where}: also", mend=mend)
    acme, own, default = (_flag(item, key, where) for key in ("acme", "self_signed", "default"))
    source = {key: item[key] for key in (*_PAIR, "also") if item.get(key)}
    name = request.directory_name(item.get("name"), names, where)
    if acme + own + bool(source) != 1:
        raise MailError(
            "has no source" if not source and not acme and not own else "has more than one source",
            where=f"certificate {name}",
            mend="Write certificate_file and key_file (or certificate and key), or acme: true, or self_signed: true.",
        )
    if acme:
        source = _of_acme(name, names)
    return Entry(name, names, {"self_signed": True} if own else source, default, acme)


def _flag(item: Mapping[str, Any], key: str, where: str) -> bool:
    try:
        return bool(switch(item.get(key, False)))
    except MailError as error:
        raise MailError(error.what, where=f"{where}: {key}", mend=error.mend) from error


def _of_acme(name: str, names: Iterable[str]) -> dict[str, Any]:
    """Where certbot puts it; until it is there, the server signs one itself."""
    for one in names:
        if ip(one):
            mend = "ACME certificates are for names; leave it out."
            raise MailError(f"{one} is an address", where=f"certificate {name}", mend=mend)
    lineage = f"{LINEAGES}/{name}"
    return {
        "certificate_file": f"{lineage}/fullchain.pem",
        "key_file": f"{lineage}/privkey.pem",
        "if_missing": "self_signed",
    }


def _of_domain(domain: Mapping[str, Any]) -> Entry:
    """The certificate that stands under a domain; its names are the domain's ``server_names`` unless it has its own."""
    where = f"domain {domain.get('name')}: certificate"
    given = domain["certificate"]
    if not isinstance(given, Mapping):
        raise MailError("is not a dictionary", where=where, mend="Write acme: true, or certificate_file and key_file.")
    return _entry({"names": domain.get("server_names"), **given}, where)


def _name(value: Any, where: str) -> str:
    try:
        return normal(str(value))
    except MailError as error:
        raise MailError(error.message, where=where) from error


def _default(entries: Sequence[Entry], hostname: str) -> Entry | None:
    """The entry that says so, else the one that is for the server's own name."""
    ways = (
        [entry for entry in entries if entry.default],
        [entry for entry in entries if hostname in entry.names],
        [entry for entry in entries if entry.answers(hostname)],
    )
    return next((found[0] for found in ways if found), None)


def _orphans(domains: Sequence[Mapping[str, Any]], entries: Sequence[Entry], hostname: str) -> list[str]:
    """The names that no certificate is for: the server's own, and those that clients of the domains use."""
    names = [hostname, *(name for domain in domains for name in _server_names(domain))]
    return [name for name in dict.fromkeys(names) if not any(entry.answers(name) for entry in entries)]


def _server_names(domain: Mapping[str, Any]) -> list[str]:
    where = f"domain {domain.get('name')}: server_names"
    return [_name(name, where) for name in _listed(domain.get("server_names") or (), where)]


def _own(orphans: Sequence[str], address: str, entries: Sequence[Entry]) -> Entry:
    """The certificate that the server signs itself; clients that know no name yet can check the address instead."""
    taken = {name for entry in entries for name in entry.names}
    names = dict.fromkeys([*orphans, *([address] if address and address not in taken else [])])
    hostname = orphans[0]
    name = hostname if all(entry.name != hostname for entry in entries) else f"{hostname}-self-signed"
    return Entry(name, tuple(names), {"self_signed": True}, True)


def _options(entry: Entry, *, is_default: bool) -> dict[str, Any]:
    """The entry as module mail_certificate takes it."""
    return {"name": entry.name, "names": list(entry.names), "default": is_default, **entry.source}


def _files(entry: Entry, directory: str) -> dict[str, str]:
    """Where the daemons find it; those of a second pair are empty where there is none."""
    live = f"{directory}/live/{entry.name}"
    files = {kind: f"{live}/{kind}.pem" for kind in _FILES}
    for kind in ("certificate", "key"):
        files[f"alt_{kind}"] = f"{live}/alt-{kind}.pem" if entry.source.get("also") else ""
    return files
