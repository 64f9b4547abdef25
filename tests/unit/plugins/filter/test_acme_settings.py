# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter as Ansible calls it, with what the role's variables are by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.mailops.mailserver.plugins.filter import acme_settings as under_test
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import acme_request

ROLE = Path(__file__).resolve().parents[4] / "roles/common"
NAMES = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))["__common_acme_option_names"]
DEFAULTS = yaml.safe_load((ROLE / "defaults/main.yml").read_text(encoding="utf-8"))
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
RFC2136 = {"server": "192.0.2.53", "key_name": "acme-key", "key_secret": SECRET}
ONE = [{"name": "main", "names": ["a.test", "b.test"]}]
STAR = [{"names": ["*.a.test"]}]


def judge(certificates: list[dict[str, Any]], **changes: Any) -> list[dict[str, Any]]:
    options = {name: DEFAULTS[f"mail_acme_{name}"] for name in NAMES}
    return under_test.acme_settings(certificates, {**options, "email": "root@a.test", **changes})


def test_it_is_registered() -> None:
    assert under_test.FilterModule().filters() == {"acme_settings": under_test.acme_settings}


def test_the_role_names_every_option() -> None:
    assert sorted(NAMES) == sorted(acme_request.SPEC)


@pytest.mark.parametrize(
    ("given", "certificates", "expected"),
    [
        ({}, ONE, ONE),
        ({"http_port": "8080", "reuse_key": "yes", "rsa_key_size": "4096", "key_type": "rsa"}, ONE, ONE),
        ({"method": "webroot", "webroot": "/srv/www"}, ONE, ONE),
        ({"method": "hook", "auth_hook": "/opt/dns"}, STAR, [{"name": "wildcard.a.test", "names": ["*.a.test"]}]),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "port": "53"}}, ONE, ONE),
        ({"rfc2136": RFC2136}, ONE, ONE),
    ],
)
def test_what_can_be_asked_for(
    given: dict[str, Any], certificates: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> None:
    assert judge(certificates, **given) == expected


@pytest.mark.parametrize(
    ("given", "certificates", "says"),
    [
        ({"email": ""}, ONE, "mail_acme_email: .*agrees to its terms of service"),
        ({"server": "https://[::1"}, ONE, "mail_acme_server: .*is not the URL of a server"),
        ({"method": "dns"}, ONE, r"mail_acme_\*: value of method must be one of"),
        ({"http_port": "http"}, ONE, r"mail_acme_\*: .*http_port"),
        ({"method": "webroot"}, ONE, "mail_acme_webroot: '' is not a web root"),
        ({"method": "hook"}, ONE, "mail_acme_auth_hook: '' is not a hook"),
        ({"method": "rfc2136"}, ONE, "mail_acme_rfc2136: is missing"),
        ({"method": "rfc2136", "rfc2136": {"server": "192.0.2.53"}}, ONE, "missing .*key_name, key_secret.* rfc2136"),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "algorithm": "x"}}, ONE, r"mail_acme_\*: .*rfc2136\.algorithm"),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "server": SECRET}}, ONE, "mail_acme_rfc2136: server: "),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "port": SECRET}}, ONE, r"mail_acme_\*: .*port"),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "key_algorithm": SECRET}}, ONE, r"mail_acme_\*: .*key_algorithm"),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "key_secret": f"{SECRET}!"}}, ONE, "mail_acme_rfc2136: key_sec"),
        ({"method": "rfc2136", "rfc2136": SECRET}, ONE, r"mail_acme_\*: .*rfc2136"),
        ({}, STAR, r"certificate \*\.a\.test: .*cannot be proved by method standalone"),
        ({}, [{"names": [f"n{number}.test" for number in range(101)]}], "certificate n0.test: has 101 names"),
        ({}, [{"name": "../x", "names": ["a.test"]}], "certificate ../x: .*name of a directory"),
        ({}, ONE + ONE, "certificate main: is listed twice"),
    ],
)
def test_what_cannot_be_asked_for(given: dict[str, Any], certificates: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=says) as error:
        judge(certificates, **given)
    assert str(error.value).endswith(". Nothing was changed.")
    assert SECRET not in str(error.value)
