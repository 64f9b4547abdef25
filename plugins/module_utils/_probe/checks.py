# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the probe asks: every check and every letter, as data, from the plan and the ports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from . import ask_ports, ask_smtp, letters
from .terms import Account, Check, Letter, Recipient, Target


class Questions(NamedTuple):
    """Everything that is to be asked, in order, plus rows that are known to be skipped, as (area, what, why)."""

    checks: list[Check]
    letters: list[Letter]
    skipped: list[tuple[str, str, str]]


def questions(
    target: Target, accounts: Sequence[Account], recipients: Sequence[Recipient], signed: Collection[str] = ()
) -> Questions:
    """Plan all checks: the ports first, since nothing else counts where nobody answers.

    ``signed`` are domains whose mail bears signatures; a letter from each of them is sent.
    """
    skipped: list[tuple[str, str, str]] = []
    listed = list(letters.letters(target, accounts, recipients, skipped, signed))
    sent = {letter.recipient for letter in listed if letter.service == "smtp"}
    checks = [
        *ask_ports.ports(target),
        *ask_ports.before_tls(target),
        *ask_ports.wrong_passwords(target, accounts, skipped),
        *ask_ports.logins(target, accounts),
        *ask_smtp.relay(target, accounts),
        *ask_smtp.talkative(target, recipients),
        *ask_smtp.recipients(target, [recipient for recipient in recipients if recipient.address not in sent]),
        *ask_smtp.senders(target, accounts),
    ]
    return Questions(checks, listed, skipped)
