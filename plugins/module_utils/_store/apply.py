# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains and aliases: read, plan, write, check, commit, export."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail import alias as _alias
from .._mail import domain as _domain
from .._mail import graph as _graph
from .._mail import removal as _removal
from .._outcome import Change, Outcome
from .._session import end as _sessions
from .._session.words import Session
from . import accounts, aliases, domains, export, locks
from .connect import Settings, Store


class Exclusive(NamedTuple):
    """What is not listed is removed, within ``domains`` (not for domains themselves), up to a share in percent."""

    wanted: bool = False
    domains: Sequence[str] = ()
    max_removed_percent: int = 20


class Tally:
    """Counts and names what a run did, in the shape of the modules' return values; ``what`` is the kind of object."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.changes: list[Change] = []
        self.warnings: list[str] = []
        self.names: dict[str, list[str]] = {"added": [], "modified": [], "removed": []}
        self.unchanged = 0
        self.ended: list[Session] = []

    def note(self, kind: str, name: str, before: str, after: str) -> None:
        """Add a change; ``kind`` is ``added``, ``modified`` or ``removed``, both texts are for the diff."""
        self.names[kind].append(name)
        self.changes.append(Change(f"{self.what} {name}", before, after))

    def outcome(self, exported: export.Exported) -> Outcome:
        """Tables that change with the objects are not news; a table that had to be repaired is."""
        changes = self.changes or exported.changes
        facts: dict[str, Any] = {
            **self.names,
            "unchanged": self.unchanged,
            "repaired": [] if self.changes else [change.name for change in exported.changes],
        }
        return Outcome(changes, facts, [*self.warnings, *exported.warnings])


def commit_and_export(store: Store) -> export.Exported:
    """Make the run's changes last, then publish what daemons read besides the store."""
    if store.live:
        store.commit()
        store.begin()
    return export.publish(store)


def apply_settings(store: Store, wanted: Settings) -> Outcome:
    """Make the store remember its settings, and bring what daemons read up to date."""
    before = "".join(f"{name}: {value}\n" for name, value in store.settings()._asdict().items())
    after = "".join(f"{name}: {value}\n" for name, value in wanted._asdict().items())
    changes = []
    if not store.exists or before != after:
        changes.append(Change(store.path, before if store.exists else "", after))
    store.save_settings(wanted)
    locked = locks.read(store.connection)
    exported = commit_and_export(store)
    facts = {
        "store_path": store.path,  # not "path", to which Ansible adds the file's owner and mode by itself
        "postfix_tables": wanted.postfix_tables,
        "table_type": exported.table_type,
        "locked": list(locked),
        "repaired": [change.name for change in exported.changes],
    }
    told = [
        f"account {name} is locked since {lock.since} ({lock.reason or 'no reason'})" for name, lock in locked.items()
    ]
    return Outcome([*changes, *exported.changes], facts, [*exported.warnings, *told])


def apply_domains(
    store: Store, wanted: Sequence[_domain.Wanted], *, exclusive: Exclusive, remove_contents: bool
) -> Outcome:
    """Bring domains to what is wanted."""
    stored = domains.read(store.connection)
    tally = Tally("domain")
    writes = []
    removed = [item.name for item in wanted if not item.present and item.name in stored]
    if exclusive.wanted:
        listed = {item.name for item in wanted if item.present}
        removed += sorted(set(stored) - listed - set(removed))
        _removal.check_share(removed, len(stored), exclusive.max_removed_percent, what="domains")
    alias_domains = set(aliases.graph(store.connection).domain_aliases)
    here = {*stored, *(item.name for item in wanted)}
    for item in wanted:
        if not item.present:
            tally.unchanged += item.name not in stored
            continue
        if item.name in alias_domains:
            raise MailError("is an alias domain", where=f"domain {item.name}", mend="Remove that alias first.")
        before = stored.get(item.name)
        after = {**(before or _domain.DEFAULTS), **item.columns}
        after["catch_all"] = _with_lower_case(after["catch_all"], here)
        if after == before:
            tally.unchanged += 1
            continue
        writes.append((item.name, after))
        kind = "modified" if before else "added"
        tally.note(kind, item.name, _domain.describe(before), _domain.describe(after))
    domains.write(store.connection, writes)
    gone: list[str] = []
    for name in removed:
        gone += _remove_domain(store, name, remove_contents=remove_contents)
        tally.note("removed", name, _domain.describe(stored[name]), "")
    if writes:
        _check_catch_alls(store, [name for name, _columns in writes], tally)
    exported = commit_and_export(store)
    end_sessions(store, gone, tally)
    return tally.outcome(exported)


def _remove_domain(store: Store, name: str, *, remove_contents: bool) -> list[str]:
    """Remove a domain and what it holds; returns the accounts that went with it."""
    contents = {what: names for what, names in domains.contents(store.connection, name).items() if names}
    if contents and not remove_contents:
        counts = ", ".join(f"{len(names)} {what}" for what, names in contents.items())
        raise MailError(
            f"still holds {counts}",
            where=f"domain {name}",
            mend="Remove those first, or set remove_contents (mail on disk is kept). Nothing was changed.",
        )
    accounts.delete(store.connection, contents.get("accounts", []))
    for source in (*contents.get("aliases", []), *(f"@{alias}" for alias in contents.get("domain aliases", []))):
        aliases.delete(store.connection, source)
    accounts.forget_senders(store.connection, name)
    domains.delete(store.connection, [name])
    return contents.get("accounts", [])


def end_sessions(store: Store, addresses: Iterable[str], tally: Tally) -> None:
    """Disconnect sessions that were opened before a change."""
    gone = set(addresses)
    if gone and store.live:
        ended = _sessions.end(gone)
        tally.ended += ended.sessions
        tally.warnings += ended.warnings


def _check_catch_alls(store: Store, names: Collection[str], tally: Tally) -> None:
    """A loop is an error. An address that is not there yet is only noted: its account comes after its domain."""
    graph = aliases.graph(store.connection)
    for name in names:
        target = graph.catch_all.get(name, "reject")
        if target in _graph.KEYWORDS:
            continue
        loop = _graph.find_loop(graph, [target])
        if loop:
            raise MailError(
                f"mail would run in a loop: {' -> '.join(loop)}",
                where=f"domain {name}: catch_all",
                mend="Choose another address. Nothing was changed.",
            )
        known = target in graph.accounts or target in graph.targets or target.partition("@")[2] not in graph.catch_all
        if not known:
            tally.warnings.append(
                f"domain {name}: catch_all {target} does not exist yet; unknown users are rejected until it does"
            )


def apply_aliases(store: Store, wanted: Sequence[_alias.Wanted], *, exclusive: Exclusive) -> Outcome:
    """Bring aliases and domain aliases to what is wanted."""
    stored = aliases.read(store.connection)
    known_domains = set(domains.read(store.connection))
    tally = Tally("alias")
    changed = []
    for item in wanted:
        before = stored.get(item.source)
        after = with_lower_case(item.targets, known_domains) if item.present else None
        if after == before:
            tally.unchanged += 1
            continue
        if after is None:
            aliases.delete(store.connection, item.source)
            tally.note("removed", item.source, _alias.describe(before or ()), "")
            continue
        _check_alias(store, item, known_domains, tally)
        aliases.write(store.connection, item.source, after)
        changed.append(item.source)
        kind = "modified" if before else "added"
        tally.note(kind, item.source, _alias.describe(before or ()), _alias.describe(after))
    if exclusive.wanted:
        _remove_unlisted_aliases(store, wanted, stored, exclusive, tally)
    if changed:
        check_routes(store, changed, tally)
    return tally.outcome(commit_and_export(store))


def _check_alias(store: Store, item: _alias.Wanted, known_domains: Collection[str], tally: Tally) -> None:
    where = f"alias {item.source}"
    if item.is_domain:
        if item.source[1:] in known_domains:
            raise MailError("is a mail domain of its own", where=where, mend="Remove that domain first.")
        require_domain(store, next(iter(item.targets))[1:], known_domains, where, tally)
        return
    require_domain(store, item.source.partition("@")[2], known_domains, where, tally)
    if accounts.read(store.connection, [item.source]):
        raise MailError(
            "there is an account with this address", where=where, mend="Use the account's forward_to instead."
        )


def require_domain(store: Store, name: str, known: Collection[str], where: str, tally: Tally) -> None:
    """Raise MailError when a domain is not managed here; in check mode an earlier task may be about to add it."""
    if name in known:
        return
    if store.live:
        raise MailError(f"domain {name} is not managed here", where=where, mend="Add it with mail_domain first.")
    warning = f"domain {name} is not there yet; a real run needs it to be added first"
    if warning not in tally.warnings:
        tally.warnings.append(warning)
        domains.write(store.connection, [(name, dict(_domain.DEFAULTS))])


def check_routes(store: Store, sources: Collection[str], tally: Tally) -> None:
    """Refuse loops and targets that do not exist; in check mode an earlier task may have been about to add those.

    ``sources`` are what was changed. A new alias domain turns every address in it into one of this server.
    """
    graph = aliases.graph(store.connection)
    addresses = [source for source in sources if not source.startswith("@")]
    try:
        if len(addresses) < len(sources):
            _graph.check_loops(graph, graph.targets)
        _graph.check(graph, addresses)
    except MailError as error:
        if store.live or "loop" in error.what:
            raise
        tally.warnings.append(f"{error.where}: {error.what}; a real run fails unless an earlier task adds it")


def _with_lower_case(target: str, known_domains: Collection[str]) -> str:
    return target.lower() if target.partition("@")[2] in known_domains else target


def with_lower_case(targets: Iterable[str], known_domains: Collection[str]) -> frozenset[str]:
    """Addresses here are kept in lower case; elsewhere the local part is left as it is (RFC 5321 section 2.4)."""
    return frozenset(_with_lower_case(target, known_domains) for target in targets)


def _remove_unlisted_aliases(
    store: Store,
    wanted: Sequence[_alias.Wanted],
    stored: dict[str, frozenset[str]],
    exclusive: Exclusive,
    tally: Tally,
) -> None:
    listed = {item.source for item in wanted if item.present}
    within = set(exclusive.domains)

    def is_within(source: str) -> bool:
        if source.startswith("@"):
            return next(iter(stored[source]))[1:] in within
        return source.partition("@")[2] in within

    candidates = [source for source in stored if is_within(source)]
    gone = {*listed, *tally.names["removed"]}
    removed = [source for source in candidates if source not in gone]
    _removal.check_share(removed, len(candidates), exclusive.max_removed_percent, what="aliases")
    for source in sorted(removed):
        aliases.delete(store.connection, source)
        tally.note("removed", source, _alias.describe(stored[source]), "")
