# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter import dns_records as under_test
from ansible_collections.mailops.mailserver.plugins.filter import zone_text

DOMAINS = [{"name": "example.com", "dns": {"mta_sts": "testing"}}]


def test_they_are_registered() -> None:
    assert under_test.FilterModule().filters() == {"dns_records": under_test.dns_records}
    assert zone_text.FilterModule().filters() == {"zone_text": zone_text.zone_text}


def test_records_policies_and_notes_are_plain_data() -> None:
    found = under_test.dns_records(DOMAINS, "mx.example.com", ["192.0.2.25"])
    assert found["records"][0] == {
        "name": "mx.example.com",
        "type": "A",
        "ttl": 3600,
        "values": ["192.0.2.25"],
        "purpose": "address",
        "mend": "Without it nobody finds the server.",
        "domain": "mx.example.com",
    }
    assert found["policies"][0]["domain"] == "example.com"
    assert len(found["notes"]) == 2
    assert found["private"] == []


def test_addresses_behind_nat_are_told() -> None:
    found = under_test.dns_records(DOMAINS, "mx.example.com", ["192.0.2.25", "10.0.0.5"])
    assert found["private"] == ["10.0.0.5"]


def test_the_one_reads_what_the_other_gives() -> None:
    records = under_test.dns_records(DOMAINS, "mx.example.com", ["192.0.2.25"])["records"]
    text = zone_text.zone_text(records, "example.com")
    assert "example.com. 3600 IN MX 10 mx.example.com.\n" in text
    assert "PTR" not in text
    assert "; in the zone of others: 25.2.0.192.in-addr.arpa. 3600 IN PTR" in zone_text.zone_text(records)


def test_errors_are_in_one_line() -> None:
    with pytest.raises(AnsibleFilterError, match=r"domain example\.com: dns: spff: no such option"):
        under_test.dns_records([{"name": "example.com", "dns": {"spff": 1}}], "mx.example.com", ["192.0.2.25"])
    with pytest.raises(AnsibleFilterError, match="record 1: is not a dictionary"):
        zone_text.zone_text(["x"])
    with pytest.raises(AnsibleFilterError, match="zone: 'a b' is not a name of DNS"):
        zone_text.zone_text([], "a b")
