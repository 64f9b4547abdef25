# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one page of HTML that needs nothing from elsewhere and runs no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from . import mail, people
from .findings import Finding, Limits, findings
from .host import Host
from .html import Html, element, join, name
from .language import Language, number
from .style import STYLE
from .table import Column, Entry, Frame

_NAMES = 12  # of a finding; all of them stand in their table
# The browser itself keeps the page from loading or running anything, whatever is in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Wishes(NamedTuple):
    """How the page shall be. ``top``: rows of a table. ``made``: the time of now, ISO 8601."""

    language: Language
    top: int = 20
    limits: Limits = Limits()
    title: str = ""
    made: str = ""


def page(results: Mapping[str, Mapping[str, Mapping[str, Any]]], own: Sequence[str], wishes: Wishes) -> Html:
    """The page about servers: their results by name of the server and by the names of ``host.RESULTS``."""
    domains = frozenset(domain.lower().lstrip("@") for domain in own)
    hosts = [Host(server, found, domains) for server, found in results.items()]
    everywhere = domains.union(*(host.served() for host in hosts))
    hosts = [host._replace(own=everywhere) for host in hosts]
    language = wishes.language
    title = wishes.title or language.say("Mail server report")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Html(STYLE)),
    )
    found = [findings(host, wishes.limits) for host in hosts]
    header = element("header", element("h1", title), element("p", _when(hosts, wishes)))
    articles = [_server(place, host, found[place], wishes) for place, host in enumerate(hosts)]
    body = element("body", header, element("main", _overview(hosts, found, language), *articles))
    return Html(f"<!DOCTYPE html>\n{element('html', head, body, lang=language.code)}\n")


def _when(hosts: Sequence[Host], wishes: Wishes) -> str:
    """The period, and when the page was made."""
    language = wishes.language
    periods = [host.results["logs"]["read"] for host in hosts if host.has("logs")]
    said = [language.say("{since} to {until}", **_period(language, periods[0]))] if periods else []
    if wishes.made:
        said.append(language.say("made {time}", time=language.time(wishes.made)))
    said.append(language.say("all times in {zone}", zone=language.zone))
    return " · ".join(said)


def _period(language: Language, read: Mapping[str, str]) -> dict[str, str]:
    return {word: language.time(read[word]) for word in ("since", "until")}


def _overview(hosts: Sequence[Host], found: Sequence[Sequence[Finding]], language: Language) -> Html:
    """A line about each server, if there are several."""
    if len(hosts) < 2:
        return Html()
    columns = [
        Column("Server", lambda entry: element("a", name(entry["name"]), href=f"#server-{entry['place']}")),
        Column("Urgent", lambda entry: sum(one.is_grave for one in entry["found"])),
        Column("Worth a look", lambda entry: sum(not one.is_grave for one in entry["found"])),
        *(Column(mail.TILES[word], _total("logs", word)) for word in ("submitted", "received")),
        Column("Messages in the queue", _total("queue", "messages")),
    ]
    entries = [
        {"name": host.name, "place": place, "host": host, "found": found[place]} for place, host in enumerate(hosts)
    ]
    return element("section", Frame(language, len(hosts)).table(columns, entries), class_="overview")


def _total(result: str, word: str) -> Callable[[Entry], object]:
    """A cell with a sum of a result, if that was read and tells anything."""

    def cell(entry: Entry) -> object:
        host: Host = entry["host"]
        is_known = host.has(result) and not (result == "logs" and host.is_silent())
        return host.results[result]["totals"][word] if is_known else "-"

    return cell


def _server(place: int, host: Host, found: Sequence[Finding], wishes: Wishes) -> Html:
    frame = Frame(wishes.language, wishes.top)
    say = wishes.language.say
    parts = [*mail.parts(host, frame), *people.parts(host, frame)]
    sections = [element("section", element("h3", say(title)), *inside) for title, inside in parts]
    title = element("h2", name(host.name), id=f"server-{place}")
    return element("article", title, _findings(found, wishes.language), *sections)


def _findings(found: Sequence[Finding], language: Language) -> Html:
    if not found:
        return element("p", language.say("Nothing needs a look."), class_="well")
    items = []
    for finding in found:
        names = [name(one) for one in finding.names[:_NAMES]]
        left = len(finding.names) - len(names)
        names += [name(f"… +{left:,}")] if left else []
        said = {"what": language.word, "time": language.time}
        values = {key: said[key](str(value)) if key in said else number(value) for key, value in finding.values.items()}
        phrase = element("strong", language.say(finding.phrase, **values))
        listed = element("span", *(join([one, " "]) for one in names), class_="who") if names else ""
        items.append(element("li", phrase, " ", listed, class_="grave" if finding.is_grave else "look"))
    title = element("h3", language.say("Worth a look"))
    return element("section", title, element("ul", *items, class_="findings"))
