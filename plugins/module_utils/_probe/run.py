# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One probe from beginning to end: ask, send, wait, fetch, clean up, within a time limit."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Semaphore
from typing import NamedTuple, Protocol

from . import judge, signatures
from .checks import Questions
from .mailbox import Found
from .terms import READING, SERVICES, Account, Answer, Check, Letter, Row, Sighting

_SETTLE = 2.0
_POLL = 1.0
_INBOX_ONLY = 3
_AT_ONCE = 4
_REFUSALS_AT_ONCE = 2
_SILENT = "nothing answers on this port"
# What is asked before all else, and what a failure means for the rest.
_FIRST = {"banner": _SILENT, "encrypt": "no TLS that can be trusted on this port"}


class Asks(Protocol):
    """What this room needs of the door (see door.Door)."""

    ports: Mapping[str, int]

    def ask(self, action: str, service: str, arguments: Mapping[str, object]) -> Answer: ...

    def send(self, letter: Letter) -> Answer: ...


class Looks(Protocol):
    """What this room needs of the mailboxes (see mailbox.Mailboxes); ``avoid`` names services that are no use."""

    avoid: set[str]

    def look(self, account: Account, *, everywhere: bool = False) -> Found: ...

    def clear(self, account: Account) -> Found: ...

    def fetch(self, service: str, account: Account, token: str) -> Answer: ...

    def read(self, account: Account, token: str) -> bytes: ...


class Signing(NamedTuple):
    """The keys of the server, and what verifies signatures with them."""

    keys: Sequence[signatures.Key]
    verify: signatures.Verifies


class Limits(NamedTuple):
    """Seconds: for all of the probe, and for a message to arrive."""

    whole: float
    delivery: float


class Proof(NamedTuple):
    """What was proved, and how many messages were sent for it and removed again."""

    rows: list[Row]
    sent: int
    removed: int


def prove(
    questions: Questions,
    accounts: Sequence[Account],
    door: Asks,
    mailboxes: Looks,
    *,
    limits: Limits,
    sending: bool,
    signing: Signing | None = None,
) -> Proof:
    """Ask everything; ``sending`` false (check mode) leaves the letters out."""
    end = time.monotonic() + limits.whole
    rows, useless = _ask_all(questions.checks, door, end)
    rows += [Row(area, what, "skipped", why) for area, what, why in questions.skipped]
    mailboxes.avoid = set(useless)
    letters, unsent = _sendable(questions.letters, door, useless, sending=sending)
    rows += unsent
    if not letters:
        return Proof(judge.in_order(rows), 0, 0)
    proof = _Post(letters, accounts, door, mailboxes, signing).round_trip(rows, end, limits)
    return proof._replace(rows=judge.in_order(proof.rows))


def _sendable(
    letters: Sequence[Letter], door: Asks, useless: Mapping[str, str], *, sending: bool
) -> tuple[list[Letter], list[Row]]:
    """The letters that can be handed in and seen again, and rows for the others."""
    every = "" if sending else "check mode sends no mail"
    if not any(name in door.ports and name not in useless for name in READING):
        every = every or "no IMAP or POP3 service can be used, so nothing could be seen"
    good, rows = [], []
    for letter in letters:
        alone = "" if letter.service == "smtp" and useless.get("smtp") != _SILENT else useless.get(letter.service, "")
        if every or alone:
            rows.append(Row(letter.area, letter.what, "skipped", every or alone))
        else:
            good.append(letter)
    return good, rows


def _ask_all(checks: Sequence[Check], door: Asks, end: float) -> tuple[list[Row], dict[str, str]]:
    """The rows, and the services that are no use, with the reason: nobody answers, or TLS there is not to be trusted.

    A few questions are asked at a time, since servers take seconds over every wrong password.
    """
    useless: dict[str, str] = {}
    slow = Semaphore(_REFUSALS_AT_ONCE)

    def ask_now(check: Check) -> Answer:
        return door.ask(check.action, check.service, check.arguments)

    def ask_gently(check: Check) -> Answer:
        """Dovecot answers an address ever more slowly that fails to log in, until Postfix no longer waits for it; a
        good login in between makes it forget."""
        with slow:
            answer = ask_now(check)
            good = (x for x in checks if x.action == "login" and x.expect == "accepted" and x.service not in useless)
            for other in islice(good, 1):
                ask_now(other)
        return answer

    def ask(check: Check) -> Row:
        reason = useless.get(check.service, "")
        if reason == _SILENT or (reason and check.trusting):
            return Row(check.area, check.what, "skipped", reason)
        if time.monotonic() > end:
            mend = "Raise time_limit, or probe fewer accounts, or find out why the server is slow."
            return Row(check.area, check.what, "failed", "the time limit is over", mend)
        answer = ask_gently(check) if check.action == "login" and check.expect == "refused" else ask_now(check)
        if answer.state != "accepted" and check.action in _FIRST:
            useless[check.service] = _FIRST[check.action]
        return judge.check_row(check, answer)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        rows: list[Row] = []
        for stage in (*_FIRST, ""):
            rows += pool.map(ask, [x for x in checks if (x.action if x.action in _FIRST else "") == stage])
    return rows, useless


class _Post:
    """The letters of one probe and the mailboxes that they may end up in."""

    def __init__(
        self,
        letters: Sequence[Letter],
        accounts: Sequence[Account],
        door: Asks,
        mailboxes: Looks,
        signing: Signing | None,
    ) -> None:
        self.letters = letters
        self.signing = signing
        self.door = door
        self.mailboxes = mailboxes
        self.readers = {account.address: account for account in accounts if account.readable}
        self.trouble: dict[str, str] = {}

    def round_trip(self, rows: list[Row], end: float, limits: Limits) -> Proof:
        """Send all, wait for all, fetch one by every protocol, remove all."""
        sent = {letter.token: self.door.send(letter) for letter in self.letters}
        taken = [letter for letter in self.letters if sent[letter.token].state == "accepted"]
        started = time.monotonic()
        seen = self._wait(taken, min(end, started + limits.delivery))
        waited = time.monotonic() - started
        rows += [judge.letter_row(x, sent[x.token], seen, waited=waited) for x in self.letters]
        rows += self._fetch_each(taken, seen)
        rows += self._signatures(taken, seen)
        removed, cleaning = self._clear(taken, seen)
        return Proof([*rows, cleaning], len(taken), removed)

    def _wait(self, letters: Sequence[Letter], end: float) -> list[Sighting]:
        """Poll until everything is there or the time is over; then look once more, everywhere, for second copies."""
        boxes = {box for letter in letters for box in letter.mailboxes} | {x.reply_to for x in letters if x.reply_to}
        rounds = 0
        while boxes and time.monotonic() < end:
            if judge.complete(letters, self._look(boxes, everywhere=rounds >= _INBOX_ONLY)):
                break
            rounds += 1
            time.sleep(_POLL)
        time.sleep(_SETTLE if boxes else 0)
        return self._look({*boxes, *(x.login.address for x in letters if x.login)}, everywhere=True)

    def _look(self, boxes: set[str], *, everywhere: bool) -> list[Sighting]:
        seen: list[Sighting] = []
        for box in sorted(boxes & set(self.readers)):
            found = self.mailboxes.look(self.readers[box], everywhere=everywhere)
            self._note(box, found.trouble)
            seen += found.sightings
        return seen

    def _note(self, box: str, trouble: str) -> None:
        self.trouble.pop(box, None)
        if trouble:
            self.trouble[box] = f"{box}: {trouble}"

    def _fetch_each(self, letters: Sequence[Letter], seen: Sequence[Sighting]) -> list[Row]:
        """The first letter that arrived, read by each reading service."""
        rows = []
        for name in READING:
            if name not in self.door.ports or name in self.mailboxes.avoid:
                continue
            area = f"{name} {self.door.ports[name]}"
            letter, account = self._arrived(letters, seen, name)
            if letter is None or account is None:
                rows.append(Row(area, "delivered mail fetched", "skipped", "no mail arrived that could be read here"))
                continue
            mend = f"The message is in the mailbox of {account.address}, but this protocol does not show it."
            check = Check(area, f"delivered mail of {account.address} fetched", name, "fetch", {}, "accepted", mend)
            rows.append(judge.check_row(check, self.mailboxes.fetch(name, account, letter.token)))
        return rows

    def _arrived(
        self, letters: Sequence[Letter], seen: Sequence[Sighting], service: str
    ) -> tuple[Letter | None, Account | None]:
        for letter in letters:
            for box in letter.mailboxes:
                account = self.readers.get(box)
                there = Sighting(box, letter.token, "letter") in seen
                if there and account and account.may_use(SERVICES[service].protocol):
                    return letter, account
        return None, None

    def _signatures(self, letters: Sequence[Letter], seen: Sequence[Sighting]) -> list[Row]:
        """What each letter of a domain that signs proves of its keys."""
        if self.signing is None:
            return []
        keys, verify = self.signing
        rows: list[Row] = []
        for letter in letters:
            if any(key.domain == signatures.domain_of(letter) for key in keys):
                boxes = [box for box in letter.mailboxes if Sighting(box, letter.token, "letter") in seen]
                raw = self.mailboxes.read(self.readers[boxes[0]], letter.token) if boxes else b""
                rows += signatures.rows(letter, raw, keys, verify)
        return rows

    def _clear(self, letters: Sequence[Letter], seen: Sequence[Sighting]) -> tuple[int, Row]:
        """Remove, and look again whether it is gone."""
        found = 0
        left: dict[str, int] = {}
        boxes = {box for letter in letters for box in letter.mailboxes} | {s.mailbox for s in seen}
        for box in sorted((boxes | {x.login.address for x in letters if x.login}) & set(self.readers)):
            cleared = self.mailboxes.clear(self.readers[box])
            self._note(box, cleared.trouble)
            found += len(cleared.sightings)
            if cleared.sightings:
                left[box] = len(self.mailboxes.look(self.readers[box], everywhere=True).sightings)
        have = {(sighting.token, sighting.mailbox) for sighting in seen}
        missing = sum((letter.token, box) not in have for letter in letters for box in letter.mailboxes)
        row = judge.removal_row(
            sent=len(letters), found=found, left=left, trouble=sorted(self.trouble.values()), missing=missing
        )
        return found - sum(left.values()), row
