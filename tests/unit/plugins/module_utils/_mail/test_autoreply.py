# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Automatic replies: what is taken, and scripts in which no text can leave its quotes."""

from __future__ import annotations

import datetime
import random
import re
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import autoreply
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.autoreply import Autoreply

ADDRESS = "alice@example.com"


def render(reply: Autoreply, *addresses: str) -> str:
    return autoreply.render(reply, address=ADDRESS, addresses=addresses)


def strings_of(script: str) -> list[str]:
    """The quoted strings of a script (RFC 5228 section 2.4.2), or an error when one does not end."""
    strings, rest = [], script.split("\n", 1)[1]
    pattern = re.compile(r'[^"#]*"((?:[^"\\]|\\.)*)"', re.DOTALL)
    while True:
        match = pattern.match(rest)
        if not match:
            break
        strings.append(re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL))
        rest = rest[match.end() :]
    assert '"' not in rest
    return strings


def expand(text: str, subject: str) -> str:
    """Variables as RFC 5229 section 3 expands them, once and from the left; unknown ones are empty."""
    known = {"dollar": "$", "subject": subject}
    return re.sub(
        r"\$\{([A-Za-z_][A-Za-z0-9_.]*|[0-9]+)\}",
        lambda match: known.get(match[1], ""),
        text,
    )


def vacation(script: str) -> tuple[str, str]:
    """Subject and text of a script's reply as they stand in its quotes."""
    found = strings_of(script)
    start = script.index("vacation :days")
    inner = strings_of("\n" + script[start:])
    assert found[-len(inner) :] == inner
    return inner[0], inner[-1]


@pytest.mark.parametrize("value", [None, {}, {"text": None, "subject": None}])
def test_no_reply(value: Any) -> None:
    assert autoreply.parse(value, address=ADDRESS) is None


@pytest.mark.parametrize(
    ("value", "reply"),
    [
        ({"text": "Away."}, Autoreply("Away.")),
        (
            {
                "text": "Away.\nBack soon.",
                "subject": "Away: %s",
                "from": "2026-12-21",
                "until": "2027-01-03",
                "days": 3,
                "sender": "Office@Example.com",
            },
            Autoreply("Away.\nBack soon.", "Away: %s", "2026-12-21", "2027-01-03", 3, "office@example.com"),
        ),
        (
            {"text": "x", "from": datetime.date(2026, 12, 21), "days": "14"},
            Autoreply("x", start="2026-12-21", days=14),
        ),
        (
            {"text": "x", "from": "2026-12-21", "until": "2026-12-21"},
            Autoreply("x", "Auto: %s", "2026-12-21", "2026-12-21"),
        ),
        ({"text": "tab\tis fine", "from": "", "until": ""}, Autoreply("tab\tis fine")),
    ],
)
def test_a_reply_is_read(value: dict[str, Any], reply: Autoreply) -> None:
    assert autoreply.parse(value, address=ADDRESS) == reply


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Away.", "autoreply: is not a dictionary. Give subject, text"),
        (["Away."], "autoreply: is not a dictionary"),
        ({"body": "Away."}, "autoreply: has no option 'body'. Its options are subject, text"),
        ({"subject": "Away"}, "autoreply: has no text. Give text, or {} for no reply."),
        ({"text": " \n"}, "autoreply: has no text"),
        ({"text": "x", "subject": "a\nBcc: all@example.com"}, "autoreply: subject holds a line break"),
        ({"text": "x", "subject": "a\rb"}, "autoreply: subject holds a line break"),
        ({"text": "x", "subject": "a\0b"}, "autoreply: subject holds a line break or control"),
        ({"text": "x", "subject": "a\ud800b"}, "autoreply: subject holds a line break or control"),
        ({"text": "a\0b"}, "autoreply: text holds a control character"),
        ({"text": "a\x1b[2Jb"}, "autoreply: text holds a control character"),
        ({"text": "a\ud800b"}, "autoreply: text holds a control character"),
        ({"text": "x", "from": "21.12.2026"}, "autoreply: from: '21.12.2026' is not a day. Write YYYY-MM-DD."),
        ({"text": "x", "from": "2026-02-30"}, "autoreply: from: '2026-02-30' is not a day"),
        ({"text": "x", "until": "2026-12-21T10:00"}, "autoreply: until: '2026-12-21T10:00' is not a day"),
        ({"text": "x", "until": '2026-12-21"; stop; "'}, "autoreply: until: "),
        ({"text": "x", "until": "\uff12\uff10\uff12\uff16-12-21"}, "autoreply: until: "),
        ({"text": "x", "from": "2026-12-21", "until": "2026-12-20"}, "autoreply: ends (2026-12-20) before it begins"),
        ({"text": "x", "days": 0}, "autoreply: days 0 is not between 1 and 365. 7 is usual."),
        ({"text": "x", "days": 366}, "autoreply: days 366 is not between"),
        ({"text": "x", "days": "weekly"}, "autoreply: days 'weekly' is not between"),
        ({"text": "x", "days": "²"}, "autoreply: days '²' is not between"),
        ({"text": "x", "days": True}, "autoreply: days True is not between"),
        ({"text": "x", "days": -7}, "autoreply: days -7 is not between"),
    ],
)
def test_what_is_no_reply_is_named(value: Any, message: str) -> None:
    with pytest.raises(MailError) as error:
        autoreply.parse(value, address=ADDRESS)
    assert error.value.message.startswith(f"account {ADDRESS}: {message}")
    assert error.value.mend


def test_a_plain_script() -> None:
    assert render(Autoreply("Away.", days=3, sender="office@example.com"), "sales@example.com") == (
        "# Written by Ansible (mailops.mailserver); changes are overwritten.\n"
        'require ["vacation", "variables"];\n'
        'set "dollar" "$";\n'
        'if header :matches "subject" "*" { set "subject" "${1}"; }\n'
        "vacation :days 3\n"
        '  :subject "Auto: ${subject}"\n'
        '  :from "office@example.com"\n'
        '  :addresses ["alice@example.com", "sales@example.com"]\n'
        '  "Away.";\n'
    )


@pytest.mark.parametrize(
    ("start", "end", "tests"),
    [
        ("2026-12-21", "", ['currentdate :value "ge" "date" "2026-12-21"']),
        ("", "2027-01-03", ['currentdate :value "le" "date" "2027-01-03"']),
        (
            "2026-12-21",
            "2027-01-03",
            ['currentdate :value "ge" "date" "2026-12-21"', 'currentdate :value "le" "date" "2027-01-03"'],
        ),
    ],
)
def test_days_are_a_condition(start: str, end: str, tests: list[str]) -> None:
    script = render(Autoreply("Away.", start=start, end=end))
    assert f"if allof (true, {', '.join(tests)}) {{\n" in script
    assert script.endswith("}\n")
    assert 'require ["vacation", "variables", "date", "relational"];' in script


@pytest.mark.parametrize(
    ("template", "subject"),
    [
        ("Auto: %s", "Auto: Hello"),
        ("Autoreply from %m", "Autoreply from alice@example.com"),
        ("このメールは %m からの自動返信です", "このメールは alice@example.com からの自動返信です"),
        ("100%% away: %s", "100% away: Hello"),
        ("%%s", "%s"),
        ("50% off", "50% off"),
        ('"%s"', '"Hello"'),
        ("\\%s\\", "\\Hello\\"),
        ("${subject} %s", "${subject} Hello"),
        ("$%s", "$Hello"),
        ("$${1}", "$${1}"),
        ("${${dollar}{1}", "${${dollar}{1}"),
    ],
)
def test_the_subject_and_its_macros(template: str, subject: str) -> None:
    written, _text = vacation(render(Autoreply("x", subject=template)))
    assert expand(written, "Hello") == subject


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("plain", "plain"),
        ('say "hi"', 'say "hi"'),
        ("back\\slash\\", "back\\slash\\"),
        ('\\"', '\\"'),
        ('"; discard; keep "', '"; discard; keep "'),
        ("one\ntwo\r\nthree\rfour\n", "one\r\ntwo\r\nthree\r\nfour\r\n"),
        ("${1} costs $5, ${subject}, ${env.x}", "${1} costs $5, ${subject}, ${env.x}"),
        ("text:\n.\n", "text:\r\n.\r\n"),
        ("# /* comment */", "# /* comment */"),
        ("休暇中です。", "休暇中です。"),
    ],
)
def test_a_text_stays_what_it_is(text: str, sent: str) -> None:
    _subject, written = vacation(render(Autoreply(text)))
    assert expand(written, "Hello") == sent


def test_random_texts_stay_within_their_quotes() -> None:
    chance = random.Random(5228)
    pieces = ['"', "\\", "${", "}", "$", "{", "\n", "\r\n", "subject", "dollar", "1", ";", "%", "s", "x", " ", "é"]
    for _round in range(3000):
        text = "x" + "".join(chance.choices(pieces, k=12))
        subject = re.sub(r"[\r\n%]", "", "".join(chance.choices(pieces, k=8)))
        written_subject, written_text = vacation(render(Autoreply(text, subject=subject)))
        assert expand(written_subject, "Hello") == subject
        assert expand(written_text, "Hello") == text.replace("\r\n", "\n").replace("\n", "\r\n")
