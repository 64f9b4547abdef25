# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access lists: whom an entry means, what Postfix answers, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import access, access_entry, marks
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements, Part, Places, Table

AT = Places("/t", "lmdb")


def part(imap_server: str = "dovecot", **lists: Any) -> Part:
    return access.part(lists, at=AT, token="secret", imap_server=imap_server)


def table(found: Part, name: str) -> Table:
    return next(item for item in found.tables if item.name == f"access_{name}")


def rows(found: Part, name: str) -> dict[str, str]:
    return dict(table(found, name).rows)


@pytest.mark.parametrize(
    ("entry", "answer"),
    [
        ({"action": "accept"}, "OK"),
        ({"action": "defer"}, "450 4.7.1 Refused for now, try again later"),
        ({"action": "defer", "code": 451, "text": "Later"}, "451 4.7.1 Later"),
        ({"action": "reject"}, "554 5.7.1 Access denied"),
        ({"action": "reject", "code": "550 5.1.8"}, "550 5.1.8 Access denied"),
        ({"action": "disconnect"}, "521 5.7.1 Access denied"),
        ({"action": "disconnect", "code": 421}, "421 4.7.1 Access denied"),
        ({"action": "discard"}, "DISCARD"),
        ({"action": "hold", "text": "Look at it"}, "HOLD Look at it"),
        ({"action": "redirect", "address": "trash@example.test"}, "REDIRECT trash@example.test"),
    ],
)
def test_what_each_action_answers(entry: dict[str, Any], answer: str) -> None:
    found = part(clients=[{"match": "192.0.2.0/24", "text": None, **entry}])
    assert table(found, "client_network") == Table("access_client_network", (("192.0.2.0/24", answer),), "cidr")
    assert found.elements["smtpd_client_restrictions"].first == ("check_client_access cidr:/t/access_client_network",)


@pytest.mark.parametrize(
    ("kind", "match", "name", "key"),
    [
        ("clients", "192.0.2.1", "client_network", "192.0.2.1/32"),
        ("clients", "[2001:db8::1]", "client_network", "2001:db8::1/128"),
        ("clients", "2001:DB8::/32", "client_network", "2001:db8::/32"),
        ("clients", "MX.Example.net", "client", "mx.example.net"),
        ("clients", ".example.net", "client", ".example.net"),
        ("helos", "bad.example.net", "helo", "bad.example.net"),
        ("helos", "[IPv6:2001:db8::1]", "helo", "[ipv6:2001:db8::1]"),
        ("senders", "<>", "sender", "<>"),
        ("senders", "News+X@Example.org", "sender", "news+x@example.org"),
        ("senders", ".example.org", "sender", ".example.org"),
        ("recipients", "example.org", "recipient", "example.org"),
    ],
)
def test_whom_an_entry_means(kind: str, match: str, name: str, key: str) -> None:
    assert list(rows(part(**{kind: [{"match": match, "action": "reject"}]}), name)) == [key]


@pytest.mark.parametrize(
    ("kind", "entry", "words"),
    [
        ("clients", {"match": "192.0.2.1/24"}, "Did you mean 192.0.2.0/24"),
        ("clients", {"match": "0.0.0.0/0"}, "is everybody"),
        ("clients", {"match": "::/0"}, "is everybody"),
        ("clients", {"match": "192.0.2.300"}, "no address and no network"),
        ("clients", {"match": "two words"}, "not a domain name"),
        ("clients", {"match": ""}, "not a domain name"),
        ("clients", {"action": "reject"}, "has no match"),
        ("clients", {"match": "192.0.2.1", "action": "drop"}, "the action 'drop' is unknown"),
        ("clients", {"match": "192.0.2.1", "action": "reject", "code": 450}, "does not fit 'reject'"),
        ("clients", {"match": "192.0.2.1", "action": "defer", "code": 999}, "does not fit 'defer'"),
        ("clients", {"match": "192.0.2.1", "action": "reject", "code": "550 4.7.1"}, "does not fit"),
        ("clients", {"match": "192.0.2.1", "action": "reject", "code": 521}, "Use the action disconnect"),
        ("clients", {"match": "192.0.2.1", "action": "disconnect", "code": 554}, "Write 421 or 521"),
        ("clients", {"match": "192.0.2.1", "action": "reject", "text": "a\nb"}, "not one line of printable ASCII"),
        ("clients", {"match": "192.0.2.1", "action": "reject", "text": "verboten für alle"}, "printable ASCII"),
        ("clients", {"match": "192.0.2.1", "action": "accept", "text": "x"}, "'text' does not go with"),
        ("clients", {"match": "192.0.2.1", "action": "accept", "client": "x"}, "has no option 'client'"),
        ("clients", {"match": "192.0.2.1", "action": "redirect"}, "needs 'address'"),
        ("clients", {"match": "192.0.2.1", "action": "redirect", "address": "trash"}, "is not a mail address"),
        ("clients", {"match": "192.0.2.1", "action": "add_header", "header": "X-PMSFILTER"}, "is no header"),
        ("clients", {"match": "192.0.2.1", "action": "add_header", "header": "X y: 1"}, "no name of a header"),
        ("clients", {"match": "192.0.2.1", "action": "add_header", "header": "X-A: a\nb"}, "not printable ASCII"),
        ("clients", {"match": "192.0.2.1", "action": "add_header", "header": "From: a@b"}, "belongs to the sender"),
        ("clients", {"match": "192.0.2.1", "action": "tag_subject", "tag": "[迷惑]"}, "printable ASCII"),
        ("helos", {"match": "[example.net]"}, "no address literal"),
        ("helos", {"match": "[IPv6:192.0.2.1]"}, "no address literal"),
        ("senders", {"match": "a b@example.org"}, "not a mail address"),
        ("recipients", {"match": ".example.org"}, "not a domain name"),
        ("recipients", {"match": "example.org", "action": "junk"}, "marks the whole message"),
        ("recipients", {"match": "example.org", "action": "discard"}, "from its other recipients"),
    ],
)
def test_what_is_refused(kind: str, entry: dict[str, Any], words: str) -> None:
    given = {**({} if "match" not in entry else {"action": "reject"}), **entry}
    with pytest.raises(MailError) as caught:
        part(**{kind: [given]})
    assert words in caught.value.message
    assert caught.value.message.startswith(f"access: {kind}[0]")


@pytest.mark.parametrize("lists", [{"client": []}, {"clients": "192.0.2.1"}, {"clients": [["192.0.2.1"]]}])
def test_a_list_is_a_known_list_of_entries(lists: dict[str, Any]) -> None:
    with pytest.raises(MailError):
        part(**lists)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("192.0.2.0/24", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:db8::/32", "2001:db8:1::/48"),
        ("Example.net", "example.NET"),
    ],
)
def test_an_entry_that_can_never_match_is_refused(first: str, second: str) -> None:
    with pytest.raises(MailError, match="can never match, because"):
        part(clients=[{"match": first, "action": "accept"}, {"match": second, "action": "reject"}])


def test_an_exception_stands_before_its_network() -> None:
    found = part(clients=[{"match": "192.0.2.7", "action": "accept"}, {"match": "192.0.2.0/24", "action": "reject"}])
    assert list(rows(found, "client_network").values()) == ["OK", "554 5.7.1 Access denied"]


def test_an_accepted_recipient_skips_no_other_check() -> None:
    assert rows(part(recipients=[{"match": "a@example.org", "action": "accept"}]), "recipient") == {
        "a@example.org": "DUNNO"
    }


def test_marks_stand_where_a_header_is_added_once() -> None:
    found = part(
        clients=[{"match": "192.0.2.7", "action": "accept"}, {"match": "192.0.2.0/24", "action": "junk"}],
        senders=[{"match": "example.org", "action": "tag_subject", "tag": "[$]"}],
    )
    internal = marks.internal("X-Mailserver-Junk: yes", token="secret")
    assert found.elements["smtpd_data_restrictions"].last == (
        "check_client_access cidr:/t/access_mark_client_network",
        "check_sender_access lmdb:/t/access_mark_sender",
    )
    assert rows(found, "mark_client_network") == {"192.0.2.7/32": "DUNNO", "192.0.2.0/24": f"PREPEND {internal}: 1"}
    assert rows(found, "client_network") == {"192.0.2.7/32": "OK", "192.0.2.0/24": "DUNNO"}
    assert table(found, "sender").rows == ()
    assert found.elements["header_checks"].first == ("regexp:/t/access_header",)
    header = rows(found, "header")
    assert header[f"/^{internal}:/"] == "REPLACE X-Mailserver-Junk: yes"
    assert "REPLACE X-Mailserver-Subject-Tag: [$$]" in header.values()
    assert header["/^X-Mailserver-Junk:/"] == header["/^X-Mailserver-Subject-Tag:/"] == "IGNORE"


@pytest.mark.parametrize("action", [{"action": "junk"}, {"action": "tag_subject", "tag": "[S]"}])
def test_without_dovecot_nobody_files_or_tags(action: dict[str, Any]) -> None:
    with pytest.raises(MailError, match="Dovecot's Sieve"):
        part("none", clients=[{"match": "192.0.2.7", **action}])


def test_a_header_is_added_without_dovecot() -> None:
    found = part("none", clients=[{"match": "192.0.2.7", "action": "add_header", "header": "X-PMSFILTER:  -5"}])
    assert "REPLACE X-PMSFILTER: -5" in rows(found, "header").values()
    assert rows(found, "header")["/^X-PMSFILTER:/"] == "IGNORE"


def test_the_name_of_a_mark_depends_on_the_token_and_the_header() -> None:
    names = {marks.internal(final, token=token) for final in ("X-A: 1", "X-B: 1") for token in ("one", "two")}
    assert len(names) == 4


def test_names_mean_themselves_whatever_is_listed() -> None:
    only = Elements(remove=("smtpd_access_maps",))
    assert part().elements["parent_domain_matches_subdomains"] == only
    assert part(clients=[{"match": "a.net", "action": "hold"}]).elements["parent_domain_matches_subdomains"] == only


def test_empty_lists_leave_nothing_behind() -> None:
    found = part(clients=None, senders=[])
    assert all(item.rows == () for item in found.tables)
    assert all(not elements.first and not elements.last for elements in found.elements.values())
    removed = found.elements["smtpd_client_restrictions"].remove
    assert removed == ("check_client_access cidr:/t/access_client_network", "check_client_access lmdb:/t/access_client")


def test_what_a_submission_service_repeats() -> None:
    lists = {
        "clients": [
            {"match": "192.0.2.7", "action": "reject"},
            {"match": ".example.net", "action": "add_header", "header": "X-A: 1"},
        ],
        "senders": [{"match": "example.org", "action": "reject"}],
    }
    assert access.client_checks(lists, at=AT) == ["check_client_access cidr:/t/access_client_network"]
    assert access.sender_checks(lists, at=AT) == ["check_sender_access lmdb:/t/access_sender"]
    assert access.client_checks({}, at=AT) == []


def test_long_lists_are_read_in_no_time() -> None:
    networks = [{"match": f"10.{i // 250}.{i % 250}.0/24", "action": "reject"} for i in range(5000)]
    assert len(access_entry.parse("clients", networks, imap_server="dovecot")) == 5000


def test_without_a_token_no_mark_is_made() -> None:
    with pytest.raises(MailError) as error:
        marks.internal("X-Spam: yes", token="")
    assert error.value.message.startswith("/etc/machine-id: the host has none")
