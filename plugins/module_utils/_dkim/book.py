# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is remembered of a key beside its private part: a file of JSON that others may read."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import MailError
from .key import ALGORITHMS, Key, fingerprint
from .phase import PHASES, RETIRED
from .record import name_of, record

_FORM = "%Y-%m-%dT%H:%M:%SZ"


class Held(NamedTuple):
    """A key as it is known without opening it. ``created`` and ``since``, the begin of its phase, count from 1970.

    ``seal`` is a digest of the private file and the public key, so that damage of either shows without reading a key.
    """

    algorithm: str
    bits: int
    public: str
    created: int
    phase: str
    since: int
    seal: str


def hold(key: Key, *, created: float, phase: str, since: float) -> Held:
    return Held(key.algorithm, key.bits, key.public, int(created), phase, int(since), seal(key.public, key.content))


def seal(public: str, content: bytes) -> str:
    return hashlib.sha256(public.encode() + b"\n" + content).hexdigest()


def write(held: Held) -> bytes:
    """The file; keys stand in their order, so equal content is equal text."""
    times = {name: _text(getattr(held, name)) for name in ("created", "since")}
    return (json.dumps({**held._asdict(), **times}, indent=2) + "\n").encode()


def read(data: bytes, *, where: str) -> Held:
    """Raises MailError when it is not what was written here."""
    try:
        raw = json.loads(data)
        times = {name: seconds(raw[name]) for name in ("created", "since")}
        held = Held(**{name: times.get(name, raw[name]) for name in Held._fields})
        sound = held.algorithm in ALGORITHMS and held.phase in PHASES and isinstance(held.bits, int)
        fingerprint(held.algorithm, held.public)
    except (ValueError, TypeError, KeyError, AttributeError):
        sound = False
    if not sound:
        mend = "Put it back from a backup. If it is removed the key is taken up again, and its phase has to be set."
        raise MailError("is damaged: it does not describe a key", where=where, mend=mend)
    return held


def _text(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(_FORM)


def seconds(text: str) -> int:
    """Since 1970, of a time as modules return it. Raises ValueError."""
    moment = datetime.datetime.strptime(text, _FORM).replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp())


def shown(domain: str, selector: str, held: Held, path: str) -> dict[str, Any]:
    """A key as modules return it."""
    entry = record(domain, selector, held.algorithm, held.public)
    return {
        "domain": domain,
        "selector": selector,
        "algorithm": held.algorithm,
        "bits": held.bits,
        "phase": held.phase,
        "since": _text(held.since),
        "created": _text(held.created),
        "published": held.phase != RETIRED,
        "name": entry.name,
        "value": entry.value,
        "strings": list(entry.strings),
        "zone": entry.zone,
        "fingerprint": fingerprint(held.algorithm, held.public),
        "path": "" if held.phase == RETIRED else path,
    }


def foretold(domain: str, selector: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a key that check mode does not make: what only the key could tell is empty."""
    blank = dict.fromkeys(("since", "created", "value", "zone", "fingerprint"), "")
    names = {"domain": domain, "selector": selector, "name": name_of(domain, selector)}
    return {**names, **blank, "strings": [], "published": True, **known}


def described(held: Held | None) -> str:
    """What a diff says of a key."""
    if held is None:
        return ""
    lines = {
        "algorithm": held.algorithm,
        "bits": held.bits,
        "fingerprint": fingerprint(held.algorithm, held.public),
        "phase": held.phase,
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())
