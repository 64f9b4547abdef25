# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From answers to rows, and from rows to the table that people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .terms import SERVICES, Answer, Check, Letter, Result, Row, Sighting, State

_RESULT_ORDER: tuple[Result, ...] = ("ok", "failed", "skipped")
_WIDEST = 76
# Questions whose own hint says what to do about a broken answer.
_HELPFUL = ("banner", "encrypt", "fetch")


def smtp_state(code: int) -> State:
    """The meaning of an SMTP reply code by its first digit (RFC 5321, 4.2.1)."""
    states: dict[int, State] = {2: "accepted", 3: "accepted", 4: "deferred", 5: "refused"}
    return states.get(code // 100, "broken")


def check_row(check: Check, answer: Answer) -> Row:
    """What one answer proves."""
    text = f"{answer.text} ({check.note})" if check.note else answer.text
    if answer.state == "unable":
        return Row(check.area, check.what, "skipped", text)
    if answer.state == check.expect:
        return Row(check.area, check.what, "ok", text)
    if answer.state == "broken" and check.action not in _HELPFUL:
        return Row(check.area, check.what, "failed", text, "The server gave no usable answer to this; see its log.")
    if answer.state == "deferred":
        mend = "An answer that is not final (4xx) makes the other side try for days: look for its reason in the log."
        return Row(check.area, check.what, "failed", f"only refused for now: {text}", mend)
    if answer.state == "accepted":
        text = f"it was accepted: {text}"
    return Row(check.area, check.what, "failed", text, check.mend)


def letter_row(letter: Letter, sent: Answer, seen: Iterable[Sighting], *, waited: float) -> Row:
    """Whether exactly one copy of a letter is in each of its mailboxes, and its automatic reply with the writer."""
    if sent.state != "accepted":
        return Row(letter.area, letter.what, "failed", f"not taken: {sent.text}", letter.mend)
    mine = [sighting for sighting in seen if sighting.token == letter.token]
    faults = []
    for mailbox in letter.mailboxes:
        copies = sum(sighting.mailbox == mailbox and sighting.kind == "letter" for sighting in mine)
        if copies != 1:
            faults.append(f"{copies or 'no'} copies in {mailbox}")
    replies = sum(sighting.kind == "reply" and sighting.mailbox == letter.reply_to for sighting in mine)
    if letter.reply_to and replies != 1:
        faults.append(f"{replies or 'no'} replies in {letter.reply_to}")
    strays = {sighting.mailbox for sighting in mine if sighting.kind == "letter"} - set(letter.mailboxes)
    faults += [f"a copy in {mailbox}, where none belongs" for mailbox in sorted(strays)]
    bounces = sum(sighting.kind == "other" for sighting in mine)
    if bounces:
        faults.append(f"{bounces} bounced")
    if faults:
        return Row(letter.area, letter.what, "failed", f"{', '.join(faults)} after {waited:.0f} s", letter.mend)
    reply = ", one reply" if letter.reply_to else ""
    return Row(letter.area, letter.what, "ok", f"one copy in {', '.join(letter.mailboxes)}{reply}")


def complete(letters: Iterable[Letter], seen: Sequence[Sighting]) -> bool:
    """Whether everything that must turn up has been seen."""
    have = {(sighting.token, sighting.mailbox, sighting.kind) for sighting in seen}
    return all(
        all((letter.token, mailbox, "letter") in have for mailbox in letter.mailboxes)
        and (not letter.reply_to or (letter.token, letter.reply_to, "reply") in have)
        for letter in letters
    )


def removal_row(*, sent: int, found: int, left: Mapping[str, int], trouble: Sequence[str], missing: int) -> Row:
    """Whether the probe leaves the mailboxes as it found them."""
    what = "all mail of the probe removed again"
    detail = f"{sent} sent, {found} found, {found - sum(left.values())} removed"
    faults = [f"{count} left in {mailbox}" for mailbox, count in sorted(left.items()) if count] + list(trouble)
    if missing:
        faults.append(f"{missing} never seen, they may still arrive")
    if faults:
        mend = "Look for messages with the header X-Mail-Probe in these mailboxes and in the queue, and delete them."
        return Row("probe", what, "failed", f"{detail}, {', '.join(faults)}", mend)
    return Row("probe", what, "ok", detail)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The rows by service, each service in the order in which it was asked."""
    services = list(SERVICES)
    return sorted(rows, key=lambda row: (*[i for i, name in enumerate(services) if name == row.area.split()[0]], 99)[0])


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows there are of each result."""
    every = [row.result for row in rows]
    return {result: every.count(result) for result in _RESULT_ORDER}


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as lines of equal columns."""
    area = max([len(row.area) for row in rows] + [0])
    what = min(max([len(row.what) for row in rows] + [0]), _WIDEST)
    return [f"{row.result:<7}  {row.area:<{area}}  {row.what:<{what}}  {row.detail}".rstrip() for row in rows]


def advice(rows: Iterable[Row]) -> list[str]:
    """What failed and how to mend it; one hint is given once, under everything that it mends."""
    by_mend: dict[str, list[str]] = {}
    for row in rows:
        if row.result == "failed":
            by_mend.setdefault(row.mend, []).append(f"{row.area}: {row.what}: {row.detail}")
    lines = []
    for mend, faults in by_mend.items():
        lines += faults
        lines.append(f"  -> {mend}")
    return lines
