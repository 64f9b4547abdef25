# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._probe import judge
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.terms import (
    Answer,
    Check,
    Letter,
    Row,
    Sighting,
)

LETTER = Letter("mp0-1", "smtp 25", "mail", "smtp", None, "", "sales@t.test", ("a@t.test", "b@t.test"), "", "look")


def check(expect: Any = "refused", note: str = "") -> Check:
    return Check("smtp 25", "no relay", "smtp", "recipient", {}, expect, "mend it", note)


def seen(*entries: str) -> list[Sighting]:
    """``a letter`` is a copy of the letter in a@t.test."""
    return [Sighting(f"{box}@t.test", "mp0-1", kind) for box, kind in (entry.split() for entry in entries)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "state"), [(250, "accepted"), (354, "accepted"), (451, "deferred"), (554, "refused"), (-1, "broken")]
)
def test_smtp_codes(code: int, state: str) -> None:
    assert judge.smtp_state(code) == state


@pytest.mark.parametrize(
    ("expect", "state", "result"),
    [
        ("refused", "refused", "ok"),
        ("refused", "accepted", "failed"),
        ("refused", "deferred", "failed"),
        ("refused", "broken", "failed"),
        ("accepted", "accepted", "ok"),
        ("accepted", "refused", "failed"),
        ("accepted", "deferred", "failed"),
        ("accepted", "broken", "failed"),
        ("accepted", "unable", "skipped"),
    ],
)
def test_an_answer_proves_only_what_was_expected(expect: Any, state: Any, result: str) -> None:
    row = judge.check_row(check(expect), Answer(state, "said"))
    assert row.result == result
    assert bool(row.mend) is (result == "failed")


@pytest.mark.parametrize(
    ("state", "mend"),
    [
        ("accepted", "mend it"),
        ("broken", "The server gave no usable answer"),
        ("deferred", "An answer that is not final"),
    ],
)
def test_the_hint_fits_the_answer(state: Any, mend: str) -> None:
    assert judge.check_row(check(), Answer(state, "said")).mend.startswith(mend)


def test_a_note_stands_beside_the_answer() -> None:
    assert judge.check_row(check(note="nothing sent"), Answer("refused", "550 no")).detail == "550 no (nothing sent)"


@pytest.mark.parametrize(
    ("sightings", "result", "detail"),
    [
        (seen("a letter", "b letter"), "ok", "one copy in a@t.test, b@t.test"),
        (seen("a letter"), "failed", "no copies in b@t.test after 5 s"),
        (seen("a letter", "b letter", "b letter"), "failed", "2 copies in b@t.test after 5 s"),
        (seen("a letter", "b letter", "c letter"), "failed", "a copy in c@t.test, where none belongs after 5 s"),
        (seen("a letter", "b other"), "failed", "no copies in b@t.test, 1 bounced after 5 s"),
    ],
)
def test_a_letter_must_arrive_exactly_once(sightings: list[Sighting], result: str, detail: str) -> None:
    row = judge.letter_row(LETTER, Answer("accepted"), sightings, waited=5)
    assert (row.result, row.detail) == (result, detail)


def test_a_letter_that_was_not_taken() -> None:
    assert judge.letter_row(LETTER, Answer("refused", "550 no"), [], waited=0).detail == "not taken: 550 no"


@pytest.mark.parametrize(
    ("sightings", "result"),
    [
        (seen("a letter", "b letter", "w reply"), "ok"),
        (seen("a letter", "b letter"), "failed"),
        (seen("a letter", "b letter", "w reply", "w reply"), "failed"),
    ],
)
def test_an_automatic_reply_must_come_once(sightings: list[Sighting], result: str) -> None:
    letter = LETTER._replace(reply_to="w@t.test")
    assert judge.letter_row(letter, Answer("accepted"), sightings, waited=5).result == result
    assert judge.complete([letter], sightings) is (len(sightings) > 2)


@pytest.mark.parametrize(
    ("facts", "result"),
    [
        ({}, "ok"),
        ({"left": {"a@t.test": 1}}, "failed"),
        ({"trouble": ["a@t.test: connection refused"]}, "failed"),
        ({"missing": 1}, "failed"),
    ],
)
def test_the_probe_answers_for_its_own_mail(facts: dict[str, Any], result: str) -> None:
    row = judge.removal_row(**{"sent": 2, "found": 2, "left": {}, "trouble": [], "missing": 0, **facts})
    assert row.result == result


def test_rows_stand_by_service_in_the_table_and_hints_once() -> None:
    rows = [
        Row("probe", "cleaned", "ok"),
        Row("imap 143", "greets", "failed", "refused", "start it"),
        Row("smtp 25", "greets", "failed", "refused", "start it"),
    ]
    assert judge.table(judge.in_order(rows)) == [
        "failed   smtp 25   greets   refused",
        "failed   imap 143  greets   refused",
        "ok       probe     cleaned",
    ]
    assert judge.advice(rows) == ["imap 143: greets: refused", "smtp 25: greets: refused", "  -> start it"]
    assert judge.counts(rows) == {"ok": 1, "failed": 2, "skipped": 0}
