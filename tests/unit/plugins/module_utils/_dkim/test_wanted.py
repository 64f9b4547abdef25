# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys that domains lack."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import request, wanted
from ansible_collections.mailops.mailserver.plugins.module_utils._dkim.phase import PHASES
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

NOW = 1795341600.0  # 2026-11-22 10:00 UTC
BOTH = {"algorithms": ["rsa", "ed25519"]}


def domain(name: str = "a.example", **options: Any) -> dict[str, Any]:
    return {"name": name, **options}


def key(selector: str, *, name: str = "a.example", algorithm: str = "rsa", phase: str = "signing") -> dict[str, Any]:
    return {"domain": name, "selector": selector, "algorithm": algorithm, "phase": phase, "bits": 2048}


def missing(*domains: dict[str, Any], keys: list[dict[str, Any]] | None = None, **general: Any) -> list[dict[str, Any]]:
    return wanted.missing(domains, keys or [], general, now=NOW)


def test_each_domain_gets_a_key_of_its_own_and_so_do_its_alias_domains() -> None:
    domains = [domain(alias_domains=["b.example"]), domain("Bücher.example", mail_service=False)]
    names = ["a.example", "b.example", "xn--bcher-kva.example"]
    assert missing(*domains) == [{"domains": names, "selector": "20261122r", "algorithm": "rsa", "bits": 2048}]


def test_domains_that_are_gone_or_do_not_want_one_get_none() -> None:
    assert missing(domain(dkim=False), domain("b.example", state="absent")) == []


def test_what_a_domain_says_counts_before_what_all_say() -> None:
    domains = [domain(dkim={"bits": 4096}), domain("b.example", dkim=True), domain("c.example", dkim={"selector": "S"})]
    assert missing(*domains, **BOTH, selector="mail2026") == [
        {"domains": ["a.example"], "selector": "mail2026", "algorithm": "rsa", "bits": 4096},
        {"domains": ["a.example", "b.example", "c.example"], "selector": "20261122e", "algorithm": "ed25519"},
        {"domains": ["b.example"], "selector": "mail2026", "algorithm": "rsa", "bits": 2048},
        {"domains": ["c.example"], "selector": "s", "algorithm": "rsa", "bits": 2048},
    ]


@pytest.mark.parametrize("phase", PHASES)
def test_one_that_signs_or_will_sign_is_enough(phase: str) -> None:
    found = missing(domain(dkim={"selector": "s1", "bits": 4096}), keys=[key("s1", phase=phase)])
    ended = phase in ("retiring", "retired")
    assert [entry["selector"] for entry in found] == (["20261122r"] if ended else [])


def test_each_algorithm_counts_for_itself() -> None:
    found = missing(domain(), keys=[key("s1"), key("x", name="b.example", algorithm="ed25519")], **BOTH)
    assert [(entry["selector"], entry["algorithm"]) for entry in found] == [("20261122e", "ed25519")]


def test_a_selector_is_used_once() -> None:
    keys = [key("20261122r", phase="retired"), key("mail", algorithm="ed25519")]
    assert [entry["selector"] for entry in missing(domain(), keys=keys, selector="mail")] == ["20261122r2"]
    found = missing(domain(dkim={"selector": "20261122e", **BOTH}))
    assert [entry["selector"] for entry in found] == ["20261122e", "20261122e2"]


def test_a_key_is_taken_over_once_and_for_the_domain_alone() -> None:
    own = domain(dkim={"selector": "default", "key_file": "/old/key"}, alias_domains=["b.example"])
    taken = {"domains": ["a.example"], "selector": "default", "key_file": "/old/key", "phase": "signing"}
    alias = {"domains": ["b.example"], "selector": "default", "algorithm": "rsa", "bits": 2048}
    assert missing(own) == [taken, alias]
    assert missing(own, keys=[key("default", phase="retiring"), key("next")]) == [alias]
    also = missing(domain(dkim={"selector": "default", "key_file": "/old/key", **BOTH}))
    assert [entry["selector"] for entry in also] == ["default", "20261122e"]


def test_the_module_takes_what_is_missing_and_then_nothing_is() -> None:
    domains = [domain(alias_domains=["b.example"]), domain("c.example", dkim={"bits": 3072})]
    made = [
        key(item.selector, name=item.domain, algorithm=item.algorithm, phase="prepared")
        for item in request.wanted(missing(*domains, **BOTH))
    ]
    assert len(made) == 6
    assert missing(*domains, keys=made, **BOTH) == []


@pytest.mark.parametrize(
    ("dkim", "message"),
    [
        ("yes", "domain a.example: dkim: is not a dictionary. Write true, false, or options"),
        ([], "domain a.example: dkim: is not a dictionary"),
        ({"algorithm": []}, "domain a.example: dkim: algorithm: no such option. Did you mean 'algorithms'?"),
        ({"algorithms": []}, "dkim: algorithms: is not a list. Write [rsa] or [rsa, ed25519]."),
        ({"algorithms": {"rsa": 1}}, "dkim: algorithms: is not a list"),
        ({"algorithms": ["ed25591"]}, "dkim: algorithms: 'ed25591' means nothing here. Did you mean 'ed25519'?"),
        ({"algorithms": "ed25519"}, "dkim: algorithms: lacks rsa: not every receiver knows Ed25519. Write [rsa, ed25"),
        ({"bits": 1024}, "dkim: bits: 1024 is not a size of RSA keys. Write 2048, 3072 or 4096."),
        ({"bits": True}, "dkim: bits: True is not a size"),
        ({"selector": "a b"}, "dkim: selector: 'a b' is not a selector. Write letters"),
        ({"selector": 2026, "key_file": "old/key"}, "dkim: key_file: 'old/key' is not a whole path"),
        ({"key_file": "/old/key"}, "dkim: selector: is needed beside key_file. Write the selector that"),
    ],
)
@pytest.mark.parametrize("judge", [missing, lambda entry: wanted.check([entry], {})], ids=["missing", "check"])
def test_wrong_words(judge: Any, dkim: Any, message: str) -> None:
    with pytest.raises(MailError) as error:
        judge(domain(dkim=dkim))
    assert message in error.value.message


@pytest.mark.parametrize(
    ("general", "message"),
    [
        ([], "mail_dkim: is not a dictionary"),
        ({"bit": 2048}, "mail_dkim: bit: no such option. Did you mean 'bits'?"),
        ({"key_file": "/x"}, "mail_dkim: key_file: is for one domain. Write it under dkim of the domain."),
        ({"selector": "-"}, "mail_dkim: selector: '-' is not a selector"),
    ],
)
def test_wrong_words_for_all(general: Any, message: str) -> None:
    for judge in (lambda: wanted.check([], general), lambda: wanted.missing([], [], general, now=NOW)):
        with pytest.raises(MailError) as error:
            judge()
        assert error.value.message.startswith(message)


def test_what_is_not_a_key_is_named() -> None:
    with pytest.raises(MailError, match=r"keys: \{'selector': 's'\}: is not a key"):
        missing(keys=[{"selector": "s"}])


def test_domains_that_do_not_want_it_are_not_signed() -> None:
    domains = [{"name": "a.test"}, {"name": "B.test", "dkim": False, "alias_domains": ["c.test"]}, {"name": "d.test"}]
    assert wanted.unsigned(domains) == ["b.test", "c.test"]
