# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where mail goes from address to address: loops and targets that do not exist.

Postfix answers mail into a loop with ``451 4.6.0 Alias expansion error`` for days, so a loop is refused when it is
written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from .._errors import MailError
from .address import without_extension

KEYWORDS = ("reject", "discard")


class Graph(NamedTuple):
    """What the store knows of routes.

    ``targets`` has the targets of each alias and forwarding account; ``accounts`` are the addresses with an account;
    ``catch_all`` maps each domain of this server to ``reject``, ``discard`` or an address; ``domain_aliases`` maps each
    alias domain to the domain it stands for; ``delimiter`` holds the characters that separate address extensions.
    """

    targets: Mapping[str, Collection[str]]
    accounts: Collection[str]
    catch_all: Mapping[str, str]
    domain_aliases: Mapping[str, str]
    delimiter: str = "+"

    def canonical(self, address: str) -> str:
        """Lower case, and here without an address extension."""
        address = address.lower()
        domain = address.partition("@")[2]
        here = domain in self.catch_all or domain in self.domain_aliases
        return without_extension(address, self.delimiter) if here else address

    def next_hops(self, address: str) -> Collection[str]:
        """The addresses that mail for ``address`` is sent on to, without a copy to itself."""
        address = self.canonical(address)
        found = self.targets.get(address)
        if found is not None:
            return [target for target in found if self.canonical(target) != address]
        if address in self.accounts:
            return ()
        local, _at, domain = address.partition("@")
        if domain in self.domain_aliases:
            return (f"{local}@{self.domain_aliases[domain]}",)
        target = self.catch_all.get(domain, "reject")
        return () if target in KEYWORDS or target == address else (target,)

    def exists(self, address: str) -> bool:
        """True for what is delivered or sent on here, and for every address elsewhere."""
        address = self.canonical(address)
        local, _at, domain = address.partition("@")
        if domain in self.domain_aliases:
            return self.exists(f"{local}@{self.domain_aliases[domain]}")
        if domain not in self.catch_all:
            return True
        return address in self.accounts or address in self.targets or self.catch_all[domain] != "reject"


def find_loop(graph: Graph, starts: Iterable[str]) -> list[str]:
    """The first loop that mail to one of ``starts`` runs into, as ``[a, b, a]``; empty when there is none."""
    done: set[str] = set()
    for start in starts:
        # The way to the address at hand, each with the hops that are still to be tried from it.
        path = {graph.canonical(start): iter(graph.next_hops(start))}
        while path:
            address = next(reversed(path))
            for hop in map(graph.canonical, path[address]):
                if hop in path:
                    way = list(path)
                    return [*way[way.index(hop) :], hop]
                if hop not in done:
                    path[hop] = iter(graph.next_hops(hop))
                    break
            else:
                done.add(address)
                del path[address]
    return []


def check_loops(graph: Graph, sources: Iterable[str]) -> None:
    """Raise MailError, with the loop spelled out, when mail to one of ``sources`` would loop."""
    loop = find_loop(graph, sources)
    if loop:
        raise MailError(
            f"mail would run in a loop: {' -> '.join(loop)}",
            where=f"address {loop[0]}",
            mend="Take one of these steps out. Nothing was changed.",
        )


def check(graph: Graph, sources: Collection[str]) -> None:
    """Raise MailError when mail to one of ``sources`` would loop, or go to an address here that does not exist."""
    check_loops(graph, sources)
    for source in sources:
        for target in graph.next_hops(source):
            if not graph.exists(target):
                raise MailError(
                    f"sends mail on to {target}, which does not exist on this server",
                    where=f"address {source}",
                    mend="Create it first, or correct the target. Nothing was changed.",
                )
