# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dynamic updates of zones, signed with a key that the server knows (RFC 2136, RFC 8945)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .._errors import MailError
from . import ask, publish, wire
from .publish import Move, Set, Wish
from .record import is_within, presentation

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype
    import dns.tsig
    import dns.update
except ImportError:  # modules that need it say so before they come here
    pass

ALGORITHMS = ("hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1")
_AT_ONCE = 16
_UDP = 2.0  # seconds for an answer over UDP
_TRIES = 3
_RCODES = {
    "NOTAUTH": (
        "is not the primary server of this zone, or does not know the key",
        "Name the zone's primary server, and a key that may update it.",
    ),
    "REFUSED": (
        "refuses this",
        "Allow the key to read and to update the zone (allow-update or update-policy in BIND, acl in Knot).",
    ),
    "NOTZONE": ("says that a name is not in this zone", "Correct the option zone."),
    "NOTIMP": ("knows no dynamic updates", "Publish the records in another way."),
    "FORMERR": ("did not understand the update", "See the server's log."),
    "SERVFAIL": ("failed", "See the server's log; the zone may be frozen, or its file not writable."),
}
# By the names of exceptions: those of dnspython cannot be written here where it is not.
_TROUBLES = {
    "PeerBadKey": (
        "does not know this key, or does not let it at this zone (BADKEY)",
        "Correct the key's name and algorithm, or allow it for the zone.",
    ),
    "PeerBadSignature": ("takes this key's secret for wrong (BADSIG)", "Correct the secret and the algorithm."),
    "PeerBadTime": ("has another time than this host (BADTIME)", "Set the clocks of both."),
    **dict.fromkeys(
        ("UnknownTSIGKey", "BadSignature", "BadTime", "BadKey"),
        ("signs its answer with another key", "Correct the key's name, secret and algorithm."),
    ),
    "Timeout": ("did not answer within {seconds} seconds", "See whether TCP port {port} is open."),
    "TooBig": ("would get more than one message can hold", "Publish fewer values of this name at once."),
    "FormError": (  # newer versions of dnspython say so of an answer without a signature, also when it is a refusal
        "gave no proper answer, or one that is not signed ({said})",
        "See whether it knows the key, and what stands between this host and the server.",
    ),
    "DNSException": ("gave no proper answer ({said})", "See the server's log."),
    "EOFError": ("ended the connection without an answer", "See the server's log."),
    "OSError": ("cannot be reached ({said})", "See whether it runs, and whether TCP port {port} is open."),
}
_CHANGED = ("NXRRSET", "YXRRSET", "NXDOMAIN", "YXDOMAIN")


class Key(NamedTuple):
    """The key that the server knows; without a name, updates are not signed."""

    name: str = ""
    secret: str = ""
    algorithm: str = ALGORITHMS[0]


class Primary:
    """The primary server of zones. Every method raises MailError, which says the server and never the key."""

    def __init__(self, address: str, port: int, key: Key, timeout: float) -> None:
        self._address, self._port, self._timeout = address, port, timeout
        self.where = f"name server {address}" + (f" port {port}" if port != 53 else "")
        self._tsig = self._signature(key)

    def _signature(self, key: Key) -> Any:
        if not key.name:
            return None
        try:
            secret = base64.b64decode(key.secret, validate=True)
            if not secret:
                raise ValueError("there is none")
            return dns.tsig.Key(dns.name.from_text(key.name), secret, f"{key.algorithm}.")
        except (binascii.Error, ValueError, dns.exception.DNSException):
            what = "the key's name is no name, or its secret is not base64"
            mend = "Give both as they stand in the server's configuration."
            raise MailError(what, where=self.where, mend=mend) from None

    def zone_of(self, name: str) -> str:
        """The zone of this server that a name is in."""
        above = name
        while above:
            reply = self._ask(above, "SOA")
            zones = [part.name for part in (*reply.answer, *reply.authority) if part.rdtype == dns.rdatatype.SOA]
            found = str(zones[0].to_text()).lower().rstrip(".") if zones else ""
            if reply.flags & dns.flags.AA and found and is_within(name, found):
                return found
            above = above.partition(".")[2]
        mend = "Name the primary server of its zone."
        raise MailError(f"has no zone that {name} is in", where=self.where, mend=mend)

    def read(self, name: str, kind: str) -> Set:
        """The records of one name and type."""
        reply = self._ask(name, kind)
        code = dns.rcode.to_text(reply.rcode())
        if code not in ("NOERROR", "NXDOMAIN"):
            raise self._refusal(code, f"{name} {kind}")
        if not reply.flags & dns.flags.AA:
            raise self._refusal("NOTAUTH", f"{name} {kind}")
        owner = dns.name.from_text(name)
        alias = any(part.name == owner and part.rdtype == dns.rdatatype.CNAME for part in reply.answer)
        if alias and kind != "CNAME":
            mend = "Take the CNAME away first (state: absent)."
            raise MailError(f"is a CNAME, beside which no {kind} can stand", where=name, mend=mend)
        for part in reply.answer:
            if part.name == owner and part.rdtype == dns.rdatatype.from_text(kind):
                return Set(part.ttl, tuple(ask.text(row) for row in part))
        return Set()

    def update(self, zone: str, moves: Sequence[Move]) -> bool:
        """Make the moves at once, if all is still as it was; else change nothing and say False."""
        message = dns.update.Update(zone)
        for move in moves:
            owner = dns.name.from_text(move.name)
            before, after = _rows(move.type, move.before), _rows(move.type, move.after)
            if before:
                message.present(owner, *before)
                message.delete(owner, move.type)
            else:
                message.absent(owner, move.type)
            if after:
                message.add(owner, move.after.ttl, *after)
        code = dns.rcode.to_text(self._exchange(message, f"zone {zone}").rcode())
        if code in _CHANGED:
            return False
        if code != "NOERROR":
            raise self._refusal(code, f"zone {zone}")
        return True

    def _ask(self, name: str, kind: str) -> Any:
        query = dns.message.make_query(dns.name.from_text(name), kind)
        query.flags = 0
        return self._exchange(query, f"{name} {kind}", by_udp=True)

    def _exchange(self, message: Any, what: str, *, by_udp: bool = False) -> Any:
        """The reply: over UDP where that is allowed and suffices, else over TCP, which has room for everything."""
        if self._tsig:
            message.use_tsig(self._tsig, self._tsig.name)  # dnspython 2.0 needs the name as well
        try:
            reply = self._by_udp(message) if by_udp else None
            reply = reply or wire.by_tcp(message, self._address, self._port, self._timeout)
        except (dns.exception.DNSException, OSError, EOFError) as error:
            known = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _TROUBLES)
            reason, mend = _TROUBLES[known]
            said = getattr(error, "strerror", None) or type(error).__name__
            what = f"{what}: {reason.format(said=said, seconds=f'{self._timeout:g}')}"
            raise MailError(what, where=self.where, mend=mend.format(port=self._port)) from error
        if self._tsig and not reply.had_tsig and reply.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            what = f"{what}: gave an answer that is not signed"
            raise MailError(what, where=self.where, mend=_TROUBLES["FormError"][1])
        return reply

    def _by_udp(self, message: Any) -> Any:
        """The reply, or None when it was cut or got lost."""
        timeout = min(_UDP, self._timeout)
        with contextlib.suppress(dns.exception.Timeout, OSError):
            reply = wire.by_udp(message, self._address, self._port, timeout)
            return None if reply.flags & dns.flags.TC else reply
        return None

    def _refusal(self, code: str, what: str) -> MailError:
        reason, mend = _RCODES.get(code, ("failed", "See the server's log."))
        return MailError(f"{what}: {reason} ({code})", where=self.where, mend=mend)


def _rows(kind: str, found: Set) -> list[Any]:
    """The records as dnspython has them."""
    from_text = functools.partial(dns.rdata.from_text, dns.rdataclass.IN, dns.rdatatype.from_text(kind))
    return [from_text(presentation(kind, value)) for value in found.values]


class Zone(NamedTuple):
    """A zone of the server: what is wished for it, and the moves that lead there."""

    name: str
    wishes: list[Wish]
    moves: list[Move]


def planned(primary: Primary, wishes: Sequence[Wish], zone: str) -> list[Zone]:
    """The zones that change, and how. Without the name ``zone``, the server says which zone a record is in."""
    moves = _moves(primary, wishes)
    names = list(dict.fromkeys(move.name for move in moves))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        zones = dict.fromkeys(names, zone) if zone else dict(zip(names, pool.map(primary.zone_of, names)))
    by_zone: dict[str, list[Move]] = {}
    for move in moves:
        by_zone.setdefault(zones[move.name], []).append(move)
    by_key: dict[tuple[str, str], list[Wish]] = {}
    for wish in wishes:
        by_key.setdefault((wish.record.name, wish.record.type), []).append(wish)
    return [
        Zone(name, [wish for move in own for wish in by_key[move.name, move.type]], own)
        for name, own in by_zone.items()
    ]


def _moves(primary: Primary, wishes: Sequence[Wish]) -> list[Move]:
    """What is to change by what the server has now."""
    keys = list(dict.fromkeys((wish.record.name, wish.record.type) for wish in wishes))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(keys, pool.map(lambda key: primary.read(*key), keys)))
    return publish.plan(wishes, found)


def apply(primary: Primary, zones: Sequence[Zone]) -> None:
    """Make the moves, zone by zone. The MailError that is raised says which zones were updated before."""
    done: list[str] = []
    for zone in zones:
        try:
            _apply(primary, zone)
        except MailError as error:
            said = f"Updated before: {', '.join(done)}." if done else "No other zone was changed."
            raise MailError(error.what, where=error.where, mend=f"{error.mend} {said}") from error
        done.append(zone.name)


def _apply(primary: Primary, zone: Zone) -> None:
    """Make the moves of one zone, plan anew where somebody else was faster, and read back what came of it."""
    left = zone.moves
    for _attempt in range(_TRIES):
        met = all(primary.update(zone.name, portion) for portion in publish.parts(left))
        left = _moves(primary, zone.wishes)
        if not left:
            return
        if met:
            what = f"zone {zone.name}: took the update without a word and does not have {left[0].type} {left[0].name}"
            mend = "See whether another record stands at this name (a CNAME stands alone), and the server's log."
            raise MailError(what, where=primary.where, mend=mend)
    what = f"zone {zone.name}: somebody else changed these records at the same time, {_TRIES} times"
    raise MailError(what, where=primary.where, mend="Run again.")
