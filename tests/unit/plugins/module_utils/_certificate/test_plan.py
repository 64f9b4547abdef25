# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the inventory's certificates to what is installed and served."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import plan
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

FILES = {"certificate_file": "/root/c.pem", "key_file": "/root/k.pem"}


def planned(given: Any, domains: Any = (), **more: Any) -> dict[str, Any]:
    return plan.plan(given, domains, hostname="mx.example.com", **more)


def test_without_any_the_server_signs_one_itself_for_every_name_that_clients_use() -> None:
    domains = [{"name": "a.example", "server_names": ["mail.a.example"]}, {"name": "b.example"}]
    found = planned([], domains, address="192.0.2.1")
    assert found["certificates"] == [
        {
            "name": "mx.example.com",
            "names": ["mx.example.com", "mail.a.example", "192.0.2.1"],
            "default": True,
            "self_signed": True,
        }
    ]
    assert found["names"] == found["acme"] == found["warnings"] == []
    assert found["default"]["combined"] == "/etc/ssl/mailserver/live/mx.example.com/combined.pem"


def test_the_entry_for_the_host_name_is_the_default_and_the_others_are_asked_for_by_name() -> None:
    found = planned([{"names": ["a.example", "b.example"], **FILES}, {"names": ["MX.example.com"], **FILES}])
    assert [(entry["name"], entry["default"]) for entry in found["certificates"]] == [
        ("a.example", False),
        ("mx.example.com", True),
    ]
    live = "/etc/ssl/mailserver/live/a.example"
    assert [(entry["name"], entry["combined"]) for entry in found["names"]] == [
        ("a.example", f"{live}/combined.pem"),
        ("b.example", f"{live}/combined.pem"),
    ]


def test_exact_names_come_before_wildcards_and_the_defaults_where_these_would_take_them() -> None:
    default = {"names": ["mx.example.com", "a.b.example.com", "mx.example.net"], **FILES}
    found = planned([{"names": ["*.example.com"], **FILES}, default, {"names": ["imap.example.com"], **FILES}])
    assert [entry["name"] for entry in found["names"]] == [
        "imap.example.com",
        "mx.example.com",
        "a.b.example.com",
        "*.example.com",
    ]
    assert found["names"][1]["key"] == found["default"]["key"]


def test_the_names_that_other_servers_may_know() -> None:
    domains = [
        {"name": "a.example", "server_names": ["MX.a.example", "192.0.2.1"]},
        {"name": "b.example", "server_names": ["mx.a.example"]},
        {"name": "c.example", "server_names": ["mx.c.example"], "state": "absent"},
    ]
    entry = {"names": ["*.example.com", "192.0.2.1"], **FILES}
    assert planned([entry], domains)["mx_names"] == ["mx.example.com", "mx.a.example"]


def test_the_address_stays_with_the_entry_that_has_it() -> None:
    entry = {"names": ["a.example", "192.0.2.1"], "default": True, **FILES}
    assert planned([entry], address="192.0.2.1")["certificates"][0]["names"] == ["a.example", "192.0.2.1"]


def test_the_servers_own_name_without_certificate_is_told() -> None:
    (warning,) = planned([{"names": ["a.example"], "default": True, **FILES}])["warnings"]
    assert warning.startswith("mx.example.com: no certificate is for it")


def test_an_entry_may_be_made_the_default() -> None:
    found = planned([{"names": ["mx.example.com"], **FILES}, {"names": ["a.example"], "default": True, **FILES}])
    assert found["default"]["key"] == "/etc/ssl/mailserver/live/a.example/key.pem"
    assert [entry["name"] for entry in found["names"]] == ["mx.example.com"]


def test_a_wildcard_is_for_the_host_name() -> None:
    assert [entry["name"] for entry in planned([{"names": ["*.example.com"], **FILES}])["certificates"]] == [
        "wildcard.example.com"
    ]


def test_the_own_certificate_of_the_server_stands_beside_those_of_others() -> None:
    found = planned([{"name": "mx.example.com", "names": ["mail.a.example"], **FILES}])
    assert [entry["name"] for entry in found["certificates"]] == ["mx.example.com", "mx.example.com-self-signed"]


def test_a_domain_brings_its_certificate() -> None:
    domain = {"name": "a.example", "server_names": ["mail.a.example"], "certificate": {"acme": True}}
    found = planned([], [domain])
    assert found["acme"] == [{"name": "mail.a.example", "names": ["mail.a.example"]}]
    assert found["certificates"][0] == {
        "name": "mail.a.example",
        "names": ["mail.a.example"],
        "default": False,
        "certificate_file": "/etc/letsencrypt/live/mail.a.example/fullchain.pem",
        "key_file": "/etc/letsencrypt/live/mail.a.example/privkey.pem",
        "if_missing": "self_signed",
    }
    assert planned([], [{**domain, "state": "absent"}])["acme"] == []


def test_a_name_without_certificate_is_told() -> None:
    domains = [{"name": "a.example", "server_names": ["mail.a.example", "mx.example.com"]}]
    (warning,) = planned([{"names": ["mx.example.com"], **FILES}], domains)["warnings"]
    assert warning.startswith("mail.a.example: no certificate is for it")


def test_a_second_pair_has_files_of_its_own() -> None:
    found = planned([{"names": ["mx.example.com"], **FILES, "also": [FILES]}])["default"]
    assert found["alt_certificate"].endswith("/mx.example.com/alt-certificate.pem")
    assert found["alt_key"].endswith("/mx.example.com/alt-key.pem")


def test_names_are_read_like_every_other_domain() -> None:
    found = planned([{"names": ["Mail.Bücher.example", "2001:DB8::1"], "default": True, **FILES}])
    assert found["certificates"][0]["names"] == ["mail.xn--bcher-kva.example", "2001:db8::1"]
    assert found["names"] == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("mx.example.com", ["mail_certificates", "not a list"]),
        (["mx.example.com"], ["entry 1", "not a dictionary"]),
        ([{"names": ["mx.example.com"], "cert_file": "/x"}], ["cert_file", "no such option"]),
        ([{"names": "mx.example.com", **FILES}], ["names", "not a list"]),
        ([FILES], ["names", "no names are given"]),
        ([{"names": ["mx"], **FILES}], ["'mx'", "two or more labels"]),
        ([{"names": ["a.*.example"], **FILES}], ["a.*.example"]),
        ([{"names": ["mx.example.com"]}], ["mx.example.com", "no source"]),
        ([{"names": ["mx.example.com"], "acme": True, **FILES}], ["more than one source"]),
        ([{"names": ["mx.example.com"], "acme": True, "self_signed": True}], ["more than one source"]),
        ([{"names": ["mx.example.com"], "acme": "perhaps"}], ["acme", "'perhaps' is not a boolean"]),
        ([{"names": ["192.0.2.1"], "acme": True}], ["192.0.2.1 is an address"]),
        ([{"names": ["mx.example.com"], "key_file": "/x"}], ["no certificate is given"]),
        ([{"names": ["mx.example.com"], **FILES, "key": "text"}], ["key and key_file are both given"]),
        ([{"names": ["mx.example.com"], **FILES, "also": [FILES, FILES]}], ["also", "more than one further pair"]),
        ([{"names": ["mx.example.com"], **FILES, "also": [{"key_file": "/x"}]}], ["no certificate is given"]),
        ([{"names": ["mx.example.com"], **FILES, "also": FILES}], ["entry 1: also", "not a list"]),
        ([{"names": ["mx.example.com"], **FILES, "also": ["/x"]}], ["entry 1: also", "str is no part of a pair"]),
        ([{"names": ["mx.example.com"], **FILES, "also": [{"file": "/x"}]}], ["also", "file is no part of a pair"]),
        (
            [{"names": ["mx.example.com"], **FILES}, {"names": ["a.example", "192.0.2.9"], **FILES}],
            ["certificate a.example: 192.0.2.9 is an address", "they get mx.example.com"],
        ),
        (
            [{"names": ["a.example"], **FILES}, {"names": ["b.example", "a.example"], **FILES}],
            ["b.example", "a.example is a name of a.example too"],
        ),
        (
            [{"name": "x", "names": ["a.example"], **FILES}, {"name": "x", "names": ["b.example"], **FILES}],
            ["certificate x", "listed twice"],
        ),
        ([{"names": ["a.example"], "name": "../a", **FILES}], ["name of a directory"]),
        (
            [{"names": [name], "default": True, **FILES} for name in ("a.example", "b.example")],
            ["b.example", "default: true"],
        ),
    ],
)
def test_errors_name_the_entry(given: Any, words: list[str]) -> None:
    with pytest.raises(MailError) as caught:
        planned(given)
    assert all(word in caught.value.message for word in words), caught.value.message


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ({"certificate": "acme"}, ["domain a.example: certificate", "not a dictionary"]),
        ({"certificate": {"acme": True}}, ["no names are given"]),
        ({"server_names": "mail.a.example"}, ["domain a.example: server_names", "not a list"]),
        ({"server_names": ["mail a"]}, ["domain a.example", "'mail a'"]),
    ],
)
def test_errors_name_the_domain(domain: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(MailError) as caught:
        planned([], [{"name": "a.example", **domain}])
    assert all(word in caught.value.message for word in words), caught.value.message


def test_no_key_is_told() -> None:
    with pytest.raises(MailError) as caught:
        planned([{"names": ["mx.example.com"], "certificate": "PUBLIC", "key": "SECRET", "key_file": "/x"}])
    assert "SECRET" not in caught.value.message
