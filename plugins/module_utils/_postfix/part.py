# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one group of settings asks of Postfix's configuration; parts are merged and then staged as one change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError

DIRECTORY = "/etc/postfix/tables"
INDEXED, TEXT = "indexed", "texthash"
KINDS = (INDEXED, TEXT, "cidr", "regexp")


class Table(NamedTuple):
    """A lookup table of ours, as a whole. Without rows its file is removed, so nothing may name it then.

    ``kind`` is ``indexed`` (lmdb or cdb, whichever Postfix has), ``texthash`` (read whole when a daemon starts),
    ``cidr`` or ``regexp``; ``rows`` are keys and values in the order in which they are tried. The values of a
    ``secret`` table are shown to nobody.
    """

    name: str
    rows: tuple[tuple[str, str], ...] = ()
    kind: str = INDEXED
    secret: bool = False


class Elements(NamedTuple):
    """Single elements of a list parameter: ``remove`` goes, then ``first`` and ``last`` are there, once each."""

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Places(NamedTuple):
    """Where tables lie, and the type of the indexed ones on this host (``lmdb`` or ``cdb``)."""

    directory: str = DIRECTORY
    indexed: str = "lmdb"

    def of(self, table: Table) -> str:
        """The table as a parameter names it: ``lmdb:/etc/postfix/tables/route_transport``."""
        return f"{self.indexed if table.kind == INDEXED else table.kind}:{self.directory}/{table.name}"

    def listed(self, table: Table, *, first: bool = False, before: str = "") -> Elements:
        """The table in a list parameter, or gone from it when it has no rows; ``before`` is the word in front of it."""
        named = f"{before} {self.of(table)}".strip()
        if not table.rows:
            return Elements(remove=(named,))
        return Elements(first=(named,)) if first else Elements(last=(named,))


class Part(NamedTuple):
    """Parameters of main.cf (None removes), elements of its lists, services of master.cf (as the modules take them),
    tables, and what the administrator should be told.

    ``owned`` are prefixes: services and parameters whose name begins with one of them and that nobody lists go away.
    """

    parameters: Mapping[str, Any] = {}
    if_known: Mapping[str, Any] = {}
    elements: Mapping[str, Elements] = {}
    services: Sequence[Mapping[str, Any]] = ()
    tables: Sequence[Table] = ()
    owned: Sequence[str] = ()
    warnings: Sequence[str] = ()


def merge(parts: Iterable[Part]) -> Part:
    """One part of many. A later parameter wins; elements and tables add up.

    Raises MailError when two parts bring a table of the same name.
    """
    found = list(parts)
    elements: dict[str, Elements] = {}
    tables: dict[str, Table] = {}
    for item in found:
        for name, more in item.elements.items():
            there = elements.get(name, Elements())
            elements[name] = Elements(*(tuple(dict.fromkeys(one + two)) for one, two in zip(there, more)))
        for table in item.tables:
            if table.name in tables:
                raise MailError("is given twice", where=f"table {table.name}")
            tables[table.name] = table
    return Part(
        parameters={name: value for item in found for name, value in item.parameters.items()},
        if_known={name: value for item in found for name, value in item.if_known.items()},
        elements=elements,
        services=[service for item in found for service in item.services],
        tables=list(tables.values()),
        owned=list(dict.fromkeys(prefix for item in found for prefix in item.owned)),
        warnings=list(dict.fromkeys(text for item in found for text in item.warnings)),
    )
