# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several records say together: whether mail of a domain can pass DMARC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .record import Record
from .verdict import OK, UNKNOWN, Finding, Row, ok, wrong


def alignments(rows: Sequence[Row]) -> Iterator[Row]:
    """One row for each domain that is to have a DMARC record.

    The host signs with the domain of the sender, and envelope senders are of that domain as well; so whatever passes is
    aligned, by the strict rule too (RFC 9989, section 4.4).
    """
    by_domain: dict[str, list[Row]] = {}
    for row in rows:
        by_domain.setdefault(row.record.domain, []).append(row)
    for domain, own in by_domain.items():
        if any(row.record.purpose == "dmarc" for row in own):
            yield Row(Record(domain, "", 0, (), "alignment", "", domain), _alignment(domain, own))


def _alignment(domain: str, rows: Sequence[Row]) -> Finding:
    keys = [row for row in rows if row.record.purpose == "dkim"]
    senders = [row for row in rows if row.record.purpose == "spf" and row.record.name == domain]
    by_key = any(row.finding.verdict == OK for row in keys)
    by_sender = any(row.finding.verdict == OK for row in senders)
    passing = [word for word, passes in (("DKIM", by_key), ("SPF", by_sender)) if passes]
    if by_key:
        return ok(passing, f"Mail of the domain passes DMARC by {' and '.join(passing)}.")
    if by_sender:
        return ok(
            passing, "Mail of the domain passes DMARC by SPF alone, and no more once it is forwarded.", "spf_only"
        )
    if any(row.finding.verdict == UNKNOWN for row in (*keys, *senders)):
        return Finding(
            UNKNOWN, "unknown", (), "Neither its keys nor its SPF record could be judged.", "Ask again later."
        )
    reason = "Neither DKIM nor SPF passes for the domain, so DMARC fails for its own mail."
    return wrong("not_aligned", (), reason, "Mend the DKIM and SPF records of the domain.")
