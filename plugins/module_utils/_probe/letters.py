# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The letters that the probe sends, and why some are not sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from .terms import READING, SUBMISSION, Account, Letter, Recipient, Target, is_inside


class _Route(NamedTuple):
    """A letter to send; ``replying`` asks for an automatic reply, ``sender`` is empty for the usual one."""

    service: str
    login: Account | None
    recipient: Recipient
    replying: bool = False
    sender: str = ""


def submitter(target: Target, accounts: Sequence[Account]) -> Account | None:
    """Who sends: somebody whose mailbox can be read, for the bounces and replies, else anybody with SMTP."""
    senders = [a for a in accounts if a.smtp and is_inside(target.source, a.allowed_networks)]
    return next((a for a in senders if a.readable), senders[0] if senders else None)


def letters(
    target: Target,
    accounts: Sequence[Account],
    recipients: Sequence[Recipient],
    skipped: list[tuple[str, str, str]],
    signed: Collection[str] = (),
) -> Iterator[Letter]:
    """All letters; also one from each domain of ``signed``, whose mail bears signatures."""
    user = submitter(target, accounts)
    provable = [recipient for recipient in recipients if recipient.mailboxes]
    routes = chain(_routes(target, user, provable), _from_domains(target, accounts, provable, signed))
    for number, route in enumerate(routes, start=1):
        token = f"{target.token}-{number}"
        yield Letter(
            token=token,
            area=target.area(route.service),
            what=_delivery(route),
            service=route.service,
            login=route.login,
            sender=route.sender or _sender(target, route.login, token if route.replying else ""),
            recipient=route.recipient.address,
            mailboxes=route.recipient.mailboxes,
            reply_to=route.login.address if route.replying and route.login else "",
            mend=(
                "See what became of the mail: 'postqueue -p' and the mail log on the server "
                "(journalctl -u 'postfix*' -u dovecot)."
            ),
        )
    skipped += list(_no_letters(target, user, provable))


def _routes(target: Target, user: Account | None, provable: Sequence[Recipient]) -> Iterator[_Route]:
    if user is not None and provable:
        other = _somebody_else(user, provable)
        for service in SUBMISSION:
            if service in target.ports:
                yield _Route(service, user, other)
    if "smtp" in target.ports:
        for recipient in provable:
            yield _Route("smtp", None, recipient)
    service = next((name for name in SUBMISSION if name in target.ports), "")
    if user is not None and user.readable and service and target.delimiter:
        for recipient in provable:
            if recipient.reply and recipient.address != user.address:
                yield _Route(service, user, recipient, replying=True)


def _somebody_else(user: Account, provable: Sequence[Recipient]) -> Recipient:
    others = [r for r in provable if user.address not in r.mailboxes and not r.reply]
    return next((r for r in others if list(r.mailboxes) == [r.address]), (others or provable)[0])


def _from_domains(
    target: Target, accounts: Sequence[Account], provable: Sequence[Recipient], signed: Collection[str]
) -> Iterator[_Route]:
    """A letter from each domain that no other one is from; from an alias domain its accounts write as well."""
    services = [name for name in SUBMISSION if name in target.ports]
    user = submitter(target, accounts)
    if user is None or not services or not provable:
        return
    left = {*signed} - {_domain(user)}
    for account in accounts:
        for domain in (_domain(account), *account.alias_domains):
            local = account.address.rpartition("@")[0]
            writer = submitter(target, [account])
            if domain in left and writer:
                left.remove(domain)
                yield _Route(services[0], writer, _somebody_else(writer, provable), sender=f"{local}@{domain}")


def _domain(account: Account) -> str:
    return account.address.rpartition("@")[2]


def _sender(target: Target, login: Account | None, extension: str) -> str:
    """With an extension, a sender that never wrote before: automatic replies go out once per sender and some days."""
    if login is None:
        return target.outside_sender
    local, _at, domain = login.address.rpartition("@")
    return f"{local}{target.delimiter[0]}{extension}@{domain}" if extension else login.address


def _delivery(route: _Route) -> str:
    if route.replying:
        return f"automatic reply of {route.recipient.address}"
    origin = f"mail of {route.sender or route.login.address}" if route.login else "mail from outside"
    return f"{origin} delivered once: {route.recipient.what}"


def _no_letters(target: Target, user: Account | None, provable: Sequence[Recipient]) -> Iterator[tuple[str, str, str]]:
    """What cannot be proved by a letter, and why."""
    if not provable:
        why = "no account has a plaintext password here and may be read by IMAP or POP3, so nothing sent could be seen"
        yield "delivery", "mail delivered and fetched", why
    elif not any(service in target.ports for service in READING):
        yield "delivery", "mail delivered and fetched", "no IMAP or POP3 service is probed"
    if user is None:
        yield "submission", "mail sent after login", "no account with a plaintext password may send"
