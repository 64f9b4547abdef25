# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sender rewriting (SRS): forwarded mail leaves with an envelope sender of this host, which SPF of this host covers.

postsrsd 1.x answers on two TCP ports: one rewrites a sender, the other one gives back the sender of an address that it
has made and knows nothing of any other address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .part import Elements, Part, Places, Table

# Not postsrsd's usual ports: so the maps of a set-up by hand, which would rewrite own senders too, are told apart.
FORWARD = "tcp:127.0.0.1:10011"
REVERSE = "tcp:127.0.0.1:10012"
_BY_HAND = {
    name: tuple(f"tcp:{host}:{port}" for host in ("127.0.0.1", "localhost"))
    for name, port in (("sender_canonical_maps", 10001), ("recipient_canonical_maps", 10002))
}


def part(*, enabled: bool, own_domains: Iterable[str], places: Places) -> Part:
    """Rewriting of foreign envelope senders, and the way back for bounces.

    ``own_domains`` are never rewritten. Canonical maps act before anybody knows where a message goes, so local
    deliveries would see the rewritten sender too: the LMTP client gives the original one back (generic maps).
    """
    own = Table("srs_own", rows(own_domains) if enabled else (), kind="regexp")
    if not enabled:
        gone = Elements(remove=(REVERSE,))
        return Part(
            parameters={"sender_canonical_classes": None, "recipient_canonical_classes": None},
            elements={
                "sender_canonical_maps": Elements(remove=(places.of(own), FORWARD)),
                "recipient_canonical_maps": gone,
                "lmtp_generic_maps": gone,
            },
            tables=(own,),
        )
    back = Elements(last=(REVERSE,))
    return Part(
        parameters={
            "sender_canonical_classes": ["envelope_sender"],
            "recipient_canonical_classes": ["envelope_recipient"],
        },
        elements={
            "sender_canonical_maps": Elements(last=(places.of(own), FORWARD), remove=_BY_HAND["sender_canonical_maps"]),
            "recipient_canonical_maps": back._replace(remove=_BY_HAND["recipient_canonical_maps"]),
            "lmtp_generic_maps": back,
        },
        tables=(own,),
    )


def rows(own_domains: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Every address of an own domain is mapped to itself, so that no later map is asked."""
    names = sorted({name.lower() for name in own_domains} | {"localhost"})
    return tuple((f"/^(.+@{re.escape(name)})$/", "$1") for name in names)
