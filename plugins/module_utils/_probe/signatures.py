# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a message that arrived proves of the keys that its domain signs with (RFC 6376, RFC 8463)."""

from __future__ import annotations

import email
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from .._dns_record import tags
from .._errors import MailError
from .terms import Answer, Letter, Row

_UNSIGNED = (
    "Look at what rspamd says of this mail (journalctl -u rspamd), and run site.yml or rotate_dkim.yml again, so that "
    "it learns which keys sign."
)
_WRONG = "What signs has another key than /var/lib/mailserver/dkim, or the mail was changed after it was signed."
_STRANGE = "What signs uses a key that is damaged, or that mail_dkim_key does not know. Run site.yml again."


class Key(NamedTuple):
    """A key of the server: ``name`` and ``value`` are its record, ``signs`` says whether it is to sign."""

    domain: str
    selector: str
    algorithm: str
    signs: bool
    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.selector} ({self.algorithm})"


class Verifies(Protocol):
    """What this room needs of the library that verifies (see verifier.verify)."""

    def __call__(self, raw: bytes, number: int, records: Mapping[str, str]) -> Answer: ...


def read(entries: Iterable[Mapping[str, Any]]) -> list[Key]:
    """The keys as mail_dkim_key_info returns them, without those that are retired. Raises MailError."""
    try:
        return [
            Key(
                domain=str(entry["domain"]),
                selector=str(entry["selector"]),
                algorithm=str(entry["algorithm"]),
                signs=entry["phase"] == "signing",
                name=str(entry["name"]),
                value=str(entry["value"]),
            )
            for entry in entries
            if entry["phase"] != "retired" and entry["value"]
        ]
    except (KeyError, TypeError) as error:
        mend = "Give the keys as mail_dkim_key_info returns them."
        raise MailError("has something that is not a key", where="dkim_keys", mend=mend) from error


def domain_of(letter: Letter) -> str:
    """The domain that a letter is to be signed for; nothing for one from outside and for one that asks for a reply."""
    return letter.sender.rpartition("@")[2] if letter.login and not letter.reply_to else ""


def domains(keys: Iterable[Key]) -> list[str]:
    """Those whose mail bears signatures."""
    return list(dict.fromkeys(key.domain for key in keys if key.signs))


def idle(keys: Sequence[Key]) -> list[Row]:
    """A row that is skipped for each domain whose keys do not sign yet."""
    why = "none of its keys signs yet: publish their records, and run rotate_dkim.yml"
    known, signing = dict.fromkeys(key.domain for key in keys), domains(keys)
    return [Row("dkim", f"mail of {name} signed", "skipped", why) for name in known if name not in signing]


def rows(letter: Letter, raw: bytes, keys: Sequence[Key], verify: Verifies) -> Iterator[Row]:
    """One row for each key that signs for the letter's domain, and one for each signature with another key.

    ``raw`` is the message as it was read, or nothing when it did not arrive.
    """
    domain = domain_of(letter)
    own = [key for key in keys if key.domain == domain]
    found = _signatures(raw, domain)
    records = {key.name: key.value for key in own}
    for key in own:
        if not key.signs:
            continue
        what = f"mail of {letter.sender} signed with {key}"
        number = found.get(key.selector)
        if not raw:
            yield Row(letter.area, what, "skipped", "the message did not arrive where it can be read")
        elif number is None:
            yield Row(letter.area, what, "failed", _seen(found), _UNSIGNED)
        else:
            yield _row(letter.area, what, verify(raw, number, records))
    for selector in sorted({*found} - {key.selector for key in own}) if own else ():
        what = f"mail of {letter.sender} signed with keys of this server alone"
        yield Row(letter.area, what, "failed", f"it has a signature with selector {selector}", _STRANGE)


def _row(area: str, what: str, answer: Answer) -> Row:
    if answer.state == "accepted":
        return Row(area, what, "ok", answer.text)
    if answer.state == "unable":
        return Row(area, what, "skipped", answer.text)
    return Row(area, what, "failed", answer.text, _WRONG)


def _seen(found: Mapping[str, int]) -> str:
    return f"no such signature, only with {', '.join(sorted(found))}" if found else "it has no signature of the domain"


def _signatures(raw: bytes, domain: str) -> dict[str, int]:
    """By selector, which of the message's signatures is of the domain: its number from the top, where the last is."""
    found: dict[str, int] = {}
    for number, text in enumerate(email.message_from_bytes(raw).get_all("DKIM-Signature") or ()):
        known = tags.parse(str(text))[0]
        if known.get("d", "").lower() == domain and known.get("s"):
            found.setdefault(known["s"].lower(), number)
    return found
