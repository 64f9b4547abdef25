# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the probe asks every port: whether it is there, encrypts, and lets in those who may come in and nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .terms import Account, Check, Service, Target, is_inside

OLDER_TLS = {"TLSv1.2": "TLSv1.1", "TLSv1.3": "TLSv1.2"}


def ports(target: Target) -> Iterator[Check]:
    for service in target.services():
        # Other mail servers may speak TLS 1.2 whatever the clients of users have to.
        older = OLDER_TLS["TLSv1.2" if service.name == "smtp" else target.tls_min_version]
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
            "system; look at mail_certificates and mail_hostname.",
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


def before_tls(target: Target) -> Iterator[Check]:
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


def wrong_passwords(
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


def logins(target: Target, accounts: Sequence[Account]) -> Iterator[Check]:
    for position, account in enumerate(accounts):
        near = is_inside(target.source, account.allowed_networks)
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
