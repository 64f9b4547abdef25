# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a certificate, its chain and its key are good enough to be installed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import chain as _chain
from . import facts as _facts
from . import keys, pem
from . import names as _names
from .terms import Bundle, Facts, Pair

_DAY = 86400
_RENEW = "Renew it at its authority."
_REISSUE = "Ask the authority for another certificate."


class LackError(MailError):
    """What is given belongs together, but is not for all names, or not valid now or for long enough."""


class _Given(NamedTuple):
    """A pair taken apart: the certificate that belongs to the key, what else was given, and the key."""

    leaf: Facts
    others: tuple[Facts, ...]
    key: Any


def bundles(
    pairs: Sequence[Pair], *, names: Sequence[str], now: float, min_days: int, trust: Sequence[Facts], entry: str = ""
) -> tuple[Bundle, ...]:
    """The one or two pairs of an entry as :func:`bundle` finds them, ECDSA first.

    ``entry`` is what the entry is called; the MailError that is raised says it before the file, ``certificate NAME:
    FILE: …``, and so do the warnings.
    """
    try:
        found = [bundle(pair, names=names, now=now, min_days=min_days, trust=trust) for pair in pairs]
        _differ(pairs, found)
    except MailError as error:
        raise within(entry, error) from error
    prefix = f"certificate {entry}: " if entry else ""
    found = [item._replace(warnings=tuple(prefix + text for text in item.warnings)) for item in found]
    return tuple(sorted(found, key=lambda item: not item.leaf.key.startswith("EC ")))


def within(entry: str, error: MailError) -> MailError:
    """The same error, said of the entry ``entry``."""
    where = ": ".join(part for part in (f"certificate {entry}" if entry else "", error.where) if part)
    return type(error)(error.what, where=where, mend=error.mend)


def leaves(pairs: Sequence[Pair], *, entry: str = "") -> list[Facts]:
    """The certificates that the keys belong to, of whatever worth. Raises MailError when a file cannot be read."""
    try:
        return [_open(pair).leaf for pair in pairs]
    except MailError as error:
        raise within(entry, error) from error


def _differ(pairs: Sequence[Pair], found: Sequence[Bundle]) -> None:
    kinds = [item.leaf.key.partition(" ")[0] for item in found]
    if len(kinds) > 2 or len(set(kinds)) < len(kinds):
        what = f"there are {len(kinds)} certificates with the kinds of keys {' and '.join(kinds)}"
        mend = "A server has one certificate, or one with an EC key and one with an RSA key."
        raise MailError(what, where=pairs[-1].certificate_where, mend=mend)


def bundle(pair: Pair, *, names: Sequence[str], now: float, min_days: int, trust: Sequence[Facts]) -> Bundle:
    """The pair in the form that daemons need, when all of it is right. Raises MailError that names the file at fault.

    ``now`` is seconds since 1970; for ``min_days`` from then on the certificate and its chain must be valid. ``trust``
    are the roots that clients are taken to know; a pair that is to be self-signed needs none. The error is a LackError
    when certificate and key belong together and names or days are missing.
    """
    given = _open(pair)
    where = pair.certificate_where
    _check_leaf(given.leaf, names, pair.self_signed, where)
    _check_time(given.leaf, now, min_days, where)
    keys.prove(given.key, _facts.load(given.leaf.der).public_key(), where=pair.key_where or where)
    warnings = [f"{where}: {text}" for text in keys.warnings(given.leaf.key)]
    if pair.self_signed and _chain.is_signed_by(given.leaf, given.leaf):
        path: tuple[Facts, ...] = (given.leaf,)
        warnings.append(f"{where}: is self-signed: clients will warn of it until there is one of an authority")
    else:
        path = _path(pair, given, now, min_days, trust)
    return Bundle(keys.unlocked(given.key), path, tuple(warnings))


def _open(pair: Pair) -> _Given:
    """The parts of the pair, with the certificate that the key belongs to."""
    first = pem.read(pair.certificate, where=pair.certificate_where)
    has_chain = bool(pair.chain or pair.chain_where)  # what has a name and holds nothing is an empty file
    has_key = bool(pair.key or pair.key_where not in ("", pair.certificate_where))
    chain = pem.read(pair.chain, where=pair.chain_where) if has_chain else pem.Blocks((), ())
    second = pem.read(pair.key, where=pair.key_where) if has_key else first
    if not first.certificates:
        what, mend = "holds a private key and no certificate", "Give the certificate here, and the key as the key."
        raise MailError(what, where=pair.certificate_where, mend=mend)
    if has_chain and not chain.certificates:
        mend = "Give the certificates of the authority here, and the key as the key."
        raise MailError("holds a private key and no certificate", where=pair.chain_where, mend=mend)
    if not second.keys:
        if has_key:
            what, mend = "holds a certificate and no private key", "Give the private key here."
        else:
            what, mend = "holds no private key, and none is given beside it", "Give the key as well."
        raise MailError(what, where=pair.key_where or pair.certificate_where, mend=mend)
    certificates = [_facts.read(der, where=pair.certificate_where) for der in dict.fromkeys(first.certificates)]
    extra = [_facts.read(der, where=pair.chain_where) for der in chain.certificates]
    return _match(pair, tuple(dict.fromkeys(certificates + extra)), second.keys)


def _match(pair: Pair, certificates: tuple[Facts, ...], given: Iterable[bytes]) -> _Given:
    """The certificate that one of the keys belongs to: of several the one that is no authority and lasts longest."""
    where = pair.key_where or pair.certificate_where
    for data in given:
        key = keys.load(data, passphrase=pair.passphrase, where=where)
        digest = keys.digest(key.public_key())
        matching = [item for item in certificates if item.tlsa == digest]
        if matching:
            leaf = min(matching, key=lambda item: (item.authority, -item.not_after))
            return _Given(leaf, tuple(item for item in certificates if item is not leaf), key)
    leaf = min(certificates, key=lambda item: item.authority)
    raise MailError(
        f"this key does not belong to the certificate of '{leaf.subject}' in {pair.certificate_where}",
        where=where,
        mend="Give the key that the request for this certificate was made with.",
    )


def _check_leaf(leaf: Facts, names: Sequence[str], self_signed: bool, where: str) -> None:
    """Refuses what clients will not take, whatever the time is and whoever signed it."""
    if leaf.authority and not (self_signed and _facts.is_self_issued(leaf)):
        mend = "Give the certificate of the server first, and those of its authority as the chain."
        if _facts.is_self_issued(leaf):
            mend += " Set self_signed if the server is to sign its own."
        raise MailError(f"'{leaf.subject}' is the certificate of an authority, not of a server", where=where, mend=mend)
    _check_strength(leaf, "", where)
    if not leaf.names:
        what = "names no host: it has no subject alternative names, and clients take no other"
        raise MailError(what, where=where, mend=_REISSUE)
    missing = _names.missing(leaf.names, names)
    if missing:
        what = f"is not for {_names.some(missing)}; it is for {_names.some(leaf.names)}"
        mend = "Ask its authority for one with all names of the entry, or take out names that no client uses."
        raise LackError(what, where=where, mend=mend)


def _check_strength(facts: Facts, who: str, where: str) -> None:
    """Refuses a weak or odd key or signature, and a usage without servers."""
    try:
        keys.check(facts.key, where=where)
        keys.check_signature(facts.signature, where=where)
        if not _facts.serves(facts):
            what = "is not for servers: its extended key usage lacks serverAuth"
            raise MailError(what, where=where, mend=_REISSUE)
    except MailError as error:
        raise MailError(who + error.what, where=error.where, mend=error.mend) from error


def _check_time(facts: Facts, now: float, min_days: int, where: str, *, who: str = "", mend: str = _RENEW) -> None:
    """Refuses what is not valid now or for less than ``min_days``."""
    if now < facts.not_before:
        day = _date(facts.not_before, "%Y-%m-%d %H:%M UTC")
        wait = "Install it later, and see whether the host's clock is right."
        raise LackError(f"{who}is not valid before {day}", where=where, mend=wait)
    if facts.not_after < now:
        raise LackError(f"{who}expired on {_date(facts.not_after)}", where=where, mend=mend)
    if facts.not_after < now + min_days * _DAY:
        days = int((facts.not_after - now) / _DAY)
        what = f"{who}expires on {_date(facts.not_after)}, in {days} days, and min_days asks for {min_days}"
        raise LackError(what, where=where, mend=mend)


def _date(seconds: float, form: str = "%Y-%m-%d") -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(form)


def _path(pair: Pair, given: _Given, now: float, min_days: int, trust: Sequence[Facts]) -> tuple[Facts, ...]:
    """The first chain in which everything is right; else the fault of the first one."""
    if not trust:
        mend = "Install the package ca-certificates, or name the root of your authority in trust_files."
        raise MailError("this host knows no authorities to judge it by", where=pair.certificate_where, mend=mend)
    roots = [root for root in trust if root.not_before <= now <= root.not_after]
    fault: MailError | None = None
    for path in _chain.paths(given.leaf, given.others, roots):
        try:
            _check_path(path, now, min_days, pair.chain_where or pair.certificate_where)
        except MailError as error:
            fault = fault or error
        else:
            return path
    where, chain_where = pair.certificate_where, pair.chain_where
    raise fault or _chain.gap(given.leaf, given.others, trust, where=where, chain_where=chain_where)


def _check_path(path: Sequence[Facts], now: float, min_days: int, where: str) -> None:
    mend = "Give the authority's present intermediate, which it offers beside the certificate."
    for below, link in enumerate(path[1:]):
        who = f"intermediate '{link.subject}': "
        if not _facts.may_stand_above(link, below):
            raise MailError(f"{who}may not issue for another authority, and does", where=where, mend=mend)
        _check_time(link, now, min_days, where, who=who, mend=mend)
        _check_strength(link, who, where)
