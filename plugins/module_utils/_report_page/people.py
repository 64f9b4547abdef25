# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the report that are about people and machines: logins, accounts, where mail leaves, certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .host import Host
from .html import Html, element, join, name
from .language import number
from .mail import Part
from .table import Column, Frame, key, named, names


def parts(host: Host, frame: Frame) -> Iterator[Part]:
    """Headings with what stands below them."""
    if host.has("logs") and not host.is_silent():
        yield from _logins(frame, host.results["logs"])
    if host.has("accounts"):
        yield from _accounts(host, frame)
    if host.has("accounts") or host.has("aliases"):
        yield from _leaving(host, frame)
    if host.has("certificates"):
        yield from _certificates(host, frame)
    if host.has("logs"):
        yield from _read(frame, host.results["logs"])


def _logins(frame: Frame, logs: Mapping[str, Any]) -> Iterator[Part]:
    language = frame.language
    columns = [
        Column("Account", key("account")),
        Column("Networks", key("networks", 0), gauge=True),
        Column("Logins", key("logins", 0)),
        Column("Some of them", named("some_networks")),
    ]
    yield "Logins from many networks", [frame.table(columns, logs["many_networks"])]
    common = [
        Column("Failures", key("failures", 0), gauge=True),
        Column("Logins afterwards", key("succeeded", 0)),
        Column("Service", lambda entry: language.listed(sorted(entry["services"]))),
        Column("Last", lambda entry: language.time(entry["last"]), short=True),
    ]
    account = Column("Account", lambda entry: entry["account"] or language.say("(not named)"))
    columns = [account, *common, Column("IP addresses", key("addresses", 0))]
    yield "Failed logins by account", [frame.table(columns, logs["failed_accounts"])]
    columns = [Column("IP address", key("address")), *common, Column("Accounts", key("accounts", 0))]
    yield "Failed logins by IP address", [frame.table(columns, logs["failed_addresses"])]


def _accounts(host: Host, frame: Frame) -> Iterator[Part]:
    language, accounts = frame.language, host.entries("accounts")
    counts = {
        "Accounts: {count}": len(accounts),
        "With a mailbox: {count}": sum(account["mailbox"] for account in accounts),
        "Locked: {count}": sum(bool(account["lock"]) for account in accounts),
        "Disabled or suspended: {count}": sum(account["status"] != "active" for account in accounts),
    }
    said = [language.say(phrase, count=number(count)) for phrase, count in counts.items() if count]
    columns = [
        Column("Hash", lambda entry: language.stands_for(entry["scheme"])),
        Column("Accounts", key("accounts", 0), gauge=True),
    ]
    summary = element("p", language.listed(said)) if said else ""
    yield "Accounts and their hashes", [join([summary, frame.table(columns, host.schemes())])]
    yield "Passwords with an outdated hash", [_names(frame, host.outdated(), "password_scheme")]
    if host.has("logs") and not host.is_silent():
        yield "Accounts not used in this period", [_names(frame, host.unused(), "full_name")]


def _names(frame: Frame, accounts: list[Mapping[str, Any]], beside: str) -> Html:
    """Accounts as a list in columns, each with what stands beside its name; ten times as many as rows of a table."""
    most, say = 10 * frame.top, frame.language.say
    if not accounts:
        return element("p", say("None"), class_="none")
    items = [
        element("li", name(account["name"]), element("small", " ", name(account[beside])) if account[beside] else "")
        for account in accounts[:most]
    ]
    left = len(accounts) - len(items)
    more = element("p", say("and {count} more", count=number(left)), class_="more") if left else ""
    return join([element("ul", *items, class_="names"), more])


def _leaving(host: Host, frame: Frame) -> Iterator[Part]:
    columns = [
        Column("From", key("name")),
        Column("By", lambda entry: frame.language.say(entry["by"])),
        Column("To", lambda entry: names(entry["to"])),
    ]
    yield "Mail that leaves the organisation", [frame.table(columns, [way._asdict() for way in host.leaving()])]


def _certificates(host: Host, frame: Frame) -> Iterator[Part]:
    language = frame.language
    columns = [
        Column("Certificate", key("name")),
        Column("Key", key("key")),
        Column("Names", named("names")),
        Column("Days left", lambda entry: entry.get("days_left", language.say("(cannot be read)"))),
        Column("Expires", lambda entry: language.time(entry.get("not_after", "")), short=True),
        Column("Signed by", key("issuer")),
    ]
    yield "Certificates", [frame.table(columns, host.certificates())]


def _read(frame: Frame, logs: Mapping[str, Any]) -> Iterator[Part]:
    language, read = frame.language, logs["read"]
    said = [
        language.say("First line: {time}", time=language.time(read["first"]) or "-"),
        language.say("Last line: {time}", time=language.time(read["last"]) or "-"),
    ]
    if read["foreign"]:
        said.append(language.say("Lines of other users, passed over: {count}", count=number(read["foreign"])))
    columns = [
        Column("Source", key("name")),
        Column("Lines", key("lines", 0)),
        Column("Damaged", key("damaged", 0)),
    ]
    yield "What was read", [element("p", language.listed(said)), frame.table(columns, read["sources"])]
