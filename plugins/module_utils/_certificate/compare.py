# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is served against what is installed: which entry a name belongs to, and whether its chain is what came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from .names import ip
from .terms import Installed, Served

# same: one of the live chains, whole; chain: its certificate with other intermediates; older: one of the versions
# before; other: neither; nothing: no certificate at all. unknown: nothing is installed to compare with.
State = Literal["same", "chain", "older", "other", "nothing", "unknown"]

_RELOAD = "Reload the daemon (systemctl reload postfix dovecot): the file was renewed after it had read it."
_NAMES = "Look whether the daemon knows this name (tls_server_sni_maps, local_name) and was reloaded."
_READS = "Look which file the daemon reads (postconf -n, doveconf -n) and whether it was reloaded."


class Comparison(NamedTuple):
    """One port and name: what came against the live version of ``entry``. ``why`` and ``mend`` are empty if same."""

    served: Served
    entry: Installed | None
    state: State
    why: str = ""
    mend: str = ""

    @property
    def agrees(self) -> bool:
        return self.state == "same"


def entry_of(name: str, installed: Sequence[Installed]) -> Installed | None:
    """The entry that a client gets who asks for ``name``: one that lists it, one with a wildcard for it, the default.

    An empty name is a client without SNI, and so is one that asks for an address. None where nothing is installed that
    could be served.
    """
    live = [entry for entry in installed if entry.chains]
    asked = name.lower().rstrip(".")
    above = f"*.{asked.partition('.')[2]}"
    for wanted in () if ip(asked) else (asked, above):
        for entry in live:
            if wanted in (listed.lower() for listed in entry.names):
                return entry
    return next((entry for entry in live if entry.default), None)


def compare(installed: Sequence[Installed], served: Iterable[Served]) -> list[Comparison]:
    """Every port and name, in the order of ``served``. Of two installed chains (ECDSA and RSA) either is right."""
    return [_compare(entry_of(one.name, installed), one, installed) for one in served]


def disagreements(installed: Sequence[Installed], served: Iterable[Served]) -> list[Comparison]:
    """Those ports and names that do not serve what is installed for them."""
    return [one for one in compare(installed, served) if not one.agrees]


def fingerprint(der: bytes) -> str:
    """SHA-256 of a whole certificate, in hex."""
    return hashlib.sha256(der).hexdigest()


def _compare(entry: Installed | None, served: Served, installed: Sequence[Installed]) -> Comparison:
    if not served.chain:
        return Comparison(served, entry, "nothing", served.error or "no certificate is served")
    if entry is None:
        return Comparison(served, entry, "unknown", "no certificate is installed for it here")
    chains = [tuple(facts.der for facts in chain) for chain in entry.chains]
    if served.chain in chains:
        return Comparison(served, entry, "same")
    for chain in chains:
        if served.chain[0] == chain[0]:
            return Comparison(served, entry, "chain", _chain_differs(served.chain, chain), _READS)
    return _another(entry, served, installed)


def _another(entry: Installed, served: Served, installed: Sequence[Installed]) -> Comparison:
    """Where a certificate comes from that is not the one of ``entry``."""
    stamp = fingerprint(served.chain[0])[:8]
    if any(version.rpartition("-")[2] == stamp for version in entry.previous):
        why = f"an older version of '{entry.name}' is served, not the one on disk"
        return Comparison(served, entry, "older", why, _RELOAD)
    for another in installed:
        if any(served.chain[0] == chain[0].der for chain in another.chains):
            why = f"'{another.name}' is served, but '{entry.name}' is installed for it"
            return Comparison(served, entry, "other", why, _NAMES)
    why = f"what is served is neither '{entry.name}' on disk nor another certificate that is installed"
    return Comparison(served, entry, "other", why, _READS)


def _chain_differs(came: tuple[bytes, ...], chain: tuple[bytes, ...]) -> str:
    missing = sum(der not in came for der in chain)
    if missing:
        return f"the chain is not complete: {missing} of {len(chain) - 1} intermediates are not served"
    if len(came) > len(chain):
        return "more certificates are served than the chain on disk has"
    return "the chain is served in another order than it has on disk"
