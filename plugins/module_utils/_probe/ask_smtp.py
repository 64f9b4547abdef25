# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the probe asks by SMTP without sending: relay, recipients, senders, and what a server must not tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .letters import submitter
from .terms import NOBODY, SUBMISSION, Account, Check, Recipient, Target, is_inside


def relay_forms(foreign: str, *, domain: str, host: str) -> list[str]:
    """Ways to write a foreign address so that a careless server passes it on (nmap's smtp-open-relay tries the like).

    Forms in a domain of the server are left out where ``domain`` is empty (a catch-all takes them rightly).
    """
    local, _at, away = foreign.rpartition("@")
    forms = [
        foreign,
        f"{local}%{away}",
        f'"{foreign}"',
        f'"{local}%{away}"',
        f"{away}!{local}",
        f"@{host}:{foreign}",
        f"{local}%{away}@{host}",
        f"{away}!{local}@{host}",
        f'"{foreign}"@{host}',
    ]
    if domain:
        forms += [
            f"{local}%{away}@{domain}",
            f'"{foreign}"@{domain}',
            f'"{local}%{away}"@{domain}',
            f"{away}!{local}@{domain}",
            f"@{domain}:{foreign}",
            f"{foreign}@{domain}",
        ]
    return forms


def relay(target: Target, accounts: Sequence[Account]) -> Iterator[Check]:
    foreign = target.foreign_address
    mend = (
        f"The server passes on mail for strangers ({target.source} was one). Look at smtpd_relay_restrictions and "
        "mynetworks (postconf -n); if this probe's address belongs to mynetworks, run it from elsewhere."
    )
    if "smtp" in target.ports:
        area = target.area("smtp")
        senders = [target.outside_sender]
        if target.relay_domain:
            senders.append(f"postmaster@{target.relay_domain}")
        for sender in senders:
            what = f"no relay to {foreign} from <{sender}>"
            yield Check(area, what, "smtp", "recipient", _mail(sender, foreign), "refused", mend)
        for form in relay_forms(foreign, domain=target.relay_domain, host=target.server_name)[1:]:
            arguments = _mail(target.outside_sender, form)
            yield Check(area, f"no relay to <{form}>", "smtp", "recipient", arguments, "refused", mend)
    for service in SUBMISSION:
        if service in target.ports:
            what = "no mail without login"
            arguments = _mail(target.outside_sender, foreign)
            yield Check(target.area(service), what, service, "recipient", arguments, "refused", mend)
            user = submitter(target, accounts)
            if user is not None:
                yield Check(
                    target.area(service),
                    f"{user.address} may write to {foreign} (nothing is sent)",
                    service,
                    "recipient",
                    _mail(user.address, foreign, user),
                    "accepted",
                    "Users cannot write to the outside: look at the restrictions of this port in master.cf.",
                )


def _mail(sender: str, recipient: str, user: Account | None = None) -> dict[str, str]:
    login = {"user": user.address, "password": user.password} if user else {}
    return {"sender": sender, "recipient": recipient, **login}


def talkative(target: Target, recipients: Sequence[Recipient]) -> Iterator[Check]:
    if "smtp" not in target.ports:
        return
    area = target.area("smtp")
    own = [r.address for r in recipients if r.expect == "accepted"]
    address = next((a for a in own if a.endswith(f"@{target.relay_domain}")), f"postmaster@{target.server_name}")
    for verb, mend in (
        ("VRFY", "Set disable_vrfy_command = yes: it tells strangers which addresses exist."),
        ("EXPN", "The server lists the members of an address; this should not be possible."),
    ):
        arguments = {"verb": verb, "address": address, "nobody": f"{NOBODY}@{address.rpartition('@')[2]}"}
        yield Check(area, f"{verb} tells nothing", "smtp", "tells", arguments, "refused", mend)
    yield Check(
        area,
        "a message larger than announced is refused",
        "smtp",
        "oversized",
        {"sender": target.outside_sender},
        "refused",
        "The server neither announces a SIZE nor keeps to it: look at message_size_limit.",
    )


def recipients(target: Target, recipients: Sequence[Recipient]) -> Iterator[Check]:
    if "smtp" not in target.ports:
        return
    for recipient in recipients:
        takes = recipient.expect == "accepted"
        yield Check(
            target.area("smtp"),
            f"mail {'taken' if takes else 'refused'}: {recipient.what}",
            "smtp",
            "recipient",
            _mail(target.outside_sender, recipient.address),
            recipient.expect,
            "Look up the address in the tables below mail_postfix_tables (postmap -q) and compare with mail_domains; "
            "then converge again.",
            f"asked at RCPT, nothing sent: {recipient.why}" if recipient.why else "",
        )


def senders(target: Target, accounts: Sequence[Account]) -> Iterator[Check]:
    user = submitter(target, accounts)
    users = [user] if user else []
    grants = [a for a in accounts if a.smtp and a.senders and is_inside(target.source, a.allowed_networks)][:1]
    for service in SUBMISSION:
        if service not in target.ports:
            continue
        for user, sender in ((one, sender) for one in users for sender in one.not_senders):
            yield Check(
                target.area(service),
                f"{user.address} may not write as {sender}",
                service,
                "recipient",
                _mail(sender, user.address, user),
                "refused",
                "Users can forge senders: reject_sender_login_mismatch must stand in smtpd_sender_restrictions here.",
            )
        for granted, sender in ((one, sender) for one in grants for sender in one.senders):
            yield Check(
                target.area(service),
                f"{granted.address} may write as {sender}",
                service,
                "recipient",
                _mail(sender, granted.address, granted),
                "accepted",
                f"Look up {sender} in the table of senders (postmap -q): it must list {granted.address}.",
            )
