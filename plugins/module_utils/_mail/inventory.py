# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The readable inventory (``mail_domains``) turned into the lists that the modules take, and judged as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import MailError
from .._postfix import outgoing
from . import account, address, alias, domain, graph, password, values

# What a domain says beside what the store keeps of it.
DOMAIN_OPTIONS = domain.OPTIONS | {
    "accounts",
    "aliases",
    "alias_domains",
    "outgoing",
    "server_names",
    "certificate",
    "dns",
    "dkim",
}
Entries = list[dict[str, Any]]


def objects(mail_domains: Sequence[Mapping[str, Any]], *, postmaster: str = "") -> dict[str, Entries]:
    """``domains``, ``accounts`` and ``aliases`` as the modules take them.

    Names without ``@`` belong to the domain that they stand in. What a domain says under ``outgoing`` is judged, but it
    concerns Postfix alone, so it is in none of the lists; nor are ``server_names`` and ``certificate``, which
    `_certificate.plan` judges, ``dns``, which `_dns_record.subject` judges, and ``dkim``, which `_dkim.wanted` judges.
    ``postmaster`` gets the mail for postmaster and abuse (RFC 2142) of each domain that has no such address of its own;
    these aliases go with a domain that is to be absent.
    Raises MailError for a key that is not known.
    """
    result: dict[str, Entries] = {"domains": [], "accounts": [], "aliases": []}
    if not isinstance(mail_domains, Sequence) or isinstance(mail_domains, str):
        raise MailError("is not a list", where="mail_domains", mend="Write a list of domains, each with a name.")
    for entry in mail_domains:
        if not isinstance(entry, Mapping):
            raise MailError(
                f"has an entry that is not a dictionary but {type(entry).__name__}",
                where="mail_domains",
                mend="Write name: example.com and the domain's options.",
            )
        unknown = sorted(str(key) for key in entry if key not in DOMAIN_OPTIONS)
        if unknown:
            mend = values.near_miss(unknown[0], DOMAIN_OPTIONS)
            raise MailError("no such option", where=f"domain {entry.get('name')}: {unknown[0]}", mend=mend)
        _add(result, entry, postmaster)
    return result


def _add(result: dict[str, Entries], entry: Mapping[str, Any], postmaster: str) -> None:
    name = address.domain_name(entry.get("name"))
    outgoing.of_domain(entry)
    absent = {"state": "absent"} if entry.get("state") == "absent" else {}
    result["domains"].append({key: value for key, value in entry.items() if key in domain.OPTIONS})
    accounts = [{**_full(item, name, "account"), **absent} for item in _listed(entry, "accounts", name)]
    aliases = [{**_full(item, name, "alias"), **absent} for item in _listed(entry, "aliases", name)]
    taken = {item["name"].lower() for item in (*accounts, *aliases) if isinstance(item.get("name"), str)}
    for role in (f"postmaster@{name}", f"abuse@{name}"):
        if role not in taken and role != postmaster and (postmaster or absent):
            aliases.append({"name": role, **(absent or {"to": [postmaster]})})
    aliases += [{"name": f"@{other}", "to": [f"@{name}"], **absent} for other in _listed(entry, "alias_domains", name)]
    result["accounts"] += accounts
    result["aliases"] += aliases


def _listed(entry: Mapping[str, Any], key: str, name: str) -> Sequence[Any]:
    found = entry.get(key) or ()
    if not isinstance(found, (list, tuple)):
        raise MailError("is not a list", where=f"domain {name}: {key}", mend="Write a list, or leave it out.")
    return found


def _full(item: Any, name: str, what: str) -> dict[str, Any]:
    """An account or alias with whole addresses."""
    if not isinstance(item, Mapping):
        raise MailError(
            f"{what} entry is not a dictionary", where=f"domain {name}", mend="Write name: and its options."
        )
    result = dict(item)
    for key in ("name", "rename_from"):
        if isinstance(result.get(key), str) and "@" not in result[key]:
            result[key] = f"{result[key]}@{name}"
    for key in ("to", "forward_to", "sender_addresses"):
        found = [result[key]] if isinstance(result.get(key), str) else result.get(key)
        if isinstance(found, (list, tuple)):
            result[key] = [f"{to}@{name}" if isinstance(to, str) and "@" not in to else to for to in found]
    own = result.get("name")
    if what == "account" and isinstance(own, str) and address.domain_name(own.rpartition("@")[2]) != name:
        raise MailError(f"stands under domain {name}", where=f"account {own}", mend="Move it to its own domain.")
    return result


def check(
    found: Mapping[str, Entries],
    *,
    policy: password.Policy | None = None,
    delimiter: str = "+",
    restricted: Sequence[str] = (),
) -> None:
    """Judge the whole inventory before anything is changed. Raises MailError for the first thing that is wrong."""
    rules = account.Rules(policy=policy or password.Policy(), omitted="default", delimiter=delimiter)
    domains = domain.parse_all(found["domains"], omitted="default", restricted=restricted)
    accounts = [item for item in account.parse_all(found["accounts"], rules) if item.present]
    aliases = [item for item in alias.parse_all(found["aliases"], delimiter=delimiter) if item.present]
    names = {item.address for item in accounts}
    for item in aliases:
        if item.source in names:
            raise MailError("is an account too", where=f"alias {item.source}", mend="Use the account's forward_to.")
        if item.source[1:] in {known.name for known in domains}:
            raise MailError(
                "is listed in mail_domains too",
                where=f"alias domain {item.source[1:]}",
                mend="Take it out of one of the two.",
            )
    for wanted in accounts:
        account.plan(None, wanted, home="", hasher=lambda _address, _password, stored: stored)
    targets = {item.source: item.targets for item in aliases if not item.is_domain}
    targets.update({item.address: item.forwards for item in accounts if item.forwards})
    routes = graph.Graph(
        targets,
        names,
        {item.name: item.columns["catch_all"] for item in domains if item.present and item.columns["mail_service"]},
        {item.source[1:]: next(iter(item.targets))[1:] for item in aliases if item.is_domain},
        delimiter,
    )
    graph.check(routes, list(targets))
    for name, target in routes.catch_all.items():
        if target not in graph.KEYWORDS:
            _check_catch_all(routes, name, target)


def _check_catch_all(routes: graph.Graph, name: str, target: str) -> None:
    where = f"domain {name}: catch_all"
    loop = graph.find_loop(routes, [target])
    if loop:
        raise MailError(f"mail would run in a loop: {' -> '.join(loop)}", where=where, mend="Choose another address.")
    known = target.lower() in routes.accounts or target.lower() in routes.targets
    if not known and target.partition("@")[2] in routes.catch_all:
        raise MailError(
            f"{target} does not exist", where=where, mend="Create that account, or write reject or discard."
        )
