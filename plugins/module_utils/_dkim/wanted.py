# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which keys the domains of an inventory lack: what a domain says under ``dkim`` over ``mail_dkim``, and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail.address import domain_name
from .._mail.values import near_miss
from .key import ALGORITHMS, BITS, RSA
from .phase import PREPARED, PUBLISHED, SIGNING, new_selector
from .record import selector_name

GENERAL = ("algorithms", "bits", "selector")
KNOWN = (*GENERAL, "key_file")
_LIVE = (PREPARED, PUBLISHED, SIGNING)  # signs, or is on its way to
Entries = list[dict[str, Any]]


class Words(NamedTuple):
    """The words, judged. ``key_file`` is a key to take over; it stands for an RSA key."""

    algorithms: tuple[str, ...] = (RSA,)
    bits: int = BITS[0]
    selector: str = ""
    key_file: str = ""


def check(domains: Iterable[Mapping[str, Any]], general: Mapping[str, Any]) -> None:
    """Judge what an inventory says of keys. Raises MailError that names the domain and the word."""
    _judged_general(general)
    for entry in domains:
        for _domain in read(entry, general):
            continue


def read(entry: Mapping[str, Any], general: Mapping[str, Any]) -> Iterator[tuple[str, Words]]:
    """A domain of the inventory that is to sign, and its alias domains. Raises MailError.

    A key that is taken over is for the domain itself: nobody has published it for its alias domains.
    """
    name = domain_name(entry.get("name"))
    where = f"domain {name}: dkim"
    own = entry.get("dkim")
    if not (own is None or isinstance(own, (bool, Mapping))):
        mend = "Write true, false, or options such as algorithms: [rsa, ed25519]."
        raise MailError("is not a dictionary", where=where, mend=mend)
    words = _words({**general, **own} if isinstance(own, Mapping) else general, name, where=where)
    if own is False or entry.get("state") == "absent":
        return
    yield name, words
    for other in entry.get("alias_domains") or ():
        yield domain_name(other), words._replace(key_file="")


def unsigned(domains: Iterable[Mapping[str, Any]]) -> list[str]:
    """The domains, and their alias domains, whose mail is not to be signed (``dkim: false``). Raises MailError."""
    silent = [entry for entry in domains if entry.get("dkim") is False]
    return [domain_name(name) for entry in silent for name in (entry.get("name"), *(entry.get("alias_domains") or ()))]


def missing(
    domains: Iterable[Mapping[str, Any]], keys: Iterable[Mapping[str, Any]], general: Mapping[str, Any], *, now: float
) -> Entries:
    """The keys that are to be made or taken over, as entries of mail_dkim_key. Raises MailError.

    ``keys`` are as its info module returns them. A key that signs or is on its way there is enough, whatever its size
    and selector are; those that have followed it count as well.
    """
    _judged_general(general)
    known = _by_domain(keys)
    taken_over: Entries = []
    made: dict[tuple[str, str, int], list[str]] = {}
    for entry in domains:
        for name, words in read(entry, general):
            own = known.get(name, [])
            taken = {selector for selector, _algorithm, _phase in own}
            live = {algorithm for _selector, algorithm, phase in own if phase in _LIVE}
            if words.key_file and words.selector not in taken:
                order = {"selector": words.selector, "key_file": words.key_file, "phase": SIGNING}
                taken_over.append({"domains": [name], **order})
                taken.add(words.selector)
                live.add(RSA)
            for algorithm in words.algorithms:
                if algorithm not in live:
                    first = words.selector if algorithm == RSA and words.selector not in taken else ""
                    selector = first or new_selector(taken, algorithm, now)
                    bits = words.bits if algorithm == RSA else 0
                    made.setdefault((selector, algorithm, bits), []).append(name)
                    taken.add(selector)
    return taken_over + [_order(names, *kind) for kind, names in made.items()]


def _order(names: Sequence[str], selector: str, algorithm: str, bits: int) -> dict[str, Any]:
    return {"domains": list(names), "selector": selector, "algorithm": algorithm, **({"bits": bits} if bits else {})}


def _by_domain(keys: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[str, str, str]]]:
    """Selector, algorithm and phase of each key."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for key in keys:
        try:
            found.setdefault(str(key["domain"]), []).append((key["selector"], key["algorithm"], key["phase"]))
        except (KeyError, TypeError) as error:
            mend = "Give the keys as mail_dkim_key_info returns them."
            raise MailError("is not a key", where=f"keys: {str(key)[:80]}", mend=mend) from error
    return found


def _judged_general(general: Mapping[str, Any]) -> None:
    where = "mail_dkim"
    if not isinstance(general, Mapping):
        raise MailError("is not a dictionary", where=where, mend="Write options such as algorithms: [rsa, ed25519].")
    if "key_file" in general:
        raise MailError("is for one domain", where=f"{where}: key_file", mend="Write it under dkim of the domain.")
    _words(general, "", where=where)


def _words(raw: Mapping[str, Any], domain: str, *, where: str) -> Words:
    """The options of one domain. Raises MailError that names the word."""
    known = KNOWN if domain else GENERAL
    unknown = sorted(str(key) for key in raw if key not in known)
    if unknown:
        raise MailError("no such option", where=f"{where}: {unknown[0]}", mend=near_miss(unknown[0], known))
    bits = raw.get("bits", BITS[0])
    if isinstance(bits, bool) or bits not in BITS:
        mend = f"Write {', '.join(map(str, BITS[:-1]))} or {BITS[-1]}."
        raise MailError(f"{bits!r} is not a size of RSA keys", where=f"{where}: bits", mend=mend)
    selector = _selector(raw.get("selector") or "", domain, f"{where}: selector")
    key_file = raw.get("key_file") or ""
    if not isinstance(key_file, str) or (key_file and not key_file.startswith("/")):
        mend = "Write a path on the server that begins with /."
        raise MailError(f"{key_file!r} is not a whole path", where=f"{where}: key_file", mend=mend)
    if key_file and not selector:
        mend = "Write the selector that its record is published under."
        raise MailError("is needed beside key_file", where=f"{where}: selector", mend=mend)
    return Words(_algorithms(raw.get("algorithms", [RSA]), f"{where}: algorithms"), bits, selector, key_file)


def _algorithms(value: Any, where: str) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not items:
        raise MailError("is not a list", where=where, mend="Write [rsa] or [rsa, ed25519].")
    for item in items:
        if item not in ALGORITHMS:
            raise MailError(f"'{item}' means nothing here", where=where, mend=near_miss(str(item), ALGORITHMS))
    if RSA not in items:
        mend = "Write [rsa, ed25519], or false for a domain that does not sign."
        raise MailError("lacks rsa: not every receiver knows Ed25519", where=where, mend=mend)
    return tuple(algorithm for algorithm in ALGORITHMS if algorithm in items)


def _selector(value: Any, domain: str, where: str) -> str:
    if not value:
        return ""
    try:
        return selector_name(str(value), domain)
    except MailError as error:
        raise MailError(f"{value!r} {error.what}", where=where, mend=error.mend) from error
