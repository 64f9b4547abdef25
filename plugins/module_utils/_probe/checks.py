# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the probe asks: every check and every letter, as data, from the plan and the ports."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .terms import NOBODY, READING, SERVICES, SUBMISSION, Account, Check, Letter, Recipient, Service

OLDER_TLS = {"TLSv1.2": "TLSv1.1", "TLSv1.3": "TLSv1.2"}


class Target(NamedTuple):
    """The server and what holds for all checks. ``ports`` has the services to probe; ``source`` is our own address."""

    server_name: str
    ports: Mapping[str, int]
    source: str
    tls_min_version: str
    delimiter: str
    foreign_address: str
    relay_domain: str
    outside_sender: str
    token: str

    def services(self, *protocols: str) -> list[Service]:
        return [s for s in SERVICES.values() if s.name in self.ports and (not protocols or s.protocol in protocols)]

    def area(self, service: str) -> str:
        return f"{service} {self.ports[service]}"


class Questions(NamedTuple):
    """Everything that is to be asked, in order, plus rows that are known to be skipped, as (area, what, why)."""

    checks: list[Check]
    letters: list[Letter]
    skipped: list[tuple[str, str, str]]


def questions(target: Target, accounts: Sequence[Account], recipients: Sequence[Recipient]) -> Questions:
    """Plan all checks: the ports first, since nothing else counts where nobody answers."""
    skipped: list[tuple[str, str, str]] = []
    letters = list(_letters(target, accounts, recipients, skipped))
    sent = {letter.recipient for letter in letters if letter.service == "smtp"}
    checks = [
        *_ports(target),
        *_before_tls(target),
        *_wrong_passwords(target, accounts, skipped),
        *_logins(target, accounts),
        *_relay(target, accounts),
        *_talkative(target, recipients),
        *_recipients(target, [recipient for recipient in recipients if recipient.address not in sent]),
        *_senders(target, accounts),
    ]
    return Questions(checks, letters, skipped)


def _ports(target: Target) -> Iterator[Check]:
    older = OLDER_TLS[target.tls_min_version]
    for service in target.services():
        area = target.area(service.name)
        yield Check(
            area,
            "greets",
            service.name,
            "banner",
            {},
            "accepted",
            "Is the service running (systemctl status, ss -ltn), and does a firewall stand between?",
        )
        yield Check(
            area,
            "TLS from the first byte, certificate verified" if service.implicit else "STARTTLS, certificate verified",
            service.name,
            "encrypt",
            {},
            "accepted",
            f"The certificate must be valid for {target.server_name} and be signed by the CA given or by one of the "
            "system; look at mail_tls_certificate_file and mail_hostname.",
        )
        yield Check(
            area,
            f"{older} refused",
            service.name,
            "older_tls",
            {"version": older},
            "refused",
            f"The server still speaks {older}: check mail_tls_min_version and what the daemon really uses.",
        )
        if not service.implicit:
            yield Check(
                area,
                "commands behind STARTTLS are thrown away",
                service.name,
                "answers_injected",
                {},
                "refused",
                "A command sent in clear was answered under TLS (CVE-2011-0411); update the daemon.",
            )


def _before_tls(target: Target) -> Iterator[Check]:
    for service in target.services():
        area = target.area(service.name)
        if service.name == "smtp":
            for encrypted, what in ((False, "AUTH not offered in clear"), (True, "AUTH not offered under TLS either")):
                yield Check(
                    area,
                    what,
                    service.name,
                    "offers_auth",
                    {"encrypted": encrypted},
                    "refused",
                    "Port 25 is for other servers: no smtpd_sasl_auth_enable there, users submit on 587 or 465.",
                )
        elif not service.implicit:
            if service.protocol == "smtp":
                yield Check(
                    area,
                    "AUTH not offered before TLS",
                    service.name,
                    "offers_auth",
                    {"encrypted": False},
                    "refused",
                    "Passwords could travel in clear: set smtpd_tls_auth_only = yes on this port.",
                )
            yield Check(
                area,
                "login refused before TLS",
                service.name,
                "clear_login",
                {},
                "refused",
                "The server took a password in clear. Postfix: smtpd_tls_auth_only = yes; Dovecot: "
                "ssl = required or auth_allow_cleartext = no (2.3: disable_plaintext_auth = yes).",
            )


def _wrong_passwords(
    target: Target, accounts: Sequence[Account], skipped: list[tuple[str, str, str]]
) -> Iterator[Check]:
    for service in _login_services(target):
        account = next((a for a in accounts if a.may_use(service.protocol)), None)
        if account is None:
            why = "the inventory has no account with a plaintext password that may log in here"
            skipped.append((target.area(service.name), "wrong password refused, right password accepted", why))
            continue
        yield Check(
            target.area(service.name),
            f"wrong password of {account.address} refused",
            service.name,
            "login",
            {"user": account.address, "password": f"wrong-{target.token}"},
            "refused",
            "Anybody can log in: look at the password database of Dovecot (doveadm auth test) at once.",
        )


def _login_services(target: Target) -> list[Service]:
    return [service for service in target.services() if service.name != "smtp"]


def _logins(target: Target, accounts: Sequence[Account]) -> Iterator[Check]:
    for position, account in enumerate(accounts):
        near = _inside(target.source, account.allowed_networks)
        asked: set[str] = set()
        for service in _login_services(target):
            may = account.may_use(service.protocol) and near
            if service.protocol in asked and (position or not may):
                continue  # the ports of one protocol share the accounts; one account tries them all
            asked.add(service.protocol)
            reason = "" if near or not account.may_use(service.protocol) else f", {target.source} is not allowed"
            for name in account.login_names if may and account.login_names else [account.address]:
                yield Check(
                    target.area(service.name),
                    f"{name} logs in" if may else f"{name} may not log in{reason}",
                    service.name,
                    "login",
                    {"user": name, "password": account.password},
                    "accepted" if may else "refused",
                    f"Compare {account.address} in mail_domains with the account store, then run "
                    f"'doveadm auth test {account.address}' on the server.",
                )


def _inside(source: str, networks: Iterable[str]) -> bool:
    """Whether ``source`` is in one of ``networks``; no networks is everywhere."""
    every = list(networks)
    try:
        address = ipaddress.ip_address(source)
        return not every or any(address in ipaddress.ip_network(network, strict=False) for network in every)
    except ValueError:
        return True


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


def _relay(target: Target, accounts: Sequence[Account]) -> Iterator[Check]:
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
            user = _submitter(target, accounts)
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


def _talkative(target: Target, recipients: Sequence[Recipient]) -> Iterator[Check]:
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


def _recipients(target: Target, recipients: Sequence[Recipient]) -> Iterator[Check]:
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


def _submitter(target: Target, accounts: Sequence[Account]) -> Account | None:
    """Who sends: somebody whose mailbox can be read, for the bounces and replies, else anybody with SMTP."""
    senders = [a for a in accounts if a.smtp and _inside(target.source, a.allowed_networks)]
    return next((a for a in senders if a.readable), senders[0] if senders else None)


def _senders(target: Target, accounts: Sequence[Account]) -> Iterator[Check]:
    submitter = _submitter(target, accounts)
    users = [submitter] if submitter else []
    grants = [a for a in accounts if a.smtp and a.senders and _inside(target.source, a.allowed_networks)][:1]
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


def _letters(
    target: Target, accounts: Sequence[Account], recipients: Sequence[Recipient], skipped: list[tuple[str, str, str]]
) -> Iterator[Letter]:
    user = _submitter(target, accounts)
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
