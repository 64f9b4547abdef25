# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DMARC records: their tags, and which one counts for a domain (RFC 9989, before it RFC 7489)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail.values import near_miss
from . import tags as _tags
from .answer import Answer, Lookup

VERSION = "v=dmarc1"
_POLICIES = ("none", "quarantine", "reject")
_CHOICES = {
    "p": _POLICIES,
    "sp": _POLICIES,
    "np": _POLICIES,
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
    "t": ("y", "n"),
    "psd": ("y", "n", "u"),
}
_LISTS = ("rua", "ruf")
OPTIONS = ("p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "t")
_DEFAULTS = {"adkim": "r", "aspf": "r", "fo": "0", "t": "n", "psd": "u", "pct": "100", "rf": "afrf", "ri": "86400"}
_URI = re.compile(r"(?:mailto:[^@\s,;!]+@[^@\s,;!]+|https?://[^\s,;!]+)(?:![0-9]+[kmgt]?)?\Z", re.IGNORECASE)
_DEEP = 8  # labels; longer names are cut to seven (RFC 9989, section 4.10)


class Policy(NamedTuple):
    """The record that counts for a domain: the ``owner`` below which it stands, and its text."""

    owner: str
    text: str


def make(options: Mapping[str, Any], *, where: str) -> str:
    """The record of the words in :data:`OPTIONS`; addresses may lack ``mailto:``. Raises MailError."""
    unknown = sorted(str(key) for key in options if key not in OPTIONS)
    if unknown:
        raise MailError("no such option", where=f"{where}: {unknown[0]}", mend=near_miss(unknown[0], OPTIONS))
    found = {"v": "DMARC1", "p": "none"}
    for tag in OPTIONS:
        value = options.get(tag)
        if tag in _LISTS:
            found[tag] = ",".join(_uri(item, f"{where}: {tag}") for item in _listed(value, f"{where}: {tag}"))
        elif value not in (None, ""):
            found[tag] = _word(tag, value, where)
    return _tags.render(found)


def _word(tag: str, value: Any, where: str) -> str:
    text = {True: "y", False: "n"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    if tag in _CHOICES and text not in _CHOICES[tag]:
        raise MailError(f"'{text}' means nothing here", where=f"{where}: {tag}", mend=near_miss(text, _CHOICES[tag]))
    if tag == "fo" and not re.match(r"[01ds](?::[01ds])*\Z", text):
        raise MailError(f"'{text}' means nothing here", where=f"{where}: fo", mend="Write 0, 1, d or s.")
    return text


def _listed(value: Any, where: str) -> Sequence[Any]:
    items = [value] if isinstance(value, str) and value else value or []
    if not isinstance(items, (list, tuple)):
        raise MailError("is not a list", where=where, mend="Write a list of addresses.")
    return items


def _uri(item: Any, where: str) -> str:
    text = str(item)
    text = text if ":" in text else f"mailto:{text}"
    if not _URI.match(text):
        raise MailError(f"'{item}' is no address for reports", where=where, mend="Write name@example.com.")
    return text


def report_hosts(text: str) -> list[str]:
    """The domains that get the reports of a record."""
    found, _faults = _tags.parse(text)
    uris = [uri for tag in _LISTS for uri in found.get(tag, "").split(",")]
    return list(dict.fromkeys(uri.partition("@")[2].partition("!")[0].strip().lower() for uri in uris if "@" in uri))


def is_external(host: str, domain: str) -> bool:
    """Whether reports about ``domain`` need the consent of ``host``, which is neither above nor below it."""
    return host != domain and not host.endswith(f".{domain}") and not domain.endswith(f".{host}")


def is_dmarc(text: str) -> bool:
    """Whether a TXT is a DMARC record."""
    return re.match(r"v\s*=\s*DMARC1\s*(?:;|\Z)", text) is not None


def faults(text: str) -> list[str]:
    """A sentence for each thing that is wrong in a record."""
    found, wrong = _tags.parse(text)
    for tag, known in _CHOICES.items():
        if found.get(tag, known[0]).lower() not in known:
            wrong.append(f"{tag}={found[tag]} means nothing")
    if "p" not in found:
        wrong.append("it has no p, so there is no policy")
    for tag in _LISTS:
        uris = [uri.strip() for uri in found[tag].split(",")] if tag in found else []
        odd = [uri for uri in uris if not _URI.match(uri)]
        wrong += [f"{tag} has '{uri}', which is no address such as mailto:name@example.com" for uri in odd]
    return wrong


def differences(expected: str, found: str) -> list[str]:
    """A sentence for each tag that is not as expected; defaults count as written."""
    wanted, have = _tags.parse(expected)[0], _tags.parse(found)[0]
    result = []
    for tag in dict.fromkeys([*wanted, *have]):
        default = _DEFAULTS.get(tag, wanted.get("p", "") if tag == "sp" else "")
        one, other = (_comparable(tag, tags.get(tag, default)) for tags in (wanted, have))
        if one != other and not (tag == "np" and tag not in wanted):
            result.append(f"{tag}={have.get(tag, '(none)')} instead of {wanted.get(tag, '(none)')}")
    return result


def _comparable(tag: str, value: str) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in value.split(",")) if tag in _LISTS else frozenset([value.lower()])


def above(domain: str) -> Iterator[str]:
    """The names whose records are looked at after that of ``domain`` itself, nearest first."""
    labels = domain.split(".")
    start = 1 if len(labels) < _DEEP else len(labels) - _DEEP + 1
    for position in range(start, len(labels)):
        yield ".".join(labels[position:])


def parent(domain: str, lookup: Lookup) -> Policy | None:
    """The policy that counts for a domain without a record of its own: that of the organisation, found by walking up.

    The last record on the way up is the organisation's, unless one says ``psd=n`` (it is this one) or ``psd=y`` (a
    registry's: it is the one before, and the registry's own if there is none).
    """
    found: Policy | None = None
    for owner in above(domain):
        texts = records(lookup(f"_dmarc.{owner}", "TXT"))
        if len(texts) != 1:
            continue
        here = Policy(owner, texts[0])
        psd = _tags.parse(texts[0])[0].get("psd", "u")
        if psd == "y":
            return found or here
        found = here
        if psd == "n":
            break
    return found


def records(answer: Answer) -> list[str]:
    """The DMARC records in an answer; other texts do not count."""
    return [text for text in answer.values if is_dmarc(text)]
