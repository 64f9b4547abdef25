# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts on hosts: MX, addresses, reverse names, TLSA, and names that stand for others."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Iterable

from .._certificate.names import covers
from .._errors import MailError
from . import answer as _answer
from .answer import Answer, Lookup
from .record import Record
from .verdict import MISSING, UNKNOWN, Finding, compare, missing, ok, sentence, some, unknown, wrong

_DNSSEC = "Sign the zone and have the parent publish its DS record, or take out the TLSA record (tlsa: false)."


def mx(record: Record, lookup: Lookup) -> Finding:
    """Where mail goes, and whether a server can be there at all (RFC 5321 section 5.1, RFC 7505)."""
    answer = lookup(record.name, "MX")
    if not answer.known:
        return unknown(answer)
    if not answer.values and any(lookup(record.name, kind).values for kind in ("A", "AAAA")):
        reason = "There is no MX record, so mail goes to the address of the domain itself."
        return missing(record, answer, reason, "implicit")
    hosts = [value.split()[1].rstrip(".") for value in answer.values]
    if "" in hosts and "0 ." not in record.values:
        reason = "A null MX says that the domain takes no mail."
        return wrong("null_mx", answer.values, reason)
    for host in hosts:
        fault = _exchange(host, answer, lookup) if host else None
        if fault:
            return fault
    return compare(record, answer)


def _exchange(host: str, answer: Answer, lookup: Lookup) -> Finding | None:
    """What is wrong with a host that an MX names."""
    if _is_address(host):
        return wrong("mx_address", answer.values, f"The MX is the address {host}; it must be a name.")
    found = [lookup(host, kind) for kind in ("A", "AAAA")]
    alias = next((item.alias for item in found if item.alias), "")
    if alias:
        reason = f"The MX {host} is a CNAME to {alias}, which RFC 5321 does not allow."
        return wrong("mx_cname", answer.values, reason, "Name the host itself, or give it addresses.")
    if all(item.known and not item.values for item in found):
        return wrong("mx_no_address", answer.values, f"The MX {host} has no address.", "Publish its A or AAAA record.")
    return None


def reverse(record: Record, lookup: Lookup) -> Finding:
    """Whether the reverse name leads back to the address, and is the one that the server greets with."""
    answer = lookup(record.name, "PTR")
    address = _address_of(record.name)
    if not address:
        return compare(record, answer)
    if not answer.known or not answer.values:
        return unknown(answer) if not answer.known else missing(record, answer)
    names = [value.rstrip(".") for value in answer.values]
    leading = [name for name in names if address in _addresses(name, lookup)]
    if not leading:
        reason = f"{some(names)} does not lead back to {address}."
        return wrong("fcrdns", answer.values, reason, f"Give it an A or AAAA record with {address}, or {_ask(record)}")
    if set(leading) & {value.rstrip(".") for value in record.values}:
        return compare(record, answer)
    reason = f"{some(leading)} leads back to the address, but the server greets with {some(record.values)}."
    return wrong("other_name", answer.values, reason, sentence(_ask(record)))


def _ask(record: Record) -> str:
    return f"ask the provider of the address for {record.values[0].rstrip('.')}."


def _addresses(name: str, lookup: Lookup) -> set[str]:
    return {str(ipaddress.ip_address(text)) for kind in ("A", "AAAA") for text in lookup(name, kind).values}


def tlsa(record: Record, lookup: Lookup) -> Finding:
    """Whether the certificate's key is published where senders may rely on it (RFC 7672)."""
    answer = lookup(record.name, "TLSA")
    found = compare(record, answer)
    if found.verdict == UNKNOWN or answer.secure:
        return _stale(found)
    if found.verdict == MISSING:
        return found
    if answer.signed and not lookup(".", "SOA").secure:
        reason = "It is there and signed, but this resolver does not validate, so DNSSEC could not be judged."
        return Finding(UNKNOWN, "no_validation", answer.values, reason, "Ask through a resolver that validates.")
    reason = "It is there without DNSSEC, so no sender heeds it."
    return wrong("no_dnssec", answer.values, reason, _DNSSEC)


def _stale(found: Finding) -> Finding:
    """A TLSA for another key does not only fail to help: senders that heed it deliver no mail."""
    if found.kind != "other":
        return found
    reason = "It is for another key than that of the certificate, so senders that heed it deliver no mail."
    return wrong("wrong_key", found.found, reason)


def alias(record: Record, lookup: Lookup) -> Finding:
    """A name that is to stand for another; addresses of its own serve as well."""
    found = compare(record, lookup(record.name, "CNAME"))
    if found.verdict == MISSING:
        own = [text for kind in ("A", "AAAA") for text in lookup(record.name, kind).values]
        if own:
            return ok(own, "It has addresses of its own instead of a CNAME.", "address")
    return found


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _address_of(pointer: str) -> str:
    """The address of a name in in-addr.arpa or ip6.arpa; nothing for other names."""
    *parts, kind, top = pointer.split(".") if "." in pointer else (pointer, "", "")
    digits = "".join(reversed(parts))
    texts = {
        "in-addr.arpa": ".".join(reversed(parts)),
        "ip6.arpa": ":".join(digits[start : start + 4] for start in range(0, 32, 4)),
    }
    text = texts.get(f"{kind}.{top}", "")
    return str(ipaddress.ip_address(text)) if _is_address(text) else ""


def name_server(server: str, status: str) -> Finding:
    """Whether a server that is named for a zone has it."""
    if status in (_answer.OK, _answer.NODATA, _answer.NXDOMAIN):
        return ok((server,), "It answers for the zone.")
    said = _answer.SAYS[status]
    if status in (_answer.UNREACHABLE, _answer.UNASKED):
        return Finding(UNKNOWN, status, (), f"{sentence(said)}.", _answer.MENDS[status])
    mend = "Mend that server, or take it out of the zone's NS records."
    return wrong(status, (), f"{said}.", mend)


def covered(host: str, names: Iterable[str]) -> Finding:
    """Whether a certificate of the server is for a host that clients connect to."""
    have = list(names)
    with contextlib.suppress(MailError):  # no certificate is for what is no host name
        if covers(have, host):
            return ok(have, "A certificate of the server is for this name.")
    mend = "Add the name to an entry of mail_certificates."
    return wrong("certificate", have, f"No certificate of the server is for {host}.", mend)
