# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters as Ansible calls them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter import dovecot_lookups, mail_objects

DOMAINS = [{"name": "example.com", "accounts": [{"name": "alice", "password": "Correct-horse-9"}]}]


def test_both_are_registered() -> None:
    assert mail_objects.FilterModule().filters() == {"mail_objects": mail_objects.mail_objects}
    assert dovecot_lookups.FilterModule().filters() == {"dovecot_lookups": dovecot_lookups.dovecot_lookups}


def test_the_lists_of_an_inventory() -> None:
    found = mail_objects.mail_objects(DOMAINS, postmaster="alice@example.com")
    assert [item["name"] for item in found["accounts"]] == ["alice@example.com"]
    assert [item["name"] for item in found["aliases"]] == ["postmaster@example.com", "abuse@example.com"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"password_policy": {"min_length": 20}},
            "account alice@example.com: password: is too weak: it needs at least 20",
        ),
        (
            {"password_policy": {"min_lenght": 20}},
            "password_policy: min_lenght: no such option. Did you mean 'min_length'?",
        ),
        ({"restricted_domains": ["example.com"]}, "domain example.com: belongs to somebody else"),
        ({"delimiter": "l"}, "address 'alice@example.com': holds 'l', which separates address extensions here."),
        ({"postmaster": "gone@example.com"}, "address postmaster@example.com: sends mail on to gone@example.com"),
    ],
)
def test_an_error_is_a_filter_error_without_secrets(options: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError) as error:
        mail_objects.mail_objects(DOMAINS, **options)
    assert str(error.value).startswith(message)
    assert "Correct-horse" not in str(error.value)


@pytest.mark.parametrize(
    ("own", "general", "message"),
    [
        ({"dmark": {}}, {}, "domain example.com: dns: dmark: no such option. Did you mean 'dmarc'?"),
        ({"mta_sts": "on"}, {}, "domain example.com: dns: mta_sts: 'on' is no mode"),
        ([], {}, "domain example.com: dns: is not a dictionary"),
        ({}, {"ttl": 1}, "mail_dns: ttl: 1 is not a number of seconds"),
        ({}, [], "mail_dns: is not a dictionary"),
    ],
)
def test_what_is_said_of_records_is_judged(own: Any, general: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as error:
        mail_objects.mail_objects([{**DOMAINS[0], "dns": own}], dns=general)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("own", "general", "message"),
    [
        ({"bitts": 1}, {}, "domain example.com: dkim: bitts: no such option. Did you mean 'bits'?"),
        ({}, {"bits": 1}, "mail_dkim: bits: 1 is not a size of RSA keys"),
    ],
)
def test_what_is_said_of_keys_is_judged(own: Any, general: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as error:
        mail_objects.mail_objects([{**DOMAINS[0], "dkim": own}], dkim=general)
    assert str(error.value).startswith(message)
    assert "dkim" not in mail_objects.mail_objects([{**DOMAINS[0], "dkim": False}])["domains"][0]


def test_a_domain_may_leave_its_records_to_others() -> None:
    found = mail_objects.mail_objects([{**DOMAINS[0], "dns": False}], dns={"mta_sts": "testing"})
    assert "dns" not in found["domains"][0]


@pytest.mark.parametrize("syntax", ["2.3", "2.4"])
def test_the_queries(syntax: str) -> None:
    found = dovecot_lookups.dovecot_lookups(syntax, default_domain="example.com")
    assert set(found) == {"password_query", "user_query", "iterate_query"}
    assert "'example.com'" in found["password_query"]


@pytest.mark.parametrize(("syntax", "domain"), [("2.5", ""), (2.4, ""), ("2.4", "x'y")])
def test_what_is_no_syntax_and_no_domain(syntax: Any, domain: str) -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"is not a (known Dovecot syntax. Use 2.3 or 2.4|domain name. Give one)"
    ):
        dovecot_lookups.dovecot_lookups(syntax, default_domain=domain)
