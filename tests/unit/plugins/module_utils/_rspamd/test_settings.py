# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the words of role rspamd become, and which are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._rspamd import settings

WORDS: dict[str, Any] = {
    "spf": "header",
    "dkim": "header",
    "dmarc": "policy",
    "arc": True,
    "arc_trusted": [],
    "resolvers": [],
    "signing_networks": [],
}
DIRECTORY = "/var/lib/mailserver/dkim"


def key(domain: str, selector: str, algorithm: str = "rsa") -> dict[str, Any]:
    ending = "key" if algorithm == "rsa" else "seed"
    path = f"{DIRECTORY}/{domain}/{selector}.{ending}"
    return {"domain": domain, "selector": selector, "algorithm": algorithm, "phase": "signing", "path": path}


def plan(
    keys: list[dict[str, Any]] | None = None, signing: dict[str, list[str]] | None = None, **words: Any
) -> dict[str, Any]:
    return settings.plan({**WORDS, **words}, keys or [], signing or {})


def contents(made: dict[str, Any]) -> dict[str, str]:
    return {entry["path"].removeprefix(f"{settings.LOCAL}/"): entry["content"] for entry in made["files"]}


def told(made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(contents(made)["mailserver.json"])
    return found


def test_what_signs_is_told_with_rsa_first() -> None:
    keys = [key("a.example", "e1", "ed25519"), key("a.example", "r1"), key("a.example", "r2"), key("b.example", "e1")]
    made = plan(keys, {"a.example": ["e1", "r1"]})
    assert [entry["selector"] for entry in told(made)["signing"]["a.example"]] == ["r1", "e1"]
    assert list(told(made)["signing"]) == ["a.example"]
    assert made["readable"] == [f"{DIRECTORY}/a.example/r1.key", f"{DIRECTORY}/a.example/e1.seed"]


def test_a_domain_without_an_rsa_key_does_not_seal() -> None:
    keys = [key("a.example", "e1", "ed25519"), key("b.example", "r1")]
    seals = told(plan(keys, {"a.example": ["e1"], "b.example": ["r1"]}))["seals"]
    assert {domain: entry["selector"] for domain, entry in seals.items()} == {"b.example": "r1"}


def test_a_key_that_is_gone_is_an_error() -> None:
    with pytest.raises(MailError, match=r"r1\._domainkey\.a\.example"):
        plan([{**key("a.example", "r1"), "path": ""}], {"a.example": ["r1"]})


def test_nothing_asks_third_parties() -> None:
    files = contents(plan())
    for name in ("rbl", "surbl", "fuzzy_check", "asn", "phishing", "antivirus", "gpt"):
        assert files[f"{name}.conf"] == "enabled = false;\n"
    for worker in ("normal", "controller", "fuzzy"):
        assert files[f"worker-{worker}.inc"] == "enabled = false;\n"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("192.0.2.53", "192.0.2.53:53:1"),
        ("192.0.2.53@5353", "192.0.2.53:5353:1"),
        ("2001:db8::53", "[2001:db8::53]:53:1"),
        ("2001:DB8::53@5353", "[2001:db8::53]:5353:1"),
    ],
)
def test_resolvers(given: str, written: str) -> None:
    assert f'nameserver = ["{written}"];' in contents(plan(resolvers=[given]))["options.inc"]


def test_without_resolvers_those_of_the_host_are_asked() -> None:
    assert "nameserver" not in contents(plan())["options.inc"]


def test_only_the_host_and_named_networks_are_local() -> None:
    given = plan(signing_networks=["192.0.2.0/24", "2001:db8::/32"])
    made = contents(given)
    assert told(given)["networks"] == ["127.0.0.0/8", "::1/128", "192.0.2.0/24", "2001:db8::/32"]
    assert made["local_addrs.inc"] == ('local_addrs = ["127.0.0.0/8", "::1/128", "192.0.2.0/24", "2001:db8::/32"];\n')
    assert contents(plan())["local_addrs.inc"] == 'local_addrs = ["127.0.0.0/8", "::1/128"];\n'


def test_the_script_alone_says_who_is_checked() -> None:
    """rspamd takes link-local clients for its own."""
    files = contents(plan())
    for name in ("spf.conf", "dkim.conf", "dmarc.conf"):
        assert "check_local = true;\n" in files[name]
    assert "skip_local = false;\n" in files["milter_headers.conf"]


def test_no_content_is_refused_and_one_process_may_hang() -> None:
    files = contents(plan())
    assert 'gtube_patterns = "disable";\n' in files["options.inc"]
    assert "count = 2;\n" in files["worker-proxy.inc"]


def test_off_as_yaml_reads_it() -> None:
    files = contents(plan(spf=False, dmarc=False))
    for name in ("spf.conf", "dmarc.conf"):
        assert files[name].startswith("enabled = false;\n")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({"spf": "off"}, "rspamd_spf: DMARC needs it"),
        ({"spf": "reject"}, "rspamd_spf: 'reject' is not possible"),
        ({"dkim": "off"}, "rspamd_dkim: 'off' is not possible"),
        ({"dmarc": "reject"}, "rspamd_dmarc"),
        ({"arc": "perhaps"}, "rspamd_arc"),
        ({"arc_trusted": ["no domain"]}, "rspamd_arc_trusted"),
        ({"resolvers": ["dns.example"]}, "rspamd_resolvers: 'dns.example' is no address"),
        ({"resolvers": ["192.0.2.53@0"]}, "rspamd_resolvers"),
        ({"resolvers": ["192.0.2.53@"]}, "rspamd_resolvers"),
        ({"resolvers": ["192.0.2.53:5353"]}, "rspamd_resolvers: '192.0.2.53:5353' is no address"),
        ({"resolvers": ['192.0.2.53";']}, "rspamd_resolvers"),
        ({"signing_networks": ["0.0.0.0/0"]}, "rspamd_signing_networks"),
        ({"signing_networks": ["host.example"]}, "rspamd_signing_networks"),
    ],
)
def test_words_that_are_refused(words: dict[str, Any], fault: str) -> None:
    with pytest.raises(MailError) as raised:
        plan(**words)
    assert fault in raised.value.message


def test_bits_of_a_host_are_told() -> None:
    assert "192.0.2.1/24" in plan(signing_networks=["192.0.2.1/24"])["warnings"][0]
