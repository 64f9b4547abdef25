# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts on texts: SPF, DKIM, DMARC, MTA-STS and TLS-RPT."""

from __future__ import annotations

from collections.abc import Sequence

from . import dkim, dmarc, spf, spf_check
from . import tags as _tags
from .answer import Answer, Lookup
from .record import Record
from .verdict import Finding, missing, ok, unknown, wrong

_MERGE = "Make one record of them."


def judge(record: Record, lookup: Lookup) -> Finding:
    """The verdict on a text by its purpose."""
    answer = lookup(record.name, record.type)
    if not answer.known:
        return unknown(answer)
    by_purpose = {"spf": _spf, "dkim": _dkim, "dmarc": _dmarc}
    return by_purpose.get(record.purpose, _plain)(record, answer, lookup)


def _plain(record: Record, answer: Answer, lookup: Lookup) -> Finding:
    """A text that is told from others by its version, if it has one."""
    version = _tags.version(record.values[0])
    same = [text for text in answer.values if _tags.version(text) == version]
    if not same:
        return missing(record, answer, _no_such(record, answer))
    expected = _tags.parse(record.values[0])
    if any(_tags.parse(text) == expected for text in same) and (len(same) == 1 or not version):
        return ok(same)
    if len(same) > 1 and version:
        return wrong("two_records", same, f"There are {len(same)} records of this kind, so none counts.", _MERGE)
    if record.purpose == "dmarc_report" and dmarc.is_dmarc(same[0]):
        return ok(same)
    if record.purpose == "mta_sts":
        mend = "Publish the expected record once the new policy file is served."
        return wrong("other", same, "Its id is not that of the present policy.", mend)
    return wrong("other", same, "It says something else than expected.")


def _no_such(record: Record, answer: Answer) -> str:
    """What to say where there are texts, and none of the right kind; nothing where there are no texts."""
    count = len(answer.values)
    return f"The name has {count} other TXT record{'s' * (count > 1)}, and none of this kind." if count else ""


def _spf(record: Record, answer: Answer, lookup: Lookup) -> Finding:
    found = [text for text in answer.values if spf.is_spf(text)]
    near = [text for text in answer.values if "spf1" in text.lower() and text not in found]
    if not found and near:
        return wrong("syntax", near, "It does not begin with 'v=spf1' and a space, so receivers see no SPF record.")
    if not found:
        return missing(record, answer, _no_such(record, answer))
    if len(found) > 1:
        return wrong("two_records", found, f"There are {len(found)} SPF records, so receivers take none.", _MERGE)
    parts = answer.strings[answer.values.index(found[0])] if answer.strings else ()
    return _spf_words(found[0], parts) or _spf_effect(record, found[0], lookup)


def _spf_words(text: str, parts: Sequence[str]) -> Finding | None:
    """What is wrong with the words of a record, which came as the strings ``parts``."""
    terms, faults = spf.parse(text)
    if faults and len(parts) > 1 and not spf.parse(" ".join(parts))[1]:
        reason = f"{'; '.join(faults)}: the strings of the record are joined without a space."
        return wrong("split", [text], reason, "Put the space at the end of the string before.")
    if faults:
        return wrong(
            "syntax", [text], f"{'; '.join(faults)}.", "Correct it; receivers take the whole record for wrong."
        )
    if any(_is_everybody(term) for term in terms):
        return wrong("pass_all", [text], "It lets the whole world send as this domain.", "End it with ~all or -all.")
    return None


def _is_everybody(term: spf.Term) -> bool:
    return term.qualifier == "+" and (term.name == "all" or (term.name in ("ip4", "ip6") and term.value.endswith("/0")))


def _spf_effect(record: Record, text: str, lookup: Lookup) -> Finding:
    """What a record that is well written does for the addresses that the expected one names."""
    addresses = [item.partition("/")[0] for item in spf.networks(record.values[0])]
    everything = spf_check.count(addresses[0] if addresses else "192.0.2.1", record.name, lookup)
    found = [text]
    if everything.result == spf_check.TEMPERROR:
        return Finding("unknown", "temperror", (text,), f"{everything.reason}.", "Ask again later.")
    if everything.lookups > spf.MAX_LOOKUPS:
        reason = f"Receivers must look up {everything.lookups} times and stop after {spf.MAX_LOOKUPS}."
        return wrong("too_many_lookups", found, reason, "Take out names, or write addresses instead.")
    if everything.result == spf_check.PERMERROR:
        mend = "Correct or take out the name that it leads to."
        return wrong("permerror", found, f"Receivers take it for wrong: {everything.reason}.", mend)
    if everything.voids > spf.MAX_VOIDS:
        reason = f"{everything.voids} of its look-ups find nothing, and receivers stop after {spf.MAX_VOIDS}."
        return wrong("void_lookups", found, reason, "Take out the names that have no records.")
    for address in addresses:
        result = spf_check.check(address, record.name, lookup)
        if result.result != "pass":
            reason = f"Mail from {address} gets {result.result}."
            return wrong("not_covered", found, reason, f"Add ip{6 if ':' in address else 4}:{address}.")
    other = "" if text == record.values[0] else " It is worded otherwise than expected."
    reason = f"It covers every outgoing address with {everything.lookups} of {spf.MAX_LOOKUPS} look-ups.{other}"
    return ok(found, reason)


def _dkim(record: Record, answer: Answer, lookup: Lookup) -> Finding:
    expected, found = record.values[0], answer.values
    if not found:
        return missing(record, answer)
    if len(found) > 1 and dkim.is_split(list(found), expected):
        reason = f"The key was cut into {len(found)} records; it must be strings of one record."
        return wrong("split", found, reason, "Publish one TXT record of several strings.")
    keys = [text for text in found if dkim.is_dkim(text)]
    if len(keys) > 1:
        mend = "Keep the one with the key of the host."
        return wrong("two_records", found, f"There are {len(keys)} keys, and verifiers take any of them.", mend)
    fault = dkim.fault((keys or list(found))[0], expected)
    through = f" It is reached through a CNAME to {answer.alias}." if answer.alias else ""
    if fault is None:
        return ok(found, f"It holds the key of the host.{through}", "cname" if answer.alias else "ok")
    reason = f"{fault.reason}.{through}"
    if not answer.alias:
        return wrong(fault.kind, found, reason)
    mend = "Correct it where the CNAME leads, or replace the CNAME by the expected record."
    return wrong("cname", found, reason, mend)


def _dmarc(record: Record, answer: Answer, lookup: Lookup) -> Finding:
    found = dmarc.records(answer)
    near = [text for text in answer.values if "dmarc1" in text.lower() and text not in found]
    if len(found) > 1:
        return wrong("two_records", found, f"There are {len(found)} DMARC records, so none counts.", _MERGE)
    if not found and near:
        return wrong("syntax", near, "It does not begin with 'v=DMARC1;', so receivers see no DMARC record.")
    if not found:
        return _dmarc_above(record, answer, lookup)
    faults = dmarc.faults(found[0])
    if faults:
        return wrong("syntax", found, f"{'; '.join(faults)}.")
    differences = dmarc.differences(record.values[0], found[0])
    if differences:
        return wrong("other", found, f"It says {', '.join(differences)}.")
    return ok(found)


def _dmarc_above(record: Record, answer: Answer, lookup: Lookup) -> Finding:
    """There is none: does that of the organisation count?"""
    policy = dmarc.parent(record.domain or record.name.partition(".")[2], lookup)
    if policy is None:
        return missing(record, answer, _no_such(record, answer))
    reason = f"There is none of its own; that of {policy.owner} counts: {policy.text}."
    return missing(record, answer, reason, "parent")
