# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a phase means for an account by what is remembered of it, and by the server that serves."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._maildir import names, terms
from ansible_collections.mailops.mailserver.plugins.module_utils._maildir.terms import Page, Terms

NEVER, UNDONE = Page(), Page("courier")
CONVERTED, FINISHING, FINISHED = (Page("dovecot", phase) for phase in ("converted", "finishing", "finished"))


def given(phase: str, to: str = "dovecot", serves: str = "") -> Terms:
    return Terms(phase, to, names.UTF8, "", "/nowhere", False, serves)


@pytest.mark.parametrize("phase", ["convert", "finish"])
@pytest.mark.parametrize(
    ("page", "to", "serves", "settled", "contrary"),
    [
        (NEVER, "dovecot", "", False, False),
        (NEVER, "dovecot", "courier", False, False),
        (NEVER, "dovecot", "dovecot", True, False),
        (UNDONE, "dovecot", "", False, False),
        (UNDONE, "courier", "", True, False),
        (CONVERTED, "dovecot", "dovecot", False, False),
        (CONVERTED, "courier", "", False, True),
        (FINISHING, "dovecot", "dovecot", False, False),
        (FINISHING, "courier", "dovecot", False, True),
        (FINISHED, "dovecot", "", True, False),
        (FINISHED, "dovecot", "dovecot", True, False),
        (FINISHED, "dovecot", "courier", False, False),
        (FINISHED, "courier", "", False, False),
        (FINISHED, "courier", "dovecot", False, False),
    ],
)
def test_what_is_to_do(page: Page, to: str, serves: str, phase: str, *, settled: bool, contrary: bool) -> None:
    asked = given(phase, to, serves)
    assert (terms.settled(page, asked), terms.contrary(page, asked)) == (settled, contrary)


@pytest.mark.parametrize(
    ("page", "serves", "settled", "judged"),
    [
        (NEVER, "", True, False),
        (UNDONE, "", True, False),
        (CONVERTED, "", False, False),
        (FINISHING, "", False, False),
        (FINISHED, "", False, True),
        (FINISHED, "dovecot", False, True),
        (FINISHED, "courier", False, False),
        (Page("courier", "finished"), "courier", False, True),
        (Page("courier", "finished"), "dovecot", False, False),
    ],
)
def test_what_is_undone(page: Page, serves: str, *, settled: bool, judged: bool) -> None:
    asked = given("undo", serves=serves)
    assert (terms.settled(page, asked), terms.is_judged(page, asked)) == (settled, judged)
    assert terms.regarded(page, asked) == page


def test_what_is_reached() -> None:
    reopened = terms.regarded(FINISHED, given("finish", serves="courier"))
    assert reopened == FINISHING
    assert terms.reached(NEVER, given("convert")) == CONVERTED
    assert terms.reached(CONVERTED, given("finish")) == FINISHED
    assert terms.reached(reopened, given("convert")) == FINISHING
    assert terms.reached(FINISHED, given("convert", "courier")) == Page("courier", "converted")
    assert terms.reached(FINISHED, given("undo")) == UNDONE
