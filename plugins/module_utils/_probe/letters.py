# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The letters that the probe sends, and why some are not sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .terms import READING, SUBMISSION, Account, Letter, Recipient, Target, is_inside


def submitter(target: Target, accounts: Sequence[Account]) -> Account | None:
    """Who sends: somebody whose mailbox can be read, for the bounces and replies, else anybody with SMTP."""
    senders = [a for a in accounts if a.smtp and is_inside(target.source, a.allowed_networks)]
    return next((a for a in senders if a.readable), senders[0] if senders else None)


def letters(
    target: Target, accounts: Sequence[Account], recipients: Sequence[Recipient], skipped: list[tuple[str, str, str]]
) -> Iterator[Letter]:
    user = submitter(target, accounts)
    provable = [recipient for recipient in recipients if recipient.mailboxes]
    for number, (service, login, recipient, replying) in enumerate(_routes(target, user, provable), start=1):
        token = f"{target.token}-{number}"
        yield Letter(
            token=token,
            area=target.area(service),
            what=_delivery(login, recipient, replying),
            service=service,
            login=login,
            sender=_sender(target, login, token if replying else ""),
            recipient=recipient.address,
            mailboxes=recipient.mailboxes,
            reply_to=login.address if replying and login else "",
            mend=(
                "See what became of the mail: 'postqueue -p' and the mail log on the server "
                "(journalctl -u 'postfix*' -u dovecot)."
            ),
        )
    skipped += list(_no_letters(target, user, provable))


def _routes(
    target: Target, user: Account | None, provable: Sequence[Recipient]
) -> Iterator[tuple[str, Account | None, Recipient, bool]]:
    """Every letter to send, as (service, login, recipient, whether an automatic reply must come back)."""
    if user is not None and provable:
        others = [r for r in provable if user.address not in r.mailboxes and not r.reply]
        other = next((r for r in others if list(r.mailboxes) == [r.address]), (others or provable)[0])
        for service in SUBMISSION:
            if service in target.ports:
                yield service, user, other, False
    if "smtp" in target.ports:
        for recipient in provable:
            yield "smtp", None, recipient, False
    service = next((name for name in SUBMISSION if name in target.ports), "")
    if user is not None and user.readable and service and target.delimiter:
        for recipient in provable:
            if recipient.reply and recipient.address != user.address:
                yield service, user, recipient, True


def _sender(target: Target, login: Account | None, extension: str) -> str:
    """With an extension, a sender that never wrote before: automatic replies go out once per sender and some days."""
    if login is None:
        return target.outside_sender
    local, _at, domain = login.address.rpartition("@")
    return f"{local}{target.delimiter[0]}{extension}@{domain}" if extension else login.address


def _delivery(login: Account | None, recipient: Recipient, replying: bool) -> str:
    if replying:
        return f"automatic reply of {recipient.address}"
    origin = f"mail of {login.address}" if login else "mail from outside"
    return f"{origin} delivered once: {recipient.what}"


def _no_letters(target: Target, user: Account | None, provable: Sequence[Recipient]) -> Iterator[tuple[str, str, str]]:
    """What cannot be proved by a letter, and why."""
    if not provable:
        why = "no account has a plaintext password here and may be read by IMAP or POP3, so nothing sent could be seen"
        yield "delivery", "mail delivered and fetched", why
    elif not any(service in target.ports for service in READING):
        yield "delivery", "mail delivered and fetched", "no IMAP or POP3 service is probed"
    if user is None:
        yield "submission", "mail sent after login", "no account with a plaintext password may send"
