# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a report: what stands in it, in both languages, and that nothing in it comes to life."""

from __future__ import annotations

import datetime
import html
import html.parser
import pathlib
import re
import string
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._log import facts, line, sums, when
from ansible_collections.mailops.mailserver.plugins.module_utils._queue.ages import STEPS
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page import chart, page
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page.findings import Limits, findings
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page.host import Host
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page.html import element, text
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page.japanese import JAPANESE
from ansible_collections.mailops.mailserver.plugins.module_utils._report_page.language import Language, language, size

LOGS = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "logs"
JST = datetime.timezone(datetime.timedelta(hours=9), "JST")
WRITTEN = 1795372000.0
EVIL = "</td><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7 * 7 }}{% raw %}\x1b[31m\u202e\r\n日本"
TAGS = """
    html head meta title style body header a main article section h1 h2 h3 p ul li strong span small bdi div dl dt
    dd figure figcaption svg g rect line text table thead tbody tr th td
"""
PERIOD = {"since": "2026-11-15T19:00:00Z", "until": "2026-11-22T19:00:00Z"}


def logs(release: str = "debian13") -> dict[str, Any]:
    """What mail_log_info returns of logs that real daemons wrote."""
    result = sums.Sums(interval=3600)
    if release:
        clock = when.Clock(WRITTEN)
        for written in (LOGS / release / "dovecot.log").read_text(encoding="utf-8").splitlines():
            found = line.from_file(written, clock)
            assert found is not None
            result.take(found)
    read = {**PERIOD, "first": when.written(result.first), "last": when.written(result.last)}
    counts = {"lines": result.lines, "damaged": 0, "foreign": 0, "forgotten": 0}
    sources = [{"name": "journal", "lines": result.lines, "damaged": 0}]
    return {**facts.facts(result, 100, lambda _pid: True), "read": {**read, **counts, "sources": sources}}


def account(name: str, **options: Any) -> dict[str, Any]:
    return {
        "name": name,
        "full_name": "",
        "mailbox": True,
        "status": "active",
        "lock": {},
        "forward_to": [],
        "password": "(set)",
        "password_scheme": "sha512-crypt",
        "password_outdated": False,
        **options,
    }


def queue(messages: int = 3) -> dict[str, Any]:
    rows = [{"name": "(none)", "messages": messages, "recipients": messages}] if messages else []
    tables = ("queues", "senders", "recipient_domains", "logins", "client_addresses", "reasons")
    totals = {"messages": messages, "recipients": messages, "size": 5000, "oldest": "2026-11-18T01:00:00Z"}
    ages = [{"longer_than": word, "messages": messages if word == "4d" else 0} for word in STEPS]
    return {"totals": {**totals, **dict.fromkeys(tables, rows)}, "ages": ages}


def server() -> dict[str, dict[str, Any]]:
    domain = {"name": "example.test", "alias_domains": ["example.org"], "catch_all": "all@elsewhere.example"}
    script = {"account": "bob@example.test", "active": True, "redirects": ["b@collector.example", "a@example.org"]}
    return {
        "logs": logs(),
        "queue": queue(),
        "accounts": {
            "accounts": [
                account("alice@example.test", forward_to=["alice@Sub.Example.Test", "alice@elsewhere.example"]),
                account("bob@example.test", lock={"reason": "ticket", "since": "2026-11-22T01:00:00Z"}),
                account("idle@example.test", password_scheme="sha256-crypt", password_outdated=True),
                account("off@example.test", status="disabled"),
                account("new@example.test", password="(none)", password_scheme=""),
            ]
        },
        "aliases": {"aliases": [{"name": "sales@example.test", "to": ["root", "alice@example.test"]}]},
        "domains": {"domains": [domain, {"name": "plain.test", "alias_domains": [], "catch_all": "reject"}]},
        "scripts": {"scripts": [script, {**script, "active": False}]},
        "certificates": {
            "certificates": [
                {"name": "mx", "names": ["mx.example.test"], "days_left": 5, "not_after": "2026-11-27T00:00:00Z"},
                {"name": "old", "names": [], "days_left": -1, "not_after": "2026-11-21T00:00:00Z"},
                {"name": "broken", "names": []},
            ]
        },
    }


def empty() -> dict[str, dict[str, Any]]:
    lists = ("accounts", "aliases", "domains", "scripts", "certificates")
    return {"logs": logs(""), "queue": queue(0), **{word: {word: []} for word in lists}}


def evil(value: Any, key: str = "") -> Any:
    """The same results with hostile text for every text, but for those words that are chosen by the modules."""
    chosen = {"longer_than", "since", "until", "by", "password", "status", "time"}
    if isinstance(value, dict):
        return {name: evil(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [evil(one, key) for one in value]
    return f"{EVIL}@{EVIL}" if isinstance(value, str) and key not in chosen else value


def made(results: dict[str, Any], code: str = "en", **wishes: Any) -> str:
    said = page.Wishes(language(code, JST if code == "ja" else datetime.timezone.utc), made=PERIOD["until"])
    return str(page.page(results, wishes.pop("own", []), said._replace(**wishes)))


class Reader(html.parser.HTMLParser):
    """Tags in their order, what is open, attributes, and text. It fails where tags do not fit together."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(written)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += f"{data}\n"


@pytest.mark.parametrize("code", ["en", "ja"])
@pytest.mark.parametrize("results", [server(), empty(), {}], ids=["full", "empty", "unreachable"])
def test_hostile_text_stays_text(code: str, results: dict[str, Any]) -> None:
    written = made({"mx": results, f"mx2{EVIL}": evil(results)}, code, title=EVIL)
    read = Reader(written)
    assert set(read.tags) <= {*TAGS.split()}
    assert not [name for name, _value in read.attributes if name.startswith("on") or name in ("src", "style")]
    assert all(value.startswith("#server-") for name, value in read.attributes if name == "href")
    assert not re.search("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202e]", written)
    body = written.partition("<body>")[2]
    assert "{" not in body
    assert "}" not in body
    assert "<script>alert(1)</script>" in read.text


def test_the_page_needs_nothing_from_elsewhere() -> None:
    written = made({"mx": server()})
    read = Reader(written)
    assert "default-src 'none'" in written.replace("&#x27;", "'")
    assert not [value for _name, value in read.attributes if re.search("//|url|import", value)]
    assert not re.search("//|url|@import", written.partition("<style>")[2].partition("</style>")[0])


def test_both_languages_have_the_same_shape_and_every_phrase() -> None:
    results = {"mx": server(), "second": empty(), "third": {}, "fourth": {"logs": {"msg": "Away."}}}
    english, japanese = Reader(made(results)), Reader(made(results, "ja"))
    assert english.tags == japanese.tags
    assert ("lang", "en") in english.attributes
    assert ("lang", "ja") in japanese.attributes
    titles = ("Who sent most", "The queue now", "Mail that leaves the organisation", "Certificates", "Worth a look")
    for title in titles:
        assert f"\n{title}\n" in english.text
        assert f"\n{JAPANESE[title]}\n" in japanese.text
        assert f"\n{title}\n" not in japanese.text


def known() -> dict[str, dict[str, Any]]:
    """A server of which each number is known."""
    at = {"first": "2026-11-20T01:00:00Z", "last": "2026-11-21T15:30:00Z"}
    sender = {"recipients": 4300, "waiting": 7, "bounced": 9, "rejected": 2, "limited": 3, "domain_count": 5}
    failed = {"failures": 1200, "succeeded": 4, "services": {"smtp": 200, "imap": 1000}, **at}
    reason = {"reason": "452 4.2.2 Mailbox full", "attempts": 31, "recipients": 4, "waiting": 2, "domains": ["a.test"]}
    refusal = {"kind": "relay", "reply": "554 5.7.1", "reason": "Relay access denied", "count": 14, "clients": 3, **at}
    limit = {"login": "eve@example.test", "address": "192.0.2.1", "what": "message delivery request", "count": 12, **at}
    wide = {"account": "eve@example.test", "networks": 6, "logins": 44, "some_networks": ["192.0.2.0/24"]}
    made_ = server()
    made_["logs"] |= {
        "senders": [{"login": "eve@example.test", "messages": 2500, "bytes": 3 * 2**20, "client_count": 8, **sender}],
        "failed_accounts": [
            {"account": "eve@example.test", "addresses": 17, **failed},
            {**failed, "account": "", "addresses": 1, "failures": 2, "succeeded": 0},
        ],
        "failed_addresses": [{"address": "192.0.2.1", "accounts": 90, **failed}],
        "deferred": [reason],
        "bounced": [{**reason, "attempts": 5}],
        "rejected": [refusal],
        "limited": [limit],
        "many_networks": [wide],
        "used": ["ALICE@example.test"],
    }
    made_["queue"]["ages"] = [{"longer_than": word, "messages": 10 * place} for place, word in enumerate(STEPS)]
    return made_


@pytest.mark.parametrize(
    ("title", "rows"),
    [
        ("Who sent most", ["eve@example.test 2,500 3.0 MB 4,300 7 9 5 5 8"]),
        ("Limits that were met", ["eve@example.test 192.0.2.1 message delivery request 12 2026-11-21 15:30"]),
        ("What clients were refused", ["554 5.7.1 Relay access denied relay 14 3 2026-11-21 15:30"]),
        ("Why mail was put off", ["452 4.2.2 Mailbox full 31 4 2 a.test"]),
        ("Why mail was returned", ["452 4.2.2 Mailbox full 5 4 a.test"]),
        ("Logins from many networks", ["eve@example.test 6 44 192.0.2.0/24"]),
        (
            "Failed logins by account",
            [
                "eve@example.test 1,200 4 imap, smtp 2026-11-21 15:30 17",
                "(not named) 2 0 imap, smtp 2026-11-21 15:30 1",
            ],
        ),
        ("Failed logins by IP address", ["192.0.2.1 1,200 4 imap, smtp 2026-11-21 15:30 90"]),
        ("Accounts and their hashes", ["sha512-crypt 3", "sha256-crypt 1", "(none) 1"]),
        ("Passwords with an outdated hash", ["idle@example.test sha256-crypt"]),
        ("Accounts not used in this period", ["idle@example.test"]),
        (
            "Mail that leaves the organisation",
            [
                "alice@example.test forward alice@elsewhere.example",
                "bob@example.test Sieve script b@collector.example",
                "@example.test catch-all all@elsewhere.example",
            ],
        ),
        (
            "Certificates",
            [
                "old -1 2026-11-21 00:00",
                "broken (cannot be read)",
                "mx mx.example.test 5 2026-11-27 00:00",
            ],
        ),
    ],
)
def test_the_numbers_of_each_part(title: str, rows: list[str]) -> None:
    assert rows_of(made({"mx": known()}), title) == rows


def test_how_long_the_queue_waits() -> None:
    rows = rows_of(made({"mx": known()}), "The queue now")
    assert rows[:6] == [
        "up to 1 hour 0",
        "1 to 4 hours 10",
        "4 to 24 hours 20",
        "1 to 2 days 30",
        "2 to 4 days 40",
        "longer than 4 days 50",
    ]
    said = [one for one in findings(Host("mx", known()), Limits()) if one.phrase.startswith("Messages that wait")]
    assert [one.values["count"] for one in said] == [120]


def rows_of(written: str, title: str) -> list[str]:
    """The rows of the tables and lists below a heading, as plain text."""
    part = written.partition(f"<h3>{title}</h3>")[2].partition("</section>")[0].partition("<tbody>")
    rows = re.findall("<(?:tr|li)>(.*?)</(?:tr|li)>", "".join(part))
    rows = [row for row in rows if 'scope="col"' not in row]
    return [" ".join(html.unescape(re.sub("<[^>]*>", " ", row)).split()) for row in rows]


def test_totals_and_an_overview_of_several_servers() -> None:
    results = {"mx": server(), "away": {}, "second": empty()}
    totals = results["mx"]["logs"]["totals"]
    written = made(results)
    overview = written.partition('<section class="overview">')[2].partition("</section>")[0]
    assert rows_of(f"<h3>x</h3>{overview}", "x") == [
        f"mx 3 {len(findings(Host('mx', server()), Limits())) - 3} {totals['submitted']} {totals['received']} 3",
        "away 1 0 - - -",
        "second 0 1 - - 0",
    ]
    assert f"<dt>Sent by users</dt><dd>{totals['submitted']}</dd>" in written
    assert "overview" not in made({"mx": server()}).partition("<body>")[2]


def test_logs_without_a_line_say_so_and_count_nothing() -> None:
    written = made({"mx": {**server(), "logs": logs("")}})
    assert "No mail daemon wrote to the logs in this period" in written
    assert "<dl" not in written
    assert "Who sent most" not in written
    assert "not used" not in written


@pytest.mark.parametrize(
    ("days", "each"), [(1, "Messages per hour"), (7, "Messages per day"), (200, "Messages per week")]
)
@pytest.mark.parametrize("code", ["en", "ja"])
def test_a_picture_says_what_a_bar_is(days: int, each: str, code: str) -> None:
    results = {"mx": server()}
    begin = datetime.datetime.fromisoformat(PERIOD["until"]) - datetime.timedelta(days=days)
    results["mx"]["logs"]["read"]["since"] = begin.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f"<figcaption>{JAPANESE[each] if code == 'ja' else each}</figcaption>" in made(results, code)


def test_a_second_certificate_may_expire_first() -> None:
    results = empty()
    second = {"days_left": 3, "not_after": "2026-11-25T00:00:00Z", "key": "RSA 2048"}
    first = {"name": "mx", "names": ["mx.example.test"], "days_left": 2912345, "not_after": "9999-12-31T23:59:59Z"}
    results["certificates"]["certificates"] = [{**first, "key": "EC P-256", "also": [second]}]
    written = made({"mx": results}, "ja")
    assert rows_of(written, "証明書") == [
        "mx RSA 2048 mx.example.test 3 2026-11-25 09:00",
        "mx EC P-256 mx.example.test 2,912,345 9999-12-31T23:59:59Z",
    ]
    assert "証明書の有効期限まであと 3 日" in written


def test_mail_among_addresses_of_the_host_does_not_leave_where_domains_were_not_read() -> None:
    results = {**server(), "domains": {"msg": "no store"}, "scripts": {}, "aliases": {}}
    results["accounts"]["accounts"][1]["forward_to"] = ["alice@example.test"]
    assert [way.to for way in Host("mx", results).leaving()] == [["alice@elsewhere.example"]]


@pytest.mark.parametrize(
    ("since", "first", "does"),
    [
        ("2026-11-15T19:00:00Z", "2026-11-16T18:00:00Z", True),
        ("2026-11-15T19:00:00Z", "2026-11-16T20:00:00Z", False),
        ("2026-11-22T18:00:00Z", "2026-11-22T18:59:00Z", True),
        ("2026-11-15T19:00:00Z", "", True),
    ],
)
def test_how_late_logs_may_begin(since: str, first: str, does: bool) -> None:
    results = empty()
    results["logs"]["read"] |= {"since": since, "first": first}
    assert Host("mx", results).reaches_back() is does


@pytest.mark.parametrize("phrase", sorted(JAPANESE))
def test_a_translation_has_the_same_gaps(phrase: str) -> None:
    def gaps(written: str) -> list[str]:
        return sorted(field for _text, field, _spec, _conversion in string.Formatter().parse(written) if field)

    assert gaps(JAPANESE[phrase]) == gaps(phrase)


def test_a_server_without_anything_needs_no_look() -> None:
    results = empty()
    results["logs"]["read"]["lines"] = 1
    assert findings(Host("mx", results), Limits()) == []
    assert "Nothing needs a look." in made({"mx": results})


def test_what_is_worth_a_look() -> None:
    results = server()
    results["logs"]["many_networks"] = [
        {"account": "alice@example.test", "networks": 5},
        {"account": "b", "networks": 4},
    ]
    results["logs"]["read"]["forgotten"] = 3
    del results["aliases"]["aliases"]
    results["aliases"]["msg"] = "no store"
    said = {
        one.phrase.format(**one.values): (one.names, one.is_grave) for one in findings(Host("mx", results), Limits())
    }
    assert said["Not read: aliases"] == (["no store"], True)
    assert said["Accounts with logins from 5 networks or more: 1"] == (["alice@example.test"], True)
    assert said["A certificate lasts for 5 days"] == (["mx"], True)
    assert said["A certificate has expired"] == (["old"], True)
    assert said["A certificate cannot be read"] == (["broken"], True)
    assert said["Messages that wait for longer than a day: 3"] == ([], False)
    assert said["Locked accounts: 1"] == (["bob@example.test"], False)
    assert said["Passwords with an outdated hash: 1"] == (["idle@example.test"], False)
    assert said["Accounts that were not used: 1"] == (["idle@example.test"], False)
    grave = [is_grave for _names, is_grave in said.values()]
    assert grave == sorted(grave, reverse=True)


def test_mail_leaves_to_other_domains_only() -> None:
    ways = [(way.name, way.by, way.to) for way in Host("mx", server()).leaving()]
    assert ways == [
        ("alice@example.test", "forward", ["alice@elsewhere.example"]),
        ("bob@example.test", "Sieve script", ["b@collector.example"]),
        ("@example.test", "catch-all", ["all@elsewhere.example"]),
    ]
    own = frozenset(["elsewhere.example"])
    assert [way.by for way in Host("mx", server(), own).leaving()] == ["Sieve script"]


def test_a_part_of_the_script_that_runs_sends_mail_on_too() -> None:
    part = {"account": "bob@example.test", "active": False, "included": True, "redirects": ["c@hidden.example"]}
    scripts = {"scripts": [part, {**part, "included": False}]}
    assert [way.to for way in Host("mx", {"scripts": scripts}).leaving()] == [["c@hidden.example"]]


def test_what_goes_to_another_server_of_ours_does_not_leave() -> None:
    second = {"domains": {"domains": [{"name": "elsewhere.example", "alias_domains": [], "catch_all": "reject"}]}}
    written = made({"mx": server(), "second": second}, own=["@collector.example"])
    assert "out of the organisation" not in written


def test_what_could_not_be_read_is_said() -> None:
    written = made({"mx": {**empty(), "logs": {"msg": "there is no <log>"}}})
    assert "Not read: logs" in written
    assert "there is no &lt;log&gt;" in written
    assert "Nothing could be read from this server" in made({"gone": {}})


def test_long_tables_end_and_say_how_much_is_left() -> None:
    results = {**empty(), "logs": logs()}
    results["accounts"]["accounts"] = [account(f"user{number}@example.test") for number in range(1234)]
    results["logs"]["many_networks"] = [
        {"account": f"{'x' * 5000}{number}", "networks": 2, "logins": 2, "some_networks": []} for number in range(25)
    ]
    written = made({"mx": results}, top=20)
    assert "and 5 more" in written
    assert "and 1,034 more" in written
    assert "x" * 301 not in written


def test_times_are_those_of_the_reader() -> None:
    written = made({"mx": empty()}, "ja")
    assert "2026-11-16 04:00 から 2026-11-23 04:00 まで" in written
    assert "時刻は JST" in written


@pytest.mark.parametrize(
    ("days", "count", "first"),
    [(1, 25, "2026-11-14 19:00"), (7, 8, "2026-11-08"), (200, 29, "2026-04-27"), (40000, 5715, "1917-05-07")],
)
def test_a_period_is_drawn_in_hours_days_or_weeks(days: int, count: int, first: str) -> None:
    begin = datetime.datetime(2026, 11, 15, 19, tzinfo=datetime.timezone.utc)
    read = {"since": (begin - datetime.timedelta(days=days)).isoformat(), "until": begin.isoformat()}
    found = chart.slots(Language("en"), {"read": read, "volume": []}, [], [])
    assert (len(found), found[0].label) == (count, first)


def test_every_mail_is_drawn_once() -> None:
    found = logs()
    slots = chart.slots(Language("ja", JST), found, ["received"], ["submitted", "local"])
    totals = found["totals"]
    assert sum(slot.above for slot in slots) == totals["received"]
    assert sum(slot.below for slot in slots) == totals["submitted"] + totals["local"]


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (2**20 * 150, "150 MB"), (2**50, "1,024 TB")],
)
def test_sizes(count: int, said: str) -> None:
    assert size(count) == said


def test_html_is_never_made_of_text_by_chance() -> None:
    inner = element("b", "<")
    assert element("i", inner) == "<i><b>&lt;</b></i>"
    assert text(f"{inner}") == text("<b>&lt;</b>") == "&lt;b&gt;&amp;lt;&lt;/b&gt;"


def test_a_language_that_is_not_known() -> None:
    with pytest.raises(MailError, match="Choose one of en, ja"):
        language("de")
