# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._queue import criteria
from ansible_collections.mailops.mailserver.plugins.module_utils._queue.message import Message, Origin, Recipient

NOW = 1_000_000
MESSAGE = Message(
    "4f9D195432z1Yc9",
    "deferred",
    NOW - 7200,
    600 * 1024,
    "Alice@example.com",
    (Recipient("bob@example.net", "connect to mx[192.0.2.1]:25: Connection refused"), Recipient("c@other.example", "")),
)
ORIGIN = Origin("alice@example.com", "2001:db8::7")


def fits(given: dict[str, Any], message: Message = MESSAGE, origin: Origin = ORIGIN) -> bool:
    wanted = criteria.read(given, needed=True)
    return wanted.meets(message, NOW) and wanted.meets_origin(origin)


@pytest.mark.parametrize(
    "given",
    [
        {"everything": True},
        {"sender": "alice@EXAMPLE.com"},
        {"sender": "<alice@example.com>"},
        {"sender": "/^ALICE@/"},
        {"recipient": "c@other.example"},
        {"recipient_domain": "@example.net"},
        {"recipient_domain": "/^(other|third)/"},
        {"reason": "/connection refused/"},
        {"login": "alice@example.com"},
        {"client_address": "2001:db8:0::7"},
        {"client_address": "2001:db8::/32"},
        {"client_address": "/^2001:/"},
        {"queue_ids": ["0123456789A", "4f9D195432z1Yc9"]},
        {"queue_ids": ["0123456789A 4f9D195432z1Yc9!"]},
        {"queues": ["hold", "deferred"]},
        {"queues": ["hold\ndeferred"]},
        {"older_than": "1h", "newer_than": "3h"},
        {"larger_than": "500K", "smaller_than": "1M"},
        {"sender": "", "queue_ids": [], "queues": None, "everything": False, "login": "/alice/"},
    ],
)
def test_what_fits(given: dict[str, Any]) -> None:
    assert fits(given)


@pytest.mark.parametrize(
    "given",
    [
        {"sender": "alice"},
        {"sender": "<>"},
        {"recipient": "bob"},
        {"recipient_domain": "net"},
        {"reason": "Connection refused"},
        {"login": "bob@example.com"},
        {"login": "/^$/"},
        {"client_address": "192.0.2.0/24"},
        {"queue_ids": ["0123456789A"]},
        {"queues": ["hold"]},
        {"older_than": "2h"},
        {"newer_than": "2h"},
        {"larger_than": "600K"},
        {"smaller_than": "600K"},
        {"sender": "alice@example.com", "login": "bob@example.com"},
    ],
)
def test_what_does_not_fit(given: dict[str, Any]) -> None:
    assert not fits(given)


def test_a_bounce_that_nobody_logged_in_for() -> None:
    assert fits({"sender": "<>", "login": "/^$/"}, MESSAGE._replace(sender=""), Origin())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            None,
            (
                "filter: it has no criterion. Say which messages are meant, or write everything: true "
                "(mail_queue_everything in the playbook)."
            ),
        ),
        ({}, "no criterion"),
        ({"sender": ""}, "no criterion"),
        ({"login": " "}, "login: is blank"),
        ({"sender": "\t", "queues": ["deferred"]}, "sender: is blank"),
        ({"everything": True, "sender": "a@b.c"}, "everything: does not go with sender"),
        ({"queue_ids": ["ALL"]}, "'ALL' is no queue ID"),
        ({"queue_ids": ["-"]}, "'-' is no queue ID"),
        ({"queue_ids": ["../../etc/passwd"]}, "is no queue ID"),
        ({"queues": ["defered"]}, "Did you mean 'deferred'?"),
        ({"queues": ["corrupt"]}, "is no queue with messages to list"),
        ({"sender": "/(/"}, "/(/ is no regular expression"),
        ({"sender": "//"}, "// fits everything"),
        ({"client_address": "192.0.2"}, "'192.0.2' is no address"),
        ({"client_address": "192.0.2.1/24"}, "is no address"),
        ({"older_than": "5"}, "'5' is no age"),
        ({"older_than": "-5m"}, "is no age"),
        ({"larger_than": "1000"}, "'1000' is not a size"),
        ({"smaller_than": "unlimited"}, "'unlimited' is no size"),
        ({"older_than": "2h", "newer_than": "1h"}, "older_than: no message can fulfil it together with newer_than"),
        ({"larger_than": "2M", "smaller_than": "1M"}, "larger_than: no message can fulfil it"),
    ],
)
def test_bad_filters(given: dict[str, Any] | None, says: str) -> None:
    with pytest.raises(MailError) as caught:
        criteria.read(given, needed=True)
    assert says in caught.value.message


def test_looking_needs_no_filter() -> None:
    assert criteria.read(None, needed=False).meets(MESSAGE, NOW)
