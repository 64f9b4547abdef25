# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Headers that the server completes, rewrites and removes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import headers
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.part import Elements, Part, Places

AT = Places("/t", "lmdb")
MARKING = Part(
    elements={
        "header_checks": Elements(first=("regexp:/t/access_header",)),
        "smtpd_data_restrictions": Elements(last=("check_sender_access lmdb:/t/access_mark_sender",)),
    }
)


def plan(marking: Part = MARKING, **options: Any) -> headers.Headers:
    return headers.plan(options, at=AT, token="secret", marking=marking)


def rows(found: headers.Headers, name: str) -> dict[str, str]:
    return dict(next(item for item in found.part.tables if item.name == name).rows)


def cleanup(found: headers.Headers) -> dict[str, Any]:
    (service,) = found.part.services
    return dict(service)


def test_submission_completes_headers_by_default() -> None:
    found = plan(Part())
    assert found.submission_options == {"cleanup_service_name": "cleanup-submission"}
    assert cleanup(found)["options"]["always_add_missing_headers"] is True
    assert "header_checks" not in cleanup(found)["options"]
    assert set(found.part.parameters.values()) == {None}


def test_a_server_that_changes_nothing_needs_no_service() -> None:
    found = plan(Part(), add_missing="local")
    assert found.submission_options == {}
    assert cleanup(found) == {"name": "cleanup-submission", "type": "unix", "state": "absent"}


def test_all_completes_headers_everywhere_and_warns() -> None:
    found = plan(Part(), add_missing="all")
    assert found.part.parameters["always_add_missing_headers"] is True
    assert "add_missing: all" in found.part.warnings[0]


def test_the_sender_is_set_once_for_many_recipients() -> None:
    found = plan(sender="submission")
    assert found.submission_options["smtpd_data_restrictions"] == [
        "reject_unauth_pipelining",
        "check_sender_access lmdb:/t/access_mark_sender",
        "check_sender_access regexp:/t/header_sender",
    ]
    assert rows(found, "header_submission")["/^Sender:/"] == "IGNORE"
    assert "REPLACE Sender: <$1>" in rows(found, "header_submission").values()


@pytest.mark.parametrize(("sender", "matches"), [("alice@example.test", True), ("<>", False), ("a b@c.test", False)])
def test_which_senders_are_written_into_the_header(sender: str, matches: bool) -> None:
    (pattern,) = rows(plan(sender="submission"), "header_sender")
    assert bool(re.match(pattern.strip("/").replace("[:alnum:]", "a-zA-Z0-9"), sender)) is matches


def test_the_cleanup_of_submission_names_the_tables_that_it_hides() -> None:
    found = plan(date="force", strip=["X-PHP-Originating-Script"])
    assert cleanup(found)["options"]["header_checks"] == [
        "regexp:/t/header_submission",
        "regexp:/t/access_header",
        "regexp:/t/header_all",
    ]
    assert rows(found, "header_submission") == {"/^Date:/": "IGNORE"}
    assert "date: force" in found.part.warnings[0]


def test_attached_messages_are_left_alone() -> None:
    found = plan(hide_user_agent=True)
    assert found.part.parameters["nested_header_checks"] == found.part.parameters["mime_header_checks"] == ""
    assert cleanup(found)["options"]["nested_header_checks"] == ""


@pytest.mark.parametrize(("log", "action"), [(True, "STRIP"), (False, "IGNORE")])
def test_stripped_headers_stay_in_the_log_if_wished(log: bool, action: str) -> None:
    found = plan(Part(), strip=["X-PHP-Originating-Script"], log_stripped=log)
    assert rows(found, "header_all") == {"/^X-PHP-Originating-Script:/": action}
    assert found.part.elements["header_checks"] == Elements(last=("regexp:/t/header_all",))


RECEIVED = (
    "Received: from laptop.home (dsl.example.net [192.0.2.7])\n\t(using TLSv1.3 with cipher X (256/256 bits))\n"
    "\t(Authenticated sender: alice@example.test)\n\tby mx.example.test (Postfix) with {} id 961E22A05B0\n"
    "\tfor <bob@example.org>; Sun, 22 Nov 2026 07:10:58 +0000 (UTC)"
)


@pytest.mark.parametrize(
    ("protocol", "hidden"), [("ESMTPSA", True), ("ESMTPA", True), ("UTF8SMTPSA", True), ("ESMTPS", False)]
)
def test_the_client_goes_from_the_line_of_its_own_submission(protocol: str, hidden: bool) -> None:
    pattern = next(key for key in rows(plan(hide_client=True), "header_submission") if "Received" in key)
    python = pattern.strip("/").replace("[[:space:]]", r"\s").replace("[^[:space:]]", r"\S")
    found = re.match(python, RECEIVED.format(protocol), re.DOTALL)
    assert bool(found) is hidden
    if found:
        assert found[1].startswith("by mx.example.test (Postfix) with")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"add_missing": "off"}, "headers: add_missing: 'off' is not possible"),
        ({"sender": "all"}, "Use off or submission"),
        ({"date": "add"}, "Use keep or force"),
        ({"hide_client": "maybe"}, "headers: hide_client: 'maybe' is not a boolean"),
        ({"strip": ["From"]}, "From is a header that mail"),
        ({"strip": ["received"]}, "received is a header that mail"),
        ({"strip": ["Content-Type"]}, "lives on"),
        ({"strip": ["X A"]}, "no name of a header"),
        ({"stripe": []}, "Did you mean 'strip'?"),
    ],
)
def test_what_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(MailError) as caught:
        plan(**options)
    assert words in caught.value.message
