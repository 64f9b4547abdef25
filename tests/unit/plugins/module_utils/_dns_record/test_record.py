# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import dns.rdata
import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import record, zone
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.record import Record
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

MX = {"name": "Example.COM.", "type": "mx", "values": ["10 MX.example.com"]}


def test_an_entry_is_read_and_given_back() -> None:
    found = record.read({**MX, "ttl": 60, "purpose": "mx", "mend": "m", "domain": "example.com"}, where="")
    assert found == Record("example.com", "MX", 60, ("10 mx.example.com.",), "mx", "m", "example.com")
    assert record.read_all([found.as_dict()]) == [found]


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("A", "192.0.2.25", "192.0.2.25"),
        ("AAAA", "2001:DB8:0::25", "2001:db8::25"),
        ("MX", "0 .", "0 ."),
        ("SRV", "0  1 993 Mail.Example.com", "0 1 993 mail.example.com."),
        ("TLSA", "3 1 1 AB cd", "3 1 1 abcd"),
        ("CAA", "0 ISSUE letsencrypt.org", '0 issue "letsencrypt.org"'),
        ("CAA", '0 issue "A.example; policy=x"', '0 issue "A.example; policy=x"'),
        ("CNAME", "_x.Example.com", "_x.example.com."),
        ("TXT", 'any "Thing"', 'any "Thing"'),
    ],
)
def test_values_have_one_spelling(kind: str, given: str, wanted: str) -> None:
    assert record.canonical(kind, given) == wanted
    assert record.canonical(kind, wanted) == wanted


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a..b"}, "is not a name of DNS"),
        ({"name": "münchen.example"}, "is not a name of DNS"),
        ({"name": None}, "is not a name of DNS"),
        ({"name": "x" * 64 + ".example"}, "is not a name of DNS"),
        ({"type": "MXX"}, "Did you mean 'MX'"),
        ({"values": "10 mx.example.com."}, "not a list of strings"),
        ({"values": [10]}, "not a list of strings"),
        ({"values": ["mx.example.com."]}, "'mx.example.com.' is no value of type MX. Write for example 10 mx"),
        ({"type": "A", "values": ["2001:db8::1"]}, "no value of type A"),
        ({"type": "AAAA", "values": ["192.0.2.1"]}, "no value of type AAAA"),
        ({"type": "TLSA", "values": ["3 1 1 xyz"]}, "no value of type TLSA"),
        ({"type": "CNAME", "values": ["a..b."]}, "no value of type CNAME"),
        ({"ttl": -1}, "is not seconds"),
        ({"ttl": True}, "is not seconds"),
        ({"valeus": []}, "Did you mean 'values'"),
    ],
)
def test_wrong_entries(change: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        record.read({**MX, **change}, where="record 1")
    assert error.value.message.startswith("record 1")
    assert message in error.value.message


def test_records_that_are_to_be_there_have_values() -> None:
    with pytest.raises(MailError, match=r"record 2 \(example\.com MX\): has no values"):
        record.read_all([MX, {**MX, "values": []}])


def test_an_entry_must_be_a_dictionary() -> None:
    with pytest.raises(MailError, match="record 1: is not a dictionary"):
        record.read_all(["MX"])


@pytest.mark.parametrize("text", ["", "a" * 255, "a" * 256, "p=" + "A" * 700, 'quo"te \\ back', "é" * 200, "tab\there"])
def test_a_text_comes_back_from_a_zone_file_as_it_was(text: str) -> None:
    lines = record.presentation("TXT", text)
    found = dns.rdata.from_text("IN", "TXT", lines)
    assert b"".join(found.strings).decode() == text
    assert all(len(string) <= 255 for string in found.strings)


def test_the_fragment_of_a_zone() -> None:
    records = [
        Record("example.com", "MX", 60, ("10 a.", "20 b."), "mx", "", "example.com"),
        Record("25.2.0.192.in-addr.arpa", "PTR", 60, ("mx.example.com.",), "reverse", "", "mx.example.com"),
        Record("example.com._report._dmarc.other.test", "TXT", 60, ("v=DMARC1",), "dmarc_report", "", "example.com"),
        Record("x.test._report._dmarc.example.com", "TXT", 60, ("v=DMARC1",), "dmarc_report", "", "x.test"),
    ]
    assert zone.text(records) == (
        "; example.com\n"
        "example.com. 60 IN MX 10 a.\n"
        "example.com. 60 IN MX 20 b.\n"
        '; in the zone of others: example.com._report._dmarc.other.test. 60 IN TXT "v=DMARC1"\n'
        "\n"
        "; mx.example.com\n"
        "; in the zone of others: 25.2.0.192.in-addr.arpa. 60 IN PTR mx.example.com.\n"
        "\n"
        "; x.test\n"
        'x.test._report._dmarc.example.com. 60 IN TXT "v=DMARC1"\n'
    )
    assert zone.text(records, zone="2.0.192.in-addr.arpa.") == (
        "; mx.example.com\n25.2.0.192.in-addr.arpa. 60 IN PTR mx.example.com.\n"
    )
    assert zone.text([], zone="") == ""
