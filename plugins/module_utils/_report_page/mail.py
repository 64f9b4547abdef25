# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the report that are about mail: how much, by whom, what was refused, what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .chart import mirrored, slots, unit
from .host import Host
from .html import Html, element, join
from .language import number, size
from .table import Column, Frame, key, named

TILES = {
    "submitted": "Sent by users",
    "received": "Received from other servers",
    "local": "From programs on the host",
    "delivered": "Delivered to mailboxes",
    "sent": "Taken by other servers",
    "deferred": "Put off (deferred)",
    "bounced": "Returned (bounced)",
    "rejected": "Refused",
    "limited": "Limits met",
    "logins": "Logins",
    "login_failures": "Failed logins",
}
_AGES = {
    "0": "up to 1 hour",
    "1h": "1 to 4 hours",
    "4h": "4 to 24 hours",
    "1d": "1 to 2 days",
    "2d": "2 to 4 days",
    "4d": "longer than 4 days",
}

Part = tuple[str, list[Html]]


def parts(host: Host, frame: Frame) -> Iterator[Part]:
    """Headings with what stands below them."""
    if host.has("logs"):
        logs = host.results["logs"]
        if not host.is_silent():
            yield "Mail", [_tiles(frame, logs), _volume(frame, logs)]
            yield from _senders(frame, logs)
            yield from _refused(frame, logs)
            yield from _reasons(frame, logs)
    if host.has("queue"):
        yield from _queue(frame, host.results["queue"])


def _tiles(frame: Frame, logs: Mapping[str, Any]) -> Html:
    totals = logs["totals"]
    made = []
    for word, phrase in TILES.items():
        inside = [element("dt", frame.language.say(phrase)), element("dd", number(totals[word]))]
        if f"{word}_bytes" in totals:
            inside.append(element("dd", size(totals[f"{word}_bytes"]), class_="size"))
        made.append(element("div", *inside))
    return element("dl", *made, class_="tiles")


def _volume(frame: Frame, logs: Mapping[str, Any]) -> Html:
    """A picture of mail and one of logins, if there were any."""
    language, each = frame.language, unit(logs)
    mail = slots(language, logs, ["received"], ["submitted", "local"])
    logins = slots(language, logs, ["logins"], ["login_failures"])
    drawn = [
        element(
            "figure",
            element("figcaption", language.say(f"{what} per {each}")),
            mirrored(found, *map(language.say, words)),
        )
        for what, found, words in (("Messages", mail, ("In", "Out")), ("Logins", logins, ("Logins", "Failed logins")))
        if any(slot.above or slot.below for slot in found)
    ]
    note = element("p", language.say(f"The first and the last {each} may be incomplete."), class_="more")
    return join([element("div", *drawn, class_="charts"), note]) if drawn else Html()


def _senders(frame: Frame, logs: Mapping[str, Any]) -> Iterator[Part]:
    columns = [
        Column("Account", key("login")),
        Column("Messages", key("messages", 0), gauge=True),
        Column("Size", lambda entry: size(entry["bytes"]), short=True),
        Column("Recipients", key("recipients", 0)),
        Column("Waiting", key("waiting", 0)),
        Column("Returned", key("bounced", 0)),
        Column("Refused", lambda entry: entry["rejected"] + entry["limited"]),
        Column("Domains", key("domain_count", 0)),
        Column("IP addresses", key("client_count", 0)),
    ]
    yield "Who sent most", [frame.table(columns, logs["senders"])]
    columns = [
        Column("Sender", lambda entry: entry["sender"] or "<>"),
        Column("Messages", key("messages", 0), gauge=True),
        Column("Size", lambda entry: size(entry["bytes"]), short=True),
        Column("Recipients", key("recipients", 0)),
        Column("Returned", key("bounced", 0)),
        Column("Handed in by", lambda entry: join(element("div", one["address"]) for one in entry["clients"][:3])),
    ]
    yield "What programs on the host sent", [frame.table(columns, logs["local_senders"])]


def _refused(frame: Frame, logs: Mapping[str, Any]) -> Iterator[Part]:
    language = frame.language
    columns = [
        Column("Account", lambda entry: entry["login"] or language.say("(not logged in)")),
        Column("IP address", key("address")),
        Column("Limit", lambda entry: language.word(entry["what"])),
        Column("Times", key("count", 0), gauge=True),
        Column("Last", lambda entry: language.time(entry["last"]), short=True),
    ]
    yield "Limits that were met", [frame.table(columns, logs["limited"])]
    columns = [
        Column("Refusal", lambda entry: f"{entry['reply']} {entry['reason']}"),
        Column("Kind", lambda entry: language.word(entry["kind"])),
        Column("Times", key("count", 0), gauge=True),
        Column("Clients", key("clients", 0)),
        Column("Last", lambda entry: language.time(entry["last"]), short=True),
    ]
    yield "What clients were refused", [frame.table(columns, logs["rejected"])]


def _reasons(frame: Frame, logs: Mapping[str, Any]) -> Iterator[Part]:
    columns = [
        Column("Reason", key("reason")),
        Column("Attempts", key("attempts", 0), gauge=True),
        Column("Recipients", key("recipients", 0)),
        Column("Waiting now", key("waiting", 0)),
        Column("Recipient domains", named("domains")),
    ]
    yield "Why mail was put off", [frame.table(columns, logs["deferred"])]
    yield (
        "Why mail was returned",
        [frame.table([column for column in columns if column.title != "Waiting now"], logs["bounced"])],
    )


def _queue(frame: Frame, queue: Mapping[str, Any]) -> Iterator[Part]:
    language, totals = frame.language, queue["totals"]
    if not totals["messages"]:
        yield "The queue now", [element("p", language.say("None"), class_="none")]
        return
    said = [
        language.say("Messages: {count}", count=number(totals["messages"])),
        language.say("Recipients: {count}", count=number(totals["recipients"])),
        language.say("Size: {size}", size=size(totals["size"])),
    ]
    if totals["oldest"]:
        said.append(language.say("The oldest is of {time}", time=language.time(totals["oldest"])))
    columns = [
        Column("Waiting for", lambda entry: language.say(_AGES[entry["longer_than"]])),
        Column("Messages", key("messages", 0), gauge=True),
    ]
    inside = [element("p", language.listed(said)), frame.table(columns, queue["ages"])]
    for title, word in (("Reason", "reasons"), ("Account", "logins"), ("Recipient domain", "recipient_domains")):
        counts = [Column("Messages", key("messages", 0), gauge=True), Column("Recipients", key("recipients", 0))]
        inside.append(
            frame.table([Column(title, lambda entry: language.stands_for(entry["name"])), *counts], totals[word])
        )
    yield "The queue now", inside
